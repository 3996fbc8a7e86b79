// A test that fakes the global timers must not hold up answers that wait for nothing.
import { setImmediate as atEndOfTurn } from 'node:timers'

/** Tells that nobody waits for an answer any more: an AbortSignal, or what stands for one. */
export interface AbortSignalLike {
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

/** Ended delays stay in the queue until they are this many and its greater part. */
const FEW = 64

/**
 * Every wait of a sandbox, in one queue by deadline (a binary heap): one timer for the nearest, and turns of the event
 * loop only through the last millisecond before it.
 */
export class Delays {
  #heap: Waiter[] = []
  /** How many in the queue have ended before their time. */
  #ended = 0
  #timer: NodeJS.Timeout | undefined
  #turning = false
  #turnsEnd: Promise<void> | undefined
  #closed = false

  /** How many delays there are. */
  get size(): number {
    return this.#heap.length - this.#ended
  }

  /** How many the queue holds, ended ones included. */
  get queued(): number {
    return this.#heap.length
  }

  /** Resolves at `deadline` (on `performance.now()`'s scale), when `signal` aborts, or when all delays are cut short. */
  until(deadline: number, signal?: AbortSignalLike): Promise<void> {
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

  /**
   * Resolves at the end of the event loop's present turn. Answers that wait for it go out together: the first wakes the
   * client, which takes longer than to make an answer, and the others find it awake.
   */
  endOfTurn(): Promise<void> {
    this.#turnsEnd ??= new Promise((resolve) => {
      atEndOfTurn(() => {
        this.#turnsEnd = undefined
        resolve()
      })
    })
    return this.#turnsEnd
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
