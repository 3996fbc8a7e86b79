import { durationMs } from '../duration.js'
import { ERROR_NAMES, type ErrorName, InputError } from '../errors.js'
import { didYouMean } from '../nearest.js'
import type { Operation, Vendor } from '../vendor.js'
import { minorOf } from '../wallets/money.js'
import { type LatencyModel, quantileOf } from './latency.js'
import {
  countAllows,
  type Effect,
  type Model,
  type Pattern,
  type Phase,
  type Program,
  type Rule,
  type When,
} from './program.js'
import type { Scenario, ScenarioLatency, ScenarioModel, ScenarioRule } from './schema.js'

/**
 * Makes a scenario ready to run. Its form is known to be right; here it is held against the vendors: which operations
 * there are, which have a published table, which errors each vendor has words for.
 *
 * @throws InputError with one sentence per fault, each with its place in the file.
 */
export function compile(scenario: Scenario, vendors: readonly Vendor[], where = scenario.name): Program {
  const faults: string[] = []
  const context: Context = {
    scenario,
    vendors,
    operations: vendors.flatMap((vendor) => vendor.operations),
    fault: (path, sentence) => faults.push(`${where}:${path}: ${sentence}`),
  }
  const latency = compileLatency(context)
  const rules = (scenario.rules ?? []).map((rule, index) => compileRule(context, rule, index))
  reportShadowed(context, rules)
  if (faults.length > 0) throw new InputError(faults)
  return { name: scenario.name, latency, rules }
}

interface Context {
  readonly scenario: Scenario
  readonly vendors: readonly Vendor[]
  readonly operations: readonly Operation[]
  fault(path: string, sentence: string): void
}

/** `*` stands for any characters, `?` for one. */
export function glob(pattern: string): Pattern {
  if (!/[*?]/.test(pattern)) return (text) => text === pattern
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.')
  const expression = new RegExp(`^${source}$`, 's')
  return (text) => expression.test(text)
}

/** The operations a pattern names; none is a fault. */
function select(context: Context, pattern: string, path: string): readonly Operation[] {
  const matches = glob(pattern)
  const selected = context.operations.filter(({ id }) => matches(id))
  if (selected.length === 0) {
    const ids = context.operations.map(({ id }) => id)
    context.fault(
      path,
      `is "${pattern}", which names no operation.${didYouMean(pattern, ids)} Known: ${ids.join(', ')}`,
    )
  }
  return selected
}

function compileLatency(context: Context): Map<string, Model> {
  const latency = new Map<string, Model>()
  // A full name goes before a pattern, patterns among themselves as they are written.
  const entries = Object.entries(context.scenario.latency ?? {}).sort(
    ([a], [b]) => Number(/[*?]/.test(a)) - Number(/[*?]/.test(b)),
  )
  for (const [pattern, given] of entries) {
    const path = `latency.${pattern}`
    for (const operation of select(context, pattern, path)) {
      if (latency.has(operation.id)) continue
      const model =
        given === 'published' ? publishedModel(context, operation, path) : configuredModel(context, given, path)
      if (model) latency.set(operation.id, model)
    }
  }
  return latency
}

function publishedModel(context: Context, operation: Operation, path: string): Model | undefined {
  if (operation.latency === undefined) {
    const having = context.operations.filter(({ latency }) => latency).map(({ id }) => id)
    context.fault(
      path,
      `is "published", but no table is published for ${operation.id}; allowed: a model of your own, or one of ${having.join(', ')}`,
    )
    return undefined
  }
  const { percentiles } = operation.latency
  return {
    quantile: quantileOf({ percentiles }),
    sampling: context.scenario.sampling ?? 'scheduled',
    percentiles,
    source: 'published',
  }
}

function configuredModel(
  context: Context,
  given: Exclude<ScenarioLatency, 'published'>,
  path: string,
): Model | undefined {
  const model = plainModel(given)
  const fault = modelFault(model)
  if (fault !== undefined) {
    context.fault(path, fault)
    return undefined
  }
  const synthetic = 'synthetic' in given && given.synthetic === true
  return {
    quantile: quantileOf(model),
    sampling: ('sampling' in given ? given.sampling : undefined) ?? context.scenario.sampling ?? 'scheduled',
    percentiles: 'percentiles' in model ? model.percentiles : null,
    source: synthetic ? 'synthetic' : 'configured',
  }
}

/** The same model with its times in milliseconds. */
function plainModel(given: ScenarioModel): LatencyModel {
  if ('fixed' in given) return { fixed: durationMs(given.fixed) }
  if ('uniform' in given) return { uniform: { min: durationMs(given.uniform.min), max: durationMs(given.uniform.max) } }
  if ('lognormal' in given) {
    const { median, ...rest } = given.lognormal as Record<string, number | string>
    const [[percentage, value]] = Object.entries(rest) as [[string, number | string]]
    return { lognormal: { median: durationMs(median!), percentile: Number(percentage), value: durationMs(value) } }
  }
  return {
    percentiles: Object.fromEntries(
      Object.entries(given.percentiles).map(([percent, delay]) => [percent, durationMs(delay)]),
    ),
    ...(given.min === undefined ? {} : { min: durationMs(given.min) }),
    ...(given.max === undefined ? {} : { max: durationMs(given.max) }),
  }
}

