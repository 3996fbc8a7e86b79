/** What becomes of the delays that a scenario's latency models draw. */
export interface LatencyMode {
  /** As it is written: a word, or the factor. */
  readonly mode: 'real' | 'off' | 'virtual' | 'clock' | number
  /** Whether delays are drawn at all. */
  readonly drawn: boolean
  /** What a drawn delay is multiplied by before it is waited for. */
  readonly factor: number
}

export const LATENCY_MODES = '"real", "off", "virtual", "clock", or a factor from 0 such as 0.1'

/** Undefined for anything else than a mode or a factor, which may be text. */
export function parseLatencyMode(given: unknown): LatencyMode | undefined {
  if (given === 'real' || given === 'clock') return { mode: given, drawn: true, factor: 1 }
  if (given === 'off') return { mode: given, drawn: false, factor: 0 }
  if (given === 'virtual') return { mode: given, drawn: true, factor: 0 }
  const factor = typeof given === 'string' && /^\d+(\.\d+)?$/.test(given) ? Number(given) : given
  if (typeof factor !== 'number' || !Number.isFinite(factor) || factor < 0) return undefined
  return { mode: factor, drawn: true, factor }
}
