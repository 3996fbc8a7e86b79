import { evidenceOf } from '../../src/api/coverage.js'
import type { Evidence } from '../../src/api/evidence.js'
import type { JsonSchema } from '../../src/api/json-schema.js'
import type { Field } from '../../src/api/request.js'
import { type Endpoint, isChoice, type Operation, type Vendor } from '../../src/api/vendor.js'
import type { VendorName } from '../../src/fixture-files/key-lists.js'
import { LONGEST } from '../../src/lib/bounds.js'
import { shownPath } from '../../src/lib/path.js'
import { type Answers, answersOnDisk } from './answers.js'
import { bodyExample, exampleOf, HEADER_EXAMPLES, inPath } from './examples.js'
import { constant, either, integer, list, map, object, ref, text } from './json-schema.js'
import type { Refusals } from './refusals.js'

/** The vendors' part of the document, from their routes, the fields of their operations, their answers and the evidence for each. */

type Described = Readonly<Record<string, Pick<Field, 'schema' | 'required' | 'description'>>>

const byName = (fields: readonly Field[]): Described => Object.fromEntries(fields.map((field) => [field.name, field]))

const ANSWERS = JSON.parse(answersOnDisk()) as Answers

function answerOf({ id }: Operation) {
  const answer = ANSWERS[id]
  if (answer) return answer
  throw new Error(`scripts/openapi/answers.schema.json has nothing for ${id}; run: npm run schemas`)
}

const told = text('For people')
const code = text('For programs')

/** Every form of an error that a vendor has. */
const ERRORS: Readonly<Record<VendorName, JsonSchema>> = {
  juspay: either(
    object({}),
    object({ status: told, error_code: code, error_message: told }),
    object({ error_message: told, status: told, error_code: code }),
    object({
      error_message: told,
      status: told,
      error_code: code,
      error_info: object(
        {
          user_message: told,
          fields: list(object({ field_name: text('A field of the request'), reason: told })),
          developer_message: told,
          code,
          category: text('USER_ERROR or CONFIG_ERROR'),
        },
        ['fields'],
      ),
    }),
    object({
      status: constant('error'),
      error_code: code,
      error_info: object({
        category: constant('USER_ERROR'),
        request_id: text('A UUID', { format: 'uuid' }),
        developer_message: told,
        user_message: told,
        code,
      }),
    }),
    object({ status: told, error_message: told, error_code: code }),
    object({
      status: constant('ERROR'),
      error_code: code,
      error_message: told,
      error_info: object({
        category: constant('USER_ERROR'),
        request_id: text('A UUID', { format: 'uuid' }),
        developer_message: told,
        user_message: told,
        code,
      }),
    }),
    object(
      {
        status_id: either(integer('Always -1', { const: -1 }), constant('-1')),
        status: constant('ERROR'),
        error_message: told,
        error_code: code,
        error_info: object({
          category: constant('USER_ERROR'),
          request_id: text('A UUID', { format: 'uuid' }),
          href: constant('NA'),
          developer_message: told,
          user_message: told,
          code,
        }),
      },
      ['error_info'],
    ),
    object({
      status: constant('NOT_FOUND'),
      error_info: object({ user_message: told, developer_message: told, code, category: constant('USER_ERROR') }),
      status_id: integer('Always 40', { const: 40 }),
      order_id: text('The order that was asked for'),
    }),
    object({
      status_id: integer('Always 40', { const: 40 }),
      status: constant('NOT_FOUND'),
      order_id: text('The order that was asked for'),
    }),
    object({
      error: { const: true },
      error_message: told,
      user_message: told,
      developer_message: told,
      code,
    }),
  ),
  juicyway: object({
    error: object({ code, message: told, details: map(list(told), 'What is wrong with each field') }, ['details']),
  }),
}

const ERROR_SCHEMAS = { juspay: ref('juspay.error'), juicyway: ref('juicyway.error') } as const

