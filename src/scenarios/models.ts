import { durationMs } from '../lib/duration.js'
import type { Context } from './context.js'
import { type LatencyModel, quantileOf } from './latency.js'
import type { Model } from './program.js'
import type { ScenarioModel, WholeScenario } from './schema.js'

/** What a scenario without `latency` has: every table that a vendor publishes. */
export const PUBLISHED = { '*': 'published' } as const

export function publishedModel(percentiles: Readonly<Record<string, number>>, scenario: WholeScenario): Model {
  return {
    quantile: quantileOf({ percentiles }),
    sampling: scenario.sampling ?? 'scheduled',
    percentiles,
    source: 'published',
  }
}

/** A model of the scenario's own. Undefined, with a fault reported, when its figures contradict each other. */
export function configuredModel(context: Context, given: ScenarioModel, path: string): Model | undefined {
  const model = plainModel(given)
  const wrong = modelFault(model)
  if (wrong !== undefined) {
    context.fault(path, wrong)
    return undefined
  }
  return {
    quantile: quantileOf(model),
    sampling: given.sampling ?? context.scenario.sampling ?? 'scheduled',
    percentiles: 'percentiles' in model ? model.percentiles : null,
    source: given.synthetic ? 'synthetic' : 'configured',
  }
}

/** The same model with its times in milliseconds. */
function plainModel(given: ScenarioModel): LatencyModel {
  if ('fixed' in given) return { fixed: durationMs(given.fixed) }
  if ('uniform' in given) return { uniform: { min: durationMs(given.uniform.min), max: durationMs(given.uniform.max) } }
  if ('lognormal' in given) {
    const { median, ...rest } = given.lognormal
    const [percentage, value] = Object.entries(rest)[0]!
    return { lognormal: { median: durationMs(median!), percentile: Number(percentage), value: durationMs(value) } }
  }
  return {
    percentiles: Object.fromEntries(
      Object.entries(given.percentiles).map(([percent, delay]) => [percent, durationMs(delay)]),
    ),
    ...(given.min === undefined ? {} : { min: durationMs(given.min) }),
    ...(given.max === undefined ? {} : { max: durationMs(given.max) }),
  }
}

/** What is wrong with a model's figures among themselves. */
function modelFault(model: LatencyModel): string | undefined {
  if ('fixed' in model) return undefined
  if ('uniform' in model) {
    const { min, max } = model.uniform
    return min > max ? `has a min of ${min} ms above its max of ${max} ms; allowed: min up to max` : undefined
  }
  if ('lognormal' in model) {
    const { median, percentile, value } = model.lognormal
    if (median <= 0 || value <= 0) return 'has a lognormal with a delay of 0; allowed: delays above 0'
    if (percentile === 50) return 'gives the median twice; allowed: "median" and one percentage other than 50'
    return percentile > 50 === value >= median
      ? undefined
      : `has ${value} ms at ${percentile} % beside a median of ${median} ms; allowed: delays that increase with the percentage`
  }
  return tableFault(model)
}

function tableFault({ percentiles, min, max }: Extract<LatencyModel, { percentiles: unknown }>): string | undefined {
  const points = Object.entries(percentiles).sort(([a], [b]) => Number(a) - Number(b))
  const twice = points.find(([percent], i) => Number(percent) === Number(points[i + 1]?.[0]))
  if (twice) return `gives ${Number(twice[0])} % twice; allowed: each percentage once`
  const steps = [
    ...(min === undefined ? [] : [['min', min] as const]),
    ...points.map(([percent, delay]) => [`TP${percent}`, delay] as const),
    ...(max === undefined ? [] : [['max', max] as const]),
  ]
  const wrong = steps.findIndex((step, i) => i > 0 && step[1] <= steps[i - 1]![1])
  if (wrong < 0) return undefined
  const [before, after] = [steps[wrong - 1]!, steps[wrong]!]
  return `has ${after[0]} = ${after[1]} ms, not above ${before[0]} = ${before[1]} ms; allowed: a table that increases`
}
