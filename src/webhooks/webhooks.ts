import type { WebhookSettings } from '../fixture-files/webhook.js'
import type { Clock } from '../lib/clock.js'
import { jsonOf } from '../lib/json.js'
import { firstIndex } from '../lib/sorted.js'
import { hidePassword } from '../lib/text.js'
import { clearTimeout, performance, setImmediate, setTimeout } from '../lib/timers.js'
import type { WebhookEvent } from '../wallets/model.js'
import type { Receivers } from './receivers.js'
import { type AttemptResult, NOT_SENT, type Send, send, TIMEOUT_MS } from './send.js'

/** One attempt to deliver an event. */
export interface Delivery {
  readonly event: string
  readonly name: string
  readonly order: string
  readonly url: string | null
  /** From 1; 0 for an event that has no receiver. */
  readonly attempt: number
  /** ISO 8601, UTC, on the merchant's clock. */
  readonly at: string
  readonly status: number | null
  /** Why the status is missing. */
  readonly reason: string | null
  /** When it is sent again; null once it was taken or given up. */
  readonly next: string | null
  /** The scenario's rule that meddled with it. */
  readonly rule: string | null
  /** What is sent: the envelope, or its text where that is not JSON. */
  readonly body: unknown
}

/** A delivery, and after how many calls and control actions it was made. */
export interface Logged {
  readonly delivery: Delivery
  readonly sequence: number
}

export interface WebhookHost {
  readonly clock: Clock
  /** How many calls and control actions there were. */
  sequence(): number
  readonly receivers: Receivers
  /** The address that an event shows, with what it alone is sent. */
  receiverOf(event: Pick<WebhookEvent, 'order' | 'url'>): WebhookSettings
  /** Called with each record, those of events without a receiver too. */
  onDelivery(delivery: Delivery): void
  readonly send?: Send | undefined
  /** The event as it is stored, once it is. */
  read(order: string, id: string): Promise<WebhookEvent | undefined>
  /** Replaces a stored event, or removes it. */
  store(event: WebhookEvent, next: WebhookEvent | undefined): Promise<void>
}

/** The event's part of a record. */
type Sent = Pick<WebhookEvent, 'id' | 'name' | 'order' | 'body' | 'rule'> & { readonly url: string | null }

/** An attempt that was made, and when: see `sentAt`. */
interface Attempt {
  readonly outcome: AttemptResult
  readonly sentAt: number
}

interface Pending extends Pick<WebhookEvent, 'id' | 'order' | 'url'> {
  readonly dueAt: number
  /** Orders those that are due at one time. */
  readonly sequence: number
}

/** An attempt under way, and what waits for it: the events of an order are sent one after the other. */
interface UnderWay {
  readonly ended: Promise<void>
  readonly waiting: Pending[]
}

const isBefore = (a: Pending, b: Pending) => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.sequence < b.sequence)

const MAX_DELIVERIES = 1_000
/** The longest a timer is set for, so that a clock that was set back is noticed. */
const MAX_TIMER_MS = 60_000

/** Delivers a merchant's events on its clock, one after the other for each order. */
export class Webhooks {
  readonly #host: WebhookHost
  /** What is to be sent, the first of it first, but for what waits for an attempt under way. */
  readonly #pending: Pending[] = []
  #sequence = 0
  /** How often everything was forgotten. */
  #cleared = 0
  /** Every delivery that is remembered, the oldest first. */
  deliveries: Delivery[] = []
  /** The latest deliveries, those too that a reset has forgotten. */
  readonly log: Logged[] = []
  /** How many deliveries there ever were. */
  recorded = 0
  /** When an attempt began, on `performance.now()`'s scale: what a receiver does comes after. */
  readonly sentAt = new WeakMap<Delivery, number>()
  readonly #sending = new Set<AbortController>()
  /** By the order. */
  readonly #busy = new Map<string, UnderWay>()
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(holder: WebhookHost) {
    this.#host = holder
  }

  /** Begins to deliver a stored event. */
  enqueue(event: WebhookEvent): void {
    this.#add(event)
    // After the answer's own turn, so that calls that came together are answered first.
    setImmediate(() => this.pump())
  }

