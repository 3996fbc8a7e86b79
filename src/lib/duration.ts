export const DAY_MS = 86_400_000
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS }

/** A duration in text; a number alone could mean any unit. */
export const DURATION_TEXT = 'a number with its unit such as "250ms", "30s", "15m", "2h"'
export const DURATION_FORM = 'milliseconds, or text such as "250ms", "30s", "15m", "2h"'

/** Milliseconds of `250`, `"250ms"`, `"1.5s"`, `"14m59s"`, `"0"`; undefined for anything else. */
export function parseDuration(value: number | string): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined
  if (value === '0') return 0
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(value)) return undefined
  const parts = value.matchAll(/([\d.]+)(ms|s|m|h|d)/g)
  return Array.from(parts, ([, count, unit]) => Number(count) * UNITS[unit!]!).reduce((sum, ms) => sum + ms, 0)
}

/** Milliseconds of a duration that a schema has checked. */
export function durationMs(value: number | string): number {
  return parseDuration(value)!
}
