import { resolveOptions } from '../config.js'
import { readFixtures } from '../fixture-files/read.js'
import type { FixtureMerchant } from '../fixture-files/schema.js'
import type { Entry } from '../journal/entry.js'
import { InputError } from '../lib/errors.js'
import { keyedFetch } from '../lib/keyed-fetch.js'
import { Limit } from '../lib/limit.js'
import { clearTimeout, setTimeout } from '../lib/timers.js'
import type { Merchant } from '../merchants/merchant.js'
import { type MerchantRegistry, SANDBOX_KEY_PREFIX } from '../merchants/registry.js'
import { openSandbox, type Sandbox } from '../sandbox.js'
import { compile } from '../scenarios/compile.js'
import { readProgram } from '../scenarios/read.js'
import type { WholeScenario } from '../scenarios/schema.js'
import { CATALOG } from '../vendors/index.js'
import { choose, type Outcome, pairsOf } from './choose.js'
import { accountsOf, Judge, type Run, type Said } from './judge.js'
import { type ExploreOptions, type ExploreSettings, type Flow, type FlowContext, settle } from './options.js'
import { count, type Exploration, type ExploreFinding, summaryOf, testOf, toText } from './report.js'
import { callsOf, eventsOf, isSequel, type Schedule } from './schedules.js'

interface Tried extends Outcome {
  readonly findings: readonly ExploreFinding[]
}

/** Sandbox time before each call, in ms: beyond the vendor's guard against a second refund. */
const STEP_MS = 6_000
/** Sandbox time for late events after a flow that ended pending, in ms. */
const LATE_MS = 31_000

/** The merchants of explorations, which the inspector lists together. */
export const EXPLORED_PREFIX = `${SANDBOX_KEY_PREFIX}explore_`

/** An exploration under way, for what looks at it while it lasts. */
export class Explorer {
  readonly sandbox: Sandbox
  readonly #registry: MerchantRegistry
  readonly #flow: Flow
  readonly #given: ExploreOptions
  readonly #settings: ExploreSettings
  readonly #base: WholeScenario
  readonly #start: number
  readonly #free: number[]

  private constructor(
    parts: Pick<Explorer, 'sandbox'> & {
      registry: MerchantRegistry
      flow: Flow
      given: ExploreOptions
      settings: ExploreSettings
      base: WholeScenario
      start: number
    },
  ) {
    this.sandbox = parts.sandbox
    this.#registry = parts.registry
    this.#flow = parts.flow
    this.#given = parts.given
    this.#settings = parts.settings
    this.#base = parts.base
    this.#start = parts.start
    this.#free = Array.from({ length: parts.settings.jobs }, (_, job) => job)
  }

  static async open(flow: Flow, given: ExploreOptions, at = { port: 0, host: '127.0.0.1' }): Promise<Explorer> {
    const { settings, options } = settle(given)
    const resolved = resolveOptions({ maxMerchants: 100_000, ...options })
    const start = resolved.clock ?? Math.floor(Date.now() / 1000) * 1000
    let registry!: MerchantRegistry
    const sandbox = await openSandbox(
      { ...resolved, clock: start },
      {
        onOpened: (opened) => {
          registry = opened
        },
        onAnswered: ({ merchant }: Entry) => pass(registry.get(merchant)),
      },
    )
    await sandbox.listen(at)
    const { program } = await readProgram(resolved.scenario, CATALOG)
    return new Explorer({ sandbox, registry, flow, given, settings, base: program.scenario, start })
  }

