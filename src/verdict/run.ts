import type { Operation, Vendor } from '../api/vendor.js'
import type { Entry } from '../journal/entry.js'
import type { Journal } from '../journal/journal.js'
import type { Clock } from '../lib/clock.js'
import type { LatencyMode } from '../scenarios/latency-mode.js'
import type { Webhooks } from '../webhooks/webhooks.js'
import { ClientCall } from './client-call.js'

/** What shows how a merchant's client behaved. */
export interface Judged {
  readonly id: string
  readonly journal: Pick<Journal, 'entries'>
  readonly clock: Pick<Clock, 'mode'>
  readonly latency: LatencyMode
  readonly webhooks: Pick<Webhooks, 'deliveries' | 'sentAt'>
}

/** What the verdict needs of the sandbox. */
export interface JudgeContext {
  readonly vendors: readonly Vendor[]
  /** Milliseconds. */
  readonly tokenTtl: number
  /** How often one request may be sent. */
  readonly attempts: number
  /** On `performance.now()`'s scale. */
  readonly now: number
}

/** Retries come sooner after a failure than this, in sandbox time; what comes later is another matter. */
const MAX_PAUSE_MS = 60_000

/** What one merchant's client did, oldest first. */
export class Run {
  readonly merchant: Judged
  readonly context: JudgeContext
  readonly exchanges: readonly ClientCall[]
  readonly #operations: ReadonlyMap<string, Operation>
  #retries: (readonly ClientCall[])[] | undefined

  /** @param entries of the merchant's journal */
  constructor(merchant: Judged, entries: readonly Entry[], circumstances: JudgeContext) {
    this.merchant = merchant
    this.context = circumstances
    this.exchanges = entries.map((entry) => new ClientCall(entry))
    this.#operations = new Map(
      circumstances.vendors.flatMap(({ operations }) => operations.map((operation) => [operation.id, operation])),
    )
  }

  operation({ operation }: ClientCall): Operation | undefined {
    return this.#operations.get(operation)
  }

  get stands(): boolean {
    return this.merchant.clock.mode === 'frozen'
  }

  /** Milliseconds of sandbox time from the end of one exchange to the arrival of another. */
  pauseOf(before: ClientCall, after: ClientCall): number {
    const sandboxMs = after.entry.at - before.entry.at
    if (this.stands) return sandboxMs
    const duration = before.endedAt - before.arrivedAt
    return Math.max(sandboxMs - duration, after.arrivedAt - before.endedAt)
  }

  /** The attempts at each request that was sent again after a failure, in their order. */
  get retries(): readonly (readonly ClientCall[])[] {
    this.#retries ??= this.#findRetries()
    return this.#retries
  }

  #findRetries(): (readonly ClientCall[])[] {
    const open = new Map<string, ClientCall[]>()
    const found = new Set<readonly ClientCall[]>()
    for (const exchange of this.exchanges) {
      const { request } = exchange
      if (request === undefined) continue
      const attempts = open.get(request)
      const last = attempts?.at(-1)
      if (attempts && last && this.#followsUp(last, exchange)) {
        attempts.push(exchange)
        found.add(attempts)
      } else open.set(request, [exchange])
    }
    return [...found]
  }

  #followsUp(last: ClientCall, next: ClientCall): boolean {
    if (!last.isRetryable || next.arrivedAt < last.endedAt) return false
    return this.pauseOf(last, next) <= MAX_PAUSE_MS + (retryAfterOf(last) ?? 0)
  }
}

/** The wait that the answer asks for, in ms. */
export function retryAfterOf(exchange: ClientCall): number | undefined {
  const text = exchange.isLost ? undefined : exchange.answerHeader('retry-after')
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return Number(text) * 1000
  // A date has no milliseconds.
  const ms = Date.parse(text) - exchange.entry.at - 1000
  return ms > 0 ? ms : undefined
}
