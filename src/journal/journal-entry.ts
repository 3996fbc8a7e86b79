import { changeTexts } from '../lib/json.js'
import { belowVendor } from '../lib/path.js'
import { type CallFacts, explain, type RuleReason } from '../scenarios/explain.js'
import { type Change, shownChanges } from '../wallets/changes.js'
import { type About, type Ended, type Entry, UNEVENTFUL } from './entry.js'
import { headerPairs, isCredential, redactorOf } from './redact.js'

/** One call as the journal shows it. Credentials and API keys are redacted wherever they stand. */
export interface JournalEntry
  extends About,
    Readonly<Pick<Ended, 'reason' | 'grade' | 'source' | 'rule' | 'fault' | 'intendedMs' | 'warnings'>> {
  /** Counts the merchant's calls from 1. */
  readonly id: number
  /** Arrival on the merchant's clock: ISO 8601, UTC. */
  readonly at: string
  /** Null for a request whose key is not a merchant's. */
  readonly merchant: string | null
  /** Null for a request that is not well-formed. */
  readonly vendor: string | null
  readonly request: {
    readonly method: string
    readonly path: string
    /** Without the question mark. */
    readonly query: string
    /** By name in lower case. */
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }
  /** The scenario's rules that were tried, in their order, up to the one that fired. */
  readonly rules: readonly RuleReason[]
  /** Null while the call is under way; a fault that left no answer has status null. */
  readonly response: Ended['response'] | null
  /** What it changed. Empty too where its bodies had to make room. */
  readonly changes: readonly Change[]
  /** From arrival to answer, in ms; null while the call is under way. */
  readonly measuredMs: number | null
}

const UNDER_WAY = { ...UNEVENTFUL, requestBody: '', response: null, measuredMs: null }

export function toJournalEntry(entry: Entry): JournalEntry {
  const { id, vendor, merchant, request, about, ended } = entry
  const { requestBody, response, trace, facts: _, changes, ...rest } = ended ?? UNDER_WAY
  const shown: JournalEntry = {
    id,
    vendor,
    ...about,
    ...rest,
    at: new Date(entry.at).toISOString(),
    merchant: merchant === '' ? null : merchant,
    request: { ...request, headers: withoutCredentials(headersOf(request.headers)), body: requestBody },
    response: response && { ...response, headers: withoutCredentials(response.headers) },
    reason: ended ? (ended.reason ?? scenarioReason(ended)) : null,
    rules: trace ? explain(trace.program, trace.trace, factsOf(entry)) : [],
    changes: changes ? shownChanges(changes) : [],
    warnings: [...rest.warnings],
  }
  return changeTexts(shown, redactorOf(entry))
}

function factsOf({ about, merchant, key, request, vendor }: Entry): CallFacts {
  const headers = new Map(Object.entries(headersOf(request.headers)))
  const parameters = new URLSearchParams(request.query)
  return {
    operation: about.operation,
    customerNames: about.customer === null ? [] : [about.customer],
    walletName: about.wallet ?? undefined,
    merchantId: merchant,
    path: belowVendor(request.path, vendor),
    method: request.method,
    key,
    header: (name) => headers.get(name) ?? null,
    parameter: (name) => parameters.get(name),
    field: () => undefined,
  }
}

/** Headers by name in lower case. */
export function headersOf(lines: string): Record<string, string> {
  const headers = new Map<string, string>()
  for (const [sent, value] of headerPairs(lines)) {
    const name = sent.toLowerCase()
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  // A header may have the name of something that every object has.
  return Object.fromEntries(headers)
}

const withoutCredentials = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, isCredential(name) ? 'redacted' : value]))

/** Why a call that was not refused did not get the operation's answer. */
function scenarioReason({ rule, fault, grade }: Ended): string | null {
  if (rule === null) return null
  if (fault !== null) return `The scenario's rule "${rule}" injected the fault ${fault}.`
  return grade === null ? `The scenario's rule "${rule}" answered in the operation's place.` : null
}
