/** The vendor's pages that the dialect rests on, by title or address; read 2026-11-25. */
export const PAGES = {
  createCustomer: 'https://docs.juicyway.com/waas/create-customer',
  fetchCustomer: 'https://docs.juicyway.com/customers/fetch-customer',
  updateCustomer: 'https://docs.juicyway.com/customers/update-customer',
  retrieveWallet: 'Juicyway: Retrieve Wallet',
  createWallet: 'Juicyway: Create Wallet',
  listWallets: 'Juicyway: List Wallets',
  updateStatus: 'Juicyway: Update Wallet Status',
  paymentMethod: 'Juicyway: Add Payment Method',
  createTransaction: 'Juicyway: Create Wallet Transaction',
  listTransactions: 'Juicyway: List Wallet Transactions',
  retrieveTransaction: 'Juicyway: Retrieve Wallet Transaction',
}
