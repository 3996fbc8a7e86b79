import type { LatencyMode } from '../config.js'
import type { ApiRequest } from '../http/call-request.js'
import { Refusal } from '../lib/errors.js'
import type { ApiKey, Merchant } from '../merchants/merchant.js'
import type { Subject } from '../scenarios/engine.js'
import type { Fault } from '../scenarios/program.js'
import type { Customer } from '../wallets/model.js'
import type { Credential, Grade, Operation, ResourceKind, Vendor } from './vendor.js'

/** What of the sandbox's options bears on a single request. */
export interface ServingOptions {
  readonly strict: boolean
  readonly errorBodies: 'published' | 'detailed'
  /** Milliseconds. */
  readonly tokenTtl: number
  /** Whether 123456 is always a right one-time password. */
  readonly testOtp: boolean
  /** Milliseconds of sandbox time. */
  readonly paymentMethodDelay: number
  readonly latency: LatencyMode
}

/** A body beyond this is refused: no wallet call needs a hundredth of it. */
const MAX_BODY_BYTES = 1_048_576

/** Operations that stand at one place, by the text of the field that tells them apart; '' where it is not given. */
export interface Choice {
  readonly field: string
  readonly operations: ReadonlyMap<string, Operation>
}

/** No resource has a longer one; what is counted by name must not grow with a body. */
const LONGEST_NAME = 256

/** JSON nested deeper than this is refused. */
const MAX_LEVELS = 64

/** Whose request it is and what it asks for. */
export interface Identity {
  readonly vendor: Vendor
  /** Undefined when no operation of the vendor has this path and method, or until the body has told which one it is. */
  operation: Operation | undefined
  /** The operations of this path and method, where a field tells them apart. */
  readonly choice: Choice | undefined
  /** Methods the path has, where the method is the wrong one. */
  readonly allow: readonly string[]
  /** The path's variable parts, decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly merchant: Merchant
  /** Why the merchant that its key makes could not be made. */
  readonly unmade: Refusal | undefined
  /** What the Authorization header says. */
  readonly credential: Credential
  /** Keys of the vendor that would be accepted, as a hint. */
  knownKeys(): Iterable<string>
}

const NO_FIELDS: ReadonlyMap<string, string> = new Map()

/** One request on its way through the pipeline, and what was found out on the way. */
export class Call implements Subject {
  readonly arrivedAt = performance.now()
  readonly request: ApiRequest
  readonly options: ServingOptions
  readonly path: string
  readonly search: string
  identity!: Identity
  apiKey: ApiKey | undefined
  bodyText = ''
  body: ReadonlyMap<string, string> = NO_FIELDS
  /** The body's fields with their types, where it is JSON. */
  json: ReadonlyMap<string, unknown> | undefined
  /** Why the body cannot be read. Who sends it is asked first. */
  bodyFault: Refusal | undefined
  /** How often this operation was asked of this resource before. */
  occurrence = 0
  /** The delay drawn, in ms; undefined while no model applies. */
  delay: number | undefined
  /** Name of the rule that fired. */
  rule: string | undefined
  fault: Fault | undefined
  grade: Grade | undefined
  /** What the sandbox refused the request for, in one sentence. */
  reason: string | undefined
  readonly warnings: string[] = []
  #query: URLSearchParams | undefined
  #customer: Customer | undefined
  #resource: string | undefined

  constructor(request: ApiRequest, options: ServingOptions) {
    this.request = request
    this.options = options
    const { target } = request
    const question = target.indexOf('?')
    this.path = question < 0 ? target : target.slice(0, question)
    this.search = question < 0 ? '' : target.slice(question)
  }

  get merchant(): Merchant {
    return this.identity.merchant
  }

  get operationId(): string {
    return this.identity.operation?.id ?? ''
  }

  get merchantId(): string {
    return this.merchant.id
  }

  /** How a sentence begins that tells of the merchant: one that its key made has the key for an id. */
  get merchantTitle(): string {
    return this.key === this.merchantId ? "This key's merchant" : `Merchant ${this.merchantId}`
  }

  get key(): string | undefined {
    return this.identity.credential.key
  }

  get origin(): string {
    return this.request.origin
  }

  get walletName(): string | undefined {
    return this.nameOf('wallet')
  }

