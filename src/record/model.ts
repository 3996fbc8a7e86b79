import type { Histogram } from '../journal/latencies.js'
import { counted } from '../lib/text.js'
import type { ScenarioModel } from '../scenarios/schema.js'

/** Calls from which on there is a model, and from which on it has each point: at least two must lie beyond it. */
const LEAST_CALLS = 10
const POINTS: readonly (readonly [percentage: number, calls: number])[] = [
  [50, LEAST_CALLS],
  [90, 20],
  [99, 200],
  [99.9, 2_000],
  [99.99, 20_000],
]

/** A latency of zero has no logarithm. */
const least = (ms: number) => Math.max(0.001, ms)

/** The model of the delays that were seen, which never goes beyond them; the reason where they are too few. */
export function modelOf(seen: Histogram): ScenarioModel | string {
  const { count } = seen
  if (count < LEAST_CALLS) return `${counted(count, 'call')}, too few for percentiles; ${LEAST_CALLS} are needed`
  const points = POINTS.filter(([, calls]) => count >= calls).map(([percentage]) => percentage)
  const { 0: min, 100: max, ...percentiles } = seen.percentiles([0, ...points, 100])!
  const table = Object.fromEntries(Object.entries(percentiles).map(([percentage, ms]) => [percentage, least(ms)]))
  return { percentiles: table, min: Math.min(least(min!), ...Object.values(table)), max: least(max!) }
}
