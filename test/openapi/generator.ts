import fc from 'fast-check'
import { openApiDocuments } from '../../scripts/openapi/document.js'
import { createSandbox, type Options, type Sandbox } from '../../src/index.js'

/** Requests made from the document itself. */

// biome-ignore lint/suspicious/noExplicitAny: a document is looked into by name
export type Document = any

export const document: Document = (await openApiDocuments())['openapi.json']
export const resolve = (part: Document): Document =>
  part?.$ref
    ? resolve(
        part.$ref
          .split('/')
          .slice(1)
          .reduce((at: Document, key: string) => at[key], document),
      )
    : part

export interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly described: Document
}

export const OPERATIONS: readonly Operation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods as object).map(([method, described]) => ({
    id: described.operationId,
    method: method.toUpperCase(),
    path,
    described,
  })),
)

/** Values that are something here, beside which the generator makes others. */
export type Pool = Readonly<Record<string, readonly string[]>>

const CUSTOMERS = ['cst_om2l6ctlptxwxuzj', 'customer@gmail.com', '7c0e6b1a-52d4-4c8e-9a57-0d1f8c2b6e90']
const ORDERS = ['tea-1', 'tea-2', 'tea-3']
const WALLETS: Pool = {
  juspay: ['wlt_q23xzki3pazgtezo', 'wlt_mu2xfwb4mr18flbs'],
  juicyway: ['b1e0c2d4-6f7a-4b8c-9d0e-1f2a3b4c5d6e'],
  control: ['wlt_q23xzki3pazgtezo'],
}
const FIELDS: Pool = {
  order_id: [...ORDERS, 'tea-6', 'tea-7', 'tea-8'],
  customer_id: CUSTOMERS,
  otp: ['123456'],
  object_reference_id: ['reference-1', 'reference-2', 'reference-3', 'reference-4'],
  wallet_id: WALLETS.juicyway!,
  topup_txn_id: ['t-1', 't-2'],
  unique_request_id: ['r-1', 'r-2'],
  txn_id: ['acme-tea-1-1'],
  id: ['shop-1', 'shop-2', 'shop-3'],
  by: ['16m'],
  scenario: ['flaky'],
  name: ['flaky'],
  now: ['2024-01-01T00:00:00Z'],
  clock: ['2024-01-01T00:00:00Z'],
  mode: ['real', 'frozen', 'off'],
  amount: ['0.25', '0.5'],
  'order.amount': ['0.25'],
  'order.order_id': ['tea-4', 'tea-5'],
  url: ['http://127.0.0.1:1/hooks'],
  first_name: ['Ada'],
  last_name: ['Obi'],
}

const odd = fc.oneof(fc.string(), fc.constantFrom('', '%', '../..', '🙂', 'a'.repeat(300)))

/** Makes values that a schema allows. */
type Make = (schema: Document, name?: string) => fc.Arbitrary<unknown>

const makeRight: Make = (schema, name = '') => {
  const one = resolve(schema)
  const known = one.enum === undefined && one.type === 'string' ? FIELDS[name] : undefined
  return known ? fc.constantFrom(...known) : rightValue(one, makeRight)
}

/** Now and then another value. */
const makeAny: Make = (schema, name = '') =>
  fc.oneof(
    { weight: 8, arbitrary: makeRight(schema, name) },
    { weight: 3, arbitrary: rightValue(resolve(schema), makeAny) },
    { weight: 1, arbitrary: fc.oneof(odd, fc.integer(), fc.constant(null)) },
  )

const MARKS = ['\0', '\ud800', '🙂', '__proto__', 'constructor', '\u202e\u2028\n', ' ', 'İ', '%', '/../', '-0', '1e999']

