import { z } from 'zod'
import type { JsonSchema } from '../../src/api/json-schema.js'
import { capsuleSchema } from '../../src/capsule/schema.js'
import { CONTROL_STATUS } from '../../src/control/errors.js'
import { CONTROL_SCHEMAS } from '../../src/control/schemas.js'
import { fixtureFileSchema } from '../../src/fixture-files/schema.js'
import { scenarioSchema } from '../../src/scenarios/schema.js'
import { RULE_NAMES } from '../../src/verdict/levels.js'
import { constant, either, flag, integer, list, map, nullable, number, object, ref, text } from './json-schema.js'

/** The control API's part of the document. What it is given is the zod schemas'; what it answers stands here. */

const jsonSchema = (schema: z.ZodType): JsonSchema => {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest as JsonSchema
}

const time = (description: string) => text(`${description}: ISO 8601, UTC`, { format: 'date-time' })
const delays = (description: string) =>
  nullable(map(number('Milliseconds'), `${description}: milliseconds by percentage`))

const LATENCY_MODE: JsonSchema = {
  description: 'What becomes of a drawn delay; a number is a factor',
  anyOf: [{ enum: ['real', 'off', 'virtual', 'clock'] }, { type: 'number', minimum: 0 }],
}

const scenario = jsonSchema(scenarioSchema)
const { extends: _, ...wholeScenario } = scenario.properties as Record<string, JsonSchema>
const rule = ((scenario.properties as Record<string, JsonSchema>).rules!.items ?? {}) as JsonSchema

const SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Fixtures: jsonSchema(fixtureFileSchema),
  Scenario: scenario,
  Capsule: jsonSchema(capsuleSchema),
  ScenarioReport: {
    ...scenario,
    properties: {
      ...wholeScenario,
      rules: list({
        ...rule,
        properties: {
          ...(rule.properties as object),
          matched: integer('How many requests it matched'),
          fired: integer('On how many it fired'),
          next: nullable(
            object({ call: integer('The number of the match'), resource: text('Of which customer or wallet') }),
          ),
        },
        required: [...(rule.required as string[]), 'matched', 'fired', 'next'],
      }),
    },
    required: ['name', 'rules'],
  },
  Clock: object(
    {
      now: time('The time'),
      mode: text('Whether it runs', { enum: ['real', 'frozen'] }),
      waiting: integer('How many calls wait for it to be advanced; with the latency mode clock alone'),
    },
    ['waiting'],
  ),
  HeldCall: object({
    hold: text('The name of the hold'),
    call: integer('The id of its entry in the journal'),
    merchant: text('Whose call it is'),
    operation: text('Such as juspay.debitWallet'),
    request: text('Method and path'),
    since: time('When it was held'),
  }),
  Merchant: object(
    {
      id: text('Its id'),
      seed: integer('What its random choices follow from'),
      clock: ref('Clock'),
      scenario: text('The name of its scenario'),
      keys: map(list(text('An API key')), 'API keys by vendor'),
      responseKey: text('Signs what a browser brings back to the shop'),
      recording: object({
        version: text('Of the sandbox that made the capsule'),
        made: nullable(time('When the capsule was made')),
        beginning: time('Where the recording begins'),
        skipped: integer('How many requests and control actions came before'),
        keys: map(text('A key that is accepted'), 'By vendor'),
        notes: list(text('What a reader should know')),
        difference: nullable(list(text('A line of where the replay differs from the recording'))),
        failed: nullable(integer('The number of the first call that failed')),
      }),
    },
    ['recording'],
  ),
  JournalEntry: object({
    id: integer("Counts the merchant's calls from 1"),
    at: time("Arrival on the merchant's clock"),
    merchant: nullable(text("Null where the key is not a merchant's")),
    vendor: nullable(text('Null for a request that is not well-formed')),
    operation: nullable(text('Such as juspay.getWallet')),
    customer: nullable(text('Whom the call is about')),
    wallet: nullable(text('What the call is about')),
    request: object({
      method: text('The HTTP method'),
      path: text('As it came'),
      query: text('Without the question mark'),
      headers: map(text('The value'), 'By name in lower case; Authorization is redacted'),
      body: text('As it came'),
    }),
    response: nullable(
      object({
        status: nullable(integer('Null where a fault left no answer')),
        headers: map(text('The value'), 'By name in lower case'),
        body: text('As it was sent'),
      }),
    ),
    reason: nullable(text('Why the call was refused')),
    grade: nullable(
      text('What the answer rests on, or when it was seen at the vendor', {
        pattern: '^(published|inferred|observed(, d{4}-dd-dd)?)$',
      }),
    ),
    rule: nullable(text('The rule of the scenario that fired')),
    source: nullable(text("The vendor's page, or what else the answer rests on")),
    rules: list(
      object({ name: text('A rule'), fired: flag('Whether it fired'), why: text('Why it fired or did not') }),
      'The rules that were asked, up to the one that fired',
    ),
    fault: nullable(text('The fault that was injected')),
    intendedMs: nullable(number('The delay as drawn, in ms')),
    measuredMs: nullable(number('From arrival to answer, in ms')),
    changes: list(
      object({
        of: text('Such as wallet wlt_q23xzki3pazgtezo'),
        field: text('Such as status'),
        before: { description: 'Money in major units; null for nothing' },
        after: { description: 'The same' },
      }),
      'What the call changed',
    ),
    warnings: list(text('One sentence'), 'What a client should do otherwise'),
  }),
  Count: object(
    {
      count: integer('How many match'),
      nearest: list(
        object({
          id: integer('Of the entry'),
          at: time('Arrival'),
          merchant: nullable(text('Its merchant')),
          operation: nullable(text('Its operation')),
          request: text('Method, path and query'),
          status: nullable(integer('The status')),
          differences: list(
            object({
              field: text('Such as header.x-routing-id'),
              expected: text('What was asked for'),
              actual: nullable(text('What there is')),
            }),
          ),
        }),
        'Where none matches: the requests that come nearest',
      ),
    },
    ['nearest'],
  ),
  Finding: object({
    rule: text('The rule that is broken', { enum: RULE_NAMES }),
    level: text('What that comes to', { enum: ['warn', 'fail'] }),
    message: text('One sentence on what was done'),
    requests: list(integer('The id of an entry'), 'Entries of the journal that show it, at most 20'),
    merchant: nullable(text("Null for requests whose key is not a merchant's")),
    grade: text('What the rule rests on', { enum: ['published', 'observed', 'inferred'] }),
    source: text('The sentence that is broken with its page, or what the rule was inferred from'),
  }),
  Verdict: object({
    verdict: text('The gravest level of the findings', { enum: ['ok', 'warn', 'fail'] }),
    findings: list(ref('Finding')),
  }),
  OrderTimeline: object({
    order: text('The reference that was asked for'),
    steps: list(
      either(
        object({
          kind: constant('call'),
          call: ref('JournalEntry'),
          lost: flag('Whether the client was left without an answer that it can read'),
          findings: list(ref('Finding'), 'What the verdict has against it'),
        }),
        object({ kind: constant('delivery'), merchant: text('Its merchant'), delivery: ref('Delivery') }),
      ),
      'In the order in which they happened',
    ),
  }),
  Delivery: object({
    event: text('The id of the event'),
    name: text('Such as ORDER_SUCCEEDED'),
    order: text('Whose event it is'),
    url: nullable(text('Where it was sent')),
    attempt: integer('From 1; 0 for an event without a receiver'),
    at: time("When, on the merchant's clock"),
    status: nullable(integer("The receiver's answer")),
    reason: nullable(text('Why there is no status')),
    next: nullable(time('When it is sent again')),
    rule: nullable(text('The rule of the scenario that meddled with it')),
    body: { type: 'object', description: 'The envelope as it is sent' },
  }),
  Latency: object({
    mode: LATENCY_MODE,
    operations: map(
      object({
        calls: integer('How many there were'),
        published: delays("The vendor's table"),
        publishedSource: nullable(text('Its page, and how a doubtful figure of it is read')),
        configured: nullable(
          object({
            source: text('Where it comes from'),
            percentiles: map(number('Milliseconds'), 'Milliseconds by percentage'),
          }),
        ),
        intended: delays('As drawn'),
        measured: delays('From arrival to answer'),
        recommendedTimeoutMs: nullable(number('The timeout that the vendor recommends, in ms')),
        aboveTimeout: integer('How many calls took longer than that'),
      }),
      'By operation',
    ),
  }),
  WalletView: {
    type: 'object',
    description: 'A wallet in the form of a fixture, with its merchant, its customer and its live token',
    properties: {
      merchant: text('Its merchant'),
      customer: text('Its customer'),
      id: text('Its id'),
      token: nullable(
        object({
          value: text('The token'),
          expiresAt: nullable(time('When it ends')),
          used: flag('Whether it was spent'),
          live: flag('Whether it can be spent now'),
        }),
      ),
    },
    required: ['merchant', 'customer', 'id'],
  },
  ControlError: object({
    error: object({
      code: text('The kind of error', { enum: [...Object.keys(CONTROL_STATUS), 'internal_error'] }),
      message: text('One sentence'),
      details: list(text('One sentence'), 'A sentence for each fault'),
    }),
  }),
}