const PARAMETERS: Readonly<Record<string, string>> = {
  wallet: 'The id of the wallet',
  customer: 'The id of the customer, or the reference that the merchant gave',
  order: "The merchant's own id of the order",
  payment: 'The payment, as its address names it',
  merchant: 'The id of the merchant',
  topUp: 'The id of the top-up',
  transaction: 'The id of the transaction',
}

const describe = ({ grade, source }: Evidence) => `${grade}: ${source}`

const parameter = (
  name: string,
  place: string,
  { schema, required, description }: Described[string],
  example: unknown,
) => ({
  name,
  in: place,
  required,
  description: `${description}.`,
  ...(example !== undefined && { example }),
  schema,
})

const pathParameters = (vendor: Vendor, path: string) =>
  Array.from(path.matchAll(/:(\w+)/g), ([, name]) => {
    const field = { schema: { type: 'string' }, required: true, description: PARAMETERS[name!]! }
    return parameter(name!, 'path', field, inPath(vendor, name!, path))
  })

const HEADERS: Readonly<Record<string, string>> = {
  'x-routing-id': 'The customer id, the same on every request of a customer',
  'x-merchantid': 'The merchant, as the header x-jp-merchant-id names it',
}

/** Headers that OpenAPI describes elsewhere are left out. */
const headerParameters = (operation: Operation) =>
  (operation.requiredHeaders ?? []).flatMap((name) => {
    const description = HEADERS[name]
    const schema = { type: 'string', minLength: 1 }
    if (description === undefined) return []
    return parameter(name, 'header', { schema, required: true, description }, HEADER_EXAMPLES[name])
  })

const IDEMPOTENCY: Described[string] = {
  schema: { type: 'string', minLength: 1, maxLength: LONGEST.idempotencyKey },
  required: false,
  description: 'Makes a second request of the same key the first one again',
}

function objectOf(fields: Described): JsonSchema {
  const properties = Object.entries(fields).map(([name, { schema, description }]) => [
    name,
    { ...schema, description: `${description}.` },
  ])
  const required = Object.keys(fields).filter((name) => fields[name]!.required)
  return { type: 'object', properties: Object.fromEntries(properties), ...(required.length > 0 && { required }) }
}

/** What a request sends where a field of it chooses among operations. */
const withChoice = (fields: Described, field: string, value: string): Described =>
  value === ''
    ? fields
    : {
        [field]: { schema: { type: 'string', const: value }, required: true, description: `Chooses the operation` },
        ...fields,
      }

function requestBody(vendor: Vendor, endpoint: Endpoint): object | undefined {
  if (endpoint.method === 'GET') return undefined
  const { target } = endpoint
  const bodies = isChoice(target)
    ? Array.from(target.operations, ([value, operation]) => withChoice(bodyOf(operation), target.field, value))
    : [fieldsAt(endpoint, bodyOf(target))]
  const schemas = bodies.map(objectOf)
  if (schemas.every(({ properties }) => Object.keys(properties as object).length === 0)) return undefined
  const [value, operation] = isChoice(target) ? [...target.operations][0]! : ['', target]
  const chosen = isChoice(target) && value !== '' ? { [target.field]: value } : {}
  const example = { ...chosen, ...bodyExample(vendor, operation, endpoint.path) }
  // Some importers look for the example in the schema alone, and there in the first of several.
  const [first, ...others] = schemas.with(0, { ...schemas[0], example })
  const schema = others.length === 0 ? first : { oneOf: [first, ...others] }
  const types = vendor.name === 'juicyway' ? ['application/json'] : [FORM, 'application/json']
  return {
    required: schemas.every(({ required }) => required !== undefined),
    content: Object.fromEntries(types.map((type) => [type, { schema }])),
  }
}

const FORM = 'application/x-www-form-urlencoded'

/** What a GET has in its query, a POST of the same operation has in its body. */
const bodyOf = ({ body, query = [] }: Operation): Described => byName(body ?? query)

