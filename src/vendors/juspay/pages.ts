const DOCS = 'https://juspay.io/in/docs/api-reference/docs/express-checkout'

/** The vendor's pages that the dialect rests on; read 2026-11-21. */
export const PAGES = {
  getWallet: `${DOCS}/get-wallet`,
  listWallets: `${DOCS}/list-wallets`,
  refreshAll: `${DOCS}/refresh-all-wallets`,
  linkWallet: `${DOCS}/link-wallet`,
  directDebit: `${DOCS}/wallet-direct-debit`,
  orderStatus: `${DOCS}/order-status-api`,
  refund: 'https://developer.juspay.in/reference/refund-order',
  createOrder: "create-order-with-payments of the vendor's global API reference",
  payments: "card-transaction-api of the vendor's global API reference",
  paymentMethods: `${DOCS}/get-payment-methods`,
  createCustomer: `${DOCS}/createcustomer`,
  getCustomer: `${DOCS}/getcustomer`,
  brazilCreateCustomer: "Create Customer of the vendor's API reference for Brazil",
  brazilGetCustomer: "Get Customer of the vendor's API reference for Brazil",
  errorCodes: 'https://juspay.io/in/docs/ec-api/docs/resources/error-codes',
}

/** One of the bodies in the vendor's repository of samples, by what it shows. */
export const sample = (name: string) => `the vendor's sample body "${name}"`

export const CLIENT_LIBRARIES = "the vendor's client libraries for PHP, Ruby, Python and Node"
