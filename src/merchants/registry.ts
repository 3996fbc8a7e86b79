import { KEY_LISTS, VENDOR_NAMES, type VendorName } from '../fixture-files/key-lists.js'
import type { FixtureMerchant } from '../fixture-files/schema.js'
import type { Entry } from '../journal/entry.js'
import { FinishedCalls } from '../journal/finished-calls.js'
import { Journal, JournalBudget } from '../journal/journal.js'
import { Metrics } from '../journal/metrics.js'
import { BoundedMap } from '../lib/bounded-map.js'
import { LONGEST } from '../lib/bounds.js'
import { Clock } from '../lib/clock.js'
import { InputError } from '../lib/errors.js'
import { Feed } from '../lib/feed.js'
import { SANDBOX_KEY_PREFIX } from '../lib/key-prefixes.js'
import { counted, quote } from '../lib/text.js'
import type { LatencyMode } from '../scenarios/latency-mode.js'
import type { Program } from '../scenarios/program.js'
import { CustomerIndex } from '../store/customer-index.js'
import { Database } from '../store/database.js'
import type { MerchantRecord } from '../store/document.js'
import type { DataFolder } from '../store/folder.js'
import { baselineOf } from '../store/state.js'
import { Receivers } from '../webhooks/receivers.js'
import type { Send } from '../webhooks/send.js'
import { type KeyLists, KeyOwners, keyListsOf } from './api-keys.js'
import { type Blueprint, type Happening, Merchant, type MerchantDeps, type ResetPart } from './merchant.js'

/** Printable ASCII without spaces: the key is the merchant's id, which stands in a header. */
const makesMerchant = (key: string) =>
  key.startsWith(SANDBOX_KEY_PREFIX) &&
  key.length > SANDBOX_KEY_PREFIX.length &&
  key.length <= LONGEST.text &&
  /^[\x21-\x7e]+$/.test(key)

/** What every merchant begins with. */
export interface MerchantSettings {
  readonly seed: number
  /** Epoch ms at which the clock stands, or null to run. */
  readonly clock: number | null
  readonly program: Program
  readonly journalSize: number
  readonly latency: LatencyMode
  readonly webhookHosts: readonly string[]
  /** Where the sandbox listens: no event is sent there. */
  ownUrl?(): string | undefined
  readonly send?: Send | undefined
  /** Whether there can be other merchants than the fixtures'; left out for yes. */
  readonly makesMerchants?: boolean
  /** Called with a merchant that is dropped for another one. */
  onDropped?(sentence: string): void
}

/** A merchant to make, with what it differs in from a copy of the fixtures' first one. */
type NewMerchant = { readonly [Name in 'seed' | 'clock' | 'program' | 'latency']?: Blueprint[Name] | undefined } & {
  readonly id: string
  /** What it begins with and a reset takes it back to. */
  readonly fixture?: FixtureMerchant | undefined
}

/** All merchants of a sandbox, found by API key. */
export class MerchantRegistry {
  /**
   * Holds requests without a known key: they meet the scenario and are journaled, and hold nothing. Its clock,
   * scenario and webhook are the server's, which every merchant made later begins with.
   */
  readonly anonymous: Merchant
  readonly #settings: MerchantSettings
  readonly #most: number
  readonly #fixed = new Map<string, Merchant>()
  /** Made by their keys; the least recently used comes first. */
  readonly #made = new Map<string, Merchant>()
  readonly #owners = new KeyOwners<Merchant>()
  /** Every API key, so that none is shown. */
  readonly knownKeys = this.#owners.known
  readonly #data: DataFolder | undefined
  readonly #journals = new JournalBudget()
  readonly finishedCalls = new FinishedCalls()
  readonly happenings = new Feed<Happening>()
  /** Deliveries and held calls that `next` has given out. */
  readonly given = new WeakSet<object>()
  readonly metrics = new Metrics()
  readonly #receivers: Receivers
  #fixtures: readonly Blueprint[]
  /** The scenario that the server was started with, or read since. */
  #program: Program
  /** Ids of merchants that were dropped for others, the latest last. */
  readonly #droppedIdle = new BoundedMap<true>(MAX_REMEMBERED)

