import type { TraceStep } from '../scenarios/engine.js'
import type { Entry } from './entry.js'

/** What an entry takes beside its texts, about. */
const ENTRY_BYTES = 1024

export const headBytes = ({ request: { path, query, headers } }: Entry): number =>
  ENTRY_BYTES + path.length + query.length + headers.length

/** What a rule that matched adds, about. */
const RULE_BYTES = 64

/** Bodies, and what the rules of a scenario made of the call: what is let go first. */
export function bodyBytes({ ended }: Entry): number {
  if (ended === undefined) return 0
  const bodies =
    Buffer.byteLength(ended.requestBody) + Buffer.byteLength(ended.response.body) + (ended.changes?.size ?? 0)
  return ended.trace === null ? bodies : bodies + RULE_BYTES * matchedRules(ended.trace.trace)
}

const matchedRules = (looks: readonly TraceStep[]) => looks.reduce((sum, { matched }) => sum + matched.length, 0)

/** What an entry takes in memory, in bytes, about. */
export const bytesOf = (entry: Entry): number => headBytes(entry) + bodyBytes(entry)
