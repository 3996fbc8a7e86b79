import type { FixtureCustomer } from '../fixture-files/schema.js'
import type { RunCheckpoint } from '../scenarios/engine.js'
import type { LatencyMode } from '../scenarios/latency-mode.js'
import type { Program } from '../scenarios/program.js'
import type { KeyLists } from './api-keys.js'

/** What a control request did to a merchant. */
export interface Action {
  /** Its place among all of the merchant's calls and changes. */
  readonly sequence: number
  /** Epoch ms on the merchant's clock, before and after. */
  readonly at: number
  readonly after: number
  readonly name: string
  readonly input: unknown
}

/** Everything that a merchant's next answers follow from. */
export interface MerchantFacts {
  /** Epoch ms on the merchant's clock. */
  readonly at: number
  readonly customers: Iterable<FixtureCustomer>
  readonly keys: KeyLists
  readonly seed: number
  readonly calls: () => ReadonlyMap<string, number>
  readonly program: Program
  readonly run: RunCheckpoint
  readonly routing: () => ReadonlyMap<string, string>
  readonly latency: LatencyMode
  /** How many deliveries of events came before. */
  readonly delivered: number
}

/** The facts, and the sequence number of what was last before it. */
export type Checkpoint = MerchantFacts & { readonly sequence: number }

/** How many actions are kept; one that brings a whole state counts for many. */
const MAX_WEIGHT = 10_000
const weightOf = ({ name }: Action) => (name === 'state.put' ? 100 : 1)

/** A point of a large state takes longer to make than a call. */
const MIN_INTERVAL = 100

/**
 * The order of a merchant's calls and changes, and points from which it can be repeated. As the journal drops what is
 * old, there is a new point after every half of its size: one of the last two always has all that followed in the journal.
 */
export class Steps {
  sequence = 0
  actions: Action[] = []
  /** Oldest first. */
  checkpoints: readonly Checkpoint[] = []
  readonly #facts: () => MerchantFacts
  readonly #interval: number
  #calls = 0
  #weight = 0

  /** @param journalSize entries that the merchant's journal keeps */
  constructor(journalSize: number, facts: () => MerchantFacts) {
    this.#facts = facts
    this.#interval = Math.max(MIN_INTERVAL, Math.floor(journalSize / 2))
  }

  /** The sequence number of a call that is to be handled now. */
  nextCall(): number {
    if (++this.#calls > this.#interval) this.#addCheckpoint()
    return ++this.sequence
  }

  add(done: Omit<Action, 'sequence'>): void {
    const action = { ...done, sequence: ++this.sequence }
    this.actions.push(action)
    this.#weight += weightOf(action)
    if (this.#weight > MAX_WEIGHT) this.begin()
  }

  /** Forgets what was before. */
  begin(): void {
    this.checkpoints = []
    this.#addCheckpoint()
  }

  #addCheckpoint(): void {
    this.#calls = 0
    this.checkpoints = [...this.checkpoints.slice(-1), { ...this.#facts(), sequence: this.sequence }]
    const { sequence } = this.checkpoints[0]!
    this.actions = this.actions.filter((action) => action.sequence > sequence)
    this.#weight = this.actions.reduce((sum, action) => sum + weightOf(action), 0)
  }
}
