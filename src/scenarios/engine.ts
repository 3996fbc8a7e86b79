import type { Clock } from '../lib/clock.js'
import { draw } from '../lib/random.js'
import { Schedule } from './latency.js'
import { countAllows, type Model, nextAllowed, type Program, type Rule } from './program.js'
import type { Phase } from './terms.js'

/** What of a request the rules can look at. */
export interface Subject {
  readonly operationId: string
  /** What is counted on: the customer or wallet the request names. */
  readonly resource: string
  /** Every name of the customer: its id and the merchant's own reference. */
  readonly customerNames: readonly string[]
  readonly walletName: string | undefined
  readonly key: string | undefined
  readonly merchantId: string
  /** The event that follows from the request, where one is asked about. */
  readonly eventName?: string
  header(name: string): string | null
  parameter(name: string): string | null
  field(name: string): string | undefined
}

export interface RuleCount {
  readonly name: string
  matched: number
  fired: number
}

/** What a rule made of a request that it matches, kept as it is: most are never asked for. */
export interface Verdict {
  readonly rule: Rule
  /** What was counted on, and the how manieth match of it this was. */
  readonly on: string
  readonly n: number
  /** What kept it from firing; null where it fired. */
  readonly held: 'count' | 'times' | 'window' | 'chance' | null
}

/** What the rules of a phase made of a request: those that are not here do not match it. */
export interface Look {
  readonly phase: Phase
  readonly matched: Verdict[]
}

/** Counters kept per rule before the oldest resource's is dropped. */
const MAX_RESOURCES = 100_000

interface Count {
  matched: number
  fired: number
}

/** One merchant's run of a scenario: its counters and draws. A new one begins whenever a scenario is set. */
export class ScenarioRun {
  readonly program: Program
  readonly counts: readonly RuleCount[]
  readonly #byPhase: Readonly<Record<Phase, readonly Rule[]>>
  readonly #perResource: readonly Map<string, Count>[]
  /** What each rule matched last. */
  readonly #latest: (string | undefined)[]
  readonly #schedules = new Map<string, { schedule: Schedule; calls: number }>()
  readonly #seed: number
  readonly #merchant: string
  readonly #clock: Clock
  readonly #startedAt: number