interface Resource {
  readonly library: string
  readonly summary: string
  /** The name of the zod schema of its body, or the schema. */
  readonly body?: keyof typeof CONTROL_SCHEMAS | JsonSchema
  /** The name of the zod schema of its query. */
  readonly query?: keyof typeof CONTROL_SCHEMAS
  readonly answer: JsonSchema
  readonly status?: number
  readonly type?: string
}

const requests = object({
  requests: list(ref('JournalEntry')),
  total: integer('How many the filter lets through'),
  cursor: text('Reads on from here, as after'),
})

/** What the server has alone. */
const OF_SERVER: Readonly<Record<string, Resource>> = {
  'GET /health': {
    library: 'health()',
    summary: 'Tells that the server answers.',
    answer: object({
      status: text('Always ok', { const: 'ok' }),
      version: text("The sandbox's version"),
      merchants: integer('How many there are'),
    }),
  },
  'GET /metrics': {
    library: 'metrics()',
    summary: 'Counts since the start, for Prometheus.',
    answer: { type: 'string' },
    type: 'text/plain',
  },
  'GET /openapi.json': {
    library: 'openapi()',
    summary: 'This document.',
    answer: { type: 'object', description: 'An OpenAPI document' },
  },
  'GET /scenarios': {
    library: 'scenarios()',
    summary: 'Lists the scenarios that ship.',
    answer: object({ scenarios: list(object({ name: text('Its name'), description: text('What it does') })) }),
  },
  'GET /merchants': {
    library: 'merchants.list()',
    summary: 'Lists the merchants.',
    answer: object({ merchants: list(ref('Merchant')) }),
  },
  'POST /merchants': {
    library: 'merchants.create(…)',
    summary: 'Makes a merchant, and answers with its keys.',
    body: 'merchant',
    answer: ref('Merchant'),
    status: 201,
  },
  'GET /merchants/{merchant}': { library: 'merchants.get(id)', summary: 'Shows a merchant.', answer: ref('Merchant') },
  'DELETE /merchants/{merchant}': {
    library: 'merchants.drop(id)',
    summary: 'Drops a merchant.',
    answer: object({ id: text('Its id') }),
  },
  'GET /merchants/{merchant}/capsule': {
    library: 'capsule()',
    summary: 'A session of the merchant, to be replayed.',
    answer: ref('Capsule'),
  },
}

