import type { Look, Verdict } from './engine.js'
import type { Program, Rule, When } from './program.js'
import type { ScenarioRule } from './schema.js'

/** A rule that was asked about a call, and why it fired or did not. */
export interface RuleReason {
  readonly name: string
  readonly fired: boolean
  readonly why: string
}

/** What of a call is still known when a person asks. */
export interface CallFacts {
  readonly operation: string | null
  readonly customer: string | null
  readonly wallet: string | null
  readonly merchant: string
  readonly key: string | undefined
  header(name: string): string | null
  parameter(name: string): string | null
}

/** The rules that were asked, in their order, up to the one that fired. */
export function explain(program: Program, looks: readonly Look[], facts: CallFacts): RuleReason[] {
  return looks.flatMap(({ phase, matched }) => {
    const rules = program.rules.filter((rule) => rule.phase === phase)
    const fired = matched.find(({ held }) => held === null)?.rule
    return rules.slice(0, fired ? rules.indexOf(fired) + 1 : rules.length).map((rule) => {
      const verdict = matched.find((one) => one.rule === rule)
      const given = program.scenario.rules![rule.index]!
      const why = verdict ? held(verdict, given) : mismatch(rule, given, facts)
      return { name: rule.name, fired: rule === fired, why }
    })
  })
}

function held({ rule, on, n, held }: Verdict, { when = {} }: ScenarioRule): string {
  const ofWhat = on === '' ? '' : ` of ${on}`
  switch (held) {
    case null:
      return `fired on call ${n}${ofWhat}`
    case 'count':
      return `fires on ${countText(rule.when)}; this was call ${n}${ofWhat}`
    case 'times':
      return `fires ${rule.when.times} times${ofWhat} at most, and has`
    case 'window': {
      const { from, to, daily } = when.window ?? {}
      if (daily)
        return `fires daily from ${daily.from} until ${daily.to} (${daily.offset ?? 'UTC'}); this call came outside`
      const bounds = [
        from === undefined ? '' : ` from ${inWords(from)}`,
        to === undefined ? '' : ` until ${inWords(to)}`,
      ]
      return `fires${bounds.join('')} after the scenario began; this call came outside`
    }
    case 'chance':
      return `fires with probability ${rule.when.probability}; call ${n}${ofWhat} was not drawn`
  }
}

const inWords = (duration: string | number) => (typeof duration === 'number' ? `${duration}ms` : duration)

function countText({ nth, first, after, every }: When): string {
  const parts = [
    nth === null ? '' : `${nth.size === 1 ? 'call' : 'calls'} ${[...nth].join(', ')}`,
    every === 1 ? '' : `every ${every} calls`,
    after === 0 ? '' : `calls after ${after}`,
    first === Number.POSITIVE_INFINITY ? '' : `the first ${first} ${first === 1 ? 'call' : 'calls'}`,
  ]
  return parts.filter((part) => part !== '').join(' and ')
}

/** The first thing that a rule asks for and the call does not have. */
function mismatch(rule: Rule, { match = {} }: ScenarioRule, facts: CallFacts): string {
  const { operation, customer, wallet, merchant, key } = facts
  if (operation === null || !rule.operations.has(operation))
    return `matches ${match.operation ?? 'known operations'}, this is ${operation ?? 'no operation'}`
  const differs = (what: string, pattern: string | undefined, actual: string | null) =>
    `matches ${what} ${pattern}, this ${actual === null ? 'has none' : `is ${actual}`}`
  if (rule.wallet && (wallet === null || !rule.wallet(wallet))) return differs('wallet', match.wallet, wallet)
  if (rule.apiKey && (key === undefined || !rule.apiKey(key))) return `matches another API key`
  if (rule.merchant && !rule.merchant(merchant)) return differs('merchant', match.merchant, merchant || null)
  for (const [kind, patterns, value] of [
    ['header', rule.header, facts.header],
    ['query', rule.query, facts.parameter],
  ] as const)
    for (const [name, form] of patterns) {
      const actual = value(name)
      const [, given] = Object.entries(match[kind] ?? {}).find(([other]) => other.toLowerCase() === name.toLowerCase())!
      if (actual === null || !form(actual)) return differs(`${kind} ${name}`, given, actual)
    }
  // A customer goes by several names, and a body may be let go: these are blamed once nothing else is left.
  if (rule.customer && (customer === null || !rule.customer(customer) || rule.body.length === 0))
    return differs('customer', match.customer, customer)
  const fields = Object.entries(match.body ?? {}).map(([name, form]) => `${name} ${form}`)
  return `matches body ${fields.join(', ')}, this has another`
}
