import type { OperationLatency } from './answers.js'

/** The tables of delays, in the order in which they are drawn and listed. */
export const SERIES = [
  { name: 'published', of: ({ published }: OperationLatency) => published },
  { name: 'configured', of: ({ configured }: OperationLatency) => configured?.percentiles },
  { name: 'drawn', of: ({ intended }: OperationLatency) => intended },
  { name: 'measured', of: ({ measured }: OperationLatency) => measured },
] as const

/** Every percentage that a table names, ascending. */
export function percentagesOf(latency: OperationLatency): string[] {
  const all = new Set(SERIES.flatMap(({ of }) => Object.keys(of(latency) ?? {})))
  return [...all].sort((a, b) => Number(a) - Number(b))
}
