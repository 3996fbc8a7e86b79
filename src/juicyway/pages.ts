/** The vendor's page that the dialect rests on, by its title; read 2026-11-21. */
export const RETRIEVE_WALLET_PAGE = 'Juicyway: Retrieve Wallet'
