/** A point in time as ISO 8601 text in UTC, milliseconds only where its source gave them. */
export type Timestamp = string

/** Where a clock may stand. The year 9999 is left to what expires or arrives later: beyond it no date is printable. */
const EARLIEST = Date.UTC(2000)
const LATEST = Date.UTC(9999) - 1

export const CLOCK_TIMES = 'from the year 2000 to the end of 9998'
export const CLOCK_FORM = `a time such as "2023-09-11T08:30:00Z", ${CLOCK_TIMES}`

export const canStandAt = (epochMs: number) => epochMs >= EARLIEST && epochMs <= LATEST

const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2}))?$/

/** Epoch ms of an ISO time at which a clock may stand; undefined for anything else. */
export function parseTime(given: unknown): number | undefined {
  if (typeof given !== 'string' || !TIME.test(given)) return undefined
  // A day that a month does not have would roll over into the next.
  const [day] = given.split('T', 1) as [string]
  if (Number.isNaN(Date.parse(day)) || new Date(day).toISOString().slice(0, 10) !== day) return undefined
  const at = Date.parse(given)
  return canStandAt(at) ? at : undefined
}

/** Whole seconds, as the vendors print times. */
export const timestamp = (epochMs: number): Timestamp => `${new Date(epochMs).toISOString().slice(0, 19)}Z`

/** One merchant's time. It runs with the machine's, ahead of it by what was advanced, or stands until advanced. */
export class Clock {
  #frozenAt: number | null
  #ahead = 0
  /** Called whenever it stands or runs otherwise than before. */
  onChange: ((now: number, mode: Clock['mode']) => void) | undefined
  #pinned: number | undefined
  /** The present second as text, since formatting takes longer than reading. */
  #said = { second: Number.NaN, httpDate: '', timestamp: '' }

  /** @param frozenAt epoch ms at which the clock stands; null lets it run. */
  constructor(frozenAt: number | null = null) {
    this.#frozenAt = frozenAt
  }

  get mode(): 'real' | 'frozen' {
    // One that has run to the end stands there.
    return this.#frozenAt === null && this.#read() < LATEST ? 'real' : 'frozen'
  }

  /** Epoch milliseconds. */
  now(): number {
    return this.#pinned ?? this.#read()
  }

  #read(): number {
    return this.#frozenAt ?? Math.min(Date.now() + this.#ahead, LATEST)
  }

  /** Lets the whole of an act, which does not await, happen at one instant. @param at epoch ms */
  during<Result>(at: number, act: () => Result): Result {
    const before = this.#pinned
    this.#pinned = at
    try {
      return act()
    } finally {
      this.#pinned = before
    }
  }

  httpDate(): string {
    return this.#say().httpDate
  }

  timestamp(): Timestamp {
    return this.#say().timestamp
  }

  #say() {
    const second = Math.floor(this.now() / 1000)
    if (second !== this.#said.second) {
      const at = second * 1000
      this.#said = { second, httpDate: new Date(at).toUTCString(), timestamp: timestamp(at) }
    }
    return this.#said
  }

  /** How far it runs ahead of the machine's, in ms. */
  get ahead(): number {
    return this.#ahead
  }

  freeze(at: number = this.now()): void {
    this.#set(at, this.#ahead)
  }

  /** Lets the clock run from a time on; without one, with the machine's. */
  run(from?: number): void {
    this.#set(null, from === undefined ? 0 : from - Date.now())
  }

  follow(other: Clock): void {
    this.#set(other.#frozenAt, other.#ahead)
  }

  #set(frozenAt: number | null, ahead: number): void {
    this.#frozenAt = frozenAt
    this.#ahead = ahead
    // An act that sets the clock goes on at the instant to which it was set.
    if (this.#pinned !== undefined) this.#pinned = this.#read()
    this.onChange?.(this.now(), this.mode)
  }

  copy(): Clock {
    const copy = new Clock()
    copy.follow(this)
    return copy
  }

  /** @param ms milliseconds, not negative, and such that the clock can advance so far; rounded to whole ones */
  advance(ms: number): void {
    const by = Math.round(ms)
    if (this.#frozenAt === null) this.#ahead += by
    else this.#frozenAt += by
    this.onChange?.(this.now(), this.mode)
  }
}