  async explore(): Promise<Exploration> {
    const { depth, max } = this.#settings
    const first = await this.#clean('clean 1', this.#start)
    await this.#fund(first)
    // At another time, so that times are known as what they are.
    const clean = await this.#clean('clean 2', this.#start + 3_600_000)
    refuseDifferent(first, clean)
    const judge = new Judge(first, clean)
    const chosen = choose(clean, this.#settings)
    const singles = await this.#tryAll(chosen.slice(0, max), judge)
    const pairs = depth === 2 && this.#given.only === undefined ? pairsOf(singles) : []
    const both = await this.#tryAll(pairs.slice(0, max - singles.length), judge)
    const tried = [...singles, ...both]
    const leftOut = chosen.length + pairs.length - tried.length
    const why = this.#given.signal?.aborted ? 'the exploration was interrupted' : `at most ${max} are tried`
    return reportOf(clean, tried, leftOut > 0 ? [`${count(leftOut, 'schedule')} left out: ${why}`] : [], depth)
  }

  async #clean(name: string, at: number): Promise<Run> {
    const { run, merchant } = await this.#run({ name, rules: [] }, at)
    await this.#registry.drop(merchant)
    const { said, calls } = run
    if (calls.length === 0 && said.outcome !== 'interrupted')
      throw new InputError(
        `the flow made no call at the sandbox${failing(said)}; allowed: a client whose base URL is WALLETS_URL, in the library the url or fetch that the flow is given`,
      )
    if (said.outcome !== 'success')
      throw new InputError(`the flow did not succeed without a fault${failing(said)}; allowed: a flow that does`)
    return run
  }

  /** Gives each linked wallet ten times what a run takes, where the run did without a top-up. */
  async #fund({ accounts, calls }: Run): Promise<void> {
    const taken = accounts.reduce((sum, { charged }) => sum + charged, 0) / 100
    if (calls.some(({ operation }) => operation?.id === 'juspay.finishTopUp')) return
    const { merchants } = await readFixtures(this.#given.fixtures)
    const [head, ...rest] = merchants
    const funded = (wallet: NonNullable<NonNullable<FixtureMerchant['customers']>[number]['wallets']>[number]) => {
      const balance = Math.max(wallet.provider?.balance ?? wallet.balance ?? 0, 10 * taken)
      return wallet.linked ? { ...wallet, provider: { ...wallet.provider, balance } } : wallet
    }
    const customers = head!.customers?.map((customer) => ({
      ...customer,
      ...(customer.wallets && { wallets: customer.wallets.map(funded) }),
    }))
    this.#registry.setFixtures([{ ...head!, ...(customers && { customers }) }, ...rest])
  }