/** What there is of all merchants, and of each. */
const OF_MERCHANTS: Readonly<Record<string, Resource>> = {
  'POST /reset': {
    library: 'reset(…)',
    summary: 'Goes back to the beginning, or some parts do.',
    body: 'reset',
    answer: object({ reset: list(text('A part')) }),
  },
  'GET /state': { library: 'state.get()', summary: 'The whole state as a fixture file.', answer: ref('Fixtures') },
  'PUT /state': {
    library: 'state.put(…)',
    summary: 'Replaces the state.',
    body: ref('Fixtures'),
    answer: object(
      {
        merchants: list(text('An id')),
        warnings: list(text('A secret of a webhook that is shown nowhere, and was not there')),
      },
      ['warnings'],
    ),
  },
  'GET /scenario': { library: 'scenario.get()', summary: 'The scenario, with counts.', answer: ref('ScenarioReport') },
  'PUT /scenario': {
    library: 'scenario.put(…)',
    summary: 'Sets a scenario: a whole one, or a shipped one by its name.',
    body: ref('Scenario'),
    answer: ref('ScenarioReport'),
  },
  'DELETE /scenario': {
    library: 'scenario.delete()',
    summary: 'Removes the scenario: no delay, no rule.',
    answer: ref('ScenarioReport'),
  },
  'GET /clock': { library: 'clock.get()', summary: 'Reads the clock.', answer: ref('Clock') },
  'PUT /clock': {
    library: 'clock.put(…)',
    summary: 'Freezes the clock, or lets it run.',
    body: 'clock',
    answer: ref('Clock'),
  },
  'POST /clock/advance': {
    library: 'clock.advance(…)',
    summary: 'Advances the clock.',
    body: 'advance',
    answer: ref('Clock'),
  },
  'GET /orders/{order}/timeline': {
    library: 'timeline(order)',
    summary: 'What happened to an order: calls, what each changed, deliveries and findings.',
    answer: ref('OrderTimeline'),
  },
  'GET /requests': {
    library: 'requests.get(…)',
    summary: 'The journal, newest last.',
    query: 'filter',
    answer: requests,
  },
  'DELETE /requests': {
    library: 'requests.delete()',
    summary: 'Empties the journal.',
    answer: object({ total: integer('Always 0') }),
  },
  'POST /requests/count': {
    library: 'requests.count(…)',
    summary: 'Counts matching requests.',
    body: object({ match: jsonSchema(CONTROL_SCHEMAS.match) }),
    answer: ref('Count'),
  },
  'GET /holds': {
    library: 'holds.get()',
    summary: 'The calls that are held, in the order in which they came.',
    answer: object({ holds: list(ref('HeldCall')) }),
  },
  'POST /holds/{hold}/release': {
    library: 'holds.release(…)',
    summary: 'Lets held calls go on.',
    body: 'release',
    answer: object({ released: integer('How many') }),
  },
  'PUT /webhook': {
    library: 'webhooks.put(…)',
    summary: 'Sets where events are sent.',
    body: 'webhook',
    answer: object({ url: nullable(text('Where, if anywhere')) }),
  },
  'GET /webhooks': {
    library: 'webhooks.get()',
    summary: 'Every attempt to deliver an event, the oldest first.',
    answer: object({ deliveries: list(ref('Delivery')) }),
  },
  'POST /webhooks/{event}/redeliver': {
    library: 'webhooks.redeliver(event)',
    summary: 'Sends an event again, now.',
    answer: object({ event: text('Its id') }),
  },
  'GET /requests/stream': {
    library: 'requests.stream(…)',
    summary: 'Server-Sent Events, one for each call that is finished.',
    query: 'stream',
    answer: { type: 'string' },
    type: 'text/event-stream',
  },
  'GET /events': {
    library: 'events()',
    summary: 'Server-Sent Events of scenarios, clocks, held calls and deliveries.',
    answer: { type: 'string' },
    type: 'text/event-stream',
  },
  'GET /wallets': {
    library: 'wallets(…)',
    summary: "Lists customers' wallets.",
    query: 'wallets',
    answer: object({ wallets: list(ref('WalletView')), total: integer('How many there are in all') }),
  },
  'POST /wallets/{wallet}/expire-token': {
    library: 'expireToken(id)',
    summary: "Ends the life of a wallet's token.",
    answer: ref('WalletView'),
  },
  'POST /wallets/{wallet}/delink': {
    library: 'delink(id)',
    summary: 'Cuts a wallet off from its provider.',
    answer: ref('WalletView'),
  },
  'GET /wallets/{wallet}': {
    library: 'wallet(id)',
    summary: 'The wallet as the sandbox knows it.',
    answer: ref('WalletView'),
  },
  'PUT /wallets/{wallet}/provider': {
    library: 'provider(id, …)',
    summary: 'Changes what the provider holds.',
    body: 'provider',
    answer: ref('WalletView'),
  },
  'GET /verdict': {
    library: 'verdict(…)',
    summary: 'Says what the client did wrong, as far as the journal shows it.',
    query: 'verdict',
    answer: ref('Verdict'),
  },
  'GET /latency': {
    library: 'latency()',
    summary: 'Compares published, drawn and measured latency.',
    answer: ref('Latency'),
  },
  'PUT /latency': {
    library: 'latency(…)',
    summary: 'Sets what becomes of drawn delays.',
    body: object({ mode: LATENCY_MODE }),
    answer: ref('Latency'),
  },
}

const PARAMETERS: Readonly<Record<string, string>> = {
  merchant: 'The id of the merchant',
  wallet: 'The id of the wallet',
  event: 'The id of the event',
  order: "The merchant's reference of the order",
}

