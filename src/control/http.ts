import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import type { PublicAddress } from '../api/public-url.js'
import { readBytes } from '../api/read-body.js'
import { didYouMean } from '../lib/did-you-mean.js'
import { InputError } from '../lib/errors.js'
import { isLoopback } from '../lib/hosts.js'
import { othersTurn } from '../lib/in-turns.js'
import { decode, isObject, parseJson } from '../lib/json.js'
import { load } from '../lib/load.js'
import { shownPath } from '../lib/path.js'
import { CONTROL_BASE } from './base.js'
import type { Control, MerchantControl } from './control.js'
import { CONTROL_STATUS, type ControlCode, ControlError } from './errors.js'
import { eventStreamResponse, type Streamed } from './event-stream.js'
import { type GuardedRequest, refuseDelivery, refuseWebPages, requireToken } from './guard.js'

/** What a handler is given of a request: the JSON of its body and of its query, and the parts of its path. */
interface RequestInput {
  readonly body: never
  readonly query: Readonly<Record<string, string | number>>
  /** Where the reader of a stream was. */
  readonly lastEventId: string | undefined
  param(name: 'merchant' | 'wallet' | 'event' | 'hold' | 'order'): string
}

type Handler<On> = (control: On, given: RequestInput) => unknown
type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'
type Resource<On> = Partial<Record<Method, Handler<On>>>

/** Resources of every merchant, and below `/merchants/{merchant}` of one. */
const RESOURCES: Readonly<Record<string, Resource<MerchantControl>>> = {
  '/reset': { POST: (control, { body }) => control.reset(body) },
  '/state': { GET: ({ state }) => state.get(), PUT: ({ state }, { body }) => state.put(body) },
  '/scenario': {
    GET: ({ scenario }) => scenario.get(),
    PUT: ({ scenario }, { body }) => scenario.put(body),
    DELETE: ({ scenario }) => scenario.delete(),
  },
  '/clock': { GET: ({ clock }) => clock.get(), PUT: ({ clock }, { body }) => clock.put(body) },
  '/clock/advance': {
    POST: ({ clock }, { body }) => clock.advance(only(body, 'by')),
  },
  '/requests': {
    GET: ({ requests }, { query }) => requests.get(query),
    DELETE: ({ requests }) => requests.delete(),
  },
  '/requests/stream': {
    GET: ({ requests }, { query, lastEventId }) =>
      requests.stream(lastEventId === undefined ? query : { ...query, after: lastEventId }),
  },
  '/requests/count': {
    POST: ({ requests }, { body }) => requests.count(only(body, 'match')),
  },
  '/events': { GET: (control) => control.events() },
  '/webhook': { PUT: ({ webhooks }, { body }) => webhooks.put(body === undefined ? ({} as never) : body) },
  '/webhooks': { GET: ({ webhooks }) => webhooks.get() },
  '/webhooks/:event/redeliver': { POST: ({ webhooks }, { param }) => webhooks.redeliver(param('event')) },
  '/holds': { GET: ({ holds }) => holds.get() },
  '/holds/:hold/release': { POST: ({ holds }, { param, body }) => holds.release(param('hold'), body ?? {}) },
  '/wallets': { GET: (control, { query }) => control.wallets(query) },
  '/wallets/:wallet': { GET: (control, { param }) => control.wallet(param('wallet')) },
  '/wallets/:wallet/provider': { PUT: (control, { param, body }) => control.provider(param('wallet'), body) },
  '/wallets/:wallet/expire-token': { POST: (control, { param }) => control.expireToken(param('wallet')) },
  '/wallets/:wallet/delink': { POST: (control, { param }) => control.delink(param('wallet')) },
  '/orders/:order/timeline': { GET: (control, { param }) => control.timeline(param('order')) },
  '/verdict': { GET: (control, { query }) => control.verdict(query) },
  '/latency': { GET: (control) => control.latency(), PUT: (control, { body }) => control.latency(body ?? {}) },
}

