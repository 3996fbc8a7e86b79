import { counted, plural } from '../lib/text.js'
import { holds, type Subject, textsOf } from './conditions.js'
import type { RuleOutcome, TraceStep } from './engine.js'
import type { Program, Rule, When } from './program.js'
import type { ScenarioRule } from './schema.js'

/** A rule that was tried on a call, and why it fired or did not. */
export interface RuleReason {
  readonly name: string
  readonly fired: boolean
  readonly why: string
}

/** What is still known of a call when it is explained. */
export type CallFacts = Omit<Subject, 'operationId' | 'resource'> & { readonly operation: string | null }

/** The rules that were tried, in their order, up to the one that fired. */
export function explain(program: Program, trace: readonly TraceStep[], facts: CallFacts): RuleReason[] {
  return trace.flatMap(({ phase, matched }) => {
    const rules = program.rules.filter((rule) => rule.phase === phase)
    const fired = matched.find(({ blockedBy }) => blockedBy === null)?.rule
    return rules.slice(0, fired ? rules.indexOf(fired) + 1 : rules.length).map((rule) => {
      const outcome = matched.find((one) => one.rule === rule)
      const given = program.scenario.rules![rule.index]!
      const why = outcome ? outcomeText(outcome, given) : mismatch(rule, given, facts)
      return { name: rule.name, fired: rule === fired, why }
    })
  })
}

function outcomeText({ rule, countKey: on, n, blockedBy }: RuleOutcome, { when = {} }: ScenarioRule): string {
  const ofWhat = on === '' ? '' : ` of ${on}`
  if (blockedBy === null) return `fired on call ${n}${ofWhat}`
  if (blockedBy === 'count') return `fires on ${countText(rule.when)}; this was call ${n}${ofWhat}`
  if (blockedBy === 'times') return `fires ${counted(rule.when.times, 'time')}${ofWhat} at most, and has`
  if (blockedBy === 'chance') return `fires with probability ${rule.when.probability}; call ${n}${ofWhat} was not drawn`
  const { from, to, daily } = when.window ?? {}
  if (daily)
    return `fires daily from ${daily.from} until ${daily.to} (${daily.offset ?? 'UTC'}); this call came outside`
  const begin = from === undefined ? '' : ` from ${inWords(from)}`
  const end = to === undefined ? '' : ` until ${inWords(to)}`
  return `fires${begin}${end} after the scenario began; this call came outside`
}

const inWords = (duration: string | number) => (typeof duration === 'number' ? `${duration}ms` : duration)

function countText({ nth, first, after, every }: When): string {
  const parts = [
    nth === null ? '' : `${plural(nth.size, 'call')} ${[...nth].join(', ')}`,
    every === 1 ? '' : `every ${every} calls`,
    after === 0 ? '' : `calls after ${after}`,
    first === Number.POSITIVE_INFINITY ? '' : `the first ${counted(first, 'call')}`,
  ]
  return parts.filter((part) => part !== '').join(' and ')
}

/** The first condition that the call does not meet; the last, where all that is known fits. */
function mismatch(rule: Rule, { match = {} }: ScenarioRule, facts: CallFacts): string {
  const { operation } = facts
  const subject = { ...facts, operationId: operation ?? '', resource: '' }
  if (!rule.operations.has(subject.operationId)) {
    const wanted = match.operation ?? (match.path === undefined ? 'known operations' : 'paths of no operation')
    return `matches ${wanted}, this is ${operation ?? 'no operation'}`
  }
  const differing = rule.conditions.find((condition) => !holds(condition, subject)) ?? rule.conditions.at(-1)!
  const { field, name, pattern } = differing
  if (field === 'apiKey') return 'matches another API key'
  if (field === 'body') return `matches body ${name} ${pattern}, this has another`
  const actual = textsOf(differing, subject)[0] || null
  const what = name === '' ? field : `${field} ${name}`
  return `matches ${what} ${pattern}, this ${actual === null ? 'has none' : `is ${actual}`}`
}
