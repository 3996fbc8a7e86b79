import type { Evidence } from '../api/evidence.js'
import type { Operation, Vendor } from '../api/vendor.js'
import type { Entry } from '../journal/entry.js'
import type { Merchant } from '../merchants/merchant.js'
import { ClientCall } from './client-call.js'

/** What shows how a merchant's client behaved. */
export type Judged = Pick<Merchant, 'id' | 'journal' | 'clock' | 'latency' | 'webhooks'>

export interface JudgeContext {
  readonly vendors: readonly Vendor[]
  /** Milliseconds. */
  readonly tokenTtl: number
  readonly attempts: number
  /** On `performance.now()`'s scale. */
  readonly now: number
}

/** Retries come sooner after a failure than this, in sandbox time; what comes later is another matter. */
export const MAX_PAUSE_MS = 60_000

/** What one merchant's client did, oldest first. */
export type Run = ReturnType<typeof runOf>

export function runOf(merchant: Judged, entries: readonly Entry[], context: JudgeContext) {
  const calls = entries.map((entry) => new ClientCall(entry))
  const operations = new Map(context.vendors.flatMap(({ operations }) => operations.map((one) => [one.id, one])))
  const stands = merchant.clock.mode === 'frozen'
  /** Milliseconds of sandbox time from the end of one call to the arrival of another. */
  const pauseOf = (before: ClientCall, after: ClientCall): number => {
    const sandboxMs = after.entry.at - before.entry.at
    if (stands) return sandboxMs
    const duration = before.endedAt - before.arrivedAt
    return Math.max(sandboxMs - duration, after.arrivedAt - before.endedAt)
  }
  const followsUp = (last: ClientCall, next: ClientCall): boolean =>
    last.isRetryable && next.isAfter(last) && pauseOf(last, next) <= MAX_PAUSE_MS + (retryAfterOf(last) ?? 0)
  const last = new Map<string, ClientCall[]>()
  /** The attempts at each request that was sent again after a failure, in their order. */
  const retries = new Set<readonly ClientCall[]>()
  for (const call of calls) {
    const { request } = call
    if (request === undefined) continue
    const attempts = last.get(request)
    if (attempts && followsUp(attempts.at(-1)!, call)) {
      attempts.push(call)
      retries.add(attempts)
    } else last.set(request, [call])
  }
  const operation = ({ operation }: ClientCall): Operation | undefined => operations.get(operation)
  return { merchant, context, calls, stands, pauseOf, operation, retries }
}

/** What a client did wrong, and the calls that show it. */
export interface Offence {
  /** One sentence. */
  readonly message: string
  readonly calls: readonly ClientCall[]
}

export interface ClientRule {
  /** The sentence it breaks and where that stands, or what the rule was inferred from. */
  readonly evidence: Evidence
  find(run: Run): Iterable<Offence>
}

export const offence = (message: string, calls: readonly ClientCall[]): Offence => ({ message, calls })

/** The wait that the answer asks for, in ms. */
export function retryAfterOf(call: ClientCall): number | undefined {
  const text = call.isLost ? undefined : call.answerHeader('retry-after')
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return Number(text) * 1000
  // A date has no milliseconds.
  const ms = Date.parse(text) - call.entry.at - 1000
  return ms > 0 ? ms : undefined
}