const SERVER_RESOURCES: Readonly<Record<string, Resource<Control>>> = {
  '/health': { GET: (control) => control.health() },
  '/scenarios': { GET: (control) => control.scenarios() },
  '/openapi.json': { GET: (control) => control.openapi() },
  '/metrics': { GET: (control) => control.metrics() },
  '/merchants': {
    GET: ({ merchants }) => merchants.list(),
    POST: ({ merchants }, { body }) => merchants.create(body),
  },
  '/merchants/:merchant': {
    GET: ({ merchants }, { param }) => merchants.get(param('merchant')),
    DELETE: ({ merchants }, { param }) => merchants.drop(param('merchant')),
  },
  '/merchants/:merchant/capsule': { GET: (control, { param }) => control.merchant(param('merchant')).capsule() },
}

/** Every path below the base; a resource of one merchant is below `/merchants/{merchant}` too. */
const CONTROL_PATHS: readonly string[] = [...Object.keys(SERVER_RESOURCES), ...Object.keys(RESOURCES)].map(shownPath)

/** Where the server listens and is reached, its token, and its page. */
export interface ControlAccess extends PublicAddress {
  readonly token: string | undefined
  boundHost(): string | undefined
  /** Loads what answers for the inspector's page. */
  openInspector(): Promise<{ fetch(request: Request): Response | Promise<Response> }>
}

/** The text format of Prometheus. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

type Env = { Bindings: Partial<HttpBindings> }

export function controlApp(control: Control, access: ControlAccess): Hono<Env> {
  const app = new Hono<Env>().basePath(CONTROL_BASE)
  app.onError((error, context) => refusal(context, error))
  // Before everything, unknown paths included. An in-process caller is not a web page, and holds `control` itself.
  app.use('*', async (context, next) => {
    const header = (name: string) => context.req.header(name)
    refuseDelivery(header)
    if (context.env?.incoming) {
      const arrival = { ...access, header, boundHost: access.boundHost() }
      refuseWebPages(arrival)
      // The page holds nothing secret; it has a form for the token.
      if (isOfPage(context.req.path)) requireReach(arrival)
      else if (context.req.path !== `${CONTROL_BASE}/health`) requireToken(arrival)
    }
    if (!isOfPage(context.req.path)) return next()
    return (await access.openInspector()).fetch(context.req.raw)
  })
  const add = <On>(path: string, resource: Resource<On>, on: (context: Context<Env>) => On) => {
    const methods = Object.keys(resource) as Method[]
    for (const method of methods)
      app.on(method, path, async (context) => {
        const answer = await resource[method]!(on(context), await givenOf(context))
        if (isStream(answer)) return eventStreamResponse(answer, () => context.env?.outgoing?.destroy())
        if (typeof answer === 'string') return context.body(answer, 200, { 'content-type': METRICS_TYPE })
        const status = method === 'POST' && path === '/merchants' ? 201 : 200
        return context.body(printed(answer as object), status, { 'content-type': 'application/json' })
      })
    app.all(path, ({ req }) => {
      throw wrongMethod(req.method, methods)
    })
  }
  for (const [path, resource] of Object.entries(SERVER_RESOURCES)) add(path, resource, () => control)
  for (const [path, resource] of Object.entries(RESOURCES)) {
    add(path, resource, () => control)
    add(`/merchants/:merchant${path}`, resource, (context) => control.merchant(context.req.param('merchant')!))
  }
  app.all('*', ({ req }) => {
    throw unknownPath(req.path)
  })
  return app
}

/** What comes as it happens is answered as Server-Sent Events. */
const isStream = (answer: unknown): answer is AsyncIterator<Streamed> => Symbol.asyncIterator in Object(answer)

/** How much of an answer is printed, in characters, before calls have their turn. */
const PIECE = 65_536

/** The JSON of an answer; a long one is printed as it is read, so that calls need not wait for it. */
function printed(answer: object): string | ReadableStream<Uint8Array> {
  const parts = partsOf(answer, 0)
  const piece = () => {
    let text = ''
    while (text.length < PIECE) {
      const { done, value } = parts.next()
      if (done) break
      text += value
    }
    return text
  }
  let next = piece()
  if (next.length < PIECE) return next
  return new ReadableStream({
    async pull(controller) {
      controller.enqueue(Buffer.from(next))
      if (next.length < PIECE) return controller.close()
      await othersTurn()
      next = piece()
    },
  })
}