/** A field that names what the path can name: required where the path does not, else left out. */
function fieldsAt({ path }: Endpoint, fields: Described): Described {
  const { order_id: named, ...others } = fields
  if (named === undefined || !named.description.endsWith(NOT_IN_PATH)) return fields
  return path.includes(':order') ? others : { order_id: { ...named, required: true }, ...others }
}

const NOT_IN_PATH = 'where the path does not name it'

const PAGE_MERCHANT: Described[string] = {
  schema: { type: 'string' },
  required: false,
  description: 'The merchant, as the address of the page names it',
}

function queryParameters(vendor: Vendor, endpoint: Endpoint) {
  const { method, path, target } = endpoint
  const operations = isChoice(target) ? [...target.operations.values()] : [target]
  const fields: Record<string, Described[string]> = {}
  if (isChoice(target) && method === 'GET') {
    const values = [...target.operations.keys()].filter((value) => value !== '')
    fields[target.field] = {
      schema: { type: 'string', enum: values },
      required: false,
      description: 'Chooses another operation',
    }
  }
  if (method === 'GET') for (const { query = [] } of operations) Object.assign(fields, byName(query))
  if (operations.some(({ belongsTo }) => belongsTo) && !path.includes(':merchant')) fields.merchant = PAGE_MERCHANT
  return Object.entries(fieldsAt(endpoint, fields)).map(([name, field]) =>
    parameter(name, 'query', field, exampleOf(vendor, { name, schema: field.schema })),
  )
}

interface Response {
  readonly schemas: Set<object>
  readonly examples: Record<string, object>
  readonly evidence: Record<string, Evidence>
  readonly titles: string[]
  isPage: boolean
}

/** What each status can be: a success, or one of the errors. */
function responses(vendor: Vendor, operations: readonly Operation[], refusals: Refusals) {
  const byStatus = new Map<number, Response>()
  const at = (status: number): Response => {
    const known = byStatus.get(status)
    if (known) return known
    const made: Response = { schemas: new Set(), examples: {}, evidence: {}, titles: [], isPage: false }
    byStatus.set(status, made)
    return made
  }
  for (const operation of operations) {
    const { statuses, body } = answerOf(operation)
    // A client that follows a redirect gets a page.
    for (const status of body ? statuses : new Set([...statuses, 200])) {
      const success = at(status)
      success.evidence[operation.id] = operation.evidence
      success.titles.push('success')
      if (body) success.schemas.add(ref(operation.id))
      else success.isPage = true
    }
    for (const { error, status: refused, body: example } of refusals.get(operation.id)!) {
      const response = at(refused)
      const name = operation === operations[0] ? error : `${operation.id}.${error}`
      response.evidence[name] = evidenceOf(vendor, operation, error)
      response.examples[name] = { value: example }
      if (!response.titles.includes(error)) response.titles.push(error)
      response.schemas.add(ERROR_SCHEMAS[vendor.name])
    }
  }
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, { schemas, examples, evidence, titles, isPage }]) => {
        const all = uniqueSchemas(schemas)
        const schema = all.length === 1 ? all[0]! : { anyOf: all }
        const json = all.length > 0 && {
          'application/json': { schema, ...(Object.keys(examples).length > 0 && { examples }) },
        }
        const content = { ...(isPage && { 'text/html': { schema: { type: 'string' } } }), ...json }
        return [
          String(status),
          {
            description: `${[...new Set(titles)].join(', ')}.`,
            ...HEADERS_OF_ANSWERS,
            content,
            'x-evidence': evidence,
          },
        ]
      }),
  )
}

const uniqueSchemas = (schemas: Iterable<object>) => [
  ...new Map(Array.from(schemas, (one) => [JSON.stringify(one), one])).values(),
]

