import type { TraceStep } from '../scenarios/engine.js'
import { countOf } from '../wallets/changes.js'
import type { Entry } from './entry.js'

/** What an entry takes beside its texts, about. */
const ENTRY_BYTES = 1024

export const headBytes = ({ request: { path, query, headers } }: Entry): number =>
  ENTRY_BYTES + path.length + query.length + headers.length

/** What a rule that matched adds, about. */
const RULE_BYTES = 64

/** What a thing that changed adds, about. Its texts are those of the body, or of what was there before. */
const CHANGE_BYTES = 512

/** Bodies, and what the rules of a scenario made of the call: what is let go first. */
export function bodyBytes({ ended }: Entry): number {
  if (ended === undefined) return 0
  const { requestBody, response, trace, changes } = ended
  const bodies = Buffer.byteLength(requestBody) + Buffer.byteLength(response.body)
  return bodies + RULE_BYTES * (trace ? matchedRules(trace.trace) : 0) + CHANGE_BYTES * (changes ? countOf(changes) : 0)
}

const matchedRules = (trace: readonly TraceStep[]) => trace.reduce((sum, { matched }) => sum + matched.length, 0)

/** What an entry takes in memory, in bytes, about. */
export const bytesOf = (entry: Entry): number => headBytes(entry) + bodyBytes(entry)
