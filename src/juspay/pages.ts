/** The vendor's pages that the dialect rests on; read 2026-11-21. */
const DOCS = 'https://juspay.io/in/docs/api-reference/docs/express-checkout'

export const GET_WALLET_PAGE = `${DOCS}/get-wallet`
export const LIST_WALLETS_PAGE = `${DOCS}/list-wallets`
export const REFRESH_ALL_PAGE = `${DOCS}/refresh-all-wallets`
