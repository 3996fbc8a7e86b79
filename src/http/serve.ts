import { Call } from '../api/call.js'
import { evidenceOf } from '../api/evidence.js'
import { intervene } from '../api/intervene.js'
import type { Answer, Operation } from '../api/vendor.js'
import type { ResolvedOptions } from '../config.js'
import type { Entry } from '../journal/journal.js'
import { clip, redact, secretsOf } from '../journal/redact.js'
import type { Delays } from '../lib/delays.js'
import { Refusal } from '../lib/errors.js'
import type { ApiRequest } from './call-request.js'
import { chosen, type Identifier } from './identify.js'
import { applyBodyFault, type Delivery } from './send.js'

/** The way of every vendor request, from arrival to the answer that is due. */
export function createPipeline(
  options: ResolvedOptions,
  identifier: Identifier,
  delays: Delays,
  log: (entry: Entry) => void,
) {
  return async (request: ApiRequest): Promise<Delivery> => {
    const call = new Call(request, options)
    call.identity = identifier.identify(call)
    const { merchant } = call
    merchant.active++
    const entry = journaled(call)
    try {
      const answer = await answerTo(call, entry)
      const delivery = applyBodyFault(toResponse(call, answer))
      const wait = due(call, delays)
      if (wait) await wait
      complete(call, entry, delivery)
      log(entry)
      return delivery
    } finally {
      merchant.active--
    }
  }
}

async function answerTo(call: Call, entry: Entry): Promise<Answer> {
  try {
    if (mayHaveBody(call)) await settle(call, entry)
    return await proceed(call)
  } catch (error) {
    return refused(call, error)
  }
}

function proceed(call: Call): Answer | Promise<Answer> {
  begin(call)
  const { vendor, operation, choice, unmade } = call.identity
  if (unmade) throw unmade
  if (operation === undefined) {
    throw (choice && vendor.authenticate(call)) ?? call.bodyFault ?? noRoute(call)
  }
  return call.merchant.state.committed(() => decide(call, operation))
}

/** Everything between the request and its answer. Nothing is awaited, so no other request comes between. */
function decide(call: Call, operation: Operation): Answer {
  const { vendor } = call.identity
  const early = intervene(call, 'before-auth')
  if (early) return early
  if (operation.heldBy === undefined) {
    const refusal = vendor.authenticate(call)
    if (refusal) return refused(call, refusal)
    vendor.validate(call)
  }
  if (call.bodyFault) throw call.bodyFault
  const instead = intervene(call, 'before-commit')
  if (instead) return instead
  const answer = operation.run(call)
  const after = operation.changes ? intervene(call, 'after-commit') : undefined
  if (after) return after
  // An answer that a fault spoils is no longer the vendor's.
  if (call.fault === undefined) call.grade = evidenceOf(vendor, operation, 'success').grade
  return answer
}

/** Reads the body and, where operations share a path, finds out which of them is meant. */
async function settle(call: Call, entry: Entry): Promise<void> {
  await call.readBody()
  const { identity } = call
  if (identity.choice) identity.operation = chosen(identity.choice, call)
  Object.assign(entry, subjectOf(call))
}

const mayHaveBody = ({ identity: { operation, choice }, request }: Call) =>
  request.method !== 'GET' && request.method !== 'HEAD' && (operation !== undefined || choice !== undefined)

/** No operation has this path and method, or none what tells those apart that have. */
function noRoute({ identity, path, request }: Call): Refusal {
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
  const nearest = [...places].sort((a, b) => alike(b) - alike(a)).slice(0, MAX_PLACES_SHOWN)
  const asked = path.length > 80 ? `${path.slice(0, 80)}…` : path
  return new Refusal('not_found', `${vendor.name} has no path ${asked}; it has ${nearest.join(', ')} and others.`)
}

/** Places that the refusal of an unknown path names. */
const MAX_PLACES_SHOWN = 5

/** How many characters two texts begin with alike. */
function sharedStart(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}

/** Counts the call and draws its delay once it is known which it is. */
function begin(call: Call): void {
  const { merchant, operationId, resource, options } = call
  call.occurrence = merchant.occurrence(`${operationId} ${resource}`)
  if (options.latency.drawn) call.delay = merchant.scenario.latency(call, call.occurrence)
}