  constructor(program: Program, seed: number, merchant: string, clock: Clock) {
    this.program = program
    this.counts = program.rules.map(({ name }) => ({ name, matched: 0, fired: 0 }))
    this.#perResource = program.rules.map(() => new Map())
    this.#latest = program.rules.map(() => undefined)
    const of = (phase: Phase) => program.rules.filter((rule) => rule.phase === phase)
    this.#byPhase = {
      'before-auth': of('before-auth'),
      'before-commit': of('before-commit'),
      'after-commit': of('after-commit'),
      event: of('event'),
    }
    this.#seed = seed
    this.#merchant = merchant
    this.#clock = clock
    this.#startedAt = clock.now()
  }

  /** The first rule of a phase that matches and fires. Its counters are claimed at once, before anything is awaited. */
  claim(phase: Phase, subject: Subject, looks?: Look[]): Rule | undefined {
    const rules = this.#byPhase[phase]
    if (rules.length === 0) return undefined
    const look: Look = { phase, matched: [] }
    looks?.push(look)
    return rules.find((rule) => matches(rule, subject) && this.#fires(rule, subject, look))
  }

  /**
   * The match on which a rule fires next, if it comes now, of what it matched last (`*` for whatever comes first); null
   * for never again, for a window that is shut, and for chance.
   */
  next({ index, when }: Rule): { call: number; resource: string } | null {
    if (when.probability < 1 || !this.#isOpen(when)) return null
    const latest = this.#latest[index]
    const { matched, fired } = this.#perResource[index]!.get(latest ?? '') ?? { matched: 0, fired: 0 }
    const call = fired >= when.times ? null : nextAllowed(when, matched)
    return call === null ? null : { call, resource: latest || '*' }
  }

  #isOpen({ from, to }: Rule['when']): boolean {
    if (from === 0 && to === Number.POSITIVE_INFINITY) return true
    const elapsed = this.#clock.now() - this.#startedAt
    return elapsed >= from && elapsed < to
  }

  /** When the window of a rule ends, in ms from now on the merchant's clock. */
  windowLeft(rule: Rule): number {
    return this.#startedAt + rule.when.to - this.#clock.now()
  }

  /** The delay in ms of the operation's next call; undefined when the scenario has no model for it. */
  latency(subject: Subject, occurrence: number): number | undefined {
    const model = this.program.latency.get(subject.operationId)
    return model && this.#drawDelay(model, 'latency', subject.operationId, subject.resource, occurrence)
  }

  /** The delay in ms that a rule adds. */
  delay(rule: Rule, model: Model, subject: Subject, occurrence: number): number {
    return this.#drawDelay(model, `rule ${rule.index}`, subject.operationId, subject.resource, occurrence)
  }

  #drawDelay(model: Model, purpose: string, operation: string, resource: string, occurrence: number): number {
    if (model.sampling === 'independent')
      return model.quantile(draw(this.#seed, purpose, this.#merchant, operation, resource, occurrence))
    const key = `${purpose} ${operation}`
    let tail = this.#schedules.get(key)
    if (tail === undefined) {
      tail = { schedule: new Schedule(this.#seed, purpose, this.#merchant, operation), calls: 0 }
      this.#schedules.set(key, tail)
    }
    return model.quantile(tail.schedule.share(tail.calls++))
  }

  #fires(rule: Rule, subject: Subject, look: Look): boolean {
    const on = countedOn(rule, subject)
    const total = this.counts[rule.index]!
    const count = this.#count(rule, on)
    const n = ++count.matched
    total.matched++
    this.#latest[rule.index] = on
    const held = this.#holds(rule, on, count)
    look.matched.push({ rule, on, n, held })
    if (held !== null) return false
    count.fired++
    total.fired++
    return true
  }

  /** What keeps a rule from firing on a request that it matches. */
  #holds({ when, index, name }: Rule, on: string, { matched, fired }: Count): Verdict['held'] {
    if (!countAllows(when, matched)) return 'count'
    if (fired >= when.times) return 'times'
    if (!this.#isOpen(when)) return 'window'
    if (when.probability === 1) return null
    return draw(this.#seed, 'fires', this.#merchant, index, name, on, matched) >= when.probability ? 'chance' : null
  }

  #count(rule: Rule, on: string): Count {
    const counts = this.#perResource[rule.index]!
    let count = counts.get(on)
    if (count === undefined) {
      if (counts.size >= MAX_RESOURCES) counts.delete(counts.keys().next().value!)
      count = { matched: 0, fired: 0 }
      counts.set(on, count)
    }
    return count
  }
}

function countedOn(rule: Rule, subject: Subject): string {
  if (rule.when.per === 'merchant') return ''
  return rule.when.per === 'operation' ? subject.operationId : subject.resource
}

function matches(rule: Rule, subject: Subject): boolean {
  if (!rule.operations.has(subject.operationId)) return false
  if (rule.customer && !subject.customerNames.some(rule.customer)) return false
  if (rule.wallet && (subject.walletName === undefined || !rule.wallet(subject.walletName))) return false
  if (rule.apiKey && (subject.key === undefined || !rule.apiKey(subject.key))) return false
  if (rule.merchant && !rule.merchant(subject.merchantId)) return false
  if (rule.event && (subject.eventName === undefined || !rule.event(subject.eventName))) return false
  const holds =
    (get: (name: string) => string | null | undefined) =>
    ([name, pattern]: readonly [string, (text: string) => boolean]) => {
      const value = get(name)
      return value !== null && value !== undefined && pattern(value)
    }
  return (
    rule.header.every(holds((name) => subject.header(name))) &&
    rule.query.every(holds((name) => subject.parameter(name))) &&
    rule.body.every(holds((name) => subject.field(name)))
  )
}
