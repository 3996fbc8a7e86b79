import type { VendorName } from '../fixture-files/key-lists.js'
import { LONGEST } from '../lib/bounds.js'
import type { AbortSignalLike } from '../lib/delays.js'
import type { Refusal } from '../lib/errors.js'
import { belowVendor } from '../lib/path.js'
import type { ApiKey } from '../merchants/api-keys.js'
import type { Merchant } from '../merchants/merchant.js'
import type { CatalogOperation } from '../scenarios/catalog.js'
import type { Subject } from '../scenarios/conditions.js'
import type { Customer } from '../wallets/model.js'
import type { Body } from './body.js'
import type { Confirmed } from './confirmed.js'
import { type PublicAddress, publicUrlOf } from './public-url.js'

/** The options of a sandbox that bear on a single call. */
export interface ServingOptions extends PublicAddress {
  readonly strict: boolean
  readonly errorBodies: 'published' | 'detailed'
  /** Milliseconds. */
  readonly tokenTtl: number
  /** Whether 123456 is always a right one-time password. */
  readonly testOtp: boolean
  /** Milliseconds of sandbox time. */
  readonly paymentMethodDelay: number
  /** Origins whose pages may call, or `*`. */
  readonly cors: readonly string[]
  readonly confirmed: Confirmed | undefined
}

/** A request as it arrived, over a socket or in-process. */
export interface ApiRequest {
  readonly method: string
  /** As the client sent it, before a vendor's prefix is put in front or taken away. */
  readonly path: string
  /** With its question mark, or empty. */
  readonly search: string
  /** Scheme and host that it names, such as `http://127.0.0.1:8080`. */
  readonly hostUrl: string
  /** On `performance.now()`'s scale. */
  readonly arrivedAt: number
  /** Milliseconds that pass before the call is read and after it is answered. */
  readonly overheadMs: number
  /** Aborts when the client hangs up. */
  readonly signal: AbortSignalLike
  /** Several values of one name are joined with a comma. The name is in lower case. */
  header(name: string): string | null
  /** All headers, names and values in turn. */
  rawHeaders(): readonly string[]
}

export type ResourceKind = 'merchant' | 'customer' | 'wallet' | 'order' | 'payment' | 'topUp'

/** The variable parts of a path, decoded. */
export type Params = Readonly<Record<string, string>>

/** An Authorization header, read. The key decides whose request it is, even where the header is otherwise wrong. */
export interface Credential {
  readonly key: string | undefined
  /** Whether the client sent none at all. */
  readonly isAbsent?: boolean
  /** One sentence when the header cannot be accepted whatever the key. */
  readonly fault?: string
  /** One sentence when the header is accepted though its form is wrong, but not in strict mode. */
  readonly laxity?: string
  /** The text that may be a key, in a header of another form. */
  readonly misplaced?: string
}

export interface Identity {
  readonly vendor: VendorName
  readonly params: Params
  readonly merchant: Merchant
  readonly credential: Credential
  /** The customer whose token stands for a key, where the request has none. */
  readonly tokenHolder: string | undefined
  /** Why the merchant of the key could not be made. */
  readonly unavailable: Refusal | undefined
  /** Why the merchant is not what it was, in one sentence. */
  readonly note: string | undefined
  /** Keys of the vendor that are accepted and may be named in a hint. */
  knownKeys(): Iterable<string>
  /** Whether a text is a key that the vendor accepts. */
  isKey(text: string): boolean
}

/** What a call has to bring: a key, a key or a customer's own token, or nothing but the name of the merchant. */
export type CredentialNeed = 'key' | 'key or token' | 'none'

export function credentialNeed(
  operation: Pick<OperationFacts, 'credential'> | undefined,
  fields: ReadonlyMap<string, string>,
): CredentialNeed {
  const { credential = 'key' } = operation ?? {}
  return typeof credential === 'function' ? credential(fields) : credential
}

/** What is known of an operation before it runs. */
export interface OperationFacts extends CatalogOperation {
  readonly names?: Readonly<Partial<Record<ResourceKind, string>>>
  /** What opens it, which may depend on the fields that are sent: the merchant's key, unless it says otherwise. */
  readonly credential?: CredentialNeed | ((fields: ReadonlyMap<string, string>) => CredentialNeed)
  /** Headers that its page requires, in lower case: refused without them in strict mode, else a warning. */
  readonly requiredHeaders?: readonly string[]
}