  /** What the request calls a resource: in its path, else in a field or parameter that the operation knows. */
  nameOf(kind: ResourceKind): string | undefined {
    const { params, operation } = this.identity
    if (params[kind] !== undefined) return params[kind]
    const field = operation?.names?.[kind]
    const name = field === undefined ? undefined : (this.field(field) ?? this.parameter(field) ?? undefined)
    return name === undefined || name.length > LONGEST_NAME ? undefined : name
  }

  /** The customer whose data is asked for, if the merchant has it. */
  get customer(): Customer | undefined {
    const { state } = this.merchant
    if (this.#customer) return state.customer(this.#customer.id)
    this.#customer =
      this.#named('customer', (name) => state.customer(name)) ??
      this.#named('wallet', (name) => state.ownerOf(name)) ??
      this.#named('order', (name) => state.holderOf(name)) ??
      this.#named('topUp', (name) => state.toppedUpBy(name))
    return this.#customer
  }

  #named(kind: ResourceKind, find: (name: string) => Customer | undefined): Customer | undefined {
    const name = this.nameOf(kind)
    const found = name === undefined ? undefined : find(name)
    return found?.guest ? undefined : found
  }

  get customerNames(): readonly string[] {
    const { customer } = this
    if (customer) return customer.objectReferenceId === null ? [customer.id] : [customer.id, customer.objectReferenceId]
    const asked = this.nameOf('customer')
    return asked === undefined ? [] : [asked]
  }

  get resource(): string {
    this.#resource ??=
      this.walletName ?? this.customerNames[0] ?? this.nameOf('order') ?? Object.values(this.identity.params).join('/')
    return this.#resource
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.search)
    return this.#query
  }

  header(name: string): string | null {
    return this.request.header(name)
  }

  parameter(name: string): string | null {
    return this.search === '' ? null : this.query.get(name)
  }

  field(name: string): string | undefined {
    return this.body.get(name)
  }

  /** Reads the body, form-encoded or JSON, into fields. Nested JSON is kept as its text, null left out. */
  async readBody(): Promise<void> {
    const text = await this.request.text(MAX_BODY_BYTES)
    if (text === undefined) {
      this.bodyFault = new Refusal(
        'payload_too_large',
        `The body is larger than ${MAX_BODY_BYTES} bytes; no call of this API needs more.`,
      )
      return
    }
    this.bodyText = text
    try {
      this.json = jsonOf(text, this.header('content-type'))
      this.body = this.json ? flattened(this.json) : formFields(text)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.bodyFault = error
    }
  }
}

/** The fields of a body, form-encoded or JSON. @throws Refusal for JSON that is none, or no object */
export function bodyFields(text: string, contentType: string | null): ReadonlyMap<string, string> {
  const json = jsonOf(text, contentType)
  return json ? flattened(json) : formFields(text)
}

/** The fields of a form; of several of one name, the first. */
function formFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) if (!fields.has(name)) fields.set(name, value)
  return fields
}

/** The fields of a JSON body with their types; undefined for a body of another type, and for none. */
function jsonOf(text: string, contentType: string | null): ReadonlyMap<string, unknown> | undefined {
  if (text === '' || !/^application\/(.*\+)?json/i.test(contentType ?? '')) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Refusal('bad_request', 'The body is not JSON, though its Content-Type says so.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal('bad_request', 'The body is JSON but no object; send {"name": value}.')
  if (nestsBeyond(MAX_LEVELS, value))
    throw new Refusal(
      'bad_request',
      `The body is JSON of more than ${MAX_LEVELS} levels; no call of this API needs three.`,
    )
  return new Map(Object.entries(value))
}

/** Printing JSON recurses, and what is nested deeper than the stack can be sent in few bytes. */
const nestsBeyond = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => nestsBeyond(levels - 1, inner)))

/** As a form would have them: `options.get_client_auth_token`, and nothing that is null. */
function flattened(json: ReadonlyMap<string, unknown>): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  const put = (name: string, field: unknown) => {
    if (field !== null) fields.set(name, typeof field === 'string' ? field : JSON.stringify(field))
  }
  for (const [name, field] of json) {
    put(name, field)
    if (typeof field === 'object' && field !== null && !Array.isArray(field))
      for (const [inner, nested] of Object.entries(field)) put(`${name}.${inner}`, nested)
  }
  return fields
}
