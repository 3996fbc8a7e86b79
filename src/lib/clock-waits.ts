import type { AbortSignalLike } from './delays.js'

/** What waits for a time on a clock that stands, until it is advanced so far. */
export class ClockWaits {
  readonly #waits = new Set<{ readonly due: number; readonly end: () => void }>()

  /** How many wait. */
  get size(): number {
    return this.#waits.size
  }

  /** Resolves when the clock has come to `due` (epoch ms), or when `signal` aborts. */
  until(due: number, signal: AbortSignalLike): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        this.#waits.delete(wait)
        signal.removeEventListener('abort', end)
        resolve()
      }
      const wait = { due, end }
      this.#waits.add(wait)
      signal.addEventListener('abort', end)
    })
  }

  /** Ends what waited until now, in the order of its times. */
  pass(now: number): void {
    const due = [...this.#waits].filter((wait) => wait.due <= now)
    for (const { end } of due.sort((a, b) => a.due - b.due)) end()
  }
}