const parametersOf = (place: string) =>
  Array.from(place.matchAll(/\{(\w+)\}/g), ([, name]) => ({
    name,
    in: 'path',
    required: true,
    description: `${PARAMETERS[name!]}.`,
    example: place === 'DELETE /merchants/{merchant}' ? 'shop' : EXAMPLES[name!],
    schema: { type: 'string' },
  }))

/** Of parameters by name, and of bodies by place. */
const EXAMPLES: Readonly<Record<string, unknown>> = {
  merchant: 'acme',
  wallet: 'wlt_q23xzki3pazgtezo',
  customer: 'cst_om2l6ctlptxwxuzj',
  order: 'tea-1',
  hold: 'debit',
  event: 'evt_example',
  operation: 'juspay.*',
  status: 200,
  text: 'wallets',
  limit: 100,
  levels: 'default',
  'POST /merchants': { id: 'shop' },
  'POST /reset': { only: ['state'] },
  'PUT /state': {
    merchants: [
      {
        id: 'acme',
        juspayApiKeys: [{ key: 'acme_test_key' }],
        customers: [{ id: 'cst_om2l6ctlptxwxuzj', wallets: [{ id: 'wlt_q23xzki3pazgtezo', wallet: 'MOBIKWIK' }] }],
      },
    ],
  },
  'PUT /scenario': { name: 'expired-key' },
  'PUT /clock': { now: '2023-09-11T08:30:00Z' },
  'POST /clock/advance': { by: '16m' },
  'POST /requests/count': { match: { operation: 'juspay.refreshAllWallets' } },
  'POST /holds/{hold}/release': { lose: true },
  'PUT /webhook': { url: 'http://127.0.0.1:3000/webhooks' },
  'PUT /wallets/{wallet}/provider': { balance: 95.5 },
  'PUT /latency': { mode: 'off' },
}

function operation(place: string, resource: Resource): [path: string, method: string, operation: object] {
  const [method, path] = place.split(' ') as [string, string]
  const { library, summary, body, query, answer, status = 200, type = 'application/json' } = resource
  const filter = query && (jsonSchema(CONTROL_SCHEMAS[query]).properties as Record<string, JsonSchema>)
  const schema = typeof body === 'string' ? jsonSchema(CONTROL_SCHEMAS[body]) : body
  const example = EXAMPLES[place.replace('/merchants/{merchant}/', '/')]
  const isOptional = place.endsWith(' /reset') || place.endsWith('}/reset')
  return [
    path,
    method.toLowerCase(),
    {
      operationId: `control.${method.toLowerCase()}${path.replaceAll(/[{}]/g, '').replaceAll('/', '.')}`,
      tags: ['control'],
      summary: summary.replace(/\.$/, ''),
      description: `In the library: \`sandbox.control.${path.startsWith('/merchants/{merchant}/') ? 'merchant(id).' : ''}${library}\`.`,
      parameters: [
        ...parametersOf(place),
        ...Object.entries(filter ?? {}).map(([name, one]) => ({
          name,
          in: 'query',
          ...(EXAMPLES[name] !== undefined && { example: EXAMPLES[name] }),
          schema: one,
        })),
      ],
      ...(schema && { requestBody: { required: !isOptional, content: { 'application/json': { schema, example } } } }),
      responses: {
        [status]: { description: 'Done.', content: { [type]: { schema: answer } } },
        default: REFUSED,
      },
      security: path === '/health' ? [] : [{ controlToken: [] }, {}],
    },
  ]
}

const REFUSED = {
  description: 'Refused, with a sentence for each fault.',
  content: { 'application/json': { schema: ref('ControlError') } },
}

/** Paths and schemas of the control API. @param base where it is mounted */
export function controlPart(base: string) {
  const places = [
    ...Object.entries(OF_SERVER),
    ...Object.entries(OF_MERCHANTS),
    ...Object.entries(OF_MERCHANTS).map(
      ([place, resource]) => [place.replace(' /', ' /merchants/{merchant}/'), resource] as const,
    ),
  ]
  const paths: Record<string, Record<string, object>> = {}
  for (const [place, resource] of places) {
    const [path, method, described] = operation(place, resource)
    paths[base + path] = { ...paths[base + path], [method]: described }
  }
  return { paths, schemas: SCHEMAS }
}
