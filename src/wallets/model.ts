import type { Minor } from './money.js'

/** A point in time as ISO 8601 text in UTC, milliseconds only where its source gave them. */
export type Timestamp = string

/** One balance inside a wallet: Paytm's wallet holds PAYTM and PAYTM_POSTPAID. */
export interface SubAccount {
  readonly paymentMethod: string
  readonly type: string
  readonly balance: Minor
  readonly at: Timestamp | null
}

/** Balances at one moment. `at` is null where the moment is the moment of asking. */
export interface Holdings {
  readonly balance: Minor
  readonly at: Timestamp | null
  readonly subAccounts: readonly SubAccount[]
}

/** What the wallet's provider holds now, and whether it answers. A pinned `at` makes it answer "as of" that time. */
export interface Provider extends Holdings {
  readonly available: boolean
}

/** A one-time token. `expiresAt` (epoch ms) is null until it is first shown: its life begins then. */
export interface Token {
  readonly value: string
  readonly expiresAt: number | null
  readonly used: boolean
}

/** A customer's wallet at a provider, as a payment aggregator sees it. */
export interface Wallet {
  readonly id: string
  readonly gateway: string
  readonly linked: boolean
  readonly metadata: Readonly<Record<string, string>> | null
  readonly gatewayReferenceId: string | null
  /** What the aggregator saw last; null for a wallet that was never linked, and after a delink. */
  readonly seen: Holdings | null
  readonly provider: Provider
  readonly token: Token | null
  /** How many tokens were drawn so far: the next one's occurrence. */
  readonly tokensDrawn: number
}

export interface WalletEvent {
  readonly id: string
  readonly walletId: string
  readonly action: string
  readonly reason: string | null
  readonly at: Timestamp
}

export interface BankAccount {
  readonly accountName: string
  readonly accountNumber: string
  readonly accountType: string
  readonly address: string | null
  readonly bankAddress: string | null
  readonly bankCode: string
  readonly bankName: string
}

/** A wallet that holds money itself, in one currency. */
export interface CurrencyWallet {
  readonly id: string
  readonly accountId: string
  readonly currency: string
  readonly balance: Minor
  readonly status: 'active' | 'frozen' | 'deleted'
  readonly events: readonly WalletEvent[]
  readonly paymentMethods: readonly BankAccount[]
}

/** Everything of one customer: the unit that is changed and stored as a whole. */
export interface Customer {
  readonly id: string
  readonly objectReferenceId: string | null
  readonly wallets: readonly Wallet[]
  readonly currencyWallets: readonly CurrencyWallet[]
}