/** Texts at the bound of a field, one over, and odd ones. */
export function hostile({ maxLength = 256, format, pattern }: Document): readonly string[] {
  const bounds = [Number(maxLength), Number(maxLength) + 1]
  const made =
    pattern === undefined || /\(\?[=!]/.test(String(pattern))
      ? []
      : fc.sample(fc.stringMatching(new RegExp(String(pattern)), { size: 'large' }), { numRuns: 3, seed: 1 })
  return [
    ...bounds.flatMap((length) => [
      'a'.repeat(length),
      `${'a'.repeat(length - 2)}🙂`,
      ...(format === 'uri' ? ['https://x.example/'.padEnd(length, 'a')] : []),
      ...(format === 'email' ? [`${'a'.repeat(64)}@${'b'.repeat(length - 129)}.${'c'.repeat(63)}`] : []),
    ]),
    ...MARKS,
    ...(format === 'uri' ? MARKS.map((mark) => `https://x.example/${mark}`) : []),
    ...made,
  ]
}

/** Half of all texts are hostile. */
const makeHostile: Make = (schema, name = '') => {
  const one = resolve(schema)
  const right = name in FIELDS ? makeRight(one, name) : rightValue(one, makeHostile)
  return [one.type].flat().includes('string') ? fc.oneof(right, fc.constantFrom(...hostile(one))) : right
}

function rightValue(schema: Document, make: Make): fc.Arbitrary<unknown> {
  const branches = schema.oneOf ?? schema.anyOf
  if (branches) return fc.oneof(...branches.map((branch: Document) => make(branch)))
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'string':
      if (schema.format === 'uri') return fc.constantFrom('https://shop.example/done', 'http://127.0.0.1:1/hooks')
      if (schema.format === 'email') return fc.integer({ min: 0, max: 40 }).map((n) => `ada${n}@example.com`)
      if (schema.pattern && !/\(\?[=!]/.test(schema.pattern)) return fc.stringMatching(new RegExp(schema.pattern))
      return fc.string({ minLength: schema.minLength ?? 0, maxLength: 20 })
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1000, max: Math.min(schema.maximum ?? 1000, 5000) })
    case 'number':
      return fc.integer({ min: 0, max: 100_000 }).map((n) => n / 100)
    case 'boolean':
      return fc.boolean()
    case 'array':
      return fc.array(make(schema.items ?? {}), { maxLength: 3 })
    case 'object':
      return objectOf(schema, make)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function objectOf(
  { properties = {}, required = [], additionalProperties }: Document,
  make: Make,
): fc.Arbitrary<object> {
  const missing = make === makeRight ? 0 : 15
  const made = Object.entries(properties).map(([name, schema]) => {
    const value = make(schema, name)
    return [
      name,
      required.includes(name)
        ? missing === 0
          ? value
          : fc.option(value, { freq: missing, nil: undefined })
        : fc.option(value, { freq: 2, nil: undefined }),
    ]
  })
  const known = fc.record(Object.fromEntries(made) as Record<string, fc.Arbitrary<unknown>>)
  const isMap = typeof additionalProperties === 'object'
  const others = isMap
    ? fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), make(additionalProperties), { maxKeys: 2 })
    : fc.constant({})
  return fc.tuple(known, others).map(([one, more]) => ({ ...more, ...one }))
}

export interface Request {
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string | undefined
}

/** No path can hold half a surrogate pair. */
const asUtf8 = (text: string) => Buffer.from(text).toString()
const asHeader = (value: unknown) => String(value).replaceAll(/[^\x20-\x7e]/g, '?')

const inPath = (make: Make, pool: readonly string[]) =>
  make === makeRight
    ? fc.constantFrom(...pool)
    : fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...pool) }, fc.string({ minLength: 1 }))

export const requestsOf = (operation: Operation, known: Pool) =>
  fc.oneof(requestsBy(makeRight, operation, known), requestsBy(makeAny, operation, known))

export const hostileRequestsOf = (operation: Operation, known: Pool) => requestsBy(makeHostile, operation, known)

/** A field of a request, by its place: `body`, `query`, `header` or `path`. */
export interface TextField {
  readonly place: string
  /** Its name; of one inside an object of a body, the names on the way. */
  readonly names: readonly string[]
  readonly schema: Document
  /** The body that it is of, where an operation has several. */
  readonly body?: Document
}

