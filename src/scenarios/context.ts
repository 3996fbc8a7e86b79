import { didYouMean } from '../lib/did-you-mean.js'
import type { CatalogOperation, CatalogVendor } from './catalog.js'
import { matcher } from './pattern.js'
import type { WholeScenario } from './schema.js'

/** What a scenario is held against while it is made ready, and where its faults go. */
export interface Context {
  readonly scenario: WholeScenario
  readonly vendors: readonly CatalogVendor[]
  readonly operations: readonly CatalogOperation[]
  fault(path: string, sentence: string): void
}

/** The operations a pattern names; none is a fault. */
export function select(context: Context, pattern: string, path: string): readonly CatalogOperation[] {
  const matches = matcher(pattern)
  const selected = context.operations.filter(({ id }) => matches(id))
  if (selected.length === 0) {
    const ids = context.operations.map(({ id }) => id)
    context.fault(
      path,
      `is "${pattern}", which names no operation.${didYouMean(pattern, ids)} Known: ${ids.join(', ')}`,
    )
  }
  return selected
}
