import { KEY_LISTS, perVendor, VENDOR_NAMES, type VendorName } from '../fixtures/key-lists.js'
import type { FixtureMerchant } from '../fixtures/schema.js'
import { Clock } from '../lib/clock.js'
import { InputError } from '../lib/errors.js'
import type { Program } from '../scenarios/program.js'
import type { DataFolder, Facts } from '../store/data/folder.js'
import type { MerchantFiles } from '../store/data/merchant.js'
import { type Baseline, baselineOf } from '../store/state.js'
import { type KeyLists, keyListsOf, Merchant, type Origin, type ResetPart } from './merchant.js'

/** Any key that begins so makes a merchant of its own on first use. */
export const SANDBOX_KEY_PREFIX = 'sandbox_'

/** The longest id that a fixture file can name. */
const LONGEST_ID = 256

const makesMerchant = (key: string) =>
  key.startsWith(SANDBOX_KEY_PREFIX) && key.length > SANDBOX_KEY_PREFIX.length && key.length <= LONGEST_ID

/** What every merchant begins with. */
export interface MerchantSettings {
  readonly seed: number
  /** Epoch ms at which the clock stands, or null to run. */
  readonly clock: number | null
  readonly program: Program
  readonly journalSize: number
}

/** A merchant that is asked for, with what it differs in from a copy of the fixtures' first one. */
export interface NewMerchant {
  readonly id: string
  readonly seed?: number | undefined
  readonly clock?: number | null | undefined
  readonly program?: Program | undefined
  readonly fixture?: FixtureMerchant | undefined
}

/** All merchants of a sandbox, found by API key. */
export class MerchantRegistry {
  /**
   * Requests that no known key says whose they are: they meet the scenario and are journaled, and hold nothing. Its clock
   * and scenario are the server's, which every merchant made later begins with.
   */
  readonly anonymous: Merchant
  readonly #settings: MerchantSettings
  readonly #most: number
  readonly #fixed = new Map<string, Merchant>()
  /** Made by their keys; the least recently used comes first. */
  readonly #made = new Map<string, Merchant>()
  readonly #owners = perVendor(() => new Map<string, Merchant>())
  readonly #data: DataFolder | undefined
  /** What is stored of merchants of the fixtures that were dropped. */
  readonly #dropped = new Map<string, MerchantFiles>()
  #fixtures: readonly Origin[]

  /** @param data where the merchants' state survives, if anywhere */
  constructor(fixtures: readonly FixtureMerchant[], most: number, settings: MerchantSettings, data?: DataFolder) {
    const { seed, clock, program, journalSize } = settings
    this.#settings = settings
    this.#most = most
    this.#data = data
    const anonymous: Origin = { id: '', seed, clock, customers: baselineOf({ id: '' }), keys: {}, made: false }
    this.anonymous = new Merchant(anonymous, { clock: new Clock(), program, journalSize })
    this.#fixtures = this.#originsOf(fixtures)
    for (const origin of this.#fixtures) {
      const files = this.#filesOf(origin)
      if (files?.record.dropped) this.#dropped.set(origin.id, files)
      else if (files?.record.made) this.#revive(files)
      else this.#open(origin, files)
    }
    for (const files of data?.stored() ?? [])
      if (files.record.made && !files.record.dropped) this.#revive(data!.merchant(files.merchantId, files.record))
  }

