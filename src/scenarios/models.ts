import { durationMs } from '../lib/duration.js'
import type { Context } from './context.js'
import { quantileOf } from './latency.js'
import type { Model } from './program.js'
import type { ScenarioModel } from './schema.js'

/** What a scenario without `latency` has: every table that a vendor publishes. */
export const PUBLISHED = { '*': 'published' } as const

/** A model made ready to draw from. Undefined, with a fault reported, when its figures contradict each other. */
export function compileModel(
  { scenario, fault }: Context,
  given: ScenarioModel,
  path: string,
  source: Model['source'] = given.synthetic ? 'synthetic' : 'configured',
): Model | undefined {
  const quantile = quantileOf(given)
  if (typeof quantile === 'string') {
    fault(path, quantile)
    return undefined
  }
  const table = 'percentiles' in given ? Object.entries(given.percentiles) : undefined
  return {
    quantile,
    sampling: given.sampling ?? scenario.sampling ?? 'scheduled',
    percentiles: table ? Object.fromEntries(table.map(([percent, delay]) => [percent, durationMs(delay)])) : null,
    source,
  }
}