/** Every field of an operation that takes text of any kind. */
export function textFieldsOf({ described }: Operation): TextField[] {
  const bodies = Object.values((described.requestBody?.content ?? {}) as Record<string, Document>)
  const schemas = bodies.slice(0, 1).flatMap(({ schema }) => resolve(schema).oneOf ?? [schema])
  const within = (schema: Document, names: readonly string[], body: Document): TextField[] => {
    const one = resolve(schema)
    if (one.properties)
      return Object.entries(one.properties).flatMap(([name, inner]) => within(inner, [...names, name], body))
    return isText(one) ? [{ place: 'body', names, schema: one, body }] : []
  }
  const parameters: TextField[] = (described.parameters ?? []).map((parameter: Document) => ({
    place: parameter.in,
    names: [parameter.name],
    schema: resolve(parameter.schema),
  }))
  return [
    ...parameters.filter(({ schema }) => isText(schema)),
    ...schemas.flatMap((schema: Document) => within(schema, [], resolve(schema))),
  ]
}

const isText = ({ type, enum: choices, const: constant }: Document) =>
  [type].flat().includes('string') && choices === undefined && constant === undefined

/** Right requests, each but for one field, which takes one of the values. */
export const requestsWith = (field: TextField, values: readonly string[], operation: Operation, known: Pool) =>
  fc
    .sample(partsOf(makeRight, operation, known, field), { numRuns: values.length, seed: 1 })
    .map((parts, i) => requestOf(operation, parts, { field, value: values[i]! }))

const requestsBy = (make: Make, operation: Operation, known: Pool): fc.Arbitrary<Request> =>
  partsOf(make, operation, known).map((parts) => requestOf(operation, parts))

/** Values by their place and name, such as `query page`, and a body. */
interface Parts {
  readonly values: Readonly<Record<string, unknown>>
  readonly body: { readonly type: string; readonly value: unknown } | undefined
}

/** @param field that is given later */
function partsOf(
  make: Make,
  { path, described, method }: Operation,
  known: Pool,
  field?: TextField,
): fc.Arbitrary<Parts> {
  const parameters: Document[] = described.parameters ?? []
  const values = Object.fromEntries(
    parameters.map(({ name, in: place, schema, required }) => {
      const pool =
        name === 'wallet' ? WALLETS[vendorOf(described)] : known[name === 'payment' ? kindOfPayment(path) : name]
      const any = place === 'path' && pool ? inPath(make, pool) : make(schema, name)
      return [`${place} ${name}`, required ? any : fc.option(any, { freq: 2, nil: undefined })]
    }),
  )
  const content = Object.entries((described.requestBody?.content ?? {}) as Record<string, Document>)
  const bodies = content.map(([type, { schema }]) => make(field?.body ?? schema).map((value) => ({ type, value })))
  return fc.record({
    values: fc.record(values as Record<string, fc.Arbitrary<unknown>>),
    body: bodies.length > 0 && method !== 'GET' ? fc.oneof(...bodies) : fc.constant(undefined),
  })
}

function requestOf(
  { path, described }: Operation,
  { values, body }: Parts,
  given?: { readonly field: TextField; readonly value: string },
): Request {
  const all = given && given.field.place !== 'body' ? { ...values, [keyOf(given.field)]: given.value } : values
  const sent =
    given && given.field.place === 'body'
      ? withValue(body!.value as object, given.field.names, given.value)
      : body?.value
  const at = (place: string) =>
    Object.entries(all).flatMap(([name, value]) =>
      name.startsWith(`${place} `) && value !== undefined ? [[name.slice(place.length + 1), value] as const] : [],
    )
  const named = Object.fromEntries(at('path'))
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(asUtf8(String(named[name]))))
  const query = new URLSearchParams(at('query').map(([name, value]): [string, string] => [name, String(value)]))
  return {
    url: `http://sandbox${filled}${query.size > 0 ? `?${query}` : ''}`,
    headers: {
      ...Object.fromEntries(at('header').map(([name, value]) => [name, asHeader(value)])),
      ...(body && { 'content-type': body.type }),
      ...KEYS[vendorOf(described)],
    },
    body: body && encode(body.type, sent),
  }
}

