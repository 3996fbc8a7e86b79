import type { Context } from 'hono'
import { type Body, decodeBody, NO_BODY, TOO_LARGE, UNREADABLE } from '../api/body.js'
import { type ApiRequest, Call, type ServingOptions } from '../api/call.js'
import { NO_ANSWER, refusalOf } from '../api/intervene.js'
import { Outcome } from '../api/outcome.js'
import { type Choice, choose, isChoice, type Operation, type Serve, type Vendor } from '../api/vendor.js'
import { type About, type Ended, type Entry, type Facts, NO_FACTS, type Turn } from '../journal/entry.js'
import type { Delays } from '../lib/delays.js'
import { NONE } from '../lib/none.js'
import { performance } from '../lib/timers.js'
import type { MerchantRegistry } from '../merchants/registry.js'
import type { Program } from '../scenarios/program.js'
import { changesOf } from '../wallets/changes.js'
import { type Bindings, CallRequest, Connections } from './call-request.js'
import { headersForPage, preflight } from './cors.js'
import { applyBodyFault } from './faults.js'
import { type Asked, refuse, respond } from './handle.js'
import { park, parkArriving } from './hold.js'
import { createIdentifier, type VendorPaths } from './identify.js'
import { noChoice, noRoute } from './no-route.js'
import { sendToSocket, toFetchResponse } from './send.js'
import { toWireAnswer, type WireAnswer } from './wire-answer.js'

export interface Serving {
  readonly options: ServingOptions
  readonly registry: MerchantRegistry
  /** Whether hints name keys that work. */
  readonly namesKeys: boolean
  readonly paths: VendorPaths
  readonly delays: Delays
  log(entry: Entry): void
}

