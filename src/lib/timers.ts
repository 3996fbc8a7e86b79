import { performance as nodePerformance } from 'node:perf_hooks'
import timers from 'node:timers'

/** Node's own timers, taken once: a test that fakes the global ones must not hold up answers. */
export const { clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } = { ...timers }

/** Its `now` is bound, because a fake can replace the method too. */
export const performance = { now: nodePerformance.now.bind(nodePerformance) }