const vendorOf = (described: Document) => (described.tags as string[])[0] as keyof typeof KEYS

const keyOf = ({ place, names }: TextField) => `${place} ${names[0]}`

/** The object with the value at the end of the names. */
const withValue = (object: object, [name, ...names]: readonly string[], value: string): object => ({
  ...object,
  [name!]: names.length === 0 ? value : withValue((object as Document)[name!] ?? {}, names, value),
})

/** What a path names as a payment: one to be given back, an order by its own id, or one under way. */
const kindOfPayment = (path: string) =>
  path.includes('/orders/txns/') ? 'charge' : /payment-page|\/merchant\//.test(path) ? 'page' : 'payment'

const KEYS = {
  juspay: { authorization: `Basic ${btoa('acme_test_key:')}` },
  juicyway: { authorization: 'Bearer test_globex_juicyway' },
  control: {},
}

function encode(type: string, value: unknown): string {
  if (type === 'application/json' || typeof value !== 'object' || value === null) return JSON.stringify(value)
  return String(
    new URLSearchParams(
      Object.entries(value).flatMap(([name, field]) =>
        field === undefined ? [] : [[name, String(field)] as [string, string]],
      ),
    ),
  )
}

/** A sandbox in which there is something of everything, and the names of what there is. */
export async function prepared(options: Options = {}): Promise<{ sandbox: Sandbox; known: Pool }> {
  const sandbox = await createSandbox({ clock: '2023-09-11T08:30:00Z', latency: 'off', ...options })
  const acme = sandbox.control.merchant('acme')
  await acme.webhooks.put({ url: 'http://127.0.0.1:1/hooks' })
  const send = async (path: string, body: string, headers: Record<string, string>): Promise<Document> => {
    const init = body === '' ? { headers } : { method: 'POST', headers, body }
    return (await sandbox.fetch(`http://x${path}`, init)).json()
  }
  const juspay = (path: string, body = '') => send(path, body, { ...KEYS.juspay, 'content-type': FORM })
  for (const order of ORDERS) await juspay('/orders', `order_id=${order}&amount=1&customer_id=customer@gmail.com`)
  const { token } = await juspay('/wallets/wlt_q23xzki3pazgtezo')
  const wallet = 'payment_method_type=WALLET&payment_method=MOBIKWIK'
  await juspay('/txns', `order_id=tea-1&${wallet}&direct_wallet_token=${token}`)
  const { payment } = await juspay('/txns', `order_id=tea-2&${wallet}`)
  const open = await juspay('/orders/tea-3')
  const { payment_url: topUp } = await juspay('/wallets/wlt_q23xzki3pazgtezo/topup', 'amount=1&topup_txn_id=t-1')
  const credit = JSON.stringify({ wallet_id: WALLETS.juicyway![0], type: 'credit', amount: 1 })
  const { data } = await send('/wallets/transactions', credit, { ...KEYS.juicyway, 'content-type': JSON_TYPE })
  const { event } = await acme.webhooks.next()
  const last = (url: string) => [new URL(url).pathname.split('/').at(-1)!]
  return {
    sandbox,
    known: {
      customer: CUSTOMERS,
      order: ORDERS,
      merchant: ['acme'],
      payment: last(payment.authentication.url),
      charge: ['acme-tea-1-1'],
      page: [open.id],
      topUp: last(topUp),
      transaction: [data.transaction_id],
      event: [event],
      hold: ['debit'],
    },
  }
}

/** Lets a call wait for what releases one. */
export async function holdCall(sandbox: Sandbox): Promise<void> {
  const acme = sandbox.control.merchant('acme')
  const rule = { name: 'held', match: { operation: 'juspay.getWallet' }, effect: { hold: 'debit' } }
  await acme.scenario.put({ name: 'holds', latency: {}, rules: [rule] })
  sandbox.fetch('http://x/wallets/wlt_q23xzki3pazgtezo', { headers: KEYS.juspay }).catch(() => {})
  await acme.holds.next()
}

const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'
