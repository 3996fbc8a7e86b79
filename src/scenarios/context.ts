import { durationMs } from '../lib/duration.js'
import type { CatalogOperation, CatalogVendor } from './catalog.js'
import { operationMeant } from './hints.js'
import { quantileOf } from './latency.js'
import { matcher } from './pattern.js'
import type { Model } from './program.js'
import type { ScenarioModel, WholeScenario } from './schema.js'

/** What a scenario is held against while it is made ready, and where its faults go. */
export interface Context {
  readonly scenario: WholeScenario
  readonly vendors: readonly CatalogVendor[]
  readonly operations: readonly CatalogOperation[]
  readonly fault: (path: string, sentence: string) => void
  /** The lists of names that faults have shown. */
  readonly listed: Set<string>
}

/** What was meant, or all names there are where that is unknown; a list stands in the first fault alone. */
export function hint({ listed }: Context, names: readonly string[], meant: string): string {
  const all = names.join(', ')
  if (meant !== '') return meant
  if (listed.has(all)) return ' Known: those listed above'
  listed.add(all)
  return ` Known: ${all}`
}

/** The operations a pattern names; none is a fault. */
export function select(context: Context, pattern: string, path: string): readonly CatalogOperation[] {
  const matches = matcher(pattern)
  const selected = context.operations.filter(({ id }) => matches(id))
  if (selected.length === 0) {
    const ids = context.operations.map(({ id }) => id)
    const meant = operationMeant(context.vendors, pattern)
    context.fault(path, `is "${pattern}", which names no operation.${hint(context, ids, meant)}`)
  }
  return selected
}

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
