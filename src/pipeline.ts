import type { ResolvedOptions } from './config.js'
import { type Delivery, spoiled } from './deliver.js'
import { Refusal } from './errors.js'
import { Exchange } from './exchange.js'
import { evidenceOf } from './fidelity.js'
import { chosen, type Identifier } from './identify.js'
import type { Entry } from './journal.js'
import { clipped, secretsOf, without } from './redact.js'
import type { ApiRequest } from './request.js'
import { intervene } from './scenarios/effects.js'
import type { Answer, Operation } from './vendor.js'
import type { Waits } from './waits.js'

/** The way of every vendor request, from arrival to the answer that is due. */
export function createPipeline(
  options: ResolvedOptions,
  identifier: Identifier,
  waits: Waits,
  log: (entry: Entry) => void,
) {
  return async (request: ApiRequest): Promise<Delivery> => {
    const exchange = new Exchange(request, options)
    exchange.identity = identifier.identify(exchange)
    const { world } = exchange
    world.active++
    const entry = journaled(exchange)
    try {
      const answer = await answerTo(exchange, entry)
      const delivery = spoiled(dressed(exchange, answer))
      const wait = due(exchange, waits)
      if (wait) await wait
      complete(exchange, entry, delivery)
      log(entry)
      return delivery
    } finally {
      world.active--
    }
  }
}

async function answerTo(exchange: Exchange, entry: Entry): Promise<Answer> {
  try {
    if (mayHaveBody(exchange)) await settle(exchange, entry)
    return await proceed(exchange)
  } catch (error) {
    return refused(exchange, error)
  }
}

function proceed(exchange: Exchange): Answer | Promise<Answer> {
  begin(exchange)
  const { vendor, operation, choice, unmade } = exchange.identity
  if (unmade) throw unmade
  if (operation === undefined) {
    throw (choice && vendor.authenticate(exchange)) ?? exchange.bodyFault ?? misdirected(exchange)
  }
  return exchange.world.state.committed(() => decide(exchange, operation))
}

/** Everything between the request and its answer. Nothing is awaited, so no other request comes between. */
function decide(exchange: Exchange, operation: Operation): Answer {
  const { vendor } = exchange.identity
  const early = intervene(exchange, 'before-auth')
  if (early) return early
  if (operation.heldBy === undefined) {
    const refusal = vendor.authenticate(exchange)
    if (refusal) return refused(exchange, refusal)
    vendor.validate(exchange)
  }
  if (exchange.bodyFault) throw exchange.bodyFault
  const instead = intervene(exchange, 'before-commit')
  if (instead) return instead
  const answer = operation.run(exchange)
  const after = operation.changes ? intervene(exchange, 'after-commit') : undefined
  if (after) return after
  // An answer that a fault spoils is no longer the vendor's.
  if (exchange.fault === undefined) exchange.grade = evidenceOf(vendor, operation, 'success').grade
  return answer
}

/** Reads the body and, where operations share a path, finds out which of them is meant. */
async function settle(exchange: Exchange, entry: Entry): Promise<void> {
  await exchange.readBody()
  const { identity } = exchange
  if (identity.choice) identity.operation = chosen(identity.choice, exchange)
  Object.assign(entry, subjectOf(exchange))
}

const mayHaveBody = ({ identity: { operation, choice }, request }: Exchange) =>
  request.method !== 'GET' && request.method !== 'HEAD' && (operation !== undefined || choice !== undefined)

/** No operation has this path and method, or none what tells those apart that have. */
function misdirected({ identity, path, request }: Exchange): Refusal {
  const { vendor, allow, choice } = identity
  if (choice) {
    const known = [...choice.operations.keys()].filter((text) => text !== '')
    const sentence = `The field ${choice.field} is missing or unknown; known here: ${known.join(', ')}.`
    return new Refusal('bad_request', sentence, { message: `Invalid ${choice.field}.` })
  }
  const method = request.method
  if (allow.length > 0) {
    const methods = allow.includes('GET') ? [...allow, 'HEAD'] : allow
    return new Refusal('method_not_allowed', `${method} is not a method of this path; it has ${methods.join(', ')}.`, {
      headers: { allow: methods.join(', ') },
    })
  }
  const places = new Set(
    vendor.operations.map((operation) => `${operation.method} ${operation.path.replace(/:(\w+)/g, '{$1}')}`),
  )
  const alike = (place: string) => sharedStart(path, place.slice(place.indexOf('/')))
  const nearest = [...places].sort((a, b) => alike(b) - alike(a)).slice(0, MOST_PLACES_SHOWN)
  const asked = path.length > 80 ? `${path.slice(0, 80)}…` : path
  return new Refusal('not_found', `${vendor.name} has no path ${asked}; it has ${nearest.join(', ')} and others.`)
}

/** Places that the refusal of an unknown path names. */
const MOST_PLACES_SHOWN = 5

/** How many characters two texts begin with alike. */
function sharedStart(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}

