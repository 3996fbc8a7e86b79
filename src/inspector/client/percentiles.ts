import type { OperationLatency } from './control-answers.js'

/** The tables of delays, in the order in which they are drawn and listed. */
export const SERIES = {
  published: ({ published }: OperationLatency) => published,
  configured: ({ configured }: OperationLatency) => configured?.percentiles,
  drawn: ({ intended }: OperationLatency) => intended,
  measured: ({ measured }: OperationLatency) => measured,
}

export type Series = keyof typeof SERIES

export const NAMES = Object.keys(SERIES) as Series[]

/** Every percentage that a table names, ascending. */
export function percentagesOf(latency: OperationLatency): string[] {
  const all = new Set(NAMES.flatMap((name) => Object.keys(SERIES[name](latency) ?? {})))
  return [...all].sort((a, b) => Number(a) - Number(b))
}
