import type { Provider, SubAccount, Wallet } from './model.js'

interface Gateway {
  /** The vendor's code for it; null where none is known. */
  readonly bankCode: string | null
  /** What it is called as the wallet of a customer: for people. */
  readonly title: string
  /** The name and number of what settles its payments, where a sample shows them. */
  readonly acquirer?: { readonly name: string; readonly id: number }
  /** An account that its provider reports beside the wallet's own. */
  readonly beside?: Pick<SubAccount, 'paymentMethod' | 'type'>
}

const TABLE = {
  // Published with the samples.
  MOBIKWIK: { title: 'MobiKwik', bankCode: 'JP_MOBIKWIK' },
  PAYTM: {
    title: 'Paytm',
    acquirer: { name: 'PAYTM_V2', id: 19 },
    bankCode: 'JP_PAYTM',
    beside: { paymentMethod: 'PAYTM_POSTPAID', type: 'WALLET' },
  },
  AMAZONPAY: {
    title: 'Amazon Pay',
    bankCode: 'JP_AMAZONPAY',
    beside: { paymentMethod: 'AMAZONPAYLATER', type: 'CONSUMER_FINANCE' },
  },
  SIMPL: {
    title: 'Simpl',
    acquirer: { name: 'SIMPL', id: 41 },
    bankCode: 'JP_SIMPL',
    beside: { paymentMethod: 'SIMPL_SOD', type: 'WALLET' },
  },
  FREECHARGE: { title: 'Freecharge', bankCode: 'JP_FREECHARGE' },
  LAZYPAY: { title: 'LazyPay', bankCode: null },
  OLAPOSTPAID: { title: 'Ola Postpaid', bankCode: null },
  SBIBUDDY: { title: 'SBI Buddy', bankCode: null },
  // Observed in integrators' posts, as the code of FREECHARGE.
  PAYPAL: { title: 'PAYPAL', bankCode: null },
  TWID_V2: { title: 'Twid', acquirer: { name: 'TWID_V2', id: 92 }, bankCode: null },
  OLAMONEY: { title: 'Ola Money', bankCode: 'JP_OLAM' },
  PHONEPE: { title: 'PhonePe', bankCode: 'JP_PHONEPE' },
  PAYZAPP: { title: 'PayZapp', bankCode: 'JP_PAYZAPP' },
  OXIGEN: { title: 'Oxigen', bankCode: 'JP_OXIGEN' },
  JIOMONEY: { title: 'JioMoney', bankCode: 'JP_JIOMONEY' },
  AIRTEL: { title: 'Airtel', bankCode: 'JP_AIRTEL' },
} satisfies Readonly<Record<string, Gateway>>

export type GatewayName = keyof typeof TABLE

/** The wallets a customer can be given. A fixture may hold others. */
export const GATEWAYS: readonly string[] = Object.keys(TABLE)

export const gatewayOf = (name: string): Gateway | undefined =>
  Object.hasOwn(TABLE, name) ? TABLE[name as GatewayName] : undefined

/** What settles payments from a wallet; the number of a gateway that no sample shows is that of the vendor's dummy. */
export const acquirerOf = (gateway: string) => gatewayOf(gateway)?.acquirer ?? { name: gateway, id: 100 }

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

export const newWallet = (
  id: string,
  gateway: string,
  given: Pick<Wallet, 'metadata' | 'gatewayReferenceId' | 'provider'>,
): Wallet => ({
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
})
