import { durationMs } from '../lib/duration.js'
import { draw, permutation } from '../lib/random.js'
import type { ScenarioModel } from './schema.js'

/** The delay in ms that a share `u` in [0, 1) of all calls stays below. */
export type Quantile = (u: number) => number

/** Above the highest point calls reach half again as far: the vendor's own tail stays under its recommended timeout. */
const BEYOND_HIGHEST = 1.5
/** Below the lowest point calls reach down to half of it. */
const BELOW_LOWEST = 0.5

/** The delays of a model, or what is wrong with its figures among themselves. */
export function quantileOf(model: ScenarioModel): Quantile | string {
  if ('fixed' in model) {
    const delay = durationMs(model.fixed)
    return () => delay
  }
  if ('uniform' in model) {
    const [min, max] = [durationMs(model.uniform.min), durationMs(model.uniform.max)]
    if (min > max) return `has a min of ${min} ms above its max of ${max} ms; allowed: min up to max`
    return (u) => min + u * (max - min)
  }
  if ('lognormal' in model) {
    const { median: middle, ...rest } = model.lognormal
    const [percentage, delay] = Object.entries(rest)[0]!
    const [median, percentile, value] = [durationMs(middle!), Number(percentage), durationMs(delay)]
    if (median <= 0 || value <= 0) return 'has a lognormal with a delay of 0; allowed: delays above 0'
    if (percentile === 50) return 'gives the median twice; allowed: "median" and one percentage other than 50'
    if (percentile > 50 !== value >= median)
      return `has ${value} ms at ${percentile} % beside a median of ${median} ms; allowed: delays that increase with the percentage`
    const sigma = Math.log(value / median) / normalQuantile(percentile / 100)
    return (u) => median * Math.exp(sigma * normalQuantile(u))
  }
  const points = Object.entries(model.percentiles)
    .map(([percent, delay]): Point => ({ percent, share: shareOf(percent), delay: durationMs(delay) }))
    .sort((a, b) => a.share - b.share)
  const min = model.min === undefined ? undefined : durationMs(model.min)
  const max = model.max === undefined ? undefined : durationMs(model.max)
  return tableFault(points, min, max) ?? tableQuantile(points, min, max)
}

interface Point {
  /** As it is written, such as "99.9". */
  readonly percent: string
  readonly share: number
  readonly delay: number
}

function tableFault(points: readonly Point[], min?: number, max?: number): string | undefined {
  const twice = points.find(({ share }, i) => share === points[i + 1]?.share)
  if (twice) return `gives ${Number(twice.percent)} % twice; allowed: each percentage once`
  const steps = [
    ...(min === undefined ? [] : [['min', min] as const]),
    ...points.map(({ percent, delay }) => [`TP${percent}`, delay] as const),
    ...(max === undefined ? [] : [['max', max] as const]),
  ]
  const wrong = steps.findIndex((step, i) => i > 0 && step[1] <= steps[i - 1]![1])
  if (wrong < 0) return undefined
  const [before, after] = [steps[wrong - 1]!, steps[wrong]!]
  return `has ${after[0]} = ${after[1]} ms, not above ${before[0]} = ${before[1]} ms; allowed: a table that increases`
}

/**
 * A percentile table that is met at every point. Between two points the logarithm of the delay follows a smooth curve
 * over the number of nines, −log₁₀(1 − u). Below the lowest point the delay rises straight from `min`, by default half of
 * it. Above the highest point it rises straight to `max`, by default one and a half of it.
 */
function tableQuantile(points: readonly Point[], min?: number, max?: number): Quantile {
  const lowest = points[0]!
  const highest = points.at(-1)!
  const floor = min ?? lowest.delay * BELOW_LOWEST
  const ceiling = max ?? highest.delay * BEYOND_HIGHEST
  const between = curve(points)
  return (u) => {
    if (u < lowest.share) return floor + (u / lowest.share) * (lowest.delay - floor)
    if (u >= highest.share)
      return highest.delay + ((u - highest.share) / (1 - highest.share)) * (ceiling - highest.delay)
    return between[points.findIndex((point) => u < point.share) - 1]!(u)
  }
}