/** What is wrong with a model's figures among themselves. */
function modelFault(model: LatencyModel): string | undefined {
  if ('fixed' in model) return undefined
  if ('uniform' in model) {
    const { min, max } = model.uniform
    return min > max ? `has a min of ${min} ms above its max of ${max} ms; allowed: min up to max` : undefined
  }
  if ('lognormal' in model) {
    const { median, percentile, value } = model.lognormal
    if (median <= 0 || value <= 0) return 'has a lognormal with a delay of 0; allowed: delays above 0'
    if (percentile === 50) return 'gives the median twice; allowed: "median" and one percentage other than 50'
    return percentile > 50 === value >= median
      ? undefined
      : `has ${value} ms at ${percentile} % beside a median of ${median} ms; allowed: delays that increase with the percentage`
  }
  const points = Object.entries(model.percentiles).sort(([a], [b]) => Number(a) - Number(b))
  const below = model.min === undefined ? [] : [['min', model.min] as const]
  const above = model.max === undefined ? [] : [['max', model.max] as const]
  const steps = [...below, ...points, ...above]
  const wrong = steps.findIndex((step, i) => i > 0 && step[1] <= steps[i - 1]![1])
  if (wrong < 0) return undefined
  const name = ([label]: readonly [string, number]) => (/\d/.test(label) ? `TP${label}` : label)
  const [before, after] = [steps[wrong - 1]!, steps[wrong]!]
  return `has ${name(after)} = ${after[1]} ms, not above ${name(before)} = ${before[1]} ms; allowed: a table that increases`
}

function compileRule(context: Context, rule: ScenarioRule, index: number): Rule {
  const path = `rules[${index}]`
  const { match = {}, when = {} } = rule
  const operations = select(context, match.operation ?? '*', `${path}.match.operation`)
  const effect = compileEffect(context, rule, operations, `${path}.effect`)
  const phase = rule.phase ?? defaultPhase(effect)
  reportPhase(context, rule, effect, phase, operations, `${path}.phase`)
  const compiled = compileWhen(when)
  reportNever(context, compiled, `${path}.when`)
  const optional = (pattern: string | undefined) => (pattern === undefined ? null : glob(pattern))
  const named = (patterns: Record<string, string> | undefined) =>
    Object.entries(patterns ?? {}).map(([name, pattern]) => [name, glob(pattern)] as const)
  return {
    index,
    name: rule.name,
    operations: new Set(operations.map(({ id }) => id)),
    customer: optional(match.customer),
    wallet: optional(match.wallet),
    apiKey: optional(match.apiKey),
    merchant: optional(match.merchant),
    header: named(match.header),
    query: named(match.query),
    body: named(match.body),
    when: compiled,
    effect,
    phase,
  }
}

/** A revoked key must already fail the request that finds it so. */
function defaultPhase(effect: Effect): Phase {
  return effect.kind === 'state' && effect.state === 'revoke-key' ? 'before-auth' : 'before-commit'
}

function compileWhen(when: NonNullable<ScenarioRule['when']>): When {
  const { nth } = when
  return {
    nth: nth === undefined ? null : new Set(typeof nth === 'number' ? [nth] : nth),
    first: when.first ?? Number.POSITIVE_INFINITY,
    after: when.after ?? 0,
    every: when.every ?? 1,
    times: when.times ?? Number.POSITIVE_INFINITY,
    probability: when.probability ?? 1,
    from: when.window?.from === undefined ? 0 : durationMs(when.window.from),
    to: when.window?.to === undefined ? Number.POSITIVE_INFINITY : durationMs(when.window.to),
    per: when.per ?? 'resource',
  }
}

function compileEffect(context: Context, rule: ScenarioRule, operations: readonly Operation[], path: string): Effect {
  const { effect } = rule
  if ('error' in effect) return { kind: 'error', error: errorName(context, effect.error, operations, `${path}.error`) }
  if ('response' in effect) {
    const { status, headers = {}, body } = effect.response
    const isText = typeof body === 'string'
    return {
      kind: 'response',
      status,
      headers: {
        'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json',
        ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
      },
      body: body === undefined ? '' : isText ? body : JSON.stringify(body),
    }
  }
  if ('fault' in effect) {
    if (effect.duration !== undefined && effect.fault !== 'dribble')
      context.fault(`${path}.duration`, `is given for "${effect.fault}"; allowed: a duration for "dribble" alone`)
    return {
      kind: 'fault',
      fault: { kind: effect.fault, duration: effect.duration === undefined ? 1000 : durationMs(effect.duration) },
    }
  }
  if ('delay' in effect) {
    const model = configuredModel(context, effect.delay, `${path}.delay`)
    return {
      kind: 'delay',
      model: model ?? { quantile: () => 0, sampling: 'scheduled', percentiles: null, source: 'configured' },
    }
  }
  return { kind: 'state', state: effect.state, balance: stateBalance(context, effect, path) }
}

