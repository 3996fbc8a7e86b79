import { performance as nodePerformance } from 'node:perf_hooks'
import timers from 'node:timers'

/** Node's own timers, taken once: a test that fakes the global ones must not hold up answers. */
export const { clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } = { ...timers }

/** Node ends a timer at once that is set for longer. */
export const MAX_TIMER_MS = 0x7fffffff

/** Its methods are bound, because a fake can replace them too. */
export const performance = {
  now: nodePerformance.now.bind(nodePerformance),
  eventLoopUtilization: nodePerformance.eventLoopUtilization.bind(nodePerformance),
}
