import { Clock } from './clock.js'
import { Journal } from './journal.js'
import { KEY_LISTS, perVendor, VENDOR_NAMES, type VendorName } from './keys.js'
import type { Program } from './scenarios/program.js'
import { ScenarioRun } from './scenarios/run.js'
import type { DataFolder } from './store/data/folder.js'
import type { MerchantRecord } from './store/data/form.js'
import type { MerchantFiles } from './store/data/merchant.js'
import type { FixtureApiKey, FixtureMerchant } from './store/fixtures.js'
import { type Seed, State, seedOf } from './store/state.js'

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
  keys: Readonly<Record<VendorName, ReadonlyMap<string, ApiKey>>>
  /** Where what changes is stored, if anywhere. */
  readonly files: MerchantFiles | undefined
  scenario: ScenarioRun
  /** Requests under way. */
  active = 0
  /** The `x-routing-id` each customer was last seen with. */
  readonly routing = new Map<string, string>()
  readonly #occurrences = new Map<string, number>()

  constructor(id: string, keys: World['keys'], customers: Seed, settings: WorldSettings, files?: MerchantFiles) {
    this.id = id
    this.keys = keys
    this.seed = settings.seed
    this.clock = new Clock(settings.clock)
    this.state = new State(customers, files)
    this.files = files
    if (files) for (const vendor of VENDOR_NAMES) recall(keys[vendor], files.record.merchant[KEY_LISTS[vendor]])
    this.journal = new Journal(settings.journalSize)
    this.scenario = new ScenarioRun(settings.program, settings.seed, id, this.clock)
  }

  /** Lets a key be accepted or refused from now on. */
  setKeyStatus(vendor: VendorName, key: ApiKey, status: ApiKey['status']): void {
    const before = key.status
    key.status = status
    if (this.files === undefined) return
    const { merchant } = this.files.record
    const list = KEY_LISTS[vendor]
    const others = merchant[list]?.filter((given) => given.key !== key.key) ?? []
    const given = merchant[list]?.find((candidate) => candidate.key === key.key)
    this.files.describe({ merchant: { ...merchant, [list]: [...others, { ...given, key: key.key, status }] } }, () => {
      key.status = before
    })
  }

  /** Other keys than before, as the fixtures now have them. */
  setKeys(keys: World['keys']): void {
    this.keys = keys
    if (this.files && Object.keys(this.files.record.merchant).length > 1)
      this.files.describe({ merchant: { id: this.id } })
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

/** All merchants of a sandbox, found by API key. */
export class Merchants {
  /** Requests that no known key says whose they are: they meet the scenario and are journaled, and hold nothing. */
  readonly nobody: World
  #settings: WorldSettings
  readonly #most: number
  readonly #fixed = new Map<string, World>()
  /** Made by their keys; the least recently used comes first. */
  readonly #made = new Map<string, World>()
  readonly #owners = perVendor(() => new Map<string, World>())
  readonly #data: DataFolder | undefined
  #template: Seed

  /** @param data where the merchants' state survives, if anywhere */
  constructor(fixtures: readonly FixtureMerchant[], most: number, settings: WorldSettings, data?: DataFolder) {
    this.#settings = settings
    this.#data = data
    this.#most = most
    const seeds = fixtures.map(seedOf)
    this.#template = seeds[0]!
    fixtures.forEach((merchant, i) => {
      this.#fixed.set(merchant.id, this.#open(merchant, seeds[i]!))
    })
    for (const { record } of data?.stored() ?? [])
      if (record.made && !this.#fixed.has(record.merchant.id)) this.#restore(record)
    this.nobody = new World('', keysOf({ id: '' }), seedOf({ id: '' }), settings)
  }

  /** Another scenario for every merchant there is and that comes. Its counters start anew. */
  setProgram(program: Program): void {
    this.#settings = { ...this.#settings, program }
    for (const world of [...this.all(), this.nobody]) world.setScenario(program)
  }

  /**
   * Other fixtures from now on. Each world's state is laid over the new ones; a merchant that they lack is gone.
   */
  setFixtures(fixtures: readonly FixtureMerchant[]): void {
    const before = this.#template
    const seeds = fixtures.map(seedOf)
    this.#template = seeds[0]!
    const ids = new Set(fixtures.map(({ id }) => id))
    for (const [id, world] of this.#fixed) {
      this.#disown(world)
      if (!ids.has(id)) this.#fixed.delete(id)
    }
    fixtures.forEach((merchant, i) => {
      const world = this.#fixed.get(merchant.id)
      if (world === undefined) {
        this.#fixed.set(merchant.id, this.#open(merchant, seeds[i]!))
        return
      }
      world.setKeys(keysOf(merchant))
      world.state.rebase(seeds[i]!)
      this.#own(world)
    })
    for (const world of this.#made.values()) if (world.state.fixtures === before) world.state.rebase(this.#template)
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
    const keys = Object.fromEntries(Object.values(KEY_LISTS).map((list) => [list, [{ key }]]))
    const world = this.#open({ id: key, ...keys }, this.#template, { made: true })
    this.#made.set(key, world)
    return world
  }

  /** A merchant that was made before the sandbox was started anew. */
  #restore({ merchant, seed = this.#settings.seed, clock }: MerchantRecord): void {
    if (this.#made.size >= this.#most) this.#dropIdle()
    const began = clock === undefined ? this.#settings.clock : clock === null ? null : Date.parse(clock)
    this.#made.set(merchant.id, this.#open(merchant, this.#template, { made: true, seed, clock: began }))
  }

  #open(merchant: FixtureMerchant, customers: Seed, own: Partial<WorldSettings> & { made?: boolean } = {}): World {
    const { id } = merchant
    const { made = false, ...differing } = own
    const settings = { ...this.#settings, ...differing }
    const files = this.#data?.merchant(id, { made, ...recorded(differing), merchant: made ? merchant : { id } })
    const keys = keysOf(merchant)
    const world = new World(id, keys, customers, settings, files)
    this.#own(world)
    return world
  }

  #own(world: World): void {
    for (const vendor of VENDOR_NAMES) for (const key of world.keys[vendor].keys()) this.#owners[vendor].set(key, world)
  }

  #disown(world: World): void {
    for (const vendor of VENDOR_NAMES) for (const key of world.keys[vendor].keys()) this.#owners[vendor].delete(key)
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
      if (world.active > 0 || world.files?.settled === false) continue
      this.#drop(world)
      return
    }
  }

  #drop(world: World): void {
    this.#made.delete(world.id)
    world.files?.drop()
    this.#disown(world)
  }
}

function keysOf(merchant: FixtureMerchant): World['keys'] {
  return perVendor((vendor) => new Map(merchant[KEY_LISTS[vendor]]?.map((given) => [given.key, apiKey(given)])))
}

/** Statuses that were changed before the sandbox was started anew. */
function recall(keys: ReadonlyMap<string, ApiKey>, stored: readonly FixtureApiKey[] = []): void {
  for (const { key, status } of stored) {
    const known = keys.get(key)
    if (known && status) known.status = status
  }
}

/** What of a merchant's settings is its own, as its record has it. */
function recorded({ seed, clock }: Partial<WorldSettings>): Pick<MerchantRecord, 'seed' | 'clock'> {
  return {
    ...(seed === undefined ? {} : { seed }),
    ...(clock === undefined ? {} : { clock: clock === null ? null : new Date(clock).toISOString() }),
  }
}

function apiKey(given: FixtureApiKey): ApiKey {
  return {
    key: given.key,
    status: given.status ?? 'active',
    masked: given.masked ?? false,
    permissions: given.permissions ?? null,
  }
}