/** The customer of what a request names, the first that there is. */
const WAYS_TO_A_CUSTOMER = ['customer', 'wallet', 'order', 'payment', 'topUp'] as const

/** One call of a vendor's API: its facts, none of which changes while it is handled. */
export class Call implements Subject {
  readonly request: ApiRequest
  readonly identity: Identity
  readonly operation: OperationFacts | undefined
  readonly body: Body
  readonly options: ServingOptions
  readonly merchant: Merchant
  /** Of the customer whose data the call is for; where the merchant has none, what the request calls it. */
  readonly customerNames: readonly string[]
  /** The customer or wallet that is counted on. */
  readonly resource: string
  /** How often this operation was called for this resource before. */
  readonly occurrence: number
  #query: URLSearchParams | undefined
  #customerId: string | undefined

  /** @param occurrence given for a call that is only looked at, and does not count */
  constructor(
    request: ApiRequest,
    identity: Identity,
    operation: OperationFacts | undefined,
    body: Body,
    options: ServingOptions,
    occurrence?: number,
  ) {
    this.request = request
    this.identity = identity
    this.merchant = identity.merchant
    this.operation = operation
    this.body = body
    this.options = options
    this.customerNames = this.#namesOfCustomer()
    this.resource =
      this.walletName ??
      this.customerNames[0] ??
      this.nameOf('order') ??
      this.nameOf('payment') ??
      Object.values(identity.params).join('/')
    this.occurrence = occurrence ?? this.merchant.occurrence(`${this.operationId} ${this.resource}`)
  }

  get operationId(): string {
    return this.operation?.id ?? ''
  }

  get merchantId(): string {
    return this.merchant.id
  }

  /** The merchant as the subject of a sentence; one that its key made has the key for an id. */
  get merchantTitle(): string {
    return this.key === this.merchantId ? "This key's merchant" : `Merchant ${this.merchantId}`
  }

  get key(): string | undefined {
    return this.identity.credential.key
  }

  /** The record of the key, whatever its status. */
  get apiKey(): ApiKey | undefined {
    return this.key === undefined ? undefined : this.merchant.keys[this.identity.vendor].get(this.key)
  }

  /** What the addresses in an answer begin with: where the client reaches the sandbox. */
  get baseUrl(): string {
    const { hostUrl } = this.request
    return publicUrlOf(this.options, hostUrl, (name) => this.header(name)) ?? hostUrl
  }

  get method(): string {
    return this.request.method
  }

  /** Below the vendor's prefix. */
  get path(): string {
    return belowVendor(this.request.path, this.identity.vendor)
  }

  get walletName(): string | undefined {
    return this.nameOf('wallet')
  }

  /** The name of a resource in the path, else in a field or parameter that the operation knows. */
  nameOf(kind: ResourceKind): string | undefined {
    const { params } = this.identity
    if (params[kind] !== undefined) return params[kind]
    const field = this.operation?.names?.[kind]
    const name = field === undefined ? undefined : (this.field(field) ?? this.parameter(field) ?? undefined)
    // Longer names name nothing: counters kept by name must not grow with a body.
    return name === undefined || name.length > LONGEST.derivedId ? undefined : name
  }

  /** The customer whose data the call is for, as it is now, if the merchant has it. */
  get customer(): Customer | undefined {
    return this.#customerId === undefined ? this.#findCustomer() : this.merchant.state.holder(this.#customerId)
  }

  #findCustomer(): Customer | undefined {
    for (const kind of WAYS_TO_A_CUSTOMER) {
      const name = this.nameOf(kind)
      const found = name === undefined ? undefined : this.merchant.state.find(kind, name)
      // An order that a guest pays is not a customer's, but a wallet has an owner always: a recording may not know which.
      if (found === undefined || (found.guest && kind !== 'wallet' && kind !== 'topUp')) continue
      this.#customerId = found.id
      return found
    }
    return undefined
  }

  #namesOfCustomer(): string[] {
    const customer = this.#findCustomer()
    if (customer) return customer.objectReferenceId === null ? [customer.id] : [customer.id, customer.objectReferenceId]
    const name = this.nameOf('customer')
    return name === undefined ? [] : [name]
  }

  header(name: string): string | null {
    return this.request.header(name)
  }

  parameter(name: string): string | null {
    const { search } = this.request
    if (search === '') return null
    this.#query ??= new URLSearchParams(search)
    return this.#query.get(name)
  }

  field(name: string): string | undefined {
    return this.body.fields.get(name)
  }
}