  /** Tries schedules, several at once, and drops the merchants of those that found nothing. */
  async #tryAll(schedules: readonly Schedule[], judge: Judge): Promise<Tried[]> {
    const limit = new Limit(this.#settings.jobs)
    const tried = await Promise.all(schedules.map((schedule) => limit.run(() => this.#try(schedule, judge))))
    return tried.filter((one) => one !== undefined)
  }

  async #try(schedule: Schedule, judge: Judge): Promise<Tried | undefined> {
    if (this.#given.signal?.aborted) return undefined
    const { run, merchant } = await this.#run(schedule, this.#start)
    if (run.said.outcome === 'interrupted') return undefined
    const found = [...judge.findings(run, schedule.isControl)]
    const capsule = found.length > 0 ? await this.sandbox.control.merchant(merchant.id).capsule() : undefined
    if (capsule === undefined) await this.#registry.drop(merchant)
    const findings = found.map(([kind, sentence]) => {
      const { name, says } = schedule
      const finding = { schedule: name, kind, message: `${says}: ${sentence}`, test: testOf(name) }
      return Object.defineProperty(finding, 'capsule', { value: capsule }) as ExploreFinding
    })
    const mark = findings.length > 0 ? 'finding' : run.fired ? 'ok' : 'not reached'
    return { schedule, run, findings, mark }
  }

  async #run(
    { name, rules }: Pick<Schedule, 'name' | 'rules'>,
    clock: number,
  ): Promise<{ run: Run; merchant: Merchant }> {
    const id = `${EXPLORED_PREFIX}${name.replaceAll(/[^\w.-]+/g, '-')}`
    const scenario = { ...this.#base, rules: [...rules, ...(this.#base.rules ?? [])] }
    const merchant = this.#registry.create({ id, clock, program: compile(scenario, CATALOG, name) })
    const control = this.sandbox.control.merchant(id)
    const job = this.#free.shift()!
    let said = await this.#ask(this.#flow, merchant, job)
    const fired = rules.every((rule, index) => isSequel(rule) || merchant.scenario.counts[index]!.fired > 0)
    if (said.outcome === 'pending') {
      const delivered = merchant.webhooks.log.length
      await control.scenario.put(this.#base)
      await control.clock.advance(LATE_MS)
      const isTold = merchant.webhooks.log.slice(delivered).some(({ delivery }) => delivery.status === 200)
      if (this.#given.reconcile) said = await this.#ask(this.#given.reconcile, merchant, job)
      else if (isTold) said = { outcome: 'success' }
    }
    this.#free.push(job)
    const { findings } = await control.verdict()
    const run = {
      said,
      calls: callsOf(merchant.journal.entries()),
      events: eventsOf(merchant.webhooks.log),
      accounts: accountsOf(merchant.state),
      broken: findings.filter(({ level }) => level === 'fail'),
      fired,
    }
    return { run, merchant }
  }

  /** Runs a flow to its end, or to that of its time. */
  async #ask(flow: Flow, merchant: Merchant, job: number): Promise<Said> {
    const over = new AbortController()
    const url = this.sandbox.url!
    const context: FlowContext = {
      url,
      fetch: keyedFetch(this.sandbox.fetch, url, merchant.id),
      key: merchant.id,
      merchantId: merchant.id,
      responseKey: merchant.responseKey,
      control: this.sandbox.control.merchant(merchant.id),
      job,
      signal: over.signal,
    }
    const { signal } = this.#given
    const end = () => over.abort()
    signal?.addEventListener('abort', end)
    const timer = setTimeout(end, this.#settings.timeout)
    const late = new Promise<Said>((resolve) => {
      over.signal.addEventListener('abort', () => resolve({ outcome: signal?.aborted ? 'interrupted' : 'timeout' }))
    })
    const ended = Promise.resolve()
      .then(() => flow(context))
      .then(
        saidBy,
        (error: unknown): Said => ({
          outcome: 'failure',
          message: error instanceof Error ? error.message : String(error),
        }),
      )
    const said = await Promise.race([ended, late])
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
    end()
    return said
  }
}

const saidBy = (value: unknown): Said =>
  (Object(value) as { outcome?: unknown }).outcome === 'pending'
    ? { outcome: 'pending' }
    : { outcome: 'success', value: value === undefined ? null : JSON.parse(JSON.stringify(value)) }

/** Lets sandbox time pass between two calls, and sends the events that are due by then. */
function pass(merchant: Merchant | undefined): void {
  if (!merchant?.id.startsWith(EXPLORED_PREFIX)) return
  merchant.perform('clock.advance', { by: STEP_MS }, () => merchant.clock.advance(STEP_MS))
  merchant.webhooks.pump()
}

const failing = (said: Said) =>
  said.outcome === 'success' ? '' : `: ${'message' in said ? said.message : said.outcome}`

/** @throws InputError naming the first call in which two runs without a fault differ */
function refuseDifferent(first: Run, second: Run): void {
  const [before, after] = [first, second].map(({ calls }) =>
    calls.map(({ name, status }) => `${name} with status ${status}`),
  )
  const at = Array.from({ length: Math.max(before!.length, after!.length) }).findIndex(
    (_, i) => before![i] !== after![i],
  )
  if (at < 0) return
  const [one, other] = [before![at], after![at]].map((call) => call ?? 'none')
  throw new InputError(
    `two runs without a fault differ at call ${at + 1}: ${one}, then ${other}; allowed: a flow that makes the same calls each time`,
  )
}

function reportOf(clean: Run, tried: readonly Tried[], notes: readonly string[], depth: number): Exploration {
  const kinds = tried.flatMap(({ findings: [first] }) => (first ? [first.kind] : []))
  const report: Exploration = {
    calls: clean.calls.map(({ name, request }) => ({ name, request })),
    events: clean.events.map(({ name }) => name),
    depth,
    schedules: tried.map(({ schedule: { name, cell }, mark }) => ({ name, cell, mark })),
    findings: tried.flatMap(({ findings }) => findings),
    notes,
    summary: summaryOf(clean.calls.length, tried.length, depth, kinds),
  }
  const asText = () => toText(report, ({ schedule }) => [`explore(flow, { only: ['${schedule}'] })`])
  return Object.defineProperty(report, 'toString', { value: asText })
}

/** Runs a flow without a fault, then with each fault at each of its calls, and says what the client made of it. */
export async function explore(flow: Flow, options: ExploreOptions = {}): Promise<Exploration> {
  const explorer = await Explorer.open(flow, options)
  try {
    return await explorer.explore()
  } finally {
    await explorer.sandbox.close()
  }
}