const HEADERS_OF_ANSWERS = {
  headers: {
    'x-sandbox-fidelity': { $ref: '#/components/headers/Fidelity' },
    'x-sandbox-reason': { $ref: '#/components/headers/Reason' },
  },
}

/** Most operations refuse in the same words: each form of a response is in the document once. */
class SharedResponses {
  readonly components: Record<string, object> = {}
  readonly #prefix: string
  readonly #names = new Map<string, string>()

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  named(responses: Readonly<Record<string, object>>): Record<string, object> {
    return Object.fromEntries(
      Object.entries(responses).map(([status, response]) => [
        status,
        { $ref: `#/components/responses/${this.#nameOf(status, response)}` },
      ]),
    )
  }

  #nameOf(status: string, response: object): string {
    const key = JSON.stringify([status, response])
    const known = this.#names.get(key)
    if (known) return known
    const name = uniqueId(`${this.#prefix}.${status}`, this.components)
    this.components[name] = response
    this.#names.set(key, name)
    return name
  }
}

interface Names {
  readonly taken: Record<string, unknown>
  readonly shared: SharedResponses
}

/** An endpoint as an operation of the document. */
function endpointPart(vendor: Vendor, endpoint: Endpoint, refusals: Refusals, { taken, shared }: Names) {
  const { method, path, target } = endpoint
  const operations = isChoice(target) ? [...new Set(target.operations.values())] : [target]
  const lead = (isChoice(target) && target.operations.get('')) || operations[0]!
  const names = operations.map(({ summary }) => summary)
  const isOpen = operations.every(({ belongsTo }) => belongsTo !== undefined)
  const body = requestBody(vendor, endpoint)
  const parameters = [
    ...pathParameters(vendor, path),
    ...queryParameters(vendor, endpoint),
    ...headerParameters(lead),
    // A key is for one request: another that had the same would be refused.
    ...(vendor.name === 'juicyway' && method === 'POST'
      ? [parameter('Idempotency-Key', 'header', IDEMPOTENCY, `${lead.id}-1`)]
      : []),
  ]
  return {
    operationId: uniqueId(
      operations.length > 1 && method !== 'GET' ? `${vendor.name}.${method.toLowerCase()}Wallet` : lead.id,
      taken,
    ),
    tags: [vendor.name],
    summary:
      operations.length === 1 || method === 'GET'
        ? names[0]!.replace(/\.$/, '')
        : 'Refreshes, links, delinks or changes a wallet, as its command says',
    description: [...names, `Rests on ${describe(lead.evidence)}.`].join('\n\n'),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: shared.named(responses(vendor, operations, refusals)),
    security: isOpen ? [] : [{ [`${vendor.name}Key`]: [] }],
    'x-operations': operations.map(({ id }) => id),
    'x-evidence': lead.evidence,
    ...(lead.latency && { 'x-latency': lead.latency }),
  }
}

function uniqueId(id: string, taken: Record<string, unknown>): string {
  let unique = id
  for (let n = 2; Object.hasOwn(taken, unique); n++) unique = `${id}.${n}`
  taken[unique] = true
  return unique
}

/** Paths and schemas of a vendor. @param base in front of each path */
export function vendorPart(vendor: Vendor, base: string, refusals: Refusals) {
  const taken: Record<string, unknown> = {}
  const paths: Record<string, Record<string, object>> = {}
  const shared = new SharedResponses(vendor.name)
  for (const endpoint of vendor.endpoints) {
    const place = base + shownPath(endpoint.path)
    paths[place] = {
      ...paths[place],
      [endpoint.method.toLowerCase()]: endpointPart(vendor, endpoint, refusals, { taken, shared }),
    }
  }
  const bodies = vendor.operations.flatMap((operation) => {
    const { body } = answerOf(operation)
    return body ? [[operation.id, body] as const] : []
  })
  return {
    paths,
    responses: shared.components,
    schemas: { ...Object.fromEntries(bodies), [`${vendor.name}.error`]: ERRORS[vendor.name] },
  }
}
