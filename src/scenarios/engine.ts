import { BoundedMap } from '../lib/bounded-map.js'
import type { Clock } from '../lib/clock.js'
import { getOrMake } from '../lib/get-or-make.js'
import { draw } from '../lib/random.js'
import { holds, type Subject } from './conditions.js'
import { scheduledShares } from './latency.js'
import { countAllows, type Model, nextAllowed, type Program, type Rule, type TimedModel } from './program.js'
import { ALL_PHASES, type Phase } from './terms.js'
import { ALWAYS, isOpen, untilClosed, type Window } from './window.js'

/** What a rule made of a request that it matches, kept as it is: most are never read. */
export interface RuleOutcome {
  readonly rule: Rule
  /** What the count is kept for, and the number of this match. */
  readonly countKey: string
  readonly n: number
  /** What kept it from firing; null where it fired. */
  readonly blockedBy: 'count' | 'times' | 'window' | 'chance' | null
}

/** What the rules of a phase made of a request: those that are not here do not match it. */
export interface TraceStep {
  readonly phase: Phase
  readonly matched: RuleOutcome[]
}

/** Counters kept per rule before the oldest resource's is dropped. */
const MAX_RESOURCES = 100_000

interface Count {
  matched: number
  /** How often the rule fired, a burst counted once. */
  fired: number
  /** Calls that the burst under way still takes. */
  left: number
}

export type RunCheckpoint = ReturnType<ScenarioRun['checkpoint']>

interface Drawn {
  readonly purpose: string
  readonly operation: string
  readonly shareOf: (call: number) => number
  calls: number
}

const newCount = (): Count => ({ matched: 0, fired: 0, left: 0 })
const NO_COUNT = newCount()

/** One merchant's run of a scenario: its counters and draws. A new one begins whenever a scenario is set. */
export class ScenarioRun {
  readonly program: Program
  /** Of each rule, over all resources. */
  readonly counts: Omit<Count, 'left'>[] = []
  readonly #byPhase: Readonly<Record<Phase, readonly Rule[]>>
  readonly #perResource: Map<string, Count>[] = []
  /** What each rule matched last. */
  readonly #latest: (string | undefined)[] = []
  readonly #schedules = new Map<string, Drawn>()
  readonly #seed: number
  readonly #merchant: string
  readonly #clock: Clock
  #startedAt: number

  constructor(program: Program, seed: number, merchant: string, clock: Clock) {
    this.program = program
    for (const { index } of program.rules) {
      this.counts[index] = { matched: 0, fired: 0 }
      this.#perResource[index] = new BoundedMap(MAX_RESOURCES)
    }
    const of = (phase: Phase) => program.rules.filter((rule) => rule.phase === phase)
    this.#byPhase = Object.fromEntries(ALL_PHASES.map((phase) => [phase, of(phase)])) as Record<Phase, Rule[]>
    this.#seed = seed
    this.#merchant = merchant
    this.#clock = clock
    this.#startedAt = clock.now()
  }

