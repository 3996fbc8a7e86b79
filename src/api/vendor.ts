import type { VendorName } from '../fixtures/key-lists.js'
import type { ErrorName, Refusal } from '../lib/errors.js'
import type { Merchant } from '../merchants/merchant.js'
import type { Call } from './call.js'

/** How well a behaviour is known: the vendor's page, an integrator's public post, or our decision. */
export type Grade = 'published' | 'observed' | 'inferred'

export interface Evidence {
  readonly grade: Grade
  /** The page it rests on, or what the decision was taken from. */
  readonly source: string
}

export const published = (source: string): Evidence => ({ grade: 'published', source })
export const observed = (source: string): Evidence => ({ grade: 'observed', source })
export const inferred = (source: string): Evidence => ({ grade: 'inferred', source })

/** A status and a body, before anything of the wire. */
export interface Answer {
  readonly status: number
  /** A value to print as JSON. */
  readonly body?: unknown
  /** The body as it stands, in place of a value. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface PublishedLatency {
  /** Milliseconds by percentage. */
  readonly percentiles: Readonly<Record<string, number>>
  readonly source: string
}

/** Where an operation is. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH'
  /** With `:customer`, `:wallet` and so on for the parts that name a resource. */
  readonly path: string
  /** What tells it from the others of its method and path: a field of the body, or a parameter of that name. */
  readonly when?: { readonly field: string; readonly is: string }
}

/** What of a request can name a resource. */
export type ResourceKind = 'customer' | 'wallet' | 'order' | 'topUp'

/** One call of a vendor's API: where it is, what is known of it, what it does. */
export interface Operation extends Route {
  /** `juspay.getWallet` */
  readonly id: string
  /** Further places where it is. */
  readonly also?: readonly Route[]
  /** Fields of the query or body that name a resource it is about, where the path does not. */
  readonly names?: Readonly<Partial<Record<ResourceKind, string>>>
  /** For what a browser opens, without a key: whether the merchant is the one that the path names something of. */
  heldBy?(merchant: Merchant, params: Readonly<Record<string, string>>): boolean
  /** Whether it changes what the vendor holds, so that a fault can come before or after the change. */
  readonly changes: boolean
  readonly latency?: PublishedLatency
  /** Evidence for its success, and for each error in which it differs from its vendor. */
  readonly evidence: { readonly success: Evidence } & Readonly<Partial<Record<ErrorName, Evidence>>>
  /** Throws a Refusal, or answers. */
  run(call: Call): Answer
}

/** What an Authorization header says. The key says whose request it is, even where the header is otherwise wrong. */
export interface Credential {
  readonly key: string | undefined
  /** One sentence when the header cannot be accepted whatever the key. */
  readonly fault?: string
}

/** One vendor's form of an error. */
export interface ErrorForm {
  readonly evidence: Evidence
  answer(refusal: Refusal, call: Call): Answer
}

/** One API dialect. All mechanisms are shared; a vendor brings its words. */
export interface Vendor {
  readonly name: VendorName
  readonly operations: readonly Operation[]
  /** An id of this form is this vendor's wallet, wherever two vendors share a path. */
  readonly walletId: RegExp
  /** Whether its wallets are kept at providers, whose balance can differ from the one last seen. */
  readonly holdsAtProviders: boolean
  /** The Authorization scheme its clients use, in lower case. */
  readonly scheme: string
  credential(authorization: string | null): Credential
  /** @returns why the request may not be served, if so */
  authenticate(call: Call): Refusal | undefined
  /** Header rules: warnings, or a Refusal in strict mode. */
  validate(call: Call): void
  /** Adds the vendor's own headers, which every answer has. */
  sign(headers: Record<string, string>, call: Call): void
  /** Null where the vendor has no form for an error. */
  readonly errors: Readonly<Record<ErrorName, ErrorForm | null>>
}
