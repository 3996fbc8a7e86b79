import { performance as nodePerformance } from 'node:perf_hooks'
import timers from 'node:timers'

/** Node's own timers, taken once: a test that fakes the global ones must not hold up answers. */
export const { clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } = { ...timers }

/** Its methods are bound, because a fake can replace them too. */
export const performance = {
  now: nodePerformance.now.bind(nodePerformance),
  eventLoopUtilization: nodePerformance.eventLoopUtilization.bind(nodePerformance),
}
