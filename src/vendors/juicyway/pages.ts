/** The vendor's pages that the dialect rests on, by their titles; read 2026-11-21. */
export const RETRIEVE_WALLET_PAGE = 'Juicyway: Retrieve Wallet'
export const CREATE_WALLET_PAGE = 'Juicyway: Create Wallet'
export const LIST_WALLETS_PAGE = 'Juicyway: List Wallets'
export const UPDATE_STATUS_PAGE = 'Juicyway: Update Wallet Status'
export const PAYMENT_METHOD_PAGE = 'Juicyway: Add Payment Method'
export const CREATE_TRANSACTION_PAGE = 'Juicyway: Create Wallet Transaction'
export const LIST_TRANSACTIONS_PAGE = 'Juicyway: List Wallet Transactions'
export const RETRIEVE_TRANSACTION_PAGE = 'Juicyway: Retrieve Wallet Transaction'
