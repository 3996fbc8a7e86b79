import type { Provider, SubAccount, Wallet } from './model.js'

/** What is known of a kind of wallet. */
interface Gateway {
  /** The vendor's code for it; null where none is known. */
  readonly bankCode: string | null
  /** An account that its provider tells of beside the wallet's own. */
  readonly beside?: Pick<SubAccount, 'paymentMethod' | 'type'>
}

const TABLE: Readonly<Record<string, Gateway>> = {
  // Published with the samples.
  MOBIKWIK: { bankCode: 'JP_MOBIKWIK' },
  PAYTM: { bankCode: 'JP_PAYTM', beside: { paymentMethod: 'PAYTM_POSTPAID', type: 'WALLET' } },
  AMAZONPAY: { bankCode: 'JP_AMAZONPAY', beside: { paymentMethod: 'AMAZONPAYLATER', type: 'CONSUMER_FINANCE' } },
  SIMPL: { bankCode: 'JP_SIMPL', beside: { paymentMethod: 'SIMPL_SOD', type: 'WALLET' } },
  FREECHARGE: { bankCode: 'JP_FREECHARGE' },
  LAZYPAY: { bankCode: null },
  OLAPOSTPAID: { bankCode: null },
  SBIBUDDY: { bankCode: null },
  // Observed in integrators' posts, as the code of FREECHARGE.
  PAYPAL: { bankCode: null },
  TWID_V2: { bankCode: null },
  OLAMONEY: { bankCode: 'JP_OLAM' },
  PHONEPE: { bankCode: 'JP_PHONEPE' },
  PAYZAPP: { bankCode: 'JP_PAYZAPP' },
  OXIGEN: { bankCode: 'JP_OXIGEN' },
  JIOMONEY: { bankCode: 'JP_JIOMONEY' },
  AIRTEL: { bankCode: 'JP_AIRTEL' },
}

/** The wallets a customer can be given. A fixture may hold others. */
export const GATEWAYS: readonly string[] = Object.keys(TABLE)

export const gatewayOf = (name: string): Gateway | undefined => (Object.hasOwn(TABLE, name) ? TABLE[name] : undefined)

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
  const beside = gatewayOf(gateway)?.beside
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
