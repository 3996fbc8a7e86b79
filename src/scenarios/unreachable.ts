import { isDeepStrictEqual } from 'node:util'
import { getOrMake } from '../lib/get-or-make.js'
import { covers, isPattern } from './pattern.js'
import { EVERY_CALL, nextAllowed, type Rule, type When } from './program.js'
import { ALL_PHASES, EVENT_PHASE } from './terms.js'
import { neverOpens } from './window.js'

/** Why a rule can never fire, whichever calls come: `[place within the rule, sentence]` each. */
export function* neverFires(when: When): Generator<[within: string, sentence: string]> {
  if (when.probability === 0) yield ['.when.probability', 'is 0, so the rule can never fire; allowed: above 0, up to 1']
  const closed = when.window && neverOpens(when.window)
  if (closed) yield [`.when.window${closed[0]}`, closed[1]]
  if (nextAllowed(when, 0) === null)
    yield [
      '.when',
      'allows no call at all, so the rule can never fire; allowed: nth, first, after and every that some call meets together',
    ]
}

/** Rules that bind the same fields and always fire, each list in the order in which they are tried. */
interface Group {
  readonly fields: readonly string[]
  /** Rules by their texts, where none of them is a pattern. */
  readonly exact: Map<string, Rule[]>
  readonly wide: [Rule, readonly ((narrow: string) => boolean)[]][]
}

/**
 * Finds the rule that takes every request which a rule matches before that rule sees it. Rules are looked up by what
 * they bind, as comparing each of 10,000 with every other takes seconds.
 */
export function shadowFinder(rules: readonly Rule[]): (rule: Rule) => Rule | undefined {
  // One rule at most fires on a request: an earlier phase goes first, then the order in the file.
  const tried = ALL_PHASES.flatMap((phase) => rules.filter((rule) => rule.phase === phase))
  const turn = new Map(tried.map((rule, index) => [rule, index]))
  const patterns = new Map(rules.map((rule) => [rule, patternsOf(rule)]))
  const groups = groupsOf(tried, patterns)
  return (rule) => {
    const own = patterns.get(rule)!
    const comesBefore = (other: Rule) =>
      turn.get(other)! < turn.get(rule)! && (other.phase === EVENT_PHASE) === (rule.phase === EVENT_PHASE)
    const hasOperations = (other: Rule) => [...rule.operations].every((operation) => other.operations.has(operation))
    const found = groups.flatMap(({ fields, exact, wide }) => {
      const texts = fields.map((field) => own.get(field))
      if (!texts.every((text) => text !== undefined)) return []
      const same = exact.get(JSON.stringify(texts))?.find(hasOperations)
      const wider = wide.find(
        ([other, covers]) =>
          other === rule || (covers.every((covering, i) => covering(texts[i]!)) && hasOperations(other)),
      )?.[0]
      return [same, wider].filter((other) => other !== undefined && comesBefore(other)) as Rule[]
    })
    return found.sort((a, b) => a.index - b.index)[0]
  }
}

/** The patterns of a rule's conditions, by what they are compared with. */
const patternsOf = ({ conditions }: Rule): ReadonlyMap<string, string> =>
  new Map(conditions.map(({ field, name, pattern }) => [`${field}.${name}`, pattern]))

function groupsOf(rules: readonly Rule[], patterns: ReadonlyMap<Rule, ReadonlyMap<string, string>>): Group[] {
  const groups = new Map<string, Group>()
  for (const rule of rules.filter(({ when }) => alwaysFires(when))) {
    const fields = [...patterns.get(rule)!.keys()]
    const texts = [...patterns.get(rule)!.values()]
    const group = getOrMake(groups, JSON.stringify(fields), () => ({ fields, exact: new Map(), wide: [] }))
    if (texts.some(isPattern)) group.wide.push([rule, texts.map(covers)])
    else getOrMake(group.exact, JSON.stringify(texts), () => []).push(rule)
  }
  return [...groups.values()]
}

/** For how many calls a burst lasts, and for whom calls are counted, does not matter to a rule that fires on each. */
const alwaysFires = (when: When) => isDeepStrictEqual(when, { ...EVERY_CALL, for: when.for, per: when.per })