  #originsOf(fixtures: readonly FixtureMerchant[]): Origin[] {
    const { seed } = this.#settings
    return fixtures.map((merchant) => ({
      id: merchant.id,
      seed,
      customers: baselineOf(merchant),
      keys: keyListsOf(merchant),
      made: false,
    }))
  }

  /** The customers that a merchant made by its key begins with: the first fixture merchant's. */
  get #template(): Baseline {
    return this.#fixtures[0]!.customers
  }

  /** Other fixtures from now on. Each merchant's state is laid over the new ones; a merchant that they lack is gone. */
  setFixtures(fixtures: readonly FixtureMerchant[]): void {
    const template = this.#template
    const before = this.#fixtures
    const next = this.#originsOf(fixtures)
    const own = [...this.#fixed.values()].filter(({ made }) => !made)
    this.#refuseTaken(
      next.map(({ id, keys }) => [id, keys]),
      own,
    )
    this.#fixtures = next
    for (const merchant of own) {
      this.#disown(merchant)
      if (!this.#ofFixtures(merchant.id)) this.#fixed.delete(merchant.id)
    }
    for (const origin of this.#fixtures) {
      const merchant = this.#standing(origin.id)
      if (merchant === undefined) {
        // One that was dropped stays away until all are reset.
        if (!before.some(({ id }) => id === origin.id)) this.#open(origin)
      } else if (!merchant.made) {
        merchant.rebase(origin.customers, origin.keys)
        this.#own(merchant)
      }
    }
    for (const merchant of this.all()) if (merchant.liesOver(template)) merchant.rebase(this.#template)
  }

  /** Resolves when everything that was changed is on disk. @throws Refusal when it could not be stored */
  async stored(): Promise<void> {
    await Promise.all(Array.from(this.all(), ({ files }) => files?.stored()))
  }

  /** The merchant a key belongs to, made now if the key is one that makes merchants. */
  byKey(vendor: VendorName, key: string): Merchant | undefined {
    if (!this.#owners[vendor].has(key) && !this.has(key) && makesMerchant(key)) return this.#makeByKey(key)
    return this.#touched(key) ?? this.#owners[vendor].get(key)
  }

  /** The merchant of an id, made now if the id is a key that makes merchants. */
  byId(id: string): Merchant | undefined {
    return this.#fixed.get(id) ?? this.#touched(id) ?? (makesMerchant(id) ? this.#makeByKey(id) : undefined)
  }

  /** Whether the fixtures have it, and it was dropped. */
  isDropped(id: string): boolean {
    return !this.has(id) && this.#ofFixtures(id) !== undefined
  }

  has(id: string): boolean {
    return this.#standing(id) !== undefined
  }

  #standing(id: string): Merchant | undefined {
    return this.#fixed.get(id) ?? this.#made.get(id)
  }

  #remove(id: string): void {
    this.#fixed.delete(id)
    this.#made.delete(id)
  }

  #ofFixtures(id: string): Origin | undefined {
    return this.#fixtures.find((origin) => origin.id === id)
  }

  /** Every merchant there is. */
  *all(): Generator<Merchant> {
    yield* this.#fixed.values()
    yield* this.#made.values()
  }

  get size(): number {
    return this.#fixed.size + this.#made.size
  }

  /** Keys of a vendor that would be accepted, as a hint. */
  *activeKeys(vendor: VendorName): Generator<string> {
    for (const merchant of this.#fixed.values())
      for (const { key, status } of merchant.keys[vendor].values()) if (status === 'active') yield key
  }

  /**
   * The id must be a new one.
   *
   * @throws InputError when a key is taken, or there are as many as there may be
   * @throws Refusal when the disk keeps what another one of the id has left
   */
  create({ id, seed = this.#settings.seed, clock, program, fixture }: NewMerchant): Merchant {
    const made = [...this.#fixed.values()].filter((merchant) => merchant.made).length
    if (!makesMerchant(id) && made >= this.#most)
      throw new InputError(
        `There are ${this.#most} merchants made this way, as many as --max-merchants allows; drop one.`,
      )
    const keys = this.#keysFor(id, fixture)
    this.#refuseTaken([[id, keys]], [])
    const merchant = this.#make({ id, seed, keys, ...(clock === undefined ? {} : { clock }) }, fixture)
    merchant.files?.describe({})
    if (program) merchant.setScenario(program)
    return merchant
  }

  /**
   * @returns where it is stored that it is gone, if that takes a while
   * @throws Refusal when the disk keeps it; nothing has changed then
   */
  drop(merchant: Merchant): MerchantFiles | undefined {
    const { id, files } = merchant
    const ofFixtures = this.#ofFixtures(id)
    // One that was made in the place of one of the fixtures leaves nothing to that one.
    if (files && (ofFixtures === undefined || merchant.made)) files.drop()
    this.#remove(id)
    this.#disown(merchant)
    if (files === undefined || ofFixtures === undefined) return undefined
    const left = merchant.made ? this.#data!.newMerchant(id, recordOf(ofFixtures)) : files
    left.describe({ dropped: true })
    this.#dropped.set(id, left)
    return left
  }

  /** One merchant back to how it was made. */
  reset(merchant: Merchant, parts: ReadonlySet<ResetPart>): void {
    this.#disown(merchant)
    merchant.reset(parts)
    this.#own(merchant)
  }

  /** Every merchant back to how it was made, and with the state the fixtures' merchants that were dropped. */
  resetAll(parts: ReadonlySet<ResetPart>): void {
    this.anonymous.reset(parts)
    if (parts.has('state')) for (const origin of this.#fixtures) if (!this.has(origin.id)) this.#open(origin)
    for (const merchant of this.all()) this.reset(merchant, parts)
  }

  /** Replaces what a merchant holds. @throws InputError when a key is another merchant's; nothing has changed then. */
  restore(merchant: Merchant, fixture: FixtureMerchant): void {
    const keys = this.#keysFor(merchant.id, fixture, merchant)
    this.#refuseTaken([[merchant.id, keys]], [merchant])
    this.#disown(merchant)
    merchant.restore(fixture, keys)
    this.#own(merchant)
  }

  /**
   * Replaces what all merchants hold.
   *
   * @returns those that are not named, which are to be dropped once the others are stored
   * @throws InputError as for one
   * @throws Refusal as for one that is made; of those that are there nothing has changed then
   */
  restoreAll(fixtures: readonly FixtureMerchant[]): Merchant[] {
    const making = fixtures.filter(({ id }) => makesMerchant(id) && !this.#ofFixtures(id)).length
    if (making > this.#most)
      throw new InputError(
        `state:merchants: has ${making} of ${SANDBOX_KEY_PREFIX}… keys; allowed: --max-merchants, which is ${this.#most}`,
      )
    const existing = new Map(Array.from(this.all(), (merchant) => [merchant.id, merchant]))
    const next = fixtures.map((fixture) => {
      const merchant = existing.get(fixture.id)
      return { fixture, merchant, keys: this.#keysFor(fixture.id, fixture, merchant) }
    })
    this.#refuseTaken(
      next.map(({ fixture, keys }) => [fixture.id, keys]),
      [...existing.values()],
    )
    // What the disk can refuse comes before anything that is there is changed.
    for (const { fixture, merchant } of next)
      if (!merchant && !this.#ofFixtures(fixture.id)) this.#data?.forget(fixture.id)
    const named = new Set(fixtures.map(({ id }) => id))
    const unnamed = [...existing.values()].filter(({ id }) => !named.has(id))
    for (const merchant of existing.values()) this.#disown(merchant)
    for (const { id } of unnamed) this.#remove(id)
    const targets = next.map(({ fixture, merchant, keys }) => ({
      fixture,
      keys,
      merchant: merchant ?? this.#opened(fixture, keys),
    }))
    for (const { merchant } of targets) this.#disown(merchant)
    for (const { fixture, merchant, keys } of targets) {
      merchant.restore(fixture, keys)
      this.#own(merchant)
    }
    return unnamed
  }

  /** One that is not there: of the fixtures, where it was dropped, or a new one. */
  #opened(merchant: FixtureMerchant, keys: KeyLists): Merchant {
    const ofFixtures = this.#ofFixtures(merchant.id)
    return ofFixtures
      ? this.#open(ofFixtures)
      : this.#make({ id: merchant.id, seed: this.#settings.seed, keys }, merchant)
  }

  /** A merchant's keys: those its fixture brings, else those it has, else ones that follow from its id. */
  #keysFor(id: string, fixture: FixtureMerchant | undefined, merchant?: Merchant): KeyLists {
    const brings = VENDOR_NAMES.some((vendor) => (fixture?.[KEY_LISTS[vendor]] ?? []).length > 0)
    if (brings && fixture!.id === id) return keyListsOf(fixture!)
    if (merchant) return merchant.keyLists()
    const key = (vendor: VendorName) => (makesMerchant(id) ? id : `test_${id}_${vendor}`)
    return Object.fromEntries(VENDOR_NAMES.map((vendor) => [KEY_LISTS[vendor], [{ key: key(vendor) }]]))
  }

  /** Refuses keys that a merchant other than those `replaced` has, or that two of the `claims` name. */
  #refuseTaken(claims: readonly (readonly [string, KeyLists])[], replaced: readonly Merchant[]): void {
    const faults: string[] = []
    for (const vendor of VENDOR_NAMES) {
      const claimed = new Map<string, string>()
      for (const [id, lists] of claims)
        for (const { key } of lists[KEY_LISTS[vendor]] ?? []) {
          const owner = this.#owners[vendor].get(key)
          const holder = claimed.get(key) ?? (owner && !replaced.includes(owner) ? owner.id : undefined)
          if (holder !== undefined && holder !== id)
            faults.push(
              `${KEY_LISTS[vendor]}: merchant "${id}" has a key of merchant "${holder}"; allowed: keys of its own`,
            )
          claimed.set(key, id)
        }
    }
    if (faults.length > 0) throw new InputError(faults)
  }

  /** One of the fixtures that was dropped stays away. */
  #makeByKey(key: string): Merchant | undefined {
    if (this.#ofFixtures(key)) return undefined
    return this.#make({ id: key, seed: this.#settings.seed, keys: this.#keysFor(key, undefined) })
  }

  /** @param fixture what it begins with and a reset takes it back to, unless that is the fixtures' first merchant's */
  #make(facts: Pick<Origin, 'id' | 'seed' | 'keys' | 'clock'>, fixture?: FixtureMerchant): Merchant {
    const whole = fixture && { ...fixture, ...facts.keys, id: facts.id, snapshot: undefined }
    const origin = { ...facts, customers: whole ? baselineOf(whole) : this.#template, made: true }
    return this.#open(origin, this.#data?.newMerchant(facts.id, recordOf(origin), whole))
  }

  /** A merchant that was made before the sandbox was started anew. */
  #revive(files: MerchantFiles): void {
    const { origin, merchantId: id } = files
    const { seed = this.#settings.seed, clock } = files.record
    const customers = origin ? baselineOf(origin) : this.#template
    const keys = origin ? keyListsOf(origin) : this.#keysFor(id, undefined)
    const began = clock === undefined ? {} : { clock: clock === null ? null : Date.parse(clock) }
    this.#open({ id, seed, customers, keys, made: true, ...began }, files)
  }

  #open(origin: Origin, files = this.#filesOf(origin)): Merchant {
    const byItsKey = origin.made && makesMerchant(origin.id)
    if (byItsKey && this.#made.size >= this.#most) this.#dropIdle()
    const { clock, scenario } = this.anonymous
    const { journalSize } = this.#settings
    const merchant = new Merchant(origin, { clock, program: scenario.program, journalSize }, files)
    const merchants = byItsKey ? this.#made : this.#fixed
    merchants.set(origin.id, merchant)
    this.#own(merchant)
    return merchant
  }

  #filesOf(origin: Origin): MerchantFiles | undefined {
    const { id } = origin
    const dropped = this.#dropped.get(id)
    if (dropped) {
      this.#dropped.delete(id)
      dropped.describe({ dropped: false })
      return dropped
    }
    return this.#data?.merchant(id, recordOf(origin))
  }

  #own(merchant: Merchant): void {
    for (const vendor of VENDOR_NAMES)
      for (const key of merchant.keys[vendor].keys()) this.#owners[vendor].set(key, merchant)
  }

  #disown(merchant: Merchant): void {
    for (const vendor of VENDOR_NAMES) for (const key of merchant.keys[vendor].keys()) this.#owners[vendor].delete(key)
  }

  /** Using a merchant makes it the last to be dropped. */
  #touched(id: string): Merchant | undefined {
    const merchant = this.#made.get(id)
    if (merchant) {
      this.#made.delete(id)
      this.#made.set(id, merchant)
    }
    return merchant
  }

  #dropIdle(): void {
    for (const merchant of this.#made.values()) {
      if (merchant.active > 0 || merchant.files?.settled === false) continue
      this.drop(merchant)
      return
    }
  }
}

/** What is stored of a merchant from the beginning. */
function recordOf({ id, seed, clock, keys, made }: Origin): Facts {
  if (!made) return { made, merchant: { id } }
  const began = clock === undefined ? {} : { clock: clock === null ? null : new Date(clock).toISOString() }
  return { made, seed, ...began, merchant: { id, ...keys } }
}
