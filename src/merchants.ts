import { Clock } from './clock.js'
import { Journal } from './journal.js'
import type { Program } from './scenarios/program.js'
import { ScenarioRun } from './scenarios/run.js'
import type { FixtureApiKey, FixtureMerchant } from './store/fixtures.js'
import { type Seed, State, seedOf } from './store/state.js'
import type { Vendor } from './vendor.js'

export type VendorName = Vendor['name']

/** Any key that begins so makes a merchant of its own on first use. */
export const SANDBOX_KEY_PREFIX = 'sandbox_'

export interface ApiKey {
  readonly key: string
  status: 'active' | 'revoked' | 'expired'
  readonly masked: boolean
  /** Null for a key that may do everything. */
  readonly permissions: readonly string[] | null
}

/** What every world begins with. */
export interface WorldSettings {
  readonly seed: number
  /** Epoch ms at which the clock stands, or null to run. */
  readonly clock: number | null
  readonly program: Program
  readonly journalSize: number
}

/** Counters of calls kept per merchant before the oldest is dropped. */
const MOST_OCCURRENCES = 100_000

/** A merchant, and with it a whole world: nothing that happens in one shows in another. */
export class World {
  readonly id: string
  readonly seed: number
  readonly clock: Clock
  readonly state: State
  readonly journal: Journal
  readonly keys: Readonly<Record<VendorName, ReadonlyMap<string, ApiKey>>>
  scenario: ScenarioRun
  /** Requests under way. */
  active = 0
  /** The `x-routing-id` each customer was last seen with. */
  readonly routing = new Map<string, string>()
  readonly #occurrences = new Map<string, number>()

  constructor(id: string, keys: World['keys'], customers: Seed, settings: WorldSettings) {
    this.id = id
    this.keys = keys
    this.seed = settings.seed
    this.clock = new Clock(settings.clock)
    this.state = new State(customers)
    this.journal = new Journal(settings.journalSize)
    this.scenario = new ScenarioRun(settings.program, settings.seed, id, this.clock)
  }

  setScenario(program: Program): void {
    this.scenario = new ScenarioRun(program, this.seed, this.id, this.clock)
  }

  /** How often something was done to a resource before: each draw for it is keyed by this. */
  occurrence(key: string): number {
    const n = this.#occurrences.get(key) ?? 0
    if (n === 0 && this.#occurrences.size >= MOST_OCCURRENCES)
      this.#occurrences.delete(this.#occurrences.keys().next().value!)
    this.#occurrences.set(key, n + 1)
    return n
  }

  forgetCounters(): void {
    this.#occurrences.clear()
    this.routing.clear()
    this.setScenario(this.scenario.program)
  }
}

const KEY_LISTS = { juspay: 'juspayApiKeys', juicyway: 'juicywayApiKeys' } as const satisfies Record<
  VendorName,
  keyof FixtureMerchant
>

/** All merchants of a sandbox, found by API key. */
export class Merchants {
  /** Requests that no known key says whose they are: they meet the scenario and are journaled, and hold nothing. */
  readonly nobody: World
  readonly #settings: WorldSettings
  readonly #most: number
  readonly #fixed = new Map<string, World>()
  /** Made by their keys; the least recently used comes first. */
  readonly #made = new Map<string, World>()
  readonly #owners: Record<VendorName, Map<string, World>> = { juspay: new Map(), juicyway: new Map() }
  readonly #template: Seed

  constructor(fixtures: readonly FixtureMerchant[], most: number, settings: WorldSettings) {
    this.#settings = settings
    this.#most = most
    const seeds = fixtures.map(seedOf)
    this.#template = seeds[0]!
    fixtures.forEach((merchant, i) => {
      this.#fixed.set(merchant.id, this.#open(merchant.id, keysOf(merchant), seeds[i]!))
    })
    this.nobody = new World('', { juspay: new Map(), juicyway: new Map() }, seedOf({ id: '' }), settings)
  }

  /** The merchant a key belongs to, made now if the key is one that makes merchants. */
  byKey(vendor: VendorName, key: string): World | undefined {
    return key.startsWith(SANDBOX_KEY_PREFIX) &&
      key.length > SANDBOX_KEY_PREFIX.length &&
      !this.#owners[vendor].has(key)
      ? this.#make(key)
      : (this.#touched(key) ?? this.#owners[vendor].get(key))
  }

  byId(id: string): World | undefined {
    return this.#fixed.get(id) ?? this.#touched(id)
  }

  /** Every world there is. */
  *all(): Generator<World> {
    yield* this.#fixed.values()
    yield* this.#made.values()
  }

  /** Keys of a vendor that would be accepted, as a hint. */
  activeKeys(vendor: VendorName): string[] {
    return Array.from(this.#fixed.values(), (world) => [...world.keys[vendor].values()])
      .flat()
      .filter(({ status }) => status === 'active')
      .map(({ key }) => key)
  }

  #make(key: string): World {
    if (this.#made.size >= this.#most) this.#dropIdle()
    const own = (): Map<string, ApiKey> => new Map([[key, apiKey({ key })]])
    const world = this.#open(key, { juspay: own(), juicyway: own() }, this.#template)
    this.#made.set(key, world)
    return world
  }

  #open(id: string, keys: World['keys'], seed: Seed): World {
    const world = new World(id, keys, seed, this.#settings)
    for (const vendor of ['juspay', 'juicyway'] as const)
      for (const key of keys[vendor].keys()) this.#owners[vendor].set(key, world)
    return world
  }

  /** Using a merchant makes it the last to be dropped. */
  #touched(id: string): World | undefined {
    const world = this.#made.get(id)
    if (world) {
      this.#made.delete(id)
      this.#made.set(id, world)
    }
    return world
  }

  #dropIdle(): void {
    for (const world of this.#made.values()) {
      if (world.active > 0) continue
      this.#drop(world)
      return
    }
  }

  #drop(world: World): void {
    this.#made.delete(world.id)
    for (const vendor of ['juspay', 'juicyway'] as const)
      for (const key of world.keys[vendor].keys()) this.#owners[vendor].delete(key)
  }
}

function keysOf(merchant: FixtureMerchant): World['keys'] {
  const map = (vendor: VendorName) =>
    new Map((merchant[KEY_LISTS[vendor]] ?? []).map((given) => [given.key, apiKey(given)]))
  return { juspay: map('juspay'), juicyway: map('juicyway') }
}

function apiKey(given: FixtureApiKey): ApiKey {
  return {
    key: given.key,
    status: given.status ?? 'active',
    masked: given.masked ?? false,
    permissions: given.permissions ?? null,
  }
}
