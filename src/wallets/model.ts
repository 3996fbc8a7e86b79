import type { Timestamp } from '../lib/clock.js'
import type { FieldFaults } from '../lib/errors.js'
import type { KeyedList } from '../lib/keyed-list.js'
import type { Minor } from './money.js'

export type { Timestamp }

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

/** Money that the customer is to add to a wallet, on a page that is open while the top-up is pending. */
export interface TopUp {
  /** The aggregator's id, which the page's address ends in. */
  readonly id: string
  /** The merchant's own id. */
  readonly reference: string
  readonly amount: Minor
  readonly status: 'PENDING' | 'SUCCESS' | 'FAILED'
  readonly returnUrl: string | null
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
  /** The password sent last, until the wallet is linked with it. With no attempts left the wallet is locked. */
  readonly otp: { readonly code: string; readonly attemptsLeft: number } | null
  readonly otpsDrawn: number
  readonly topUps: readonly TopUp[]
}

/** How an attempt to pay stands, in the vendor's words. `PENDING` waits for a top-up, `PENDING_VBV` for the customer. */
export type PaymentStatus = 'CHARGED' | 'PENDING' | 'PENDING_VBV' | 'AUTHENTICATION_FAILED' | 'AUTHORIZATION_FAILED'

export interface Payment {
  /** The merchant's id, the order's reference and a number. */
  readonly id: string
  readonly uuid: string
  /** Null where the customer pays from a wallet that is not the merchant's. */
  readonly walletId: string | null
  readonly gateway: string
  /** With a token of the wallet, or on a page of its provider. */
  readonly flow: 'DIRECT_DEBIT' | 'REDIRECT_DEBIT'
  readonly status: PaymentStatus
  readonly at: Timestamp
  /** When it came to its status. */
  readonly updatedAt: Timestamp
  /** The gateway's own numbers, where they are known; else they follow from the seed. */
  readonly rrn?: string | undefined
  readonly epgTxnId?: string | undefined
}

export interface Refund {
  /** The merchant's own id, by which a repetition is known. */
  readonly requestId: string
  readonly amount: Minor
  readonly at: Timestamp
  readonly instant?: boolean | undefined
  /** Until when a person looks at it. */
  readonly reviewedUntil?: Timestamp | undefined
  /** Whether the wallet did not take it, so that nothing went back. */
  readonly failed?: boolean | undefined
  readonly ref?: string | undefined
  readonly arn?: string | undefined
}

export interface Order {
  /** The aggregator's id. */
  readonly id: string
  /** The merchant's own id, by which it is found. */
  readonly reference: string
  /** The customer as the merchant named it; null for a guest. */
  readonly customerName: string | null
  readonly amount: Minor
  readonly currency: string
  readonly email: string | null
  readonly phone: string | null
  readonly returnUrl: string | null
  readonly productId: string | null
  readonly description: string | null
  /** The merchant's own fields, `udf1` to `udf10`. */
  readonly udf: Readonly<Record<string, string>>
  /** What the merchant sent as `metadata.NAME`. */
  readonly metadata: Readonly<Record<string, string>>
  readonly createdAt: Timestamp
  /** Until when its page is open; null for one without an end. */
  readonly pageExpiresAt: Timestamp | null
  readonly payments: readonly Payment[]
  readonly refunds: readonly Refund[]
}

export interface Address {
  readonly line1: string
  readonly line2: string | null
  readonly city: string
  readonly state: string
  readonly zipCode: string
  /** Two letters. */
  readonly country: string
}

export interface Profile {
  readonly mobileCountryCode: string | null
  readonly mobileNumber: string | null
  readonly emailAddress: string | null
  readonly firstName: string | null
  readonly lastName: string | null
  readonly dateCreated: Timestamp | null
  readonly lastUpdated: Timestamp | null
  readonly billingAddress?: Address
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
  /** From when on it is there; null for one that is there at once. */
  readonly arrivesAt: Timestamp | null
}

export interface Transaction {
  readonly id: string
  readonly type: 'credit' | 'debit'
  /** Above 0. */
  readonly amount: Minor
  readonly balanceAfter: Minor
  readonly description: string | null
  readonly correlationId: string
  readonly reference: string
  readonly at: Timestamp
  readonly sequence: number
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
  /** Oldest first; only ever added to. */
  readonly transactions: readonly Transaction[]
  /** Orders what the merchant's customers made within one second; counts wallets and transactions. */
  readonly sequence: number
}

/** A request that the client gave a key, and what was answered, so that a repetition has no second effect. */
export interface AnsweredRequest {
  readonly key: string
  /** A digest of the request. */
  readonly request: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly outcome:
    | { readonly status: number; readonly body: string }
    | {
        readonly error: string
        readonly reason: string
        readonly message: string | null
        readonly faults?: FieldFaults | undefined
      }
}

export interface PayLaterAccount {
  readonly exists: boolean
  /** Null for one that covers every amount. */
  readonly limit: Minor | null
  readonly hasDues: boolean
  readonly kycExpired: boolean
}

/** An event that waits until its receiver has taken it. It is stored with the customer of its order. */
export interface WebhookEvent {
  readonly id: string
  readonly name: string
  /** The merchant's reference of the order. */
  readonly order: string
  readonly url: string
  /** The envelope as it is sent, every time the same. */
  readonly body: string
  /** Epoch ms on the merchant's clock, as all times here. */
  readonly createdAt: number
  readonly attempts: number
  readonly nextAt: number
  /** How often it is to be taken; left out for once. */
  readonly copies?: number | undefined
  /** The scenario's rule that meddles with it. */
  readonly rule?: string | undefined
}

/** Everything of one customer: the unit that is changed and stored as a whole. */
export interface Customer {
  readonly id: string
  readonly objectReferenceId: string | null
  /** Holds one order that names no known customer, and is never found as a customer. */
  readonly guest: boolean
  readonly profile: Profile
  /** By reference, whose case does not matter. */
  readonly orders: KeyedList<Order>
  readonly wallets: readonly Wallet[]
  readonly currencyWallets: readonly CurrencyWallet[]
  /** By the provider's name; empty where a fixture leaves it out. */
  readonly payLater?: Readonly<Record<string, PayLaterAccount>>
  /** Events that wait for their receiver, oldest first. */
  readonly outbox: readonly WebhookEvent[]
  /** Oldest first; only the newest are kept. */
  readonly answered: readonly AnsweredRequest[]
}
