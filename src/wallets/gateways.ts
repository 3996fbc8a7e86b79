import type { Provider, SubAccount, Wallet } from './model.js'

/** The wallets a customer can be given. The first lines are the vendor's own names, the last ones integrators'. */
export const GATEWAYS: readonly string[] = [
  ...['MOBIKWIK', 'PAYTM', 'AMAZONPAY', 'SIMPL', 'FREECHARGE', 'LAZYPAY', 'OLAPOSTPAID', 'SBIBUDDY'],
  ...['PAYPAL', 'TWID_V2', 'OLAMONEY', 'PHONEPE', 'PAYZAPP', 'OXIGEN', 'JIOMONEY', 'AIRTEL'],
]

/** A balance that a provider tells of beside the wallet's own. */
const BESIDE: Readonly<Record<string, { readonly paymentMethod: string; readonly type: string }>> = {
  PAYTM: { paymentMethod: 'PAYTM_POSTPAID', type: 'WALLET' },
  AMAZONPAY: { paymentMethod: 'AMAZONPAYLATER', type: 'CONSUMER_FINANCE' },
  SIMPL: { paymentMethod: 'SIMPL_SOD', type: 'WALLET' },
}

/** From 500.00 up to 5,000.00: enough for a debit or two, little enough to run short. */
const LEAST = 50_000
const SPREAD = 450_000
/** What stands beside is a line of credit, and larger. */
const CREDIT_FACTOR = 5

const amount = (share: number) => LEAST + Math.floor(share * SPREAD)

/** A provider with plausible balances. @param share a draw from [0, 1) for each of its balances, by name */
export function newProvider(gateway: string, share: (paymentMethod: string) => number): Provider {
  const balance = amount(share(gateway))
  const own: SubAccount = { paymentMethod: gateway, type: 'WALLET', balance, at: null }
  const beside = BESIDE[gateway]
  const credit = beside && { ...beside, balance: CREDIT_FACTOR * amount(share(beside.paymentMethod)), at: null }
  return { balance, at: null, subAccounts: credit ? [credit, own] : [own], available: true }
}

/** A wallet that a merchant opened for a customer: nothing is linked yet. */
export function newWallet(
  id: string,
  gateway: string,
  given: Pick<Wallet, 'metadata' | 'gatewayReferenceId' | 'provider'>,
): Wallet {
  return {
    id,
    gateway,
    linked: false,
    seen: null,
    token: null,
    tokensDrawn: 0,
    otp: null,
    otpsDrawn: 0,
    topUps: [],
    ...given,
  }
}
