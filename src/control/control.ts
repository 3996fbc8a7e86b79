import type { Vendor } from '../api/vendor.js'
import type { Capsule } from '../capsule/make.js'
import { perVendor, type VendorName } from '../fixture-files/key-lists.js'
import { parseTime } from '../lib/clock.js'
import { inPackage, readJson } from '../lib/files.js'
import { givenText } from '../lib/given.js'
import { VERSION } from '../lib/version.js'
import {
  type Happening,
  type Merchant,
  type OpenedCapsule,
  RESET_PARTS,
  type ResetPart,
} from '../merchants/merchant.js'
import type { MerchantRegistry } from '../merchants/registry.js'
import { parseLatencyMode } from '../scenarios/latency-mode.js'
import { describeShipped, type ShippedScenario } from '../scenarios/read.js'
import type { Verdict } from '../verdict/verdict.js'
import { capsuleOf } from './capsule.js'
import { type ControlInput, checkInput } from './check.js'
import { type ClockControl, type ClockReading, clockControl, reading } from './clock.js'
import { ControlError } from './errors.js'
import { type HoldsControl, holdsControl } from './holds.js'
import { type RequestsControl, requestsControl } from './journal-queries.js'
import { type LatencyReport, latencyReport, setLatency } from './latency.js'
import { programOf, type ScenarioControl, scenarioControl } from './scenario.js'
import { type ControlOptions, find, record, type Scope, type Shared, scopeOf, stored, storing } from './scope.js'
import { verdictOn } from './scope-verdict.js'
import { pick, type StateControl, stateControl } from './state.js'
import { type OrderTimeline, timelineOf } from './timeline.js'
import { type WalletList, type WalletView, walletsControl } from './wallets.js'
import { type WebhooksControl, webhooksControl } from './webhooks.js'

/** Reads and steers a merchant, or all of them. Bad input rejects with an InputError. */
export interface MerchantControl {
  /**
   * Back to the beginning: state, scenario, clock, counters and journal, or the parts named.
   *
   * @example
   * afterEach(() => sandbox.control.merchant('sandbox_my_test').reset())
   */
  reset(options?: { only?: ResetPart[] | undefined }): Promise<{ readonly reset: readonly ResetPart[] }>
  readonly state: StateControl
  readonly scenario: ScenarioControl
  readonly clock: ClockControl
  /**
   * Changes of scenario and clock, and deliveries, as they happen.
   *
   * @example
   * for await (const { event, data } of await sandbox.control.events()) console.log(event, data)
   */
  events(): Promise<AsyncIterableIterator<Happening>>
  /** Deliveries of the events of orders. */
  readonly webhooks: WebhooksControl
  /** Calls that a scenario holds. */
  readonly holds: HoldsControl
  /** The journal. */
  readonly requests: RequestsControl
  /** A wallet as the sandbox knows it: both layers of balance, the OTP that was sent, the live token and its expiry. */
  wallet(id: string): Promise<WalletView>
  /**
   * Customers' wallets, the first 100 or `limit` of them.
   *
   * @example
   * const { wallets } = await sandbox.control.merchant('acme').wallets({ customer: 'guest_*' })
   */
  wallets(filter?: ControlInput<'wallets'>): Promise<WalletList>
  /** Ends the life of the wallet's token now. */
  expireToken(walletId: string): Promise<WalletView>
  /** Cuts the wallet off from its provider, as the customer would. */
  delink(walletId: string): Promise<WalletView>
  /**
   * Sets what the wallet's provider holds, in rupees, for the next refresh to show, and whether it answers.
   *
   * @example
   * await sandbox.control.merchant('acme').provider('wlt_q23xzki3pazgtezo', { balance: 95.5 })
   */
  provider(walletId: string, provider: ControlInput<'provider'>): Promise<WalletView>
  /**
   * Published, drawn and measured delays in ms. Given a mode, it first sets `--latency` for the merchant, or for all that
   * there are and that come.
   *
   * @example
   * await sandbox.control.latency({ mode: 'off' })
   */
  latency(set?: ControlInput<'latency'>): Promise<LatencyReport>
  /**
   * All that the merchant was sent and what it answered, for `wallet-sandbox replay`. It is of one merchant, and
   * holds no API key.
   *
   * @example
   * await writeFile('capsule.json', JSON.stringify(await sandbox.control.merchant('acme').capsule()))
   *
   * @throws InputError for all merchants together, and where the journal no longer holds what a replay needs
   */
  capsule(): Promise<Capsule>
  /**
   * What happened to an order, by its reference: calls with what each changed, answers that were lost, deliveries, and
   * findings of the verdict.
   *
   * @example
   * const { steps } = await sandbox.control.merchant('acme').timeline('tea-1')
   */
  timeline(order: string): Promise<OrderTimeline>
  /**
   * What the client did wrong, as far as the journal shows it. `levels` changes what `--verdict` says, for this answer
   * alone. Entries that have no merchant are among those of all merchants.
   *
   * @example
   * const { verdict, findings } = await sandbox.control.merchant('sandbox_my_test').verdict({ levels: 'attempts=3' })
   */
  verdict(given?: ControlInput<'verdict'>): Promise<Verdict>
}

interface MerchantView {
  readonly id: string
  readonly seed: number
  readonly clock: ClockReading
  /** The name of its scenario. */
  readonly scenario: string
  readonly keys: Readonly<Record<VendorName, readonly string[]>>
  /** Signs what a browser brings back to the shop (Juspay's Response Key). */
  readonly responseKey: string
  /** Where its calls come from, of an opened capsule alone. */
  readonly recording?: OpenedCapsule
}

