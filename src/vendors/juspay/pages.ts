/** The vendor's pages that the dialect rests on; read 2026-11-21. */
const DOCS = 'https://juspay.io/in/docs/api-reference/docs/express-checkout'

export const GET_WALLET_PAGE = `${DOCS}/get-wallet`
export const LIST_WALLETS_PAGE = `${DOCS}/list-wallets`
export const REFRESH_ALL_PAGE = `${DOCS}/refresh-all-wallets`
export const LINK_WALLET_PAGE = `${DOCS}/link-wallet`
export const DIRECT_DEBIT_PAGE = `${DOCS}/wallet-direct-debit`
export const ORDER_STATUS_PAGE = `${DOCS}/order-status-api`
export const REFUND_PAGE = 'https://developer.juspay.in/reference/refund-order'
export const CREATE_ORDER_PAGE = "create-order-with-payments of the vendor's global API reference"
export const PAYMENTS_PAGE = "card-transaction-api of the vendor's global API reference"
export const PAYMENT_METHODS_PAGE = `${DOCS}/get-payment-methods`
export const CREATE_CUSTOMER_PAGE = `${DOCS}/createcustomer`
export const GET_CUSTOMER_PAGE = `${DOCS}/getcustomer`
export const BRAZIL_CREATE_CUSTOMER_PAGE = "Create Customer of the vendor's API reference for Brazil"
export const BRAZIL_GET_CUSTOMER_PAGE = "Get Customer of the vendor's API reference for Brazil"
export const ERROR_CODES_PAGE = 'https://juspay.io/in/docs/ec-api/docs/resources/error-codes'

/** One of the bodies in the vendor's repository of samples, by what it shows. */
export const sample = (name: string) => `the vendor's sample body "${name}"`

export const CLIENT_LIBRARIES = "the vendor's client libraries for PHP, Ruby, Python and Node"