  /** @param data where the merchants' state survives, if anywhere */
  constructor(fixtures: readonly FixtureMerchant[], most: number, settings: MerchantSettings, data?: DataFolder) {
    const { seed, clock, program, latency } = settings
    this.#settings = settings
    this.#most = most
    this.#data = data
    this.#program = program
    this.#receivers = new Receivers(settings.webhookHosts, settings.ownUrl)
    const databaseOf = (record: MerchantRecord) => data?.database(record) ?? Database.inMemory(record)
    const blueprint: Blueprint = { id: '', seed, clock, customers: baselineOf({ id: '' }), keys: {}, isDynamic: false }
    const deps = this.#depsOf(new Clock(), program, latency)
    this.anonymous = new Merchant(blueprint, deps, databaseOf(recordOf(blueprint)))
    this.#fixtures = this.#blueprintsOf(fixtures)
    for (const fixture of this.#fixtures) {
      const database = databaseOf(recordOf(fixture))
      if (database.record.made) this.#revive(database)
      else if (!database.record.dropped) this.#open(fixture, database)
    }
    for (const record of data?.stored() ?? []) if (record.made && !record.dropped) this.#revive(data!.database(record))
  }

  #blueprintsOf(fixtures: readonly FixtureMerchant[]): Blueprint[] {
    const { seed } = this.#settings
    return fixtures.map((merchant) => ({
      id: merchant.id,
      seed,
      customers: baselineOf(merchant),
      keys: keyListsOf(merchant),
      isDynamic: false,
    }))
  }

  /** What a merchant made by its key is a copy of: the fixtures' first merchant. */
  get #template(): Pick<Blueprint, 'customers' | 'original'> {
    const { id, customers } = this.#fixtures[0]!
    return { customers, original: id }
  }

  /** Sets the server's scenario, for every merchant that comes, and for those that have none of their own. */
  setProgram(program: Program): void {
    const servers = new Set([this.#program, this.anonymous.scenario.program])
    this.#program = program
    for (const merchant of [this.anonymous, ...this.all()]) {
      if (!servers.has(merchant.scenario.program)) continue
      merchant.setScenario(program)
      merchant.steps.begin()
    }
  }

  /** Other fixtures from now on. Each merchant's state is laid over the new ones; a merchant that they lack is gone. */
  setFixtures(fixtures: readonly FixtureMerchant[]): void {
    const template = this.#template.customers
    const before = this.#fixtures
    const next = this.#blueprintsOf(fixtures)
    const own = [...this.#fixed.values()].filter(({ blueprint }) => !blueprint.isDynamic)
    this.#owners.refuseTaken(next, own)
    this.#fixtures = next
    for (const merchant of own) if (!this.#ofFixtures(merchant.id)) this.#remove(merchant)
    for (const blueprint of this.#fixtures) {
      const merchant = this.get(blueprint.id)
      if (merchant === undefined) {
        // One that was dropped stays away until all are reset.
        if (!before.some(({ id }) => id === blueprint.id)) this.#open(blueprint)
      } else if (!merchant.blueprint.isDynamic) merchant.rebase(blueprint.customers, blueprint.keys)
    }
    for (const merchant of this.all())
      if (merchant.blueprint.customers === template) merchant.rebase(this.#template.customers)
  }

  /** Lets attempts to deliver events end, and makes no more. Every event has been read by then. */
  close(): void {
    this.finishedCalls.close()
    this.happenings.close()
    for (const merchant of [this.anonymous, ...this.all()]) merchant.close()
  }

  /** Resolves when everything that was changed is on disk. @throws Refusal when it could not be stored */
  async stored(): Promise<void> {
    await Promise.all([this.anonymous, ...this.all()].map(({ database }) => database.stored()))
  }

  /** The merchant a key belongs to, made now if the key is one that makes merchants. */
  byKey(vendor: VendorName, key: string): Merchant | undefined {
    if (!this.#owners.get(vendor, key) && !this.has(key) && makesMerchant(key)) return this.#makeByKey(key)
    return this.#touched(key) ?? this.#owners.get(vendor, key)
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
    return this.get(id) !== undefined
  }

  /** The merchant of an id, if it is there: none is made. */
  get(id: string): Merchant | undefined {
    return this.#fixed.get(id) ?? this.#made.get(id)
  }

  /** The merchant that a call was answered for, if it is there still. */
  answering({ merchant }: Entry): Merchant | undefined {
    return merchant === '' ? this.anonymous : this.get(merchant)
  }

  #remove(merchant: Merchant): void {
    this.#fixed.delete(merchant.id)
    this.#made.delete(merchant.id)
    this.#owners.remove(merchant)
    merchant.journal.clear()
    merchant.close()
  }

  #ofFixtures(id: string): Blueprint | undefined {
    return this.#fixtures.find((blueprint) => blueprint.id === id)
  }

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

  /** @throws InputError in a recording, for a taken key, and when there are too many @throws Refusal by the disk */
  create(given: NewMerchant): Merchant {
    const { id, fixture } = given
    this.#refuseOthers([id])
    const made = [...this.#fixed.values()].filter(({ blueprint }) => blueprint.isDynamic).length
    if (!makesMerchant(id) && made >= this.#most)
      throw new InputError(
        `There is room for ${counted(this.#most, 'merchant')} made this way, as --max-merchants says; drop one.`,
      )
    const keys = this.#keysFor(id, fixture)
    this.#owners.refuseTaken([{ id, keys }], [])
    const merchant = this.#make(given, keys)
    merchant.database.describe({})
    return merchant
  }

  /** @throws Refusal when the disk keeps it; it is then there as before */
  async drop(merchant: Merchant): Promise<void> {
    const { id, database } = merchant
    const ofFixtures = this.#ofFixtures(id)
    const merchants = this.#fixed.has(id) ? this.#fixed : this.#made
    const before = [...merchants]
    this.#remove(merchant)
    try {
      if (ofFixtures === undefined) await database.drop()
      else {
        // One that was made in the place of one of the fixtures leaves nothing to that one.
        database.replace('fixtures', new CustomerIndex())
        const unset = { seed: undefined, clock: undefined, origin: undefined, webhook: undefined }
        database.describe({ ...recordOf(ofFixtures), ...unset, dropped: true })
        await database.stored()
      }
    } catch (error) {
      if (!this.has(id)) {
        const since = [...merchants]
        merchants.clear()
        for (const [each, there] of [...before, ...since]) merchants.set(each, there)
        this.#owners.add(merchant)
      }
      throw error
    }
  }

  /** Takes back a merchant that could not be stored. */
  discard(merchant: Merchant): void {
    this.#remove(merchant)
    void merchant.database.drop().catch(() => {})
  }

  reset(merchant: Merchant, parts: ReadonlySet<ResetPart>): void {
    merchant.reset(parts, this.#program)
  }

  /** Every merchant back to how it was made, and with the state the fixtures' merchants that were dropped. */
  resetAll(parts: ReadonlySet<ResetPart>): void {
    this.anonymous.reset(parts, this.#program)
    if (parts.has('state')) for (const blueprint of this.#fixtures) if (!this.has(blueprint.id)) this.#open(blueprint)
    for (const merchant of this.all()) this.reset(merchant, parts)
  }

  /** Replaces what a merchant holds. @throws InputError when a key is another merchant's; nothing has changed then. */
  restore(merchant: Merchant, fixture: FixtureMerchant): void {
    const keys = this.#keysFor(merchant.id, fixture, merchant)
    this.#owners.refuseTaken([{ id: merchant.id, keys }], [merchant])
    merchant.restore(fixture, keys)
  }

  /** Replaces what all hold. @returns those not named, to be dropped once the others are stored @throws InputError */
  restoreAll(fixtures: readonly FixtureMerchant[]): Merchant[] {
    this.#refuseOthers(fixtures.map(({ id }) => id))
    const making = fixtures.filter(({ id }) => makesMerchant(id) && !this.#ofFixtures(id)).length
    if (making > this.#most)
      throw new InputError(
        `state:merchants: has ${making} of ${SANDBOX_KEY_PREFIX}… keys; allowed: --max-merchants, which is ${this.#most}`,
      )
    const existing = new Map(Array.from(this.all(), (merchant) => [merchant.id, merchant]))
    const next = fixtures.map((fixture) => {
      const merchant = existing.get(fixture.id)
      return { id: fixture.id, fixture, merchant, keys: this.#keysFor(fixture.id, fixture, merchant) }
    })
    this.#owners.refuseTaken(next, [...existing.values()])
    const named = new Set(fixtures.map(({ id }) => id))
    const unnamed = [...existing.values()].filter(({ id }) => !named.has(id))
    for (const merchant of unnamed) this.#remove(merchant)
    for (const { fixture, keys, merchant = this.#opened(fixture, keys) } of next) {
      merchant.restore(fixture, keys)
      merchant.steps.begin()
    }
    return unnamed
  }

  /** One that is not there: of the fixtures, where it was dropped, or a new one. */
  #opened(merchant: FixtureMerchant, keys: KeyLists): Merchant {
    const ofFixtures = this.#ofFixtures(merchant.id)
    return ofFixtures ? this.#open(ofFixtures) : this.#make({ id: merchant.id, fixture: merchant }, keys)
  }

  /** A merchant's keys: those its fixture brings, else those it has, else ones that follow from its id. */
  #keysFor(id: string, fixture: FixtureMerchant | undefined, merchant?: Merchant): KeyLists {
    const brings = VENDOR_NAMES.some((vendor) => (fixture?.[KEY_LISTS[vendor]] ?? []).length > 0)
    if (brings && fixture!.id === id) return keyListsOf(fixture!, merchant?.webhook)
    if (merchant) return merchant.keyLists()
    const key = (vendor: VendorName) => (makesMerchant(id) ? id : `test_${id}_${vendor}`)
    const lists = VENDOR_NAMES.map((vendor) => [KEY_LISTS[vendor], [{ key: key(vendor) }]])
    const { webhook } = this.anonymous
    return keyListsOf({ webhook, ...fixture, ...Object.fromEntries(lists) })
  }

  /** @throws InputError for a merchant that a recording does not hold */
  #refuseOthers(ids: readonly string[]): void {
    const other = ids.find((id) => !this.#ofFixtures(id))
    if (this.#settings.makesMerchants === false && other !== undefined)
      throw new InputError(
        `merchant: is ${quote(other)}; allowed: ${quote(this.#fixtures[0]!.id)}, as an opened capsule holds its own merchant alone`,
      )
  }

  /** One of the fixtures that was dropped stays away, and a recording holds its own merchant alone. */
  #makeByKey(key: string): Merchant | undefined {
    if (this.#settings.makesMerchants === false || this.#ofFixtures(key)) return undefined
    return this.#make({ id: key }, this.#keysFor(key, undefined))
  }

  #make({ fixture, seed = this.#settings.seed, ...facts }: NewMerchant, keys: KeyLists): Merchant {
    const whole = fixture && { ...fixture, ...keys, id: facts.id, snapshot: undefined }
    const begins = whole ? { customers: baselineOf(whole) } : this.#template
    const blueprint = { ...facts, seed, keys, ...begins, isDynamic: true }
    return this.#open(blueprint, this.#newDatabase(recordOf(blueprint, whole)))
  }

  /** A merchant that was made before the sandbox was started anew. */
  #revive(database: Database): void {
    const { merchant, origin, seed = this.#settings.seed, clock } = database.record
    const { id } = merchant
    const begins = origin ? { customers: baselineOf(origin) } : this.#template
    const keys = origin ? keyListsOf(origin) : this.#keysFor(id, { id, webhook: merchant.webhook })
    const began = clock == null ? clock : Date.parse(clock)
    this.#open({ id, seed, clock: began, keys, isDynamic: true, ...begins }, database)
  }

  #depsOf(clock: Clock, program: Program, latency: LatencyMode): MerchantDeps {
    const { happenings, metrics } = this
    const { journalSize, send } = this.#settings
    const journal = new Journal(journalSize, this.#journals, this.finishedCalls)
    const shared = { owners: this.#owners, receivers: this.#receivers, happenings, metrics, send }
    return { clock, program, latency, journal, ...shared }
  }

  #newDatabase(record: MerchantRecord): Database {
    return this.#data?.newDatabase(record) ?? Database.inMemory(record)
  }

  #open(blueprint: Blueprint, database = this.#newDatabase(recordOf(blueprint))): Merchant {
    const byItsKey = blueprint.isDynamic && makesMerchant(blueprint.id)
    if (byItsKey && this.#made.size >= this.#most) this.#dropIdle()
    const { clock, scenario, latency } = this.anonymous
    const merchant = new Merchant(blueprint, this.#depsOf(clock, scenario.program, latency), database)
    const merchants = byItsKey ? this.#made : this.#fixed
    merchants.set(blueprint.id, merchant)
    return merchant
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
      if (merchant.active > 0 || !merchant.database.settled) continue
      this.#droppedIdle.set(merchant.id, true)
      this.#settings.onDropped?.(
        `merchant ${merchant.id} was dropped with its state: it was the least recently used of ${this.#most}, as many as --max-merchants allows`,
      )
      // The next start finds one again that the disk keeps.
      void this.drop(merchant).catch(() => {})
      return
    }
  }

  programAtFirst({ blueprint }: Merchant): Program {
    return blueprint.program ?? this.#program
  }

  /** Why a merchant's state is not what it was, in one sentence. */
  noteOn({ id }: Merchant): string | undefined {
    return this.#droppedIdle.has(id)
      ? `This merchant is new: an earlier one of the key was dropped as the least recently used of ${this.#most} (--max-merchants).`
      : undefined
  }
}

const MAX_REMEMBERED = 10_000

/** What is stored of a merchant from the beginning. */
function recordOf({ id, seed, clock, keys, isDynamic: made }: Blueprint, origin?: FixtureMerchant): MerchantRecord {
  if (!made) return { base: 'fixtures', made, merchant: { id } }
  const began = clock == null ? clock : new Date(clock).toISOString()
  return { base: 'fixtures', made, seed, clock: began, merchant: { id, ...keys }, origin }
}
