import type { OperationLatency } from './control-answers.js'

export interface Series {
  readonly name: string
  of(latency: OperationLatency): Readonly<Record<string, number>> | null | undefined
}

export const PUBLISHED: Series = { name: 'published', of: ({ published }) => published }
export const DRAWN: Series = { name: 'drawn', of: ({ intended }) => intended }
export const MEASURED: Series = { name: 'measured', of: ({ measured }) => measured }

/** The tables of delays, in the order in which they are drawn and listed. */
export const SERIES: readonly Series[] = [
  PUBLISHED,
  { name: 'configured', of: ({ configured }) => configured?.percentiles },
  DRAWN,
  MEASURED,
]

/** Every percentage that a table names, ascending. */
export function percentagesOf(latency: OperationLatency): string[] {
  const all = new Set(SERIES.flatMap(({ of }) => Object.keys(of(latency) ?? {})))
  return [...all].sort((a, b) => Number(a) - Number(b))
}
