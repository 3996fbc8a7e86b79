import type { ErrorName } from '../lib/errors.js'
import type { Condition } from './conditions.js'
import type { Quantile } from './latency.js'
import type { WholeScenario } from './schema.js'
import type { FaultKind, Per, Phase, StateEffect, WebhookEffect } from './terms.js'
import type { Window } from './window.js'

/** A scenario made ready to run: names resolved, times in milliseconds, patterns compiled. Shared by every merchant. */

export interface Fault {
  readonly kind: FaultKind
  /** How long a dribbled body takes, in ms. */
  readonly duration: number
}

/** A call is parked until it is released, until so many calls have come, or until its time is over. */
export interface HoldEffect {
  readonly kind: 'hold'
  /** What releases name it by. */
  readonly hold: string
  readonly until: number
  readonly ms: number
  readonly phase: Phase
}

export type Effect =
  | HoldEffect
  | { readonly kind: 'error'; readonly error: ErrorName }
  | {
      readonly kind: 'response'
      readonly status: number
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
    }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'delay' }
  | { readonly kind: 'webhook'; readonly webhook: WebhookEffect; readonly by: number }
  | { readonly kind: 'state'; readonly state: StateEffect; readonly balance: number }

export interface Model {
  readonly quantile: Quantile
  readonly sampling: 'scheduled' | 'independent'
  /** As the scenario has it, for `GET …/latency`; percentiles where it is a table. */
  readonly percentiles: Readonly<Record<string, number>> | null
  readonly source: 'published' | 'synthetic' | 'configured'
}

/** A model that holds while a window is open. */
export interface TimedModel {
  readonly window: Window | null
  readonly model: Model
  /** What its draws are for: each window has a schedule of its own. */
  readonly purpose: string
}

/** The `when` of a rule that has none: it fires on each call that it matches. */
export const EVERY_CALL = {
  nth: null as ReadonlySet<number> | null,
  first: Number.POSITIVE_INFINITY,
  after: 0,
  every: 1,
  times: Number.POSITIVE_INFINITY,
  probability: 1,
  /** Calls that a burst takes. */
  for: 1,
  /** Null while the rule may fire at any time. */
  window: null as Window | null,
  per: 'resource' as Per,
}

export type When = Readonly<typeof EVERY_CALL>

export interface Rule {
  readonly index: number
  readonly name: string
  /** Ids of the operations it may apply to; '' stands for a path that no operation has. */
  readonly operations: ReadonlySet<string>
  readonly conditions: readonly Condition[]
  readonly when: When
  readonly effect: Effect
  /** What comes before the effect, or is all of it. */
  readonly delay: Model | null
  readonly phase: Phase
}

export interface Program {
  readonly name: string
  readonly scenario: WholeScenario
  /** The models of each operation: the first whose window is open holds. */
  readonly latency: ReadonlyMap<string, readonly TimedModel[]>
  readonly rules: readonly Rule[]
  readonly answersPaths: boolean
  readonly holds: boolean
}

/** The first match after the `n`-th that the counting part of `when` lets fire; null for none. */
export function nextAllowed(when: When, n: number): number | null {
  const following = (Math.floor(Math.max(n, when.after) / when.every) + 1) * when.every
  const candidates = when.nth === null ? [following] : [...when.nth].filter((nth) => nth > n).sort((a, b) => a - b)
  return candidates.find((candidate) => countAllows(when, candidate)) ?? null
}

/** Whether the counting part of `when` lets the `n`-th match (from 1) fire. */
export function countAllows(when: When, n: number): boolean {
  return (when.nth === null || when.nth.has(n)) && n <= when.first && n > when.after && n % when.every === 0
}
