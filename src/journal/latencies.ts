import { getOrMake } from '../lib/get-or-make.js'

/** Delays below this many ms share a bucket. */
const LEAST_MS = 0.001
/** Natural logarithm of how far apart the edges of a bucket are: half a percent. */
const WIDTH = Math.log(1.005)
/** The last bucket, at about four hours. */
const MAX_BUCKET = Math.ceil(Math.log(1.5e7 / LEAST_MS) / WIDTH)

/** How often delays fell where, in buckets half a percent wide: enough for percentiles, and bounded whatever comes. */
export class Histogram {
  count = 0
  readonly #buckets = new Map<number, number>()
  #least = Number.POSITIVE_INFINITY
  #most = 0

  /** @param ms a delay, not negative */
  add(ms: number): void {
    const bucket = ms <= LEAST_MS ? 0 : Math.min(MAX_BUCKET, Math.ceil(Math.log(ms / LEAST_MS) / WIDTH))
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1)
    this.count++
    if (ms < this.#least) this.#least = ms
    if (ms > this.#most) this.#most = ms
  }

  merge(other: Histogram): void {
    for (const [bucket, n] of other.#buckets) this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + n)
    this.count += other.count
    this.#least = Math.min(this.#least, other.#least)
    this.#most = Math.max(this.#most, other.#most)
  }

  /** Delays in ms, to a quarter of a percent, that the given percentages of all stay at or below; null of none. */
  percentiles(percentages: readonly number[]): Record<string, number> | null {
    if (this.count === 0) return null
    const ordered = [...this.#buckets].sort(([a], [b]) => a - b)
    const percentile = (percentage: number) => {
      const rank = Math.ceil((percentage / 100) * this.count)
      let passed = 0
      const [bucket] = ordered.find(([, n]) => {
        passed += n
        return passed >= rank
      })!
      const middle = LEAST_MS * Math.exp((bucket - 0.5) * WIDTH)
      return Math.round(Math.min(this.#most, Math.max(this.#least, middle)) * 1000) / 1000
    }
    return Object.fromEntries(percentages.map((percentage) => [percentage, percentile(percentage)]))
  }
}

/** Delays of one operation: as drawn, and as measured from arrival to answer. */
export interface OperationLatency {
  readonly intended: Histogram
  readonly measured: Histogram
  /** Measured ones above the timeout that the vendor recommends. */
  aboveTimeout: number
}

const noLatency = (): OperationLatency => ({ intended: new Histogram(), measured: new Histogram(), aboveTimeout: 0 })

/** The delays of a merchant's calls, by operation. */
export class Latencies extends Map<string, OperationLatency> {
  /** @param timeout what the vendor recommends, in ms */
  add(operation: string, intended: number | undefined, measured: number, timeout: number | undefined): void {
    const latency = getOrMake(this, operation, noLatency)
    if (intended !== undefined) latency.intended.add(intended)
    latency.measured.add(measured)
    if (timeout !== undefined && measured > timeout) latency.aboveTimeout++
  }
}
