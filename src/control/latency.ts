import { Histogram } from '../journal/latencies.js'
import { type LatencyMode, parseLatencyMode } from '../scenarios/latency-mode.js'
import type { Model } from '../scenarios/program.js'
import { type ControlInput, checkInput } from './check.js'
import type { Scope } from './scope.js'

/** Milliseconds by percentage. */
type Percentiles = Readonly<Record<string, number>>

interface OperationReport {
  readonly calls: number
  /** The vendor's own table. */
  readonly published: Percentiles | null
  /** Its page, and how a doubtful figure of it is read. */
  readonly publishedSource: string | null
  /**
   * What the scenario in force sets: the vendor's table, one of its own, or one that follows from its model. Of several by
   * window it is the one that holds now, else the first.
   */
  readonly configured: { readonly source: Model['source']; readonly percentiles: Percentiles } | null
  /** Delays as drawn, before the factor of `--latency`. */
  readonly intended: Percentiles | null
  /** Delays from arrival to answer. */
  readonly measured: Percentiles | null
  /** What the vendor recommends to its clients; null where its page has none. */
  readonly recommendedTimeoutMs: number | null
  /** Measured calls that took longer than that. */
  readonly aboveTimeout: number
}

export interface LatencyReport {
  /** What becomes of a drawn delay. */
  readonly mode: LatencyMode['mode']
  readonly operations: Readonly<Record<string, OperationReport>>
}

const PERCENTAGES = [50, 90, 99, 99.9, 99.99]

/** Sets what becomes of drawn delays from the next call on. */
export async function setLatency(scope: Scope, given: ControlInput<'latency'>): Promise<LatencyReport> {
  const { mode } = await checkInput('latency', given)
  const latency = parseLatencyMode(mode)!
  for (const merchant of scope.merchants())
    merchant.perform('latency', { mode }, () => {
      merchant.latency = latency
    })
  return latencyReport(scope)
}

/** Delays of every operation since the scenario was set. */
export function latencyReport(scope: Scope): LatencyReport {
  const lead = scope.lead()
  const merchants = scope.merchants()
  const operations = scope.vendors.flatMap((vendor) => vendor.operations)
  return {
    mode: lead.latency.mode,
    operations: Object.fromEntries(
      operations.map((operation) => {
        const [intended, measured] = [new Histogram(), new Histogram()]
        let aboveTimeout = 0
        for (const { latencies } of merchants) {
          const one = latencies.get(operation.id)
          if (one === undefined) continue
          intended.merge(one.intended)
          measured.merge(one.measured)
          aboveTimeout += one.aboveTimeout
        }
        const [first] = lead.scenario.program.latency.get(operation.id) ?? []
        const { model } = lead.scenario.timedModel(operation.id) ?? first ?? {}
        const report: OperationReport = {
          calls: measured.count,
          published: operation.latency?.percentiles ?? null,
          publishedSource: operation.latency?.source ?? null,
          configured: model ? { source: model.source, percentiles: model.percentiles ?? pointsOf(model) } : null,
          intended: intended.percentiles(PERCENTAGES),
          measured: measured.percentiles(PERCENTAGES),
          recommendedTimeoutMs: operation.latency?.timeoutMs ?? null,
          aboveTimeout,
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
