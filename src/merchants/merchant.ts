import { KEY_LISTS, VENDOR_NAMES, type VendorName } from '../fixture-files/key-lists.js'
import type { FixtureCustomer, FixtureMerchant } from '../fixture-files/schema.js'
import { addressShownAs, type WebhookSettings, withoutSecrets, withSecrets } from '../fixture-files/webhook.js'
import type { Journal } from '../journal/journal.js'
import { Latencies } from '../journal/latencies.js'
import type { Metrics } from '../journal/metrics.js'
import { Clock } from '../lib/clock.js'
import { ClockWaits } from '../lib/clock-waits.js'
import type { AbortSignalLike } from '../lib/delays.js'
import type { Feed } from '../lib/feed.js'
import { inTurns } from '../lib/in-turns.js'
import { drawHexPair } from '../lib/random.js'
import { SnapshotMap } from '../lib/snapshot-map.js'
import { ScenarioRun } from '../scenarios/engine.js'
import type { LatencyMode } from '../scenarios/latency-mode.js'
import type { Program } from '../scenarios/program.js'
import type { Database } from '../store/database.js'
import type { MerchantRecord } from '../store/document.js'
import { type Baseline, baselineOf, State } from '../store/state.js'
import type { WebhookEvent } from '../wallets/model.js'
import { orderOf, WEBHOOK_URL } from '../wallets/orders.js'
import type { Receivers } from '../webhooks/receivers.js'
import type { Send } from '../webhooks/send.js'
import { type Delivery, Webhooks } from '../webhooks/webhooks.js'
import { type ApiKey, fromKeys, type KeyLists, type KeyOwners, type Keys, keyListsOf, toKeys } from './api-keys.js'
import { type HeldCall, Holds } from './holds.js'
import { type MerchantFacts, Steps } from './steps.js'

/** What a merchant is made of, and what a reset takes it back to. */
export interface Blueprint {
  readonly id: string
  readonly seed: number
  readonly customers: Baseline
  readonly keys: KeyLists
  /** Whether its key or a control request made it, and not the fixtures. */
  readonly isDynamic: boolean
  /** The id of the fixtures' merchant whose copy it is made as. */
  readonly original?: string | undefined
  /** Epoch ms at which its clock stands, null to run; left out for a clock like the server's. */
  readonly clock?: number | null | undefined
  /** The scenario it was made with; left out for the server's. */
  readonly program?: Program | undefined
  /** Left out for the server's. */
  readonly latency?: LatencyMode | undefined
}

/** Where the calls of a merchant come from that a capsule was opened for. */
export interface OpenedCapsule {
  /** Of the sandbox that made the capsule. */
  readonly version: string
  /** When, on the merchant's clock; null where the capsule is older than this. */
  readonly made: string | null
  /** Where it begins: ISO 8601, UTC. */
  readonly beginning: string
  /** How many requests and control actions came before that. */
  readonly skipped: number
  /** A key that is accepted, by vendor: the merchant's own where that is its id, else what stands for it. */
  readonly keys: Readonly<Partial<Record<VendorName, string>>>
  /** What a reader should know, a sentence each. */
  readonly notes: readonly string[]
  /** Where the replay went otherwise than recorded, in lines; null where it did not. */
  readonly difference: readonly string[] | null
  /** The number of the first call that failed or that the verdict is against; null where none is. */
  readonly failed: number | null
}

/** What happened to a merchant beside calls: another scenario, another time, a call held, an attempt to deliver an event. */
export type Happening =
  | { readonly event: 'scenario'; readonly data: { readonly merchant: string; readonly name: string } }
  | {
      readonly event: 'clock'
      readonly data: { readonly merchant: string; readonly now: string; readonly mode: Clock['mode'] }
    }
  | { readonly event: 'hold'; readonly data: HeldCall & { readonly state: 'waiting' | 'released' } }
  | { readonly event: 'delivery'; readonly data: Delivery & { readonly merchant: string } }

/** What a merchant takes over from the server on the day it is made. */
export interface MerchantDeps {
  readonly clock: Clock
  readonly program: Program
  readonly journal: Journal
  readonly latency: LatencyMode
  readonly owners: KeyOwners<Merchant>
  readonly receivers: Receivers
  readonly happenings: Feed<Happening>
  readonly metrics: Metrics
  /** Delivers events in the place of the network. */
  readonly send?: Send | undefined
}

