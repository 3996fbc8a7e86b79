import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openApiDocuments } from '../../scripts/openapi/document.js'
import { REQUESTS } from '../../scripts/openapi/vendors.js'
import { Call } from '../../src/api/call.js'
import { createSandbox, type Sandbox } from '../../src/index.js'

/** Requests made from the document itself; what the sandbox answers has to be what the document says. */

// biome-ignore lint/suspicious/noExplicitAny: a document is looked into by name
type Document = any

const RUNS = process.env.SOAK ? 2_000 : 30

const document: Document = (await openApiDocuments())['openapi.json']
const resolve = (part: Document): Document =>
  part?.$ref
    ? resolve(
        part.$ref
          .split('/')
          .slice(1)
          .reduce((at: Document, key: string) => at[key], document),
      )
    : part

interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly described: Document
}

const OPERATIONS: readonly Operation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods as object).map(([method, described]) => ({
    id: described.operationId,
    method: method.toUpperCase(),
    path,
    described,
  })),
)

const ajv = new Ajv2020({ strict: false, allErrors: false })
addFormats.default(ajv)
ajv.addSchema(document, 'document')
const validators = new Map<string, ValidateFunction>()

function validatorOf(schema: Document): ValidateFunction {
  const key = JSON.stringify(schema)
  const known = validators.get(key)
  if (known) return known
  const made = ajv.compile(JSON.parse(key.replaceAll('"#/components', '"document#/components')))
  validators.set(key, made)
  return made
}

/** Values that are something here, beside which the generator makes others. */
type Pool = Readonly<Record<string, readonly string[]>>

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

interface Request {
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string | undefined
}

const asHeader = (value: unknown) => String(value).replaceAll(/[^\x20-\x7e]/g, '?')

const inPath = (make: Make, pool: readonly string[]) =>
  make === makeRight
    ? fc.constantFrom(...pool)
    : fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...pool) }, fc.string({ minLength: 1 }))

const requestsOf = (operation: Operation, known: Pool) =>
  fc.oneof(requestsBy(makeRight, operation, known), requestsBy(makeAny, operation, known))

/** What a path names as a payment: one to be given back, an order by its own id, or one under way. */
const kindOfPayment = (path: string) =>
  path.includes('/orders/txns/') ? 'charge' : /payment-page|\/merchant\//.test(path) ? 'page' : 'payment'

function requestsBy(make: Make, { path, described, method }: Operation, known: Pool): fc.Arbitrary<Request> {
  const vendor = (described.tags as string[])[0] as keyof typeof KEYS
  const parameters: Document[] = described.parameters ?? []
  const values = Object.fromEntries(
    parameters.map(({ name, in: place, schema, required }) => {
      const pool = name === 'wallet' ? WALLETS[vendor] : known[name === 'payment' ? kindOfPayment(path) : name]
      const any = place === 'path' && pool ? inPath(make, pool) : make(schema, name)
      return [`${place} ${name}`, required ? any : fc.option(any, { freq: 2, nil: undefined })]
    }),
  )
  const content = Object.entries((described.requestBody?.content ?? {}) as Record<string, Document>)
  const bodies = content.map(([type, { schema }]) => make(schema).map((value) => ({ type, value })))
  return fc
    .record({
      values: fc.record(values as Record<string, fc.Arbitrary<unknown>>),
      body: bodies.length > 0 && method !== 'GET' ? fc.oneof(...bodies) : fc.constant(undefined),
    })
    .map(({ values: given, body }) => {
      const at = (place: string) =>
        Object.entries(given).flatMap(([name, value]) =>
          name.startsWith(`${place} `) && value !== undefined ? [[name.slice(place.length + 1), value] as const] : [],
        )
      const named = Object.fromEntries(at('path'))
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(named[name])))
      const query = new URLSearchParams(at('query').map(([name, value]): [string, string] => [name, String(value)]))
      return {
        url: `http://sandbox${filled}${query.size > 0 ? `?${query}` : ''}`,
        headers: {
          ...Object.fromEntries(at('header').map(([name, value]) => [name, asHeader(value)])),
          ...(body && { 'content-type': body.type }),
          ...KEYS[vendor],
        },
        body: body && encode(body.type, body.value),
      }
    })
}

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

