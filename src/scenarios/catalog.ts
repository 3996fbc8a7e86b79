import type { ErrorName } from '../lib/errors.js'

/** What a scenario is checked against: the operations, and the errors and events of each vendor. */

export interface CatalogOperation {
  readonly id: string
  /** Whether it changes what the vendor holds. */
  readonly changes: boolean
  /** Whether a request for it can name a wallet. */
  readonly namesWallet: boolean
  /** Where it is found; the parts of a path that name something begin with a colon. */
  readonly endpoints: readonly { readonly method: string; readonly path: string }[]
  /** Whether it sends events. */
  readonly emits: boolean
  /** Its own forms of errors. */
  readonly errors?: Readonly<Partial<Record<ErrorName, object>>> | undefined
  /** Whether what it begins may wait for a person's review. */
  readonly isReviewed: boolean
  /** Whether its answer carries a signature. */
  readonly signs: boolean
  /** The published table, in milliseconds by percentage. */
  readonly latency?: { readonly percentiles: Readonly<Record<string, number>> } | undefined
}

export interface CatalogVendor {
  readonly name: string
  /** Whether its wallets are kept at providers, whose balance can differ from the one last seen. */
  readonly holdsAtProviders: boolean
  readonly operations: readonly CatalogOperation[]
  /** Names of the events that it sends. */
  readonly events: readonly string[]
  /** Null for an error that the vendor has no form for. */
  readonly errors: Readonly<Record<ErrorName, object | null>>
}
