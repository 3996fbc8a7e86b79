/** The least time from one update of a view to the next, in ms. */
const LEAST_MS = 250

/** The same as a multiple of what the update took: calls keep most of the machine. */
const PACE = 50

/**
 * Does work on request, and at a pace of its own when requests are frequent. Work ends when it is drawn.
 *
 * @param most the longest time to the next update in ms, however slow the last one was
 */
export function paced(work: () => unknown, most: number): { ask(): void; stop(): void } {
  let isAsked = false
  let isStopped = false
  /** Set until the work is done. */
  let timer: number | undefined
  /** When it may begin anew, on `performance.now()`'s scale. */
  let due = 0
  const begin = async () => {
    isAsked = false
    const begun = performance.now()
    try {
      await work()
      await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))
    } finally {
      const took = performance.now() - begun
      due = begun + Math.min(most, Math.max(LEAST_MS, PACE * took))
      timer = undefined
      if (isAsked) ask()
    }
  }
  const ask = () => {
    isAsked = true
    if (!isStopped) timer ??= window.setTimeout(begin, due - performance.now())
  }
  const stop = () => {
    isStopped = true
    clearTimeout(timer)
  }
  return { ask, stop }
}
