/** How far a clock may stand from 1970: what a Date can hold, less a year so that expiries stay printable. */
const FURTHEST = 8.64e15 - 31_536_000_000

/** One merchant's time. It runs with the machine's, ahead of it by what was advanced, or stands until advanced. */
export class Clock {
  #frozenAt: number | null
  #offset = 0
  #dated = { second: Number.NaN, text: '' }

  /** @param frozenAt epoch ms at which the clock stands; null lets it run. */
  constructor(frozenAt: number | null = null) {
    this.#frozenAt = frozenAt
  }

  get mode(): 'real' | 'frozen' {
    return this.#frozenAt === null ? 'real' : 'frozen'
  }

  /** Epoch milliseconds. */
  now(): number {
    return this.#frozenAt ?? Date.now() + this.#offset
  }

  /** The time as a Date header has it. It is put into words once a second. */
  httpDate(): string {
    const second = Math.floor(this.now() / 1000)
    if (second !== this.#dated.second) this.#dated = { second, text: new Date(second * 1000).toUTCString() }
    return this.#dated.text
  }

  /** How far it runs ahead of the machine's, in ms. */
  get ahead(): number {
    return this.#offset
  }

  freeze(at: number = this.now()): void {
    this.#frozenAt = at
  }

  /** Lets the clock run from a time on; without one, with the machine's. */
  run(from?: number): void {
    this.#offset = from === undefined ? 0 : from - Date.now()
    this.#frozenAt = null
  }

  /** Stands or runs as another clock does now. */
  follow(other: Clock): void {
    this.#frozenAt = other.#frozenAt
    this.#offset = other.#offset
  }

  copy(): Clock {
    const copy = new Clock()
    copy.follow(this)
    return copy
  }

  /** Whether the result is within what a date can hold. */
  canAdvance(by: number): boolean {
    return this.now() + by <= FURTHEST
  }

  /** @param by milliseconds, not negative, and such that the clock can advance so far */
  advance(by: number): void {
    if (this.#frozenAt === null) this.#offset += by
    else this.#frozenAt += by
  }
}

/** Tells that nobody waits for an answer any more: an AbortSignal, or what stands for one. */
export interface Leaving {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** A wait that has not ended. */
interface Waiter {
  /** On `performance.now()`'s scale. */
  readonly deadline: number
  readonly end: () => void
  ended: boolean
}

/**
 * A timer set for n milliseconds fires this much later at the most (measured), so the last part of a wait goes in turns of
 * the event loop: no longer a part than pays, because whoever turns keeps the client from its core.
 */
const EARLIEST_MS = 0.6
const LATEST_MS = 0.2
const LONGEST_TIMER_MS = 0x7fffffff

/** Ended waits stay in the queue until they are this many and its greater part. */
const FEW = 64

/**
 * Every wait of a sandbox, in one queue by deadline (a binary heap): one timer for the nearest, and turns of the event
 * loop only through the last millisecond before it.
 */
export class Waits {
  #heap: Waiter[] = []
  /** How many in the queue have ended before their time. */
  #ended = 0
  #timer: NodeJS.Timeout | undefined
  #turning = false
  #closed = false

  /** How many waits there are. */
  get size(): number {
    return this.#heap.length - this.#ended
  }

  /** How many the queue holds, ended ones included. */
  get queued(): number {
    return this.#heap.length
  }

  /** Resolves at `deadline` (on `performance.now()`'s scale), when `signal` aborts, or when all waits are cut short. */
  until(deadline: number, signal?: Leaving): Promise<void> {
    if (this.#closed || signal?.aborted || deadline <= performance.now()) return Promise.resolve()
    return new Promise((resolve) => {
      const leave = () => this.#leave(waiter)
      const waiter: Waiter = {
        deadline,
        ended: false,
        end: () => {
          waiter.ended = true
          signal?.removeEventListener('abort', leave)
          resolve()
        },
      }
      signal?.addEventListener('abort', leave)
      this.#push(waiter)
      if (this.#heap[0] === waiter) this.#schedule()
    })
  }

  /** Ends every wait now, and every later one at once. */
  release(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const waiter of this.#heap.splice(0)) if (!waiter.ended) waiter.end()
    this.#ended = 0
  }

  /** Ends a wait before its time. Clients that hang up must not fill the queue until their answers would have been due. */
  #leave(waiter: Waiter): void {
    waiter.end()
    if (++this.#ended < FEW || this.#ended * 2 < this.#heap.length) return
    // A sorted array is a heap.
    this.#heap = this.#heap.filter(({ ended }) => !ended).sort((a, b) => a.deadline - b.deadline)
    this.#ended = 0
    this.#schedule()
  }

  #schedule(): void {
    if (this.#turning) return
    clearTimeout(this.#timer)
    const first = this.#heap[0]
    if (first === undefined) return
    const remaining = first.deadline - performance.now()
    if (remaining > EARLIEST_MS) {
      const delay = Math.max(1, Math.floor(remaining - LATEST_MS))
      this.#timer = setTimeout(() => this.#turn(), Math.min(delay, LONGEST_TIMER_MS))
    } else {
      this.#turning = true
      setImmediate(() => this.#turn())
    }
  }

  #turn(): void {
    this.#turning = false
    const now = performance.now()
    for (let first = this.#heap[0]; first && (first.ended || first.deadline <= now); first = this.#heap[0]) {
      this.#pop()
      if (first.ended) this.#ended--
      else first.end()
    }
    this.#schedule()
  }

  #push(waiter: Waiter): void {
    const heap = this.#heap
    let i = heap.push(waiter) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (heap[parent]!.deadline <= waiter.deadline) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = waiter
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    const size = heap.length
    if (size === 0) return
    let i = 0
    for (let child = 1; child < size; child = 2 * i + 1) {
      if (child + 1 < size && heap[child + 1]!.deadline < heap[child]!.deadline) child++
      if (heap[child]!.deadline >= last.deadline) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
  }
}
