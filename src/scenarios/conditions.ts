import { matcher } from './pattern.js'
import type { ScenarioRule } from './schema.js'

/** The part of a request that rules are matched against. */
export interface Subject {
  readonly operationId: string
  /** The customer or wallet that the request names; its calls are counted together. */
  readonly resource: string
  /** Every name of the customer: its id and the merchant's own reference. */
  readonly customerNames: readonly string[]
  readonly walletName: string | undefined
  readonly key: string | undefined
  readonly merchantId: string
  /** The event that follows from the request, where a rule about events is matched. */
  readonly eventName?: string
  /** Below the vendor's prefix. */
  readonly path?: string
  readonly method?: string
  header(name: string): string | null
  parameter(name: string): string | null
  field(name: string): string | undefined
}

type MatchField = Exclude<keyof NonNullable<ScenarioRule['match']>, 'operation'>

/**
 * What the pattern of each field is compared with: one of several texts has to fit. The order is the one in which a
 * mismatch is explained: a customer has several names and a body may be let go, so these come last.
 */
const MATCH_FIELDS: Readonly<
  Record<MatchField, (subject: Subject, name: string) => string | readonly string[] | null | undefined>
> = {
  wallet: ({ walletName }) => walletName,
  apiKey: ({ key }) => key,
  merchant: ({ merchantId }) => merchantId,
  event: ({ eventName }) => eventName,
  path: ({ path }) => path,
  method: ({ method }) => method,
  header: (subject, name) => subject.header(name),
  query: (subject, name) => subject.parameter(name),
  customer: ({ customerNames }) => customerNames,
  body: (subject, name) => subject.field(name),
}

/** One condition of a rule, beside its operation. */
export interface Condition {
  readonly field: MatchField
  /** The name of a header (in lower case), of a parameter or of a field of the body; '' for all else. */
  readonly name: string
  readonly pattern: string
  matches(text: string): boolean
}

export function conditionsOf(match: ScenarioRule['match'] = {}): Condition[] {
  return (Object.keys(MATCH_FIELDS) as MatchField[]).flatMap((field) => {
    const given = match[field] ?? {}
    if (typeof given === 'string') return [{ field, name: '', pattern: given, matches: matcher(given) }]
    return Object.entries(given).map(([name, pattern]) => ({
      field,
      name: field === 'header' ? name.toLowerCase() : name,
      pattern,
      matches: matcher(pattern),
    }))
  })
}

/** The texts that a condition's pattern is compared with. */
export const textsOf = ({ field, name }: Condition, subject: Subject): readonly string[] =>
  [MATCH_FIELDS[field](subject, name) ?? []].flat()

/** Most fields have one text, for which a list takes longer than to compare it. */
export function holds(condition: Condition, subject: Subject): boolean {
  const given = MATCH_FIELDS[condition.field](subject, condition.name)
  return typeof given === 'string' ? condition.matches(given) : (given ?? []).some((text) => condition.matches(text))
}