/** A stream goes on until it is left. */
function isStream({ headers, body }: Response): boolean {
  const goesOn = headers.get('content-type')?.startsWith('text/event-stream') === true
  if (goesOn) void body?.cancel()
  return goesOn
}

/** What the answer has that the document does not say; undefined where all is said. */
async function divergence({ described, method }: Operation, { url, headers, body }: Request, sandbox: Sandbox) {
  const response = await sandbox.fetch(url, {
    method,
    headers,
    redirect: 'manual',
    ...(body !== undefined && { body }),
  })
  const { status } = response
  const documented = resolve(described.responses[status] ?? described.responses[`${String(status)[0]}XX`])
  const text = isStream(response) ? '' : await response.text()
  const shown = `${status} ${text.slice(0, 300)}`
  if (documented === undefined) return { status, fault: `no such status: ${shown}` }
  const type = response.headers.get('content-type')?.split(';')[0]
  if (status === 302 || status === 303) return { status }
  const media = documented.content?.[type ?? '']
  if (media === undefined) return { status, fault: `no such type, ${type}: ${shown}` }
  if (type !== 'application/json') return { status }
  const validate = validatorOf(media.schema)
  if (validate(JSON.parse(text))) return { status }
  return { status, fault: `${ajv.errorsText(validate.errors?.slice(-3))}: ${shown}` }
}

/** A sandbox in which there is something of everything, and the names of what there is. */
async function prepared(): Promise<{ sandbox: Sandbox; known: Pool }> {
  const sandbox = await createSandbox({ clock: '2023-09-11T08:30:00Z', latency: 'off' })
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
  const last = (url: string) => [url.split('/').at(-1)!]
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
    },
  }
}

const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'

/** By operation: the names of the fields that it asked its request for. */
const read = new Map<string, Set<string>>()
const { field, parameter } = Call.prototype

beforeAll(() => {
  const spy = (original: typeof field | typeof parameter) =>
    function (this: Call, name: string) {
      read.set(this.operationId, (read.get(this.operationId) ?? new Set()).add(name))
      return original.call(this, name)
    }
  vi.spyOn(Call.prototype, 'field').mockImplementation(spy(field) as typeof field)
  vi.spyOn(Call.prototype, 'parameter').mockImplementation(spy(parameter) as typeof parameter)
})
afterAll(() => vi.restoreAllMocks())

describe.each(['juspay', 'juicyway', 'control'])('%s', (tag) => {
  const operations = OPERATIONS.filter(({ described }) => described.tags[0] === tag)

  test.each(operations)(
    '$id answers as the document says',
    async (operation) => {
      const { sandbox, known } = await prepared()
      const statuses = new Set<number>()
      await fc.assert(
        fc.asyncProperty(requestsOf(operation, known), async (request) => {
          const { status, fault } = await divergence(operation, request, sandbox)
          statuses.add(status)
          if (fault) throw new Error(`${operation.method} ${request.url} ${request.body ?? ''}\n${fault}`)
        }),
        { numRuns: RUNS, seed: 1, endOnFailure: true },
      )
      await sandbox.close()
      expect(Math.min(...statuses), 'no request was served').toBeLessThan(400)
    },
    120_000,
  )
})

test("Juspay's operations read the fields that are documented, and no other", () => {
  const everywhere = new Set(['client_auth_token', 'command'])
  const names = (of: Iterable<string> | undefined) => [...(of ?? [])].filter((name) => !everywhere.has(name)).toSorted()
  const documented = Object.entries(REQUESTS.juspay).map(([id, { query, body }]) => [
    id,
    names(Object.keys({ ...query, ...body })),
  ])
  const asked = Object.keys(REQUESTS.juspay).map((id) => [id, names(read.get(id))])
  expect(Object.fromEntries(asked)).toEqual(Object.fromEntries(documented))
})