export const RESET_PARTS = ['state', 'scenario', 'clock', 'counters', 'journal'] as const
export type ResetPart = (typeof RESET_PARTS)[number]

/** Counters of calls kept per merchant before the oldest is dropped. */
const MAX_OCCURRENCES = 100_000

/** Customers whose routing id is remembered. */
const MAX_ROUTED = 10_000

/** One tenant, isolated: nothing that happens in one shows in another. */
export class Merchant {
  readonly id: string
  readonly clock: Clock
  readonly state: State
  readonly journal: Journal
  readonly webhooks: Webhooks
  readonly steps: Steps
  readonly latencies = new Latencies()
  readonly waits = new ClockWaits()
  readonly holds: Holds
  seed: number
  scenario: ScenarioRun
  latency: LatencyMode
  /** Requests under way. */
  active = 0
  /** Undefined unless a capsule was opened. */
  recording: OpenedCapsule | undefined
  /** The `x-routing-id` each customer was last seen with. */
  readonly routing = new SnapshotMap<string>(MAX_ROUTED)
  readonly database: Database
  blueprint: Blueprint
  #keys: Keys
  readonly #owners: KeyOwners<Merchant>
  /** As they were given; the statuses of keys change since. */
  #lists: KeyLists
  /** Its clock as it was when the merchant was made. */
  readonly #began: Clock
  readonly latencyAtFirst: LatencyMode
  readonly #happenings: Feed<Happening>
  readonly #occurrences = new SnapshotMap<number>(MAX_OCCURRENCES)

  constructor(blueprint: Blueprint, deps: MerchantDeps, database: Database) {
    const { clock, program, journal, latency, owners, receivers, metrics, send, happenings } = deps
    this.id = blueprint.id
    this.seed = blueprint.seed
    this.#keys = toKeys(blueprint.keys)
    this.#owners = owners
    this.#lists = blueprint.keys
    this.state = new State(blueprint.customers, database)
    this.database = database
    this.#recall(database.record)
    owners.add(this)
    this.journal = journal
    this.latencyAtFirst = blueprint.latency ?? latency
    this.latency = this.latencyAtFirst
    this.blueprint = blueprint
    this.#began = blueprint.clock === undefined ? clock.copy() : new Clock(blueprint.clock)
    this.clock = this.#began.copy()
    this.#happenings = happenings
    this.clock.onChange = (now, mode) => {
      // One that runs is not waited for.
      this.waits.pass(mode === 'real' ? Number.POSITIVE_INFINITY : now)
      happenings.publish({ event: 'clock', data: { merchant: this.id, now: new Date(now).toISOString(), mode } })
    }
    this.holds = new Holds(
      (call, state) => happenings.publish({ event: 'hold', data: { ...call, state } }),
      (ms, signal) => this.waitOnClock(ms, signal),
    )
    this.scenario = new ScenarioRun(blueprint.program ?? program, this.seed, blueprint.id, this.clock)
    this.webhooks = new Webhooks({
      clock: this.clock,
      sequence: () => this.steps.sequence,
      receivers,
      onDelivery: (delivery) => {
        if (delivery.attempt > 0) metrics.addDelivery(delivery.name, delivery.status)
        happenings.publish({ event: 'delivery', data: { merchant: this.id, ...delivery } })
      },
      send,
      receiverOf: (event) => this.#receiverOf(event),
      read: async (order, id) =>
        this.state.committed(() => this.state.find('order', order)?.outbox.find((event) => event.id === id)),
      store: async (event, next) => this.state.committed(() => this.#replaceEvent(event, next)),
    })
    this.#resume()
    this.steps = new Steps(journal.size, () => this.checkpoint())
    this.steps.begin()
  }

  get keys(): Keys {
    return this.#keys
  }

  set keys(keys: Keys) {
    this.#owners.remove(this)
    this.#keys = keys
    this.#owners.add(this)
  }

  checkpoint(): MerchantFacts {
    return {
      at: this.clock.now(),
      customers: this.state.checkpoint(),
      keys: this.keyLists(),
      seed: this.seed,
      calls: this.#occurrences.snapshot(),
      program: this.scenario.program,
      run: this.scenario.checkpoint(),
      routing: this.routing.snapshot(),
      latency: this.latency,
      delivered: this.webhooks.recorded,
    }
  }

  /** Goes on from a checkpoint, but for customers and keys. */
  resume(from: Omit<MerchantFacts, 'at' | 'customers' | 'keys' | 'seed' | 'delivered'>): void {
    this.#countOn(from.calls())
    this.setScenario(from.program)
    this.scenario.resume(from.run)
    for (const [customer, id] of from.routing()) this.routing.set(customer, id)
    this.latency = from.latency
  }

  /** Waits on its clock, where that stands and delays follow it; undefined where they are real. */
  waitOnClock(ms: number, signal: AbortSignalLike): Promise<void> | undefined {
    if (this.latency.mode !== 'clock' || this.clock.mode === 'real') return undefined
    return this.waits.until(this.clock.now() + ms, signal)
  }

  /** Takes part in nothing any more. */
  close(): void {
    this.webhooks.close()
    this.holds.close()
    this.waits.pass(Number.POSITIVE_INFINITY)
  }

  /** Carries out a control request at one instant, and keeps it for a capsule. */
  perform<Result>(name: string, input: unknown, act: () => Result): Result {
    const at = this.clock.now()
    return this.clock.during(at, () => {
      const outcome = act()
      this.steps.add({ at, after: this.clock.now(), name, input })
      return outcome
    })
  }

  /** Goes on with the events that wait in the state. */
  #resume(): void {
    this.webhooks.clear()
    for (const event of this.state.waitingEvents()) this.webhooks.enqueue(event)
  }