/**
 * Fritsch and Butland's monotone cubic: through all points, never falling, with one slope on both sides of each. Straight
 * lines would put the first call above a point well beyond it, where the tail is steep.
 */
function curve(points: readonly Point[]): Quantile[] {
  const x = points.map(({ share }) => nines(share))
  const rises = points.slice(1).map(({ delay }, i) => {
    const width = x[i + 1]! - x[i]!
    const height = Math.log(delay / points[i]!.delay)
    return { width, height, slope: height / width }
  })
  const slopes = points.map((_, i) => {
    const [left, right] = [rises[i - 1] ?? rises[i], rises[i] ?? rises[i - 1]]
    if (!left || !right) return 0
    const [a, b] = [2 * right.width + left.width, right.width + 2 * left.width]
    return (a + b) / (a / left.slope + b / right.slope)
  })
  return rises.map(({ width, height }, i) => {
    const from = points[i]!.delay
    const [start, end] = [slopes[i]! * width, slopes[i + 1]! * width]
    return (u) => {
      const t = (nines(u) - x[i]!) / width
      // No logarithm leads up from nothing.
      if (from === 0) return t * points[i + 1]!.delay
      return from * Math.exp(t * (start + t * (3 * height - 2 * start - end + t * (start + end - 2 * height))))
    }
  })
}

const nines = (share: number) => -Math.log10(1 - share)

/** 99.99 % as a share. Division by 100 of the decimal's own digits, so that 0.9999 is the double that 9999/10000 is. */
const shareOf = (percent: string) => {
  const [, fraction = ''] = percent.split('.')
  return Number(percent.replace('.', '')) / 10 ** (fraction.length + 2)
}

/** The inverse of the standard normal distribution (Acklam's rational approximation, relative error below 1.2e-9). */
function normalQuantile(p: number): number {
  const clamped = Math.min(Math.max(p, 1e-12), 1 - 1e-12)
  const tail = (q: number) =>
    (((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q +
      4.374664141464968) *
      q +
      2.938163982698783) /
    ((((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1)
  if (clamped < 0.02425) return tail(Math.sqrt(-2 * Math.log(clamped)))
  if (clamped > 1 - 0.02425) return -tail(Math.sqrt(-2 * Math.log(1 - clamped)))
  const q = clamped - 0.5
  const r = q * q
  return (
    ((((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
      30.66479806614716) *
      r +
      2.506628277459239) *
      q) /
    (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
      13.28068155288572) *
      r +
      1)
  )
}

/**
 * Shares of [0, 1) for the calls of one operation, in an order that looks random, but on schedule: of every 100 calls
 * each hundredth is met once, of every 1,000 each thousandth, of every 10,000 each ten-thousandth. So every point of at
 * most two decimals, such as TP99.99, is exceeded exactly as often as it promises.
 * @returns the share of the call `k` of the operation, from 0
 */
export function scheduledShares(seed: number, ...key: readonly (string | number)[]): (k: number) => number {
  /** The shuffles in use, one per level: calls come in order, so the last is enough. */
  const shuffles: { block: number; order: number[] }[] = []
  /** Runs through `0 … size−1` in a random order, once for every `size` steps, whatever the turn. */
  const place = (level: number, size: number, step: number, turn: number): number => {
    const block = Math.floor(step / size)
    let shuffle = shuffles[level]
    if (shuffle?.block !== block) {
      shuffle = { block, order: permutation(size, seed, ...key, level, block) }
      shuffles[level] = shuffle
    }
    return shuffle.order[(step + turn) % size]!
  }
  return (k) => {
    const hundredth = place(0, 100, k, 0)
    // The turn through a shuffle begins elsewhere for each hundredth, so that neighbours do not move together.
    const thousandth = hundredth * 10 + place(1, 10, Math.floor(k / 100), hundredth)
    const tenThousandth = thousandth * 10 + place(2, 10, Math.floor(k / 1000), thousandth)
    return (tenThousandth + within(draw(seed, ...key, 'within', k))) / 10_000
  }
}

/** Keeps off the edges, where rounding could carry a share into the next ten-thousandth. */
const within = (share: number) => 0.01 + share * 0.98
