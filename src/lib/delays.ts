import { firstIndex } from './sorted.js'
import { clearTimeout, MAX_TIMER_MS, performance, setImmediate, setTimeout } from './timers.js'

/** An AbortSignal, or an object with as much of one as a delay needs. */
export interface AbortSignalLike {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

interface Delay {
  /** On `performance.now()`'s scale. */
  readonly deadline: number
  readonly end: () => void
}

/** The last part of a delay passes in turns of the event loop, because a timer is coarse. A longer part costs CPU. */
const TURNS_MS = 0.6
/** A timer is set for this much less than the time that remains, because it can be late by as much. */
const TIMER_LATENESS_MS = 0.2

/**
 * Every delay of a sandbox: one timer until the last millisecond of the nearest, then turns of the event loop. They are in an
 * array: a set that is filled and emptied leaves a chain of tables, of which the dead ones keep what waited in the others.
 */
export class Delays {
  /** By deadline, the nearest last. */
  readonly #delays: Delay[] = []
  #timer: NodeJS.Timeout | undefined
  #isTurning = false
  #turnsEnd: Promise<void> | undefined
  #closed = false

  get size(): number {
    return this.#delays.length
  }

  /** Resolves at `deadline` (on `performance.now()`'s scale), when `signal` aborts, or at the release. */
  until(deadline: number, signal?: AbortSignalLike): Promise<void> {
    if (this.#closed || signal?.aborted || deadline <= performance.now()) return Promise.resolve()
    return new Promise((resolve) => {
      const leave = () => {
        this.#delays.splice(this.#delays.indexOf(delay), 1)
        delay.end()
        this.#schedule()
      }
      const end = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const delay: Delay = { deadline, end }
      signal?.addEventListener('abort', leave)
      // Before those of the same deadline, which came first and end first.
      const place = firstIndex(this.#delays.length, (i) => this.#delays[i]!.deadline <= deadline)
      this.#delays.splice(place, 0, delay)
      if (this.#delays.at(-1) === delay) this.#schedule()
    })
  }

  /**
   * Resolves at the end of the event loop's present turn. Answers that wait for it go out together: the first wakes the
   * client, which takes longer than to make an answer, and the others find it awake.
   */
  endOfTurn(): Promise<void> {
    this.#turnsEnd ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#turnsEnd = undefined
        resolve()
      })
    })
    return this.#turnsEnd
  }

  /** Ends every delay now, and every later one at once. */
  release(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const delay of this.#delays.splice(0).reverse()) delay.end()
  }

  #schedule(): void {
    if (this.#isTurning) return
    clearTimeout(this.#timer)
    const nearest = this.#delays.at(-1)
    if (nearest === undefined) return
    const remaining = nearest.deadline - performance.now()
    if (remaining > TURNS_MS) {
      const ms = Math.max(1, Math.floor(remaining - TIMER_LATENESS_MS))
      this.#timer = setTimeout(() => this.#turn(), Math.min(ms, MAX_TIMER_MS))
    } else {
      this.#isTurning = true
      setImmediate(() => this.#turn())
    }
  }

  /** Ends the delays that are due, in the order of their deadlines. */
  #turn(): void {
    this.#isTurning = false
    const now = performance.now()
    for (let delay = this.#delays.at(-1); delay && delay.deadline <= now; delay = this.#delays.at(-1)) {
      this.#delays.pop()
      delay.end()
    }
    this.#schedule()
  }
}