interface MerchantsControl {
  list(): Promise<{ readonly merchants: readonly MerchantView[] }>
  get(id: string): Promise<MerchantView>
  /**
   * Makes a merchant: a copy of the fixtures' first one, or what `fixtures` say of it.
   *
   * @example
   * const { keys } = await sandbox.control.merchants.create({ id: 'shop', seed: 7, scenario: 'flaky' })
   */
  create(merchant: ControlInput<'merchant'>): Promise<MerchantView>
  drop(id: string): Promise<{ readonly id: string }>
}

/** Reads and steers a sandbox: every merchant at once, or one. */
export interface Control extends MerchantControl {
  health(): { readonly status: 'ok'; readonly version: string; readonly merchants: number }
  readonly merchants: MerchantsControl
  /** The scenarios that come with the sandbox. */
  scenarios(): Promise<{ readonly scenarios: readonly ShippedScenario[] }>
  /** Counts since the start, in the text format of Prometheus: calls, durations, deliveries. No reset takes them back. */
  metrics(): string
  /** The OpenAPI 3.1 document of both vendors and of the control API. */
  openapi(): Promise<object>
  /**
   * One merchant. The id of a `sandbox_…` merchant is its key, and makes it.
   *
   * @example
   * const merchant = sandbox.control.merchant('sandbox_my_test')
   */
  merchant(id: string): MerchantControl
}

/** @param options the server's, as far as answers follow from them */
export function createControl(
  registry: MerchantRegistry,
  vendors: readonly Vendor[],
  options: ControlOptions,
): Control {
  const shared = { registry, vendors, options }
  return {
    ...controlOf(scopeOf(shared)),
    health: () => ({ status: 'ok', version: VERSION, merchants: registry.size }),
    merchants: merchantsControl(shared),
    scenarios: async () => ({ scenarios: await describeShipped() }),
    metrics: () => registry.metrics.toText(),
    openapi: openApiDocument,
    merchant: (id) => controlOf(scopeOf(shared, givenText(id, 'merchant'))),
  }
}

/** The build writes it. */
async function openApiDocument(): Promise<object> {
  try {
    return readJson(inPackage('dist/openapi.json')) as object
  } catch {
    throw new ControlError('not_found', 'The OpenAPI document is not built yet; run: npm run build')
  }
}

/** What an event takes, in bytes, about: deliveries are remembered anyway. */
const EVENT_BYTES = 1024

function controlOf(scope: Scope): MerchantControl {
  return {
    async reset(given = {}) {
      const { only = RESET_PARTS } = await checkInput('reset', given)
      const merchant = scope.one()
      const parts = new Set(only)
      const act = () => (merchant ? scope.registry.reset(merchant, parts) : scope.registry.resetAll(parts))
      // With an empty journal a capsule begins anew.
      await storing(() => (parts.has('journal') ? act() : record(scope.merchants(), 'reset', { only }, act)))
      await stored(scope.registry)
      return { reset: [...parts] }
    },
    state: stateControl(scope),
    scenario: scenarioControl(scope),
    clock: clockControl(scope),
    requests: requestsControl(scope),
    webhooks: webhooksControl(scope),
    holds: holdsControl(scope),
    async events() {
      const one = scope.one()
      // Requests of unknown merchants have neither scenario nor clock of their own.
      const isOurs = ({ data: { merchant } }: Happening) => (one ? merchant === one.id : merchant !== '')
      return scope.registry.happenings.read({ wanted: isOurs, size: () => EVENT_BYTES, shown: (each) => each })
    },
    ...walletsControl(scope),
    latency: async (given) => (given === undefined ? latencyReport(scope) : setLatency(scope, given)),
    capsule: () => capsuleOf(scope),
    timeline: (order) => timelineOf(scope, order),
    verdict: (given) => verdictOn(scope, given),
  }
}

function merchantsControl(shared: Shared): MerchantsControl {
  const { registry } = shared
  return {
    list: async () => ({ merchants: Array.from(registry.all(), view) }),
    get: async (id) => view(find(registry, id)),
    async create(given) {
      const { id, seed, clock, scenario, latency, fixtures } = await checkInput('merchant', given)
      if (registry.has(id))
        throw new ControlError('conflict', `There is a merchant "${id}" already; give another id, or drop it first.`)
      if (registry.isDropped(id))
        throw new ControlError(
          'conflict',
          `The fixtures have a merchant "${id}", which was dropped; give another id, or reset all to have it back.`,
        )
      const program = scenario === undefined ? undefined : await programOf(scenario, shared)
      const file = fixtures && (await checkInput('fixtures', fixtures))
      const fixture = file && pick(file.merchants, id, 'fixtures')
      const stands = clock === 'real' ? null : parseTime(clock)
      const merchant = await storing(() =>
        registry.create({ id, seed, clock: stands, program, latency: parseLatencyMode(latency), fixture }),
      )
      await stored(registry).catch((error: unknown) => {
        registry.discard(merchant)
        throw error
      })
      return view(merchant)
    },
    async drop(id) {
      await storing(() => registry.drop(find(registry, id)))
      return { id }
    },
  }
}

function view(merchant: Merchant): MerchantView {
  return {
    id: merchant.id,
    seed: merchant.seed,
    clock: reading({ lead: () => merchant, merchants: () => [merchant] }),
    scenario: merchant.scenario.program.name,
    keys: perVendor((vendor) => [...merchant.keys[vendor].keys()]),
    responseKey: merchant.responseKey,
    ...(merchant.recording && { recording: merchant.recording }),
  }
}
