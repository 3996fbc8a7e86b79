/** How far a clock may stand from 1970: what a Date can hold, less a year so that expiries stay printable. */
const FURTHEST = 8.64e15 - 31_536_000_000

/** One merchant's time. It runs with the machine's, ahead of it by what was advanced, or stands until advanced. */
export class Clock {
  #frozenAt: number | null
  #offset = 0

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

  freeze(at: number = this.now()): void {
    this.#frozenAt = at
  }

  /** Lets the clock run on from where it stands. */
  run(): void {
    if (this.#frozenAt === null) return
    this.#offset = this.#frozenAt - Date.now()
    this.#frozenAt = null
  }

  /** @param by milliseconds, not negative. @returns false when the result is beyond what a date can hold. */
  advance(by: number): boolean {
    if (this.now() + by > FURTHEST) return false
    if (this.#frozenAt === null) this.#offset += by
    else this.#frozenAt += by
    return true
  }
}

/** A wait that has not ended. */
interface Waiter {
  readonly deadline: number
  readonly resolve: () => void
  ended: boolean
  readonly signal: AbortSignal | undefined
  readonly onAbort: () => void
}

/** A timer fires up to a millisecond off, so the last one is spent in turns of the event loop. */
const TIMER_SLACK_MS = 1.2

/**
 * Every wait of a sandbox, in one queue by deadline (a binary heap): one timer for the nearest, and turns of the event
 * loop only through the last millisecond before it.
 */
export class Waits {
  readonly #heap: Waiter[] = []
  #timer: NodeJS.Timeout | undefined
  #spinning = false
  #closed = false

  get size(): number {
    return this.#heap.length
  }

  /** Resolves at `deadline` (on `performance.now()`'s scale), when `signal` aborts, or when all waits are cut short. */
  until(deadline: number, signal?: AbortSignal): Promise<void> {
    if (this.#closed || signal?.aborted || deadline <= performance.now()) return Promise.resolve()
    return new Promise((resolve) => {
      const waiter: Waiter = { deadline, resolve, ended: false, signal, onAbort: () => this.#end(waiter) }
      this.#push(waiter)
      signal?.addEventListener('abort', waiter.onAbort)
      if (this.#heap[0] === waiter) this.#schedule()
    })
  }

  /** Ends every wait now, and every later one at once. */
  release(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const waiter of this.#heap.splice(0)) this.#end(waiter)
  }

  #end(waiter: Waiter): void {
    if (waiter.ended) return
    waiter.ended = true
    waiter.signal?.removeEventListener('abort', waiter.onAbort)
    waiter.resolve()
  }

  #schedule(): void {
    if (this.#spinning) return
    clearTimeout(this.#timer)
    const first = this.#heap[0]
    if (first === undefined) return
    const remaining = first.deadline - performance.now() - TIMER_SLACK_MS
    if (remaining > 0) {
      this.#timer = setTimeout(() => this.#turn(), Math.min(Math.floor(remaining), 0x7fffffff))
    } else {
      this.#spinning = true
      setImmediate(() => this.#turn())
    }
  }

  #turn(): void {
    this.#spinning = false
    const now = performance.now()
    while (this.#heap[0] !== undefined && (this.#heap[0].ended || this.#heap[0].deadline <= now)) this.#end(this.#pop())
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

  #pop(): Waiter {
    const heap = this.#heap
    const top = heap[0]!
    const last = heap.pop()!
    const size = heap.length
    if (size === 0) return top
    let i = 0
    for (let child = 1; child < size; child = 2 * i + 1) {
      if (child + 1 < size && heap[child + 1]!.deadline < heap[child]!.deadline) child++
      if (heap[child]!.deadline >= last.deadline) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
    return top
  }
}
