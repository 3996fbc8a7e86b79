import type { AbortSignalLike } from './delays.js'

/** What waits for a time on a clock that stands, until it is advanced so far. */
export class ClockWaits extends Set<{ readonly due: number; readonly end: () => void }> {
  /** Resolves when the clock has come to `due` (epoch ms), or when `signal` aborts. */
  until(due: number, signal: AbortSignalLike): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        this.delete(wait)
        signal.removeEventListener('abort', end)
        resolve()
      }
      const wait = { due, end }
      this.add(wait)
      signal.addEventListener('abort', end)
    })
  }

  /** Ends what waited until now, in the order of its times. */
  pass(now: number): void {
    const due = [...this].filter((wait) => wait.due <= now)
    for (const { end } of due.sort((a, b) => a.due - b.due)) end()
  }
}