/** Makes the handlers of every vendor's routes, and the one for what no route matches. */
export function createServe({ options, registry, namesKeys, paths, delays, log }: Serving) {
  const identifier = createIdentifier(registry, namesKeys)
  const connections = new Connections()

  async function serve(c: Context, asked: Asked): Promise<Response> {
    const { vendor, params, target } = asked
    const bindings = c.env as Bindings
    const request = new CallRequest(c.req.raw, bindings, vendor.alias)

    // 1. A browser's question before its call is not a call.
    const permission = preflight(options.cors, request)
    if (permission) return permission

    // 2. Which operation, as far as the route says. Some clients send the command in the body of a GET.
    let operation = target && !isChoice(target) ? target : undefined
    const hasStrayBody = !mayHaveBody(request.method) && bringsBody(request)
    const isChosenByBody = hasStrayBody && target && isChoice(target) && (await chooseByBody(target, request))

    // 3. Whose request. Without a key, the body may say. A short one comes with its head, so Node has it in a moment.
    if (mayHaveBody(request.method)) await undefined
    const authorization = request.header('authorization')
    const credential = identifier.credential(vendor, authorization)
    const early = target && credential.isAbsent ? await bodyOf(request) : undefined
    if (early) operation ??= choose(target, request.search, early.fields)
    const identity = identifier.identify(vendor, { operation, params, request, body: early, credential })
    const { merchant } = identity
    merchant.active++

    // 4. From here it is in the journal.
    const { method, path, search, arrivedAt } = request
    const entry = merchant.journal.begin({
      at: merchant.clock.now(),
      merchant: merchant.id,
      arrivedAt,
      authorization,
      key: credential.key,
      connection: connections.numberOf(bindings),
      vendor: vendor.name,
      knownKeys: registry.knownKeys,
      about: { operation: operation?.id ?? null, customer: params.customer ?? null, wallet: params.wallet ?? null },
      request: { method, path, query: search.slice(1), headers: request.rawHeaders().join('\n') },
    })
    try {
      // 5. The body. Here and below: what is there is not waited for, which takes a List 1 µs.
      const read = early ?? (target || merchant.scenario.program.answersPaths ? bodyOf(request) : NO_BODY)
      const body = read instanceof Promise ? await read : read
      operation ??= choose(target, request.search, body.fields)
      const outcome = new Outcome()
      const { program } = merchant.scenario
      if (program.holds || merchant.holds.replayed)
        await parkArriving(new Call(request, identity, operation, body, options, 0), entry, outcome)

      // 6. Its turn: nothing is awaited until the operation has run, so that the turns are in the order of the changes.
      const { clock } = merchant
      const at = clock.now()
      entry.turn = { sequence: merchant.steps.nextCall(), at, hostUrl: request.hostUrl, unread: unreadOf(body) }
      const call = new Call(request, identity, operation, body, options)
      if (identity.note !== undefined) outcome.warnings.push(identity.note)
      if (body.warnings) outcome.warnings.push(...body.warnings)
      if (hasStrayBody) outcome.warnings.push(isChosenByBody ? MOVED_BODY : IGNORED_BODY)
      if (merchant.latency.drawn) outcome.delay = merchant.scenario.latency(call, call.occurrence)
      entry.about = aboutOf(call, operation)
      const act = () => respond(call, outcome, operation, asked)
      const puts = operation?.changes || program.rules.length > 0 ? [] : undefined
      outcome.puts = puts
      const answered = clock.during(at, puts ? () => merchant.state.noting(puts, act) : act)
      let answer = answered instanceof Promise ? await answered : answered
      // A reset ended its hold and took its entry: a capsule begins behind it.
      if (outcome.held && !merchant.journal.has(entry)) merchant.steps.begin()
      if (outcome.heldBy) {
        await park(outcome.heldBy, call, entry, outcome)
        const release = outcome.held?.release
        if (typeof release === 'object') answer = refuse(call, outcome, vendor, operation, refusalOf(release.error))
      }
      if (outcome.held?.release === 'lose') answer = NO_ANSWER
      if (outcome.beforeAnswer) await outcome.beforeAnswer()

      // 7. The answer as it goes out.
      const wireAnswer = applyBodyFault(clock.during(at, () => toWireAnswer(call, outcome, vendor, answer)))
      const forPages = headersForPage(options.cors, request)
      if (forPages) Object.assign(wireAnswer.headers, forPages)

      // 8. What is left of the delay that was drawn.
      const wait = (outcome.delay ?? 0) * merchant.latency.factor
      if (wait > 0)
        await (merchant.waitOnClock(wait, request.signal) ??
          delays.until(request.arrivedAt + wait - request.overheadMs, request.signal))

      // 9. The end of it in journal, figures and log, before its client can read it.
      const ended = endedOf(call, outcome, wireAnswer, program)
      noteHangUp(entry, request, ended, wireAnswer)
      merchant.journal.finish(entry, ended)
      if (operation) merchant.latencies.add(operation.id, outcome.delay, ended.measuredMs, operation.latency?.timeoutMs)
      registry.metrics.addCall(call.operationId, ended.response.status, ended.rule, ended.measuredMs)
      log(entry)

      // 10. The platform's fetch rejects when the body it is given fails.
      if (body.error !== undefined && !bindings?.outgoing) throw body.error
      return bindings?.outgoing
        ? await sendToSocket(wireAnswer, request, bindings.outgoing, delays)
        : await toFetchResponse(wireAnswer, request.method, c.req.raw.signal, delays)
    } finally {
      merchant.active--
    }
  }

  return {
    forVendor:
      (vendor: Vendor): Serve =>
      (target) =>
      (c) =>
        serve(c, { vendor, params: c.req.param(), target, unrouted: () => noChoice(target as Choice) }),
    notFound(c: Context) {
      const { vendor, path, methods, params } = paths.at(c.req.path)
      const unrouted = (method: string) => noRoute(vendor, method, path, methods)
      return serve(c, { vendor, params, target: undefined, unrouted })
    },
  }
}

