import { inferred, published } from '../../../api/evidence.js'
import type { ClientCall } from '../../client-call.js'
import { type ClientRule, MAX_PAUSE_MS, offence, type Run, retryAfterOf } from '../../run.js'

/** How early a timer may fire, in ms. */
const TIMER_MS = 10

const titleOf = ({ entry: { request } }: ClientCall) => `${request.method} ${request.path.slice(0, 100)}`

export const retryAfterIgnored: ClientRule = {
  evidence: published(
    '“how long the user agent ought to wait before making a follow-up request” (RFC 9110, 10.2.3, Retry-After; the vendor publishes nothing on it)',
  ),
  *find(run) {
    const waits = new Map<string, ClientCall>()
    for (const call of run.calls) {
      const key = [call.operation, call.entry.request.path, call.customer, call.order].join('\n')
      const before = waits.get(key)
      if (before && call.arrivedAt >= before.endedAt) {
        const wanted = retryAfterOf(before)!
        // A client has the machine's clock alone, so that one counts too.
        const waited = Math.max(run.pauseOf(before, call), call.arrivedAt - before.endedAt)
        if (waited < wanted - TIMER_MS)
          yield offence(
            `${titleOf(call)} came ${Math.round(waited)} ms after an answer that said to wait ${wanted} ms.`,
            [before, call],
          )
        waits.delete(key)
      }
      if (retryAfterOf(call) !== undefined) waits.set(key, call)
    }
  },
}

/** Pauses below this are none, in ms. */
const NO_PAUSE_MS = 20

/** The pauses between attempts, in ms; those that the server asked for are left out. */
function pausesOf(run: Run, attempts: readonly ClientCall[]): readonly number[] {
  return attempts.slice(1).flatMap((attempt, i) => {
    const before = attempts[i]!
    if (retryAfterOf(before) !== undefined) return []
    const pause = run.pauseOf(before, attempt)
    // Where the clock stands, nothing is known of the pace.
    return run.stands && pause === 0 ? [] : [Math.max(0, pause)]
  })
}

/** Two pauses are equal by chance more often than three, so they must be more alike. */
function areEqual(pauses: readonly number[]): boolean {
  const sorted = pauses.toSorted((a, b) => a - b)
  const [least, most] = [sorted[0]!, sorted.at(-1)!]
  return most - least <= (pauses.length === 2 ? Math.max(5, least * 0.02) : Math.max(10, least * 0.1))
}

export const retriesInStep: ClientRule = {
  evidence: inferred(
    'no page of the vendor; clients that retry at once, or in equal steps, keep a service down that fails',
  ),
  *find(run) {
    for (const attempts of run.retries) {
      const pauses = pausesOf(run, attempts)
      if (pauses.length < 2) continue
      const atOnce = pauses.every((ms) => ms < NO_PAUSE_MS)
      if (!atOnce && !areEqual(pauses)) continue
      const shown = `(${pauses.slice(0, 5).map(Math.round).join(', ')} ms)`
      const how = atOnce
        ? `without a pause ${shown}`
        : `with equal pauses ${shown}; they should grow, with chance in them`
      yield offence(`${titleOf(attempts[0]!)} was sent ${attempts.length} times ${how}.`, attempts)
    }
  },
}

export const tooManyAttempts: ClientRule = {
  evidence: inferred('no page of the vendor; a client that never gives up keeps its user waiting and a service down'),
  *find({ retries, context: { attempts: most } }) {
    for (const attempts of retries)
      if (attempts.length > most)
        yield offence(
          `${titleOf(attempts[0]!)} was sent ${attempts.length} times after failures; allowed: at most ${most}.`,
          attempts,
        )
  },
}

/** Refusals that may be over a moment later. */
const PASSING: ReadonlySet<number | null> = new Set([408, 409, 425, 429])

/** A customer types a wrong password twice. */
const TYPED: ReadonlySet<string> = new Set(['juspay.linkWallet', 'juspay.authenticateWallet'])

/** Headers that make another request of the same text. */
const TELLING = ['x-routing-id', 'x-merchantid', 'content-type', 'version', 'idempotency-key']

/** Whether the call was refused for what it is; what a rule of the scenario refuses may be served a moment later. */
const isRefused = ({ isLost, isInjected, status }: ClientCall) =>
  !isLost && !isInjected && status !== null && status >= 400 && status < 500 && !PASSING.has(status)

export const clientErrorRetried: ClientRule = {
  evidence: inferred(
    'a 4xx says that “the client seems to have erred” (RFC 9110, 15.5), so that the same request is refused again; no page of the vendor',
  ),
  *find(run) {
    /** The last call that concerned a customer, an order, a wallet or a path. */
    const last = new Map<string, { call: ClientCall; isReported: boolean }>()
    const revoked = new Set<string | null>()
    for (const call of run.calls) {
      const subject = call.customer ?? call.entry.about.wallet ?? call.order ?? call.entry.request.path
      const before = last.get(subject)
      if (call.revokesKey) revoked.add(call.entry.authorization)
      const isInjected = call.status === 401 && revoked.has(call.entry.authorization)
      const isReported = !isInjected && before !== undefined && isRetryOf(run, before.call, call)
      if (isReported && !before.isReported)
        yield offence(`${titleOf(call)} was sent again as it was after ${before.call.status}.`, [before.call, call])
      last.set(subject, { call, isReported })
    }
  },
}

function isRetryOf(run: Run, before: ClientCall, call: ClientCall): boolean {
  if (!isRefused(before) || TYPED.has(before.operation) || call.arrivedAt < before.endedAt) return false
  if (run.pauseOf(before, call) > MAX_PAUSE_MS) return false
  // Where the refusal is over, a test has changed something in between.
  if (call.isSuccess) return false
  return (
    before.request !== undefined &&
    before.request === call.request &&
    before.entry.authorization === call.entry.authorization &&
    TELLING.every((name) => before.header(name) === call.header(name))
  )
}
