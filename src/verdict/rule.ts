import type { Evidence } from '../api/evidence.js'
import type { ClientCall } from './client-call.js'
import type { Run } from './run.js'

/** What a client did wrong, and the calls that show it. */
export interface Offence {
  /** One sentence. */
  readonly message: string
  readonly calls: readonly ClientCall[]
}

export interface ClientRule {
  /** The sentence it breaks and where that stands, or what the rule was inferred from. */
  readonly evidence: Evidence
  find(run: Run): Iterable<Offence>
}

export const offence = (message: string, calls: readonly ClientCall[]): Offence => ({ message, calls })