/** @param long lists with more items than this are in parts, too */
function* partsOf(value: unknown, long = 100): Generator<string> {
  const isLong = (field: unknown) => Array.isArray(field) && field.length > long
  if (!isObject(value) || !Object.values(value).some(isLong)) return yield JSON.stringify(value)
  let before = '{'
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue
    yield `${before}${JSON.stringify(name)}:`
    before = ','
    if (!isLong(field)) {
      yield JSON.stringify(field)
      continue
    }
    for (const [index, item] of (field as unknown[]).entries()) {
      yield index === 0 ? '[' : ','
      yield* partsOf(item)
    }
    yield ']'
  }
  yield '}'
}

const isOfPage = (path: string) => /^\/(assets\/|$)/.test(path.slice(CONTROL_BASE.length) || '/')

/** @throws ControlError where others could open the page, and no token keeps them from what it shows */
function requireReach({ boundHost = '127.0.0.1', token }: GuardedRequest): void {
  if (token !== undefined || isLoopback(boundHost)) return
  throw new ControlError(
    'not_found',
    `The page is served on loopback alone, and the server listens on ${boundHost}; start it with --control-token to have the page here.`,
  )
}

function wrongMethod(method: string, methods: readonly Method[]): ControlError {
  const allow = (methods.includes('GET') ? [...methods, 'HEAD'] : methods).join(', ')
  return new ControlError('method_not_allowed', `${method} is not a method of this path; it has ${allow}.`, { allow })
}

function unknownPath(asked: string): ControlError {
  const path = asked.slice(CONTROL_BASE.length, CONTROL_BASE.length + 80)
  return new ControlError(
    'not_found',
    `The control API has no path ${CONTROL_BASE}${path}.${didYouMean(path, CONTROL_PATHS)} Paths below ${CONTROL_BASE}, and below ${CONTROL_BASE}/merchants/{merchant} for one merchant: ${CONTROL_PATHS.join(', ')}.`,
  )
}

async function givenOf({ req }: Context<Env>): Promise<RequestInput> {
  const query = Object.entries(req.query()).map(
    ([name, value]) => [name, NUMBERS.has(name) && /^\d{1,9}$/.test(value) ? Number(value) : value] as const,
  )
  return {
    body: (await readBody(req.raw)) as never,
    query: Object.fromEntries(query),
    lastEventId: req.header('last-event-id'),
    param: (name) => req.param(name)!,
  }
}

/** The one field of a body. @throws InputError for another one, or for more */
function only(body: unknown, name: string): never {
  if (typeof body === 'object' && body !== null && Object.keys(body).join() === name)
    return (body as Record<string, never>)[name]!
  const shown = JSON.stringify(body)?.slice(0, 60) ?? 'missing'
  throw new InputError(`body: is ${shown}; allowed: an object of "${name}" alone`)
}

/** Parameters of a query that are numbers. */
const NUMBERS: ReadonlySet<string> = new Set(['status', 'limit', 'after'])

/** A state of many thousands of customers fits in. */
const MAX_BODY_BYTES = 64 * 1024 * 1024

/**
 * The JSON or YAML of a body; undefined without one. A web page can send other types of content across sites without asking,
 * so they are not read.
 */
async function readBody(request: Request): Promise<unknown> {
  const bytes = await readBytes(request, MAX_BODY_BYTES)
  if (bytes === undefined)
    throw new ControlError(
      'payload_too_large',
      `The body is larger than ${MAX_BODY_BYTES} bytes, the most that is read.`,
    )
  if (bytes.length === 0) return undefined
  const type = request.headers.get('content-type') ?? 'none'
  if (/^application\/yaml\s*(;|$)/i.test(type)) {
    const { parseYaml } = await load(() => import('../lib/yaml.js'))
    return parseYaml(decode(bytes, 'body'), 'body')
  }
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new ControlError(
      'unsupported_media_type',
      `The Content-Type is ${type.slice(0, 80)}; allowed: application/json, application/yaml.`,
    )
  return parseJson(decode(bytes, 'body'), 'body')
}

function refusal(context: Context, error: unknown): Response {
  const known = error instanceof InputError
  const code: ControlCode | 'internal_error' =
    error instanceof ControlError ? error.code : known ? 'invalid_request' : 'internal_error'
  const lines = known
    ? error.lines
    : [`The sandbox itself failed: ${error instanceof Error ? error.message : String(error)}`]
  const body = { error: { code, message: lines[0], details: lines } }
  const headers = error instanceof ControlError ? error.headers : {}
  return context.json(body, code === 'internal_error' ? 500 : CONTROL_STATUS[code], { ...headers })
}
