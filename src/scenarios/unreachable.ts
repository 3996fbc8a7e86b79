import { coversPattern } from './pattern.js'
import { countAllows, type Rule, type When } from './program.js'
import type { ScenarioRule } from './schema.js'
import { PHASES } from './terms.js'

/** Why a rule can never fire, whatever is asked: `[path within the rule, sentence]` each. */
export function neverFires(when: When): [string, string][] {
  const faults: [string, string][] = []
  if (when.probability === 0)
    faults.push(['.probability', 'is 0, so the rule can never fire; allowed: above 0, up to 1'])
  if (when.from >= when.to)
    faults.push([
      '.window',
      `ends at ${when.to} ms, not after its start at ${when.from} ms, so the rule can never fire; allowed: from before to`,
    ])
  // Without nth, the first multiple of `every` beyond `after` is the likeliest.
  const candidates = when.nth ?? [(Math.floor(when.after / when.every) + 1) * when.every]
  if (![...candidates].some((n) => countAllows(when, n)))
    faults.push([
      '',
      'allows no call at all, so the rule can never fire; allowed: nth, first, after and every that some call meets together',
    ])
  return faults
}

/** The rule that takes every request which `rule` matches before `rule` sees it. */
export function shadowOf(rule: Rule, rules: readonly Rule[], given: readonly ScenarioRule[]): Rule | undefined {
  return rules.find(
    (other) =>
      comesBefore(other, rule) &&
      alwaysFires(other.when) &&
      [...rule.operations].every((operation) => other.operations.has(operation)) &&
      coversMatch(given[other.index]!.match ?? {}, given[rule.index]!.match ?? {}),
  )
}

/** One rule at most fires on a request: an earlier phase goes first, then the order in the file. */
function comesBefore(a: Rule, b: Rule): boolean {
  const phases = PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase)
  return phases === 0 ? a.index < b.index : phases < 0
}

function alwaysFires(when: When): boolean {
  return (
    when.nth === null &&
    when.first === Number.POSITIVE_INFINITY &&
    when.after === 0 &&
    when.every === 1 &&
    when.times === Number.POSITIVE_INFINITY &&
    when.probability === 1 &&
    when.from === 0 &&
    when.to === Number.POSITIVE_INFINITY
  )
}

type Match = NonNullable<ScenarioRule['match']>

/** Whether whatever the narrower `match` takes, the wider one takes too; their operations aside. */
function coversMatch(wide: Match, narrow: Match): boolean {
  const one = (wider: string | undefined, narrower: string | undefined) =>
    wider === undefined || (narrower !== undefined && coversPattern(wider, narrower))
  const all = (wider: Record<string, string> = {}, narrower: Record<string, string> = {}) =>
    Object.entries(wider).every(([name, pattern]) => one(pattern, narrower[name]))
  return (
    one(wide.customer, narrow.customer) &&
    one(wide.wallet, narrow.wallet) &&
    one(wide.apiKey, narrow.apiKey) &&
    one(wide.merchant, narrow.merchant) &&
    all(wide.header, narrow.header) &&
    all(wide.query, narrow.query) &&
    all(wide.body, narrow.body)
  )
}