function unreadOf(body: Body): Turn['unread'] {
  if (body.fault === undefined || body.text !== '') return undefined
  if (body === TOO_LARGE) return 'too large'
  return body.error === undefined ? 'undecoded' : 'broken off'
}

const mayHaveBody = (method: string) => method !== 'GET' && method !== 'HEAD'

const bringsBody = (request: CallRequest) =>
  (request.header('content-length') ?? '0') !== '0' || request.header('transfer-encoding') !== null

const MOVED_BODY =
  'The body of a GET was read for its command alone; send it in the query, as proxies drop such bodies.'

/** Moves the field that a choice is made by from the body of a GET into the query, where it is kept. */
async function chooseByBody({ field, operations, inGetBody }: Choice, request: CallRequest): Promise<boolean> {
  const chosen = inGetBody ? (await readBody(request)).fields.get(field) : undefined
  if (chosen === undefined || !operations.has(chosen) || new URLSearchParams(request.search).has(field)) return false
  request.search += `${request.search === '' ? '?' : '&'}${field}=${chosen}`
  return true
}

const IGNORED_BODY = 'The body of a GET is ignored; send its fields in the query.'

const bodyOf = (request: CallRequest): Body | Promise<Body> =>
  mayHaveBody(request.method) ? readBody(request) : NO_BODY

function readBody(request: CallRequest): Body | Promise<Body> {
  const decode = (bytes: Buffer | undefined) =>
    bytes === undefined
      ? TOO_LARGE
      : decodeBody(bytes, request.header('content-type'), request.header('content-encoding'))
  const read = request.bytes()
  return read instanceof Promise ? read.then(decode, (error) => ({ ...UNREADABLE, error })) : decode(read)
}

const aboutOf = (call: Call, operation: Operation | undefined): About => ({
  operation: call.operation?.id ?? null,
  customer: call.customerNames[0] ?? null,
  wallet: call.walletName ?? operation?.walletOf?.(call) ?? null,
})

function endedOf(
  { request, body }: Call,
  outcome: Outcome,
  { status, headers, body: text }: WireAnswer,
  program: Program,
): Ended {
  const measuredMs = performance.now() - request.arrivedAt
  const abandoned = request.signal.aborted
  if (abandoned) outcome.warnings.push(`The client hung up after ${Math.round(measuredMs)} ms, unanswered.`)
  return {
    requestBody: body.text,
    response: status === 0 || abandoned ? { status: null, headers: {}, body: '' } : { status, headers, body: text },
    reason: outcome.reason ?? null,
    grade: outcome.grade ?? null,
    source: outcome.evidence?.source ?? null,
    trace: outcome.trace.length === 0 ? null : { program, trace: outcome.trace },
    rule: outcome.rule ?? null,
    fault: outcome.fault?.kind ?? null,
    intendedMs: outcome.delay ?? null,
    measuredMs,
    warnings: outcome.warnings.length === 0 ? NONE : outcome.warnings,
    facts: factsOf(outcome),
    changes: outcome.puts?.length ? changesOf(outcome.puts) : null,
  }
}

/** Most calls end without any, and an entry is kept for long: they share what says so. */
const factsOf = ({ refusal, outdated, badSignature, held }: Outcome): Facts =>
  refusal === undefined && outdated.length === 0 && !badSignature && held === undefined
    ? NO_FACTS
    : { refusal: refusal ?? null, outdated, tampered: badSignature, held: held ?? null }

/** When the client gave up: before an answer, or during a hang, which is entered as it begins. */
function noteHangUp(entry: Entry, request: ApiRequest, ended: Ended, { fault }: WireAnswer): void {
  if (fault?.kind === 'hang')
    request.signal.addEventListener('abort', () => {
      entry.hungUpMs = performance.now() - request.arrivedAt
    })
  else if (ended.response.status === null && request.signal.aborted) entry.hungUpMs = ended.measuredMs
}