/** The refusal in the vendor's words. What is no refusal is a defect of the sandbox, and says so. */
function refused(call: Call, error: unknown): Answer {
  const refusal =
    error instanceof Refusal
      ? error
      : new Refusal(
          'server_error',
          `The sandbox itself failed: ${error instanceof Error ? error.message : String(error)}`,
        )
  const { vendor, operation } = call.identity
  const form = vendor.errors[refusal.name] ?? vendor.errors.server_error!
  call.reason = withoutCredentials(call, refusal.reason)
  call.grade = evidenceOf(vendor, operation, refusal.name).grade
  const answer = form.answer(refusal, call)
  return refusal.details.headers ? { ...answer, headers: { ...answer.headers, ...refusal.details.headers } } : answer
}

/** A sentence that names keys which work may name the one that was sent; any other is not repeated. */
function withoutCredentials(call: Call, sentence: string): string {
  const { merchant, identity, key } = call
  const works = key !== undefined && merchant.keys[identity.vendor.name].get(key)?.status === 'active'
  const secrets = secretsOf({ authorization: call.header('authorization'), key, merchant: merchant.id })
  return redact(works ? secrets.filter((secret) => secret !== key) : secrets, sentence)
}

/** The answer with everything a client sees. */
function toResponse(call: Call, answer: Answer): Delivery {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    date: call.merchant.clock.httpDate(),
  }
  call.identity.vendor.sign(headers, call)
  headers['x-sandbox-seed'] = String(call.merchant.seed)
  if (answer.headers) Object.assign(headers, answer.headers)
  if (call.grade !== undefined) headers['x-sandbox-fidelity'] = call.grade
  if (call.delay !== undefined) headers['x-sandbox-latency-ms'] = String(Math.round(call.delay * 1000) / 1000)
  if (call.rule !== undefined) headers['x-sandbox-rule'] = headerText(call.rule)
  if (call.reason !== undefined) headers['x-sandbox-reason'] = headerText(call.reason)
  return { status: answer.status, headers, body: answer.text ?? JSON.stringify(answer.body), fault: call.fault }
}

/** A header value holds printable ASCII, and proxies cut long ones. */
function headerText(text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '?')
  return printable.length > 600 ? `${printable.slice(0, 597)}...` : printable
}

/** Resolves when the answer is due: the sandbox's own time is part of the delay, not added to it. */
function due(call: Call, delays: Delays): Promise<void> | undefined {
  const wait = (call.delay ?? 0) * call.options.latency.factor
  if (wait === 0) return undefined
  const { overheadMs, signal } = call.request
  return delays.until(call.arrivedAt + wait - overheadMs, signal)
}

/** What a request is about, as far as is known: the body may tell more. */
function subjectOf(call: Call): Pick<Entry, 'operation' | 'customer' | 'wallet'> {
  return {
    operation: call.identity.operation?.id ?? null,
    customer: call.customerNames[0] ?? null,
    wallet: call.walletName ?? null,
  }
}

/** Enters the call as it arrives, so that one that never ends is seen too. */
function journaled(call: Call): Entry {
  const { identity, merchant, request, path, search } = call
  const entry: Entry = {
    id: merchant.journal.nextId(),
    at: merchant.clock.now(),
    merchant: merchant.id,
    arrivedAt: call.arrivedAt,
    authorization: call.header('authorization'),
    key: call.key,
    vendor: identity.vendor.name,
    ...subjectOf(call),
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
    warnings: call.warnings,
  }
  merchant.journal.add(entry)
  return entry
}

function complete(call: Call, entry: Entry, { status, headers, body }: Delivery): void {
  const measured = performance.now() - call.arrivedAt
  const abandoned = call.request.signal.aborted
  if (abandoned) call.warnings.push(`The client hung up after ${Math.round(measured)} ms, unanswered.`)
  entry.request.body = clip(call.bodyText)
  entry.response = status === 0 || abandoned ? { status: null, headers: {}, body: '' } : { status, headers, body }
  entry.reason = call.reason ?? null
  entry.grade = call.grade ?? null
  entry.rule = call.rule ?? null
  entry.fault = call.fault?.kind ?? null
  entry.intendedMs = call.delay ?? null
  entry.measuredMs = measured
  if (entry.operation !== null) call.merchant.latencies.add(entry.operation, call.delay, measured)
}
