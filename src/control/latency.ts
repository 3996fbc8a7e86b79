import { Histogram } from '../journal/latencies.js'
import type { Model } from '../scenarios/program.js'
import type { Scope } from './scope.js'

/** Milliseconds by percentage. */
type Percentiles = Readonly<Record<string, number>>

interface OperationReport {
  readonly calls: number
  /** The vendor's own table. */
  readonly published: Percentiles | null
  /** What the scenario in force sets: the vendor's table, one of its own, or one that follows from its model. */
  readonly configured: { readonly source: Model['source']; readonly percentiles: Percentiles } | null
  /** Delays as drawn, before the factor of `--latency`. */
  readonly intended: Percentiles | null
  /** Delays from arrival to answer. */
  readonly measured: Percentiles | null
}

export interface LatencyReport {
  readonly operations: Readonly<Record<string, OperationReport>>
}

const PERCENTAGES = [50, 90, 99, 99.9, 99.99]

/** Delays of every operation since the scenario was set. */
export function latencyReport(scope: Scope): LatencyReport {
  const { latency } = scope.lead().scenario.program
  const merchants = scope.merchants()
  const operations = scope.vendors.flatMap((vendor) => vendor.operations)
  return {
    operations: Object.fromEntries(
      operations.map((operation) => {
        const [intended, measured] = [new Histogram(), new Histogram()]
        for (const { latencies } of merchants) {
          const one = latencies.byOperation.get(operation.id)
          if (one === undefined) continue
          intended.merge(one.intended)
          measured.merge(one.measured)
        }
        const model = latency.get(operation.id)
        const report: OperationReport = {
          calls: measured.count,
          published: operation.latency?.percentiles ?? null,
          configured: model ? { source: model.source, percentiles: model.percentiles ?? pointsOf(model) } : null,
          intended: intended.percentiles(PERCENTAGES),
          measured: measured.percentiles(PERCENTAGES),
        }
        return [operation.id, report]
      }),
    ),
  }
}

function pointsOf({ quantile }: Model): Percentiles {
  return Object.fromEntries(
    PERCENTAGES.map((percentage) => [percentage, Math.round(quantile(percentage / 100) * 1000) / 1000]),
  )
}