  #add({ id, order, url, nextAt }: WebhookEvent): void {
    this.#insert({ id, order, url, dueAt: nextAt, sequence: this.#sequence++ })
  }

  #insert(pending: Pending): void {
    const place = firstIndex(this.#pending.length, (i) => isBefore(pending, this.#pending[i]!))
    this.#pending.splice(place, 0, pending)
  }

  /** Remembers an event that is not sent. */
  note(event: Sent, reason: string | null): void {
    this.#record(event, 0, null, { outcome: { status: null, reason }, sentAt: performance.now() })
  }

  /** Makes the first attempts of an order's events, and resolves when they are made. */
  async firstAttempts(order: string): Promise<void> {
    this.pump()
    // A replay makes each attempt in its recorded place, so no answer waits for one.
    if (this.#host.send) return
    for (let busy = this.#busy.get(order); busy; busy = this.#busy.get(order)) await busy.ended
  }

  /** Sends an event again, whether it was taken or not; false for one that is not remembered. */
  redeliver(id: string): boolean {
    const last = this.deliveries.findLast(({ event, url }) => event === id && url !== null)
    if (last === undefined) return false
    const now = this.#host.clock.now()
    const event: WebhookEvent = {
      id,
      name: last.name,
      order: last.order,
      url: last.url!,
      body: typeof last.body === 'string' ? last.body : JSON.stringify(last.body),
      createdAt: now,
      attempts: last.attempt,
      nextAt: now,
    }
    void this.#host.receivers.run(event.url, async () => {
      const attempt = await this.#send(event)
      if (!this.#closed) this.#record(event, last.attempt + 1, null, attempt)
    })
    return true
  }

  /** Sends what is due, and sets a timer for what is due later while the clock runs. */
  pump(): void {
    clearTimeout(this.#timer)
    if (this.#closed) return
    const now = this.#host.clock.now()
    for (let [next] = this.#pending; next !== undefined && next.dueAt <= now; [next] = this.#pending) {
      this.#pending.shift()
      const busy = this.#busy.get(next.order)
      if (busy) busy.waiting.push(next)
      else this.#begin(next)
    }
    const later = this.#pending[0]?.dueAt
    if (later === undefined || this.#host.clock.mode === 'frozen') return
    this.#timer = setTimeout(() => this.pump(), Math.max(1, Math.min(later - now, MAX_TIMER_MS)))
    this.#timer.unref()
  }

  /** Advances the clock, stopping at every attempt that falls due on the way. */
  async advance(ms: number): Promise<void> {
    const { clock } = this.#host
    const target = clock.now() + ms
    for (;;) {
      this.pump()
      await this.idle()
      const next = this.#pending[0]?.dueAt
      if (next === undefined || next > target) break
      if (next > clock.now()) clock.advance(next - clock.now())
    }
    clock.advance(Math.max(0, target - clock.now()))
    this.pump()
  }

  async idle(): Promise<void> {
    while (this.#busy.size > 0) await Promise.all(Array.from(this.#busy.values(), ({ ended }) => ended))
  }

  /** Forgets what was delivered and what is to be. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#cleared++
    this.#pending.length = 0
    for (const { waiting } of this.#busy.values()) waiting.length = 0
    this.deliveries = []
  }

  close(): void {
    this.#closed = true
    for (const sending of this.#sending) sending.abort()
    this.clear()
  }

  #begin(pending: Pending): void {
    const waiting: Pending[] = []
    const ended = this.#attempt(pending).then(() => {
      this.#busy.delete(pending.order)
      for (const next of waiting) this.#insert(next)
      this.pump()
    })
    this.#busy.set(pending.order, { ended, waiting })
  }

  /** It ends in a record, whatever is stored and whatever the receiver does. */
  async #attempt(pending: Pending): Promise<void> {
    const cleared = this.#cleared
    const attempt = await this.#host.receivers.run(pending.url, async () => {
      // Calls are answered in between, however many attempts end at once.
      await new Promise((resolve) => setImmediate(resolve))
      // A reset, or a restored state, has taken it away.
      const read = cleared === this.#cleared && (await this.#read(pending))
      return read && cleared === this.#cleared && { event: read, ...(await this.#send(read)) }
    })
    if (!attempt || this.#closed) return
    const { event, outcome } = attempt
    if (outcome === NOT_SENT) return this.note(event, outcome.reason)
    const { clock } = this.#host
    const now = clock.now()
    const next = followUp(event, outcome, now)
    clock.during(now, () => this.#record(event, event.attempts + 1, next?.nextAt ?? null, attempt))
    await this.#host.store(event, next).catch(() => {})
    if (next && cleared === this.#cleared) this.#add(next)
  }

  /** @returns undefined where the event is not there any more */
  async #read({ order, id }: Pending): Promise<WebhookEvent | undefined> {
    for (;;)
      try {
        return await this.#host.read(order, id)
      } catch {
        // A change of its customer could not be stored: what is there now is as it was before that.
      }
  }

  async #send(event: WebhookEvent): Promise<Attempt> {
    const { clock, receivers, send: deliver = send } = this.#host
    const sending = new AbortController()
    this.#sending.add(sending)
    const timer = setTimeout(() => sending.abort(), TIMEOUT_MS)
    const sentAt = performance.now()
    try {
      const to = this.#host.receiverOf(event)
      return { outcome: await deliver(event, to, clock.httpDate(), receivers, sending.signal), sentAt }
    } catch (error) {
      return { outcome: { status: null, reason: (error as Error).message }, sentAt }
    } finally {
      clearTimeout(timer)
      this.#sending.delete(sending)
    }
  }

  #record(event: Sent, attempt: number, nextAt: number | null, { outcome, sentAt }: Attempt): void {
    const { id, name, order, url, rule = null, body } = event
    const shown = url === null ? null : hidePassword(url)
    const delivery: Delivery = {
      event: id,
      name,
      order,
      url: shown,
      attempt,
      at: new Date(this.#host.clock.now()).toISOString(),
      ...outcome,
      next: nextAt === null ? null : new Date(nextAt).toISOString(),
      rule,
      // A stored envelope may be any text.
      body: jsonOf(body) ?? body,
    }
    this.deliveries.push(delivery)
    this.sentAt.set(delivery, sentAt)
    this.recorded++
    this.log.push({ delivery, sequence: this.#host.sequence() })
    if (this.log.length > MAX_DELIVERIES) this.log.shift()
    if (this.deliveries.length > MAX_DELIVERIES) this.deliveries.shift()
    this.#host.onDelivery(delivery)
  }
}

const MINUTE = 60_000

/** Minutes between attempts: published for the vendor's UPI product, inferred here. */
const RETRIES = [1, 5, 5, 10, 10, 10, 10, 10, 60, 60, 60, 60, 60, 360, 360, 360]

/** What is left to do with an event after an attempt: to send it again, or nothing. */
function followUp(event: WebhookEvent, { status }: AttemptResult, now: number): WebhookEvent | undefined {
  if (status === 200) {
    const copies = (event.copies ?? 1) - 1
    return copies > 0 ? { ...event, copies, attempts: 0, nextAt: now } : undefined
  }
  const wait = RETRIES[event.attempts]
  return wait === undefined ? undefined : { ...event, attempts: event.attempts + 1, nextAt: now + wait * MINUTE }
}
