import type { Handler, Hono } from 'hono'
import type { VendorName } from '../fixture-files/key-lists.js'
import type { ErrorName, Refusal } from '../lib/errors.js'
import type { Merchant } from '../merchants/merchant.js'
import type { CatalogVendor } from '../scenarios/catalog.js'
import type { Call, Credential, OperationFacts, Params, ResourceKind, ServingOptions } from './call.js'
import type { Evidence } from './evidence.js'
import type { Learner } from './learner.js'
import type { Outcome } from './outcome.js'
import type { Field } from './request.js'
import type { Suite } from './suite.js'

/** A status and a body, before any header that every answer has. */
export interface Answer {
  readonly status: number
  /** A value to print as JSON. */
  readonly body?: unknown
  /** The body as it stands, in place of a value. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
  /** What a refusal rests on, where one error has bodies of different origin. */
  readonly evidence?: Evidence
}

interface PublishedLatency {
  /** Milliseconds by percentage. */
  readonly percentiles: Readonly<Record<string, number>>
  /** The timeout that the vendor recommends to its clients. */
  readonly timeoutMs?: number
  readonly source: string
}

/** What an error's body and an answer's headers take from the call. */
export type Answered = Pick<Call, 'operationId' | 'resource' | 'occurrence' | 'nameOf'> & {
  readonly merchant: Pick<Merchant, 'id' | 'seed'>
  readonly options: Pick<ServingOptions, 'errorBodies'>
}

export interface ErrorForm extends Evidence {
  answer(refusal: Refusal, call: Answered): Answer
}

/** One call of a vendor's API. Where it is found stands in the vendor's `routes.ts`. */
export interface Operation extends OperationFacts {
  /** One sentence. */
  readonly summary: string
  /** What it reads beside its path, its headers and the choice of it. */
  readonly query?: readonly Field[]
  readonly body?: readonly Field[]
  /** For a page that a browser opens without a key, whose address names a merchant: whether it shows something of this one. */
  belongsTo?(merchant: Merchant, params: Params): boolean
  /** The id of the wallet that a request is about, where no name of the request leads to it. */
  walletOf?(call: Call): string | undefined
  readonly latency?: PublishedLatency
  /** For its success. */
  readonly evidence: Evidence
  /** Where its errors differ from its vendor's, in evidence alone or in form too. */
  readonly errors?: Readonly<Partial<Record<ErrorName, Evidence & Partial<ErrorForm>>>>
  /** @throws Refusal */
  run(call: Call, outcome: Outcome): Answer
}

/** Operations of one method and path, chosen by a field of the body or a parameter of that name. */
export interface Choice {
  readonly field: string
  /** By the text of the field; '' where it is left out. */
  readonly operations: ReadonlyMap<string, Operation>
  /** Whether the field is read from the body of a GET too, as a page shows it. */
  readonly inGetBody: boolean
}

export const byField = (
  field: string,
  operations: Readonly<Record<string, Operation>>,
  { inGetBody = false } = {},
): Choice => ({ field, operations: new Map(Object.entries(operations)), inGetBody })

export type Target = Operation | Choice

export const isChoice = (target: Target): target is Choice => 'field' in target

/** The operation that a choice comes to, by its field in the body, else by the parameter of that name. */
export function choose(target: Target | undefined, search: string, fields: ReadonlyMap<string, string>) {
  if (target === undefined || !isChoice(target)) return undefined
  const { field, operations } = target
  const parameter = search === '' ? null : new URLSearchParams(search).get(field)
  return operations.get(fields.get(field) ?? parameter ?? '')
}

export type Serve = (target: Target) => Handler

export interface Endpoint {
  readonly method: string
  readonly path: string
  readonly target: Target
  readonly operations: readonly Operation[]
}

export type NameOf = (kind: ResourceKind) => string | undefined

/** One API dialect. Mechanisms are shared; a vendor brings its words. */
export interface Dialect extends Omit<CatalogVendor, 'operations' | 'endpoints'> {
  readonly name: VendorName
  /** Its API as a Hono app, a literal path before one with a parameter. */
  routes(serve: Serve): Hono
  /** The base URLs of the servers that it hosts. */
  readonly servers?: { readonly production: string; readonly sandbox: string }
  /** A first segment below which its API is found too, such as `/ecr`. */
  readonly alias?: string
  /** Paths of its API that the sandbox does not serve. */
  readonly unserved?: RegExp
  /** Whether a path with a slash at its end is the path without it. */
  readonly ignoresTrailingSlash: boolean
  /** An id of this form is this vendor's wallet, wherever two vendors share a path. */
  readonly walletId: RegExp
  /** The Authorization scheme in which its clients send their key, such as `Bearer`. */
  readonly scheme: string
  credential(authorization: string | null): Credential
  /** The customer of a merchant whose token this is, among those that the request names. */
  tokenHolder?(merchant: Merchant, token: string, nameOf: NameOf): string | undefined
  /** The field or parameter in which such a token is sent. */
  readonly tokenField?: string
  /** @returns why the request may not be served, if so */
  authenticate(call: Call): Refusal | undefined
  /** Header rules: warnings, or a Refusal in strict mode. */
  checkHeaders(call: Call, outcome: Outcome): void
  /** The header in which an answer to a right key names the merchant. */
  readonly merchantHeader?: string
  /** Adds the vendor's own headers, which every answer has. */
  addHeaders(headers: Record<string, string>, call: Answered): void
  readonly errors: Readonly<Record<ErrorName, ErrorForm | null>>
  suite?(): Promise<Suite>
  learner?(): Promise<Learner>
}

export interface Vendor extends Dialect {
  /** Before each of its paths, such as `/juspay`. */
  readonly base: string
  readonly endpoints: readonly Endpoint[]
  readonly operations: readonly Operation[]
}

/** A vendor from its dialect: endpoints and operations are read from its routes. */
export function defineVendor(dialect: Dialect): Vendor {
  const targets = new Map<unknown, Target>()
  const { routes } = dialect.routes((target) => {
    const handler: Handler = () => undefined
    targets.set(handler, target)
    return handler
  })
  const endpoints = routes.map(({ method, path, handler }): Endpoint => {
    const target = targets.get(handler)!
    return { method, path, target, operations: isChoice(target) ? [...target.operations.values()] : [target] }
  })
  const operations = [...new Set(endpoints.flatMap((endpoint) => endpoint.operations))]
  return { ...dialect, base: `/${dialect.name}`, endpoints, operations }
}

export const endpointsOf = ({ endpoints }: Vendor, operation: Operation): readonly Endpoint[] =>
  endpoints.filter(({ operations }) => operations.includes(operation))
