import type { Entry } from '../journal/journal.js'
import { redact, secretsOf } from '../journal/redact.js'

/** One call as the journal tells it. Authorization is redacted wherever it stands. */
export interface JournalEntry
  extends Readonly<
    Pick<
      Entry,
      | 'id'
      | 'vendor'
      | 'operation'
      | 'customer'
      | 'wallet'
      | 'response'
      | 'grade'
      | 'rule'
      | 'fault'
      | 'intendedMs'
      | 'measuredMs'
      | 'warnings'
    >
  > {
  /** Arrival on the merchant's clock: ISO 8601, UTC. */
  readonly at: string
  /** Null for a request whose key is no merchant's. */
  readonly merchant: string | null
  /** Names of headers are in lower case. */
  readonly request: Omit<Entry['request'], 'headers'> & { readonly headers: Readonly<Record<string, string>> }
  /** Why this answer, in one sentence, wherever it is not the operation's own. */
  readonly reason: string | null
}

export function toJournalEntry(entry: Entry): JournalEntry {
  const { authorization, key, arrivedAt, ...rest } = entry
  const { merchant, request, response } = entry
  return redactDeep(secretsOf(entry), {
    ...rest,
    at: new Date(entry.at).toISOString(),
    merchant: merchant === '' ? null : merchant,
    request: { ...request, headers: headersOf(request.headers) },
    response: response && { ...response, headers: { ...response.headers } },
    reason: entry.reason ?? scenarioReason(entry),
    warnings: [...entry.warnings],
  })
}

/** Headers by name in lower case, Authorization redacted. */
export function headersOf(lines: string): Record<string, string> {
  const raw = lines.split('\n')
  const headers: Record<string, string> = {}
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase()
    const before = headers[name]
    if (/^(proxy-)?authorization$/.test(name)) headers[name] = 'redacted'
    else headers[name] = before === undefined ? raw[i + 1]! : `${before}, ${raw[i + 1]}`
  }
  return headers
}

/** Why a request that was not refused did not get the operation's answer. */
function scenarioReason({ rule, fault, response, grade }: Entry): string | null {
  if (rule === null || response === null) return null
  if (fault !== null) return `The scenario's rule "${rule}" injected the fault ${fault}.`
  return grade === null ? `The scenario's rule "${rule}" answered in the operation's place.` : null
}

/** A copy with the secrets blotted out of every text in it. */
function redactDeep<Value>(secrets: readonly string[], value: Value): Value {
  if (secrets.length === 0) return value
  const copy = (part: unknown): unknown => {
    if (typeof part === 'string') return redact(secrets, part)
    if (Array.isArray(part)) return part.map(copy)
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(Object.entries(part).map(([name, each]) => [name, copy(each)]))
  }
  return copy(value) as Value
}
