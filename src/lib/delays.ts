import { clearTimeout, performance, setImmediate, setTimeout } from './timers.js'

/** An AbortSignal, or an object with as much of one as a delay needs. */
export interface AbortSignalLike {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** A delay under way. */
interface Delay {
  /** On `performance.now()`'s scale. */
  readonly deadline: number
  timer: NodeJS.Timeout | undefined
  readonly end: () => void
}

/** The last part of a delay passes in turns of the event loop, because a timer is coarse. A longer part costs CPU. */
const TURNS_MS = 0.6
/** A timer is set for this much less than the time that remains, because it can be late by as much. */
const TIMER_LATENESS_MS = 0.2
/** Node ends a timer at once that is set for longer. */
const MAX_TIMER_MS = 0x7fffffff

/** Every delay of a sandbox: a timer until its last millisecond, then turns of the event loop that all share. */
export class Delays {
  readonly #delays = new Set<Delay>()
  /** Those in their last millisecond. */
  readonly #turning = new Set<Delay>()
  #turnScheduled = false
  #turnsEnd: Promise<void> | undefined
  #closed = false

  /** How many delays are under way. */
  get size(): number {
    return this.#delays.size
  }

  /** Resolves at `deadline` (on `performance.now()`'s scale), when `signal` aborts, or at the release. */
  until(deadline: number, signal?: AbortSignalLike): Promise<void> {
    if (this.#closed || signal?.aborted || deadline <= performance.now()) return Promise.resolve()
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(delay.timer)
        this.#delays.delete(delay)
        this.#turning.delete(delay)
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const delay: Delay = { deadline, timer: undefined, end }
      signal?.addEventListener('abort', end)
      this.#delays.add(delay)
      this.#wait(delay)
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
    for (const delay of this.#delays) delay.end()
  }

  #wait(delay: Delay): void {
    const remaining = delay.deadline - performance.now()
    if (remaining > TURNS_MS) {
      const ms = Math.max(1, Math.floor(remaining - TIMER_LATENESS_MS))
      delay.timer = setTimeout(() => this.#wait(delay), Math.min(ms, MAX_TIMER_MS))
    } else {
      this.#turning.add(delay)
      this.#scheduleTurn()
    }
  }

  #scheduleTurn(): void {
    if (this.#turnScheduled) return
    this.#turnScheduled = true
    setImmediate(() => {
      this.#turnScheduled = false
      this.#turn()
    })
  }

  /** Ends the delays that are due, in the order of their deadlines. */
  #turn(): void {
    const now = performance.now()
    const due = [...this.#turning].filter(({ deadline }) => deadline <= now)
    for (const delay of due.sort((a, b) => a.deadline - b.deadline)) delay.end()
    if (this.#turning.size > 0) this.#scheduleTurn()
  }
}