/** Counts the call and draws its delay once it is known which it is. */
function begin(exchange: Exchange): void {
  const { world, operationId, resource, options } = exchange
  exchange.occurrence = world.occurrence(`${operationId} ${resource}`)
  if (options.latency.drawn) exchange.delay = world.scenario.latency(exchange, exchange.occurrence)
}

/** The refusal in the vendor's words. What is no refusal is a defect of the sandbox, and says so. */
function refused(exchange: Exchange, error: unknown): Answer {
  const refusal =
    error instanceof Refusal
      ? error
      : new Refusal(
          'server_error',
          `The sandbox itself failed: ${error instanceof Error ? error.message : String(error)}`,
        )
  const { vendor, operation } = exchange.identity
  const form = vendor.errors[refusal.name] ?? vendor.errors.server_error!
  exchange.reason = withoutCredentials(exchange, refusal.reason)
  exchange.grade = evidenceOf(vendor, operation, refusal.name).grade
  const answer = form.answer(refusal, exchange)
  return refusal.details.headers ? { ...answer, headers: { ...answer.headers, ...refusal.details.headers } } : answer
}

/** A sentence that names keys which work may name the one that was sent; any other is not repeated. */
function withoutCredentials(exchange: Exchange, sentence: string): string {
  const { world, identity, key } = exchange
  const works = key !== undefined && world.keys[identity.vendor.name].get(key)?.status === 'active'
  const secrets = secretsOf({ authorization: exchange.header('authorization'), key, merchant: world.id })
  return without(works ? secrets.filter((secret) => secret !== key) : secrets, sentence)
}

/** The answer with everything a client sees. */
function dressed(exchange: Exchange, answer: Answer): Delivery {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    date: exchange.world.clock.httpDate(),
  }
  exchange.identity.vendor.sign(headers, exchange)
  headers['x-sandbox-seed'] = String(exchange.world.seed)
  if (answer.headers) Object.assign(headers, answer.headers)
  if (exchange.grade !== undefined) headers['x-sandbox-fidelity'] = exchange.grade
  if (exchange.delay !== undefined) headers['x-sandbox-latency-ms'] = String(Math.round(exchange.delay * 1000) / 1000)
  if (exchange.rule !== undefined) headers['x-sandbox-rule'] = headerText(exchange.rule)
  if (exchange.reason !== undefined) headers['x-sandbox-reason'] = headerText(exchange.reason)
  return { status: answer.status, headers, body: answer.text ?? JSON.stringify(answer.body), fault: exchange.fault }
}

/** A header value holds printable ASCII, and proxies cut long ones. */
function headerText(text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '?')
  return printable.length > 600 ? `${printable.slice(0, 597)}...` : printable
}

/** Resolves when the answer is due: the sandbox's own time is part of the delay, not added to it. */
function due(exchange: Exchange, waits: Waits): Promise<void> | undefined {
  const wait = (exchange.delay ?? 0) * exchange.options.latency.factor
  if (wait === 0) return undefined
  const { overheadMs, signal } = exchange.request
  return waits.until(exchange.arrivedAt + wait - overheadMs, signal)
}

/** What a request is about, as far as is known: the body may tell more. */
function subjectOf(exchange: Exchange): Pick<Entry, 'operation' | 'customer' | 'wallet'> {
  return {
    operation: exchange.identity.operation?.id ?? null,
    customer: exchange.customerNames[0] ?? null,
    wallet: exchange.walletName ?? null,
  }
}

/** Enters the exchange as it arrives, so that one that never ends is seen too. */
function journaled(exchange: Exchange): Entry {
  const { identity, world, request, path, search } = exchange
  const entry: Entry = {
    id: world.journal.nextId(),
    at: world.clock.now(),
    merchant: world.id,
    arrivedAt: exchange.arrivedAt,
    authorization: exchange.header('authorization'),
    key: exchange.key,
    vendor: identity.vendor.name,
    ...subjectOf(exchange),
    request: {
      method: request.method,
      path,
      query: search.slice(1),
      headers: request.rawHeaders().join('\n'),
      body: '',
    },
    response: null,
    reason: null,
    grade: null,
    rule: null,
    fault: null,
    intendedMs: null,
    measuredMs: null,
    warnings: exchange.warnings,
  }
  world.journal.add(entry)
  return entry
}

function complete(exchange: Exchange, entry: Entry, { status, headers, body }: Delivery): void {
  const measured = performance.now() - exchange.arrivedAt
  const abandoned = exchange.request.signal.aborted
  if (abandoned) exchange.warnings.push(`The client hung up after ${Math.round(measured)} ms, unanswered.`)
  entry.request.body = clipped(exchange.bodyText)
  entry.response = status === 0 || abandoned ? { status: null, headers: {}, body: '' } : { status, headers, body }
  entry.reason = exchange.reason ?? null
  entry.grade = exchange.grade ?? null
  entry.rule = exchange.rule ?? null
  entry.fault = exchange.fault?.kind ?? null
  entry.intendedMs = exchange.delay ?? null
  entry.measuredMs = measured
  if (entry.operation !== null) exchange.world.latencies.add(entry.operation, exchange.delay, measured)
}