function stateBalance(context: Context, effect: { state: string; balance?: number | undefined }, path: string): number {
  const wanted = effect.state === 'provider-balance'
  if (!wanted && effect.balance !== undefined)
    context.fault(`${path}.balance`, `is given for "${effect.state}"; allowed: a balance for "provider-balance" alone`)
  if (!wanted) return 0
  const minor = effect.balance === undefined ? undefined : minorOf(effect.balance)
  if (minor === undefined)
    context.fault(
      `${path}.balance`,
      `is ${effect.balance ?? 'missing'}; allowed: an amount with at most two decimals, such as 95.5`,
    )
  return minor ?? 0
}

function errorName(context: Context, given: string, operations: readonly Operation[], path: string): ErrorName {
  const name = ERROR_NAMES.find((known) => known === given)
  if (name === undefined) {
    context.fault(
      path,
      `is "${given}", which is no error.${didYouMean(given, ERROR_NAMES)} Known: ${ERROR_NAMES.join(', ')}`,
    )
    return 'server_error'
  }
  for (const vendor of context.vendors) {
    if (vendor.errors[name] !== null || !operations.some((operation) => vendor.operations.includes(operation))) continue
    const having = ERROR_NAMES.filter((known) => vendor.errors[known] !== null)
    context.fault(
      path,
      `is "${name}", for which ${vendor.name} has no form; allowed for its operations: ${having.join(', ')}`,
    )
  }
  return name
}

function reportPhase(
  context: Context,
  rule: ScenarioRule,
  effect: Effect,
  phase: Phase,
  operations: readonly Operation[],
  path: string,
): void {
  if (phase !== 'after-commit') return
  if (effect.kind === 'state')
    context.fault(path, 'is "after-commit"; allowed for a state effect: "before-auth" or "before-commit"')
  else if (operations.length > 0 && !operations.some(({ changes }) => changes))
    context.fault(
      path,
      `is "after-commit", but ${rule.match?.operation ?? 'no operation'} changes nothing; allowed: "before-auth" or "before-commit"`,
    )
}

/** Far enough for every combination of counts that a person writes. */
const COUNTS_TRIED = 10_000

function reportNever(context: Context, when: When, path: string): void {
  if (when.probability === 0)
    context.fault(`${path}.probability`, 'is 0, so the rule can never fire; allowed: above 0, up to 1')
  if (when.from >= when.to)
    context.fault(
      `${path}.window`,
      `ends at ${when.to} ms, not after its start at ${when.from} ms, so the rule can never fire; allowed: from before to`,
    )
  const candidates = when.nth ?? Array.from({ length: COUNTS_TRIED }, (_, i) => i + 1 + when.after)
  for (const n of candidates) if (countAllows(when, n)) return
  context.fault(
    path,
    'allows no call at all, so the rule can never fire; allowed: nth, first, after and every that some call meets together',
  )
}

function reportShadowed(context: Context, rules: readonly Rule[]): void {
  const given = context.scenario.rules ?? []
  rules.forEach((rule, index) => {
    const earlier = rules
      .slice(0, index)
      .find((other) => alwaysFires(other) && covers(given[other.index]!, other, given[index]!, rule))
    if (earlier)
      context.fault(
        `rules[${index}]`,
        `can never fire, because rules[${earlier.index}] ("${earlier.name}") takes every request first; allowed: the narrower rule before the wider one`,
      )
  })
}

function alwaysFires({ when }: Rule): boolean {
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

/** Whether whatever the narrower rule matches, the wider one matches too, no later in a request's way. */
function covers(wideGiven: ScenarioRule, wide: Rule, narrowGiven: ScenarioRule, narrow: Rule): boolean {
  const order: readonly Phase[] = ['before-auth', 'before-commit', 'after-commit']
  if (order.indexOf(wide.phase) > order.indexOf(narrow.phase)) return false
  if (![...narrow.operations].every((operation) => wide.operations.has(operation))) return false
  const [w, n] = [wideGiven.match ?? {}, narrowGiven.match ?? {}]
  const within = (wider: string | undefined, narrower: string | undefined) =>
    wider === undefined ||
    (narrower !== undefined && (wider === narrower || (glob(wider)(narrower) && !narrower.includes('?'))))
  const allWithin = (wider: Record<string, string> = {}, narrower: Record<string, string> = {}) =>
    Object.entries(wider).every(([name, pattern]) => within(pattern, narrower[name]))
  return (
    within(w.customer, n.customer) &&
    within(w.wallet, n.wallet) &&
    within(w.apiKey, n.apiKey) &&
    within(w.merchant, n.merchant) &&
    allWithin(w.header, n.header) &&
    allWithin(w.query, n.query) &&
    allWithin(w.body, n.body)
  )
}
