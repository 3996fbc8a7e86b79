import type { ErrorName } from '../lib/errors.js'

/** A vendor as far as scenarios are checked against it. */

export interface CatalogOperation {
  /** `juspay.getWallet` */
  readonly id: string
  /** Fields of the query or body that name a resource, where the path does not. */
  readonly names?: Readonly<Partial<Record<'wallet', string>>>
  /** Whether it changes what the vendor holds, so that a fault can come before or after the change. */
  readonly changes?: boolean
  readonly emits?: boolean
  /** Whether what it begins may wait for a person's review. */
  readonly isReviewed?: boolean
  readonly signs?: boolean
  /** Where its errors differ from its vendor's. */
  readonly errors?: Readonly<Partial<Record<ErrorName, object>>>
  /** The published table, in milliseconds by percentage. */
  readonly latency?: { readonly percentiles: Readonly<Record<string, number>> }
}

export interface CatalogVendor {
  readonly name: string
  /** Whether its wallets are kept at providers, whose balance can differ from the one last seen. */
  readonly holdsAtProviders: boolean
  readonly events?: readonly string[]
  /** Null where the vendor has no form for an error. */
  readonly errors: Readonly<Record<ErrorName, object | null>>
  readonly operations: readonly CatalogOperation[]
  readonly endpoints: readonly {
    readonly method: string
    /** With `:customer`, `:wallet` and so on for the parts that name a resource. */
    readonly path: string
    readonly operations: readonly CatalogOperation[]
  }[]
}