  /** The first rule of a phase that matches and fires. Its counters are claimed at once, before anything is awaited. */
  claim(phase: Phase, subject: Subject, trace?: TraceStep[]): Rule | undefined {
    const rules = this.#byPhase[phase]
    if (rules.length === 0) return undefined
    const step: TraceStep = { phase, matched: [] }
    trace?.push(step)
    return rules.find((rule) => matches(rule, subject) && this.#fires(rule, subject, step))
  }

  /**
   * The match on which a rule fires next, if it comes now, of what it matched last (`*` for whatever comes first); null
   * for never again, for a window that is shut, and for chance.
   */
  next({ index, when }: Rule): { call: number; resource: string } | null {
    if (when.probability < 1 || !this.#isOpen(when.window)) return null
    const latest = this.#latest[index]
    const { matched, fired, left } = this.#perResource[index]!.get(latest ?? '') ?? NO_COUNT
    const begins = fired >= when.times ? null : nextAllowed(when, matched)
    const call = left > 0 ? matched + 1 : begins
    return call === null ? null : { call, resource: latest || '*' }
  }

  /** Whether a rule is about the path of a request that no operation answers. */
  answersPath(subject: Subject): boolean {
    const { answersPaths, rules } = this.program
    return answersPaths && rules.some((rule) => matches(rule, subject))
  }

  /** When the window of a rule ends, in ms from now on the merchant's clock. */
  windowLeft(rule: Rule): number {
    return untilClosed(rule.when.window ?? ALWAYS, this.#clock.now(), this.#startedAt)
  }

  /** The delay in ms of the operation's next call; undefined when the scenario has no model for it. */
  latency(subject: Subject, occurrence: number): number | undefined {
    const timed = this.timedModel(subject.operationId)
    return timed && this.#drawDelay(timed.model, timed.purpose, subject.operationId, subject.resource, occurrence)
  }

  /** The latency model of an operation that holds now. */
  timedModel(operationId: string): TimedModel | undefined {
    return this.program.latency.get(operationId)?.find(({ window }) => this.#isOpen(window))
  }

  #isOpen(window: Window | null): boolean {
    return window === null || isOpen(window, this.#clock.now(), this.#startedAt)
  }

  /** The delay in ms that a rule adds. */
  delay(rule: Rule, model: Model, subject: Subject, occurrence: number): number {
    return this.#drawDelay(model, `rule ${rule.index}`, subject.operationId, subject.resource, occurrence)
  }

  #drawDelay(model: Model, purpose: string, operation: string, resource: string, occurrence: number): number {
    if (model.sampling === 'independent')
      return model.quantile(draw(this.#seed, purpose, this.#merchant, operation, resource, occurrence))
    const drawn = this.#drawn(purpose, operation)
    return model.quantile(drawn.shareOf(drawn.calls++))
  }

  #drawn(purpose: string, operation: string): Drawn {
    return getOrMake(this.#schedules, `${purpose} ${operation}`, () => {
      const shareOf = scheduledShares(this.#seed, purpose, this.#merchant, operation)
      return { purpose, operation, shareOf, calls: 0 }
    })
  }

  /** Where the run is, to be written down: its start in epoch ms, what each rule matched and fired, what was drawn. */
  checkpoint() {
    return {
      startedAt: this.#startedAt,
      rules: this.counts.map((count, i) => ({
        ...count,
        on: Array.from(this.#perResource[i]!, ([on, { matched, fired, left }]) => [on, matched, fired, left] as const),
      })),
      drawn: Array.from(
        this.#schedules.values(),
        ({ purpose, operation, calls }) => [purpose, operation, calls] as const,
      ),
    }
  }

  /** Goes on from a checkpoint of a run of the same scenario. */
  resume({ startedAt, rules, drawn }: RunCheckpoint): void {
    this.#startedAt = startedAt
    for (const [i, { matched, fired, on }] of rules.entries()) {
      Object.assign(this.counts[i]!, { matched, fired })
      for (const [resource, m, f, left] of on) this.#perResource[i]!.set(resource, { matched: m, fired: f, left })
    }
    for (const [purpose, operation, calls] of drawn) this.#drawn(purpose, operation).calls = calls
  }

  #fires(rule: Rule, subject: Subject, step: TraceStep): boolean {
    const on = countKeyOf(rule, subject)
    const total = this.counts[rule.index]!
    const count = getOrMake(this.#perResource[rule.index]!, on, newCount)
    const n = ++count.matched
    total.matched++
    this.#latest[rule.index] = on
    const inBurst = count.left > 0
    if (inBurst) count.left--
    const blockedBy = this.#blockedBy(rule, on, count, inBurst)
    step.matched.push({ rule, countKey: on, n, blockedBy })
    if (blockedBy !== null) return false
    if (!inBurst) {
      count.fired++
      count.left = rule.when.for - 1
    }
    total.fired++
    return true
  }

  /** What keeps a rule from firing on a request that it matches. A burst under way depends on its window alone. */
  #blockedBy({ when, index, name }: Rule, on: string, { matched, fired }: Count, inBurst: boolean) {
    if (!this.#isOpen(when.window)) return 'window'
    if (inBurst) return null
    if (!countAllows(when, matched)) return 'count'
    if (fired >= when.times) return 'times'
    if (when.probability === 1) return null
    return draw(this.#seed, 'fires', this.#merchant, index, name, on, matched) >= when.probability ? 'chance' : null
  }
}

function countKeyOf(rule: Rule, subject: Subject): string {
  if (rule.when.per === 'merchant') return ''
  return rule.when.per === 'operation' ? subject.operationId : subject.resource
}

export const matches = (rule: Rule, subject: Subject): boolean =>
  rule.operations.has(subject.operationId) && rule.conditions.every((condition) => holds(condition, subject))