  #replaceEvent(event: WebhookEvent, next: WebhookEvent | undefined): void {
    const holder = this.state.find('order', event.order)
    if (holder === undefined || holder.outbox.length === 0) return
    const outbox = holder.outbox.flatMap((one) => (one.id !== event.id ? [one] : next ? [next] : []))
    this.state.put({ ...holder, outbox })
  }

  /** An event has its address without the password. Another address than the merchant's own is sent nothing of the merchant's. */
  #receiverOf({ order, url }: Pick<WebhookEvent, 'order' | 'url'>): WebhookSettings {
    const { webhook } = this
    const own = orderOf(this.state.find('order', order), order)?.metadata[WEBHOOK_URL]
    const address = addressShownAs(url, [own, webhook?.url])
    return address === webhook?.url ? webhook : { url: address }
  }

  /** Where events go from now on; undefined for nowhere. */
  setWebhook(webhook: WebhookSettings | undefined): void {
    this.database.describe({ webhook: webhook ? withSecrets(webhook, this.webhook) : null })
  }

  /** As it was set, else as the merchant was made. */
  get webhook(): WebhookSettings | undefined {
    const { webhook } = this.database.record
    return webhook === undefined ? this.#lists.webhook : (webhook ?? undefined)
  }

  /** Sets a scenario; its counters start anew. */
  setScenario(program: Program): void {
    this.latencies.clear()
    this.holds.release()
    this.scenario = new ScenarioRun(program, this.seed, this.id, this.clock)
    this.#happenings.publish({ event: 'scenario', data: { merchant: this.id, name: program.name } })
  }

  /** How often something was done to a resource before: each draw for it is keyed by this. */
  occurrence(key: string): number {
    const n = this.#occurrences.get(key) ?? 0
    this.#occurrences.set(key, n + 1)
    return n
  }

  #countOn(from: Iterable<readonly [key: string, count: number]>): void {
    this.#occurrences.clear()
    for (const [key, count] of from) this.#occurrences.set(key, count)
  }

  /** Back to how it was made. The keys are back with the state. @param program the server's scenario */
  reset(parts: ReadonlySet<ResetPart>, program: Program): void {
    this.holds.release()
    this.waits.pass(Number.POSITIVE_INFINITY)
    if (parts.has('state')) {
      this.state.reset()
      this.#become(this.blueprint.keys, this.blueprint.seed, this.blueprint.isDynamic ? this.blueprint.keys : {})
    }
    if (parts.has('clock')) this.clock.follow(this.#began)
    if (parts.has('counters')) {
      this.#occurrences.clear()
      this.routing.clear()
    }
    // After the clock: the windows of its rules count from here.
    if (parts.has('scenario')) {
      this.setScenario(this.blueprint.program ?? program)
      this.latency = this.latencyAtFirst
    } else if (parts.has('counters')) this.setScenario(this.scenario.program)
    if (parts.has('journal')) this.clearJournal()
    if (parts.has('state')) this.#resume()
    else this.webhooks.pump()
  }

  /** Empties the journal; a capsule begins here. */
  clearJournal(): void {
    this.journal.clear()
    this.steps.begin()
  }

  /** Lays the state over other fixtures. @param keys the merchant's, where the fixtures bring them and no state replaced them */
  rebase(customers: Baseline, keys?: KeyLists): void {
    this.blueprint = { ...this.blueprint, customers, ...(keys && { keys }) }
    this.state.rebase(customers)
    if (keys && this.database.record.base === 'fixtures')
      this.#become(keys, this.seed, {}, this.database.record.webhook)
    this.steps.begin()
  }

  /** Lets a key be accepted or refused from now on. */
  setKeyStatus(key: ApiKey, status: ApiKey['status']): void {
    const before = key.status
    key.status = status
    this.database.describe({ merchant: { ...this.#lists, id: this.id, ...fromKeys(this.keys) } }, () => {
      key.status = before
    })
  }

  /** The merchant in the form of a fixture, with a snapshot of what its next answers follow from. */
  async export(): Promise<FixtureMerchant> {
    const { webhook } = this
    const customers: FixtureCustomer[] = []
    const exported = {
      id: this.id,
      ...this.keyLists(),
      ...(webhook && { webhook: withoutSecrets(webhook) }),
      customers,
      snapshot: {
        seed: this.seed,
        clock: this.clock.mode === 'real' ? 'real' : new Date(this.clock.now()).toISOString(),
        ...(this.clock.mode === 'real' && this.clock.ahead !== 0 ? { aheadMs: this.clock.ahead } : {}),
        calls: Object.fromEntries(this.#occurrences),
      },
    }
    // Of the same moment, though others are let in.
    await inTurns(this.state.checkpoint(), (customer) => customers.push(customer))
    return exported
  }

  keyLists(): KeyLists {
    return keyListsOf({ ...this.#lists, ...fromKeys(this.keys), webhook: this.webhook })
  }

  /** Signs what a browser brings back to the shop. */
  get responseKey(): string {
    return this.#lists.responseKey ?? drawHexPair(this.seed, 'response key', this.id).join('').toUpperCase()
  }

  /** Whether a browser is sent to the page of a wallet's provider by POST. */
  redirectsByPost(gateway: string): boolean {
    return this.#lists.postRedirects?.includes(gateway) ?? false
  }

  /** Goes on from an export, or from what a person wrote in its form. Scenario and journal stay. */
  restore(merchant: FixtureMerchant, keys: KeyLists): void {
    const { seed = this.seed, clock, aheadMs = 0, calls } = merchant.snapshot ?? {}
    this.state.reset(baselineOf(merchant))
    this.#become(keys, seed, keys)
    if (clock === 'real') this.clock.run(Date.now() + aheadMs)
    else if (clock !== undefined) this.clock.freeze(Date.parse(clock))
    if (calls !== undefined) this.#countOn(Object.entries(calls))
    this.#resume()
  }

  /** @param stored keys for the data folder; others come from the fixtures again @param webhook the one that stays */
  #become(lists: KeyLists, seed: number, stored: KeyLists, webhook?: MerchantRecord['webhook']): void {
    const before = { keys: this.keys, seed: this.seed, lists: this.#lists }
    this.keys = toKeys(lists)
    this.#lists = lists
    this.seed = seed
    if (seed !== before.seed) this.setScenario(this.scenario.program)
    this.database.describe({ merchant: { ...stored, id: this.id }, webhook, stateSeed: seed }, () => {
      this.keys = before.keys
      this.#lists = before.lists
      this.seed = before.seed
    })
  }

  /** Takes up what was stored: all keys where the whole state was replaced, else the statuses that were changed. */
  #recall({ base, merchant, stateSeed }: MerchantRecord): void {
    if (base === 'own') {
      this.#keys = toKeys(merchant)
      this.#lists = keyListsOf(merchant)
      this.seed = stateSeed ?? this.seed
      return
    }
    for (const vendor of VENDOR_NAMES)
      for (const { key, status } of merchant[KEY_LISTS[vendor]] ?? []) {
        const known = this.keys[vendor].get(key)
        if (known && status) known.status = status
      }
  }
}
