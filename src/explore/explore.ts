import { resolveOptions } from '../config.js'
import { customersOf, fromCustomer, toCustomer } from '../fixture-files/convert.js'
import { readFixtures } from '../fixture-files/read.js'
import type { Entry } from '../journal/entry.js'
import { InputError } from '../lib/errors.js'
import { EXPLORED_PREFIX } from '../lib/key-prefixes.js'
import { keyedFetch } from '../lib/keyed-fetch.js'
import { Limit } from '../lib/limit.js'
import { quote } from '../lib/text.js'
import { clearTimeout, setTimeout } from '../lib/timers.js'
import type { Merchant } from '../merchants/merchant.js'
import type { MerchantRegistry } from '../merchants/registry.js'
import { openSandbox, type Sandbox } from '../sandbox.js'
import { compile } from '../scenarios/compile.js'
import type { WholeScenario } from '../scenarios/schema.js'
import { CATALOG } from '../vendors/index.js'
import { setProviderBalance } from '../wallets/linked-wallet.js'
import type { Wallet } from '../wallets/model.js'
import { choose, type Outcome, pairsOf } from './choose.js'
import { accountsOf, Judge, type Run, type Said } from './judge.js'
import { type ExploreOptions, type ExploreSettings, type Flow, type FlowContext, settle } from './options.js'
import { count, type Exploration, type ExploreFinding, summaryOf, testOf, toText } from './report.js'
import { callsOf, eventsOf, isSequel, racesOf, type Schedule } from './schedules.js'

interface Tried extends Outcome {
  readonly findings: readonly ExploreFinding[]
}

/** Sandbox time before each call, in ms: beyond the vendor's guard against a second refund. */
const STEP_MS = 6_000
/** How long a call takes in the run that shows which calls overlap, in ms. */
const RACE_MS = 20
/** Sandbox time for late events after a flow that ended pending, in ms. */
const LATE_MS = 31_000

interface Parts {
  readonly sandbox: Sandbox
  readonly registry: MerchantRegistry
  readonly flow: Flow
  readonly given: ExploreOptions
  readonly settings: ExploreSettings
  /** What the scenarios of all runs have in common. */
  readonly base: WholeScenario
  /** Where the clocks begin, in epoch ms. */
  readonly start: number
  /** Of a merchant whose call is held: after whose answer it goes on. */
  readonly after: Map<string, string>
}

/** An exploration under way, for what looks at it while it lasts. */
export class Explorer {
  readonly #its: Parts
  readonly #free: number[]

  private constructor(its: Parts) {
    this.#its = its
    // A flow that is started twice needs another one.
    this.#free = Array.from({ length: its.settings.jobs * 2 }, (_, job) => job)
  }

  get sandbox(): Sandbox {
    return this.#its.sandbox
  }

  static async open(flow: Flow, given: ExploreOptions, at = { port: 0, host: '127.0.0.1' }): Promise<Explorer> {
    const { settings, options } = settle(given)
    const resolved = resolveOptions({ maxMerchants: 100_000, ...options })
    const start = resolved.clock ?? Math.floor(Date.now() / 1000) * 1000
    let registry!: MerchantRegistry
    const after = new Map<string, string>()
    const sandbox = await openSandbox(
      { ...resolved, clock: start },
      {
        onOpened: (opened) => {
          registry = opened
        },
        onAnswered: (entry) => pass(registry.get(entry.merchant), entry, after),
      },
    )
    await sandbox.listen(at)
    const base = registry.anonymous.scenario.program.scenario
    return new Explorer({ sandbox, registry, flow, given, settings, base, start, after })
  }

  async explore(): Promise<Exploration> {
    const { depth, max } = this.#its.settings
    const first = await this.#clean('clean 1', this.#its.start)
    await this.#fund(first)
    // At another time, so that times are known as what they are.
    const clean = await this.#clean('clean 2', this.#its.start + 3_600_000)
    refuseDifferent(first, clean)
    const judge = new Judge(first, clean)
    const races = await this.#races()
    const chosen = choose(clean, this.#its.settings, races ?? [])
    const { only } = this.#its.settings
    const isMeant = ({ name }: Schedule) => only?.includes(name) ?? true
    const singles = await this.#tryAll(chosen.slice(0, max), judge)
    const isPaired = depth === 2 || only?.some((name) => name.includes('+'))
    const pairs = isPaired ? pairsOf(singles, this.#its.settings).filter(isMeant) : []
    const both = await this.#tryAll(pairs.slice(0, max - singles.length), judge)
    const tried = [...singles, ...both].filter(({ schedule }) => isMeant(schedule))
    const unknown = only?.find((name) => ![...chosen, ...pairs].some((one) => one.name === name))
    if (unknown !== undefined) throw new InputError(`only: ${quote(unknown)} is not a pair of this flow`)
    const leftOut = [...chosen, ...pairs].filter(isMeant).length - tried.length
    const why = this.#its.given.signal?.aborted ? 'the exploration was interrupted' : `at most ${max} are tried`
    const notes = [
      ...(races?.length === 0 ? ['no two calls of the flow overlap, so there is no race'] : []),
      ...(leftOut > 0 ? [`${count(leftOut, 'schedule')} left out: ${why}`] : []),
    ]
    return reportOf(clean, tried, notes, depth)
  }

  async #clean(name: string, at: number): Promise<Run> {
    const { run, merchant } = await this.#run({ name, rules: [] }, at)
    await this.#its.registry.drop(merchant)
    const { said, calls } = run
    if (calls.length === 0 && said.outcome !== 'interrupted')
      throw new InputError(
        `the flow made no call at the sandbox${failing(said)}; allowed: a client with the base URL in WALLETS_URL and the key in WALLET_SANDBOX_KEY, in the library url (or fetch) and key`,
      )
    if (said.outcome !== 'success')
      throw new InputError(`the flow did not succeed without a fault${failing(said)}; allowed: a flow that does`)
    return run
  }

  /** The races of the flow, found in a run whose calls take a while; undefined where none is asked for. */
  async #races(): Promise<Schedule[] | undefined> {
    const { races, only } = this.#its.settings
    if (!races && !only?.some((name) => name.includes('>'))) return undefined
    const slow = { '*': { fixed: RACE_MS } }
    const { run, merchant } = await this.#run({ name: 'overlaps', rules: [] }, this.#its.start, {
      ...this.#its.base,
      latency: slow,
    })
    await this.#its.registry.drop(merchant)
    return racesOf(run.calls)
  }

  /** Gives each linked wallet ten times what a run takes, where the run did without a top-up. */
  async #fund({ accounts, calls }: Run): Promise<void> {
    const enough = 10 * accounts.reduce((sum, { charged }) => sum + charged, 0)
    if (calls.some(({ operation }) => operation?.id === 'juspay.finishTopUp')) return
    const [head, ...rest] = (await readFixtures(this.#its.given.fixtures)).merchants
    const funded = (wallet: Wallet) =>
      wallet.linked ? setProviderBalance(wallet, Math.max(wallet.provider.balance, enough)) : wallet
    const customers = Array.from(customersOf(head!), (fixture) => {
      const customer = toCustomer(fixture)
      return fromCustomer({ ...customer, wallets: customer.wallets.map(funded) })
    })
    this.#its.registry.setFixtures([{ ...head!, customers }, ...rest])
  }

  /** Tries schedules, several at once, and drops the merchants of those that found nothing. */
  async #tryAll(schedules: readonly Schedule[], judge: Judge): Promise<Tried[]> {
    const limit = new Limit(this.#its.settings.jobs)
    const tried = await Promise.all(schedules.map((schedule) => limit.run(() => this.#try(schedule, judge))))
    return tried.filter((one) => one !== undefined)
  }

  async #try(schedule: Schedule, judge: Judge): Promise<Tried | undefined> {
    if (this.#its.given.signal?.aborted) return undefined
    const { run, merchant } = await this.#run(schedule, this.#its.start)
    if (run.said.outcome === 'interrupted') return undefined
    const found = [...judge.findings(run, schedule.isControl)]
    const capsule = found.length > 0 ? await this.sandbox.control.merchant(merchant.id).capsule() : undefined
    if (capsule === undefined) await this.#its.registry.drop(merchant)
    const findings = found.map(([kind, sentence]) => {
      const { name, says } = schedule
      const finding = { schedule: name, kind, message: `${says}: ${sentence}`, test: testOf(name) }
      return Object.defineProperty(finding, 'capsule', { value: capsule }) as ExploreFinding
    })
    const mark = findings.length > 0 ? 'finding' : run.fired ? 'ok' : 'not reached'
    return { schedule, run, findings, mark }
  }

  async #run(
    { name, rules, after, isTwice }: Pick<Schedule, 'name' | 'rules' | 'after' | 'isTwice'>,
    clock: number,
    base: WholeScenario = this.#its.base,
  ): Promise<{ run: Run; merchant: Merchant }> {
    const id = `${EXPLORED_PREFIX}${name.replaceAll(/[^\w.-]+/g, '-')}`
    const scenario = { ...base, rules: [...rules, ...(base.rules ?? [])] }
    const merchant = this.#its.registry.create({ id, clock, program: compile(scenario, CATALOG, { where: name }) })
    const control = this.sandbox.control.merchant(id)
    if (after !== undefined) this.#its.after.set(id, after)
    const jobs = this.#free.splice(0, isTwice ? 2 : 1)
    let said = together(await Promise.all(jobs.map((job) => this.#ask(this.#its.flow, merchant, job))))
    const fired = rules.every((rule, index) => isSequel(rule) || merchant.scenario.counts[index]!.fired > 0)
    if (said.outcome === 'pending') {
      const delivered = merchant.webhooks.log.length
      await control.scenario.put(this.#its.base)
      await control.clock.advance(LATE_MS)
      const isTold = merchant.webhooks.log.slice(delivered).some(({ delivery }) => delivery.status === 200)
      if (this.#its.given.reconcile) said = await this.#ask(this.#its.given.reconcile, merchant, jobs[0]!)
      else if (isTold) said = { outcome: 'success' }
    }
    // An event that is late to its receiver is one of the flow still.
    merchant.webhooks.pump()
    await merchant.webhooks.idle()
    this.#free.push(...jobs)
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
    const { signal } = this.#its.given
    const end = () => over.abort()
    signal?.addEventListener('abort', end)
    const timer = setTimeout(end, this.#its.settings.timeout)
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

/** What the customer of several runs has: success where one of them says so. */
function together(all: readonly Said[]): Said {
  const [only, other] = all
  if (other === undefined) return only!
  const best = (['interrupted', 'timeout', 'success', 'pending'] as const).find((outcome) =>
    all.some((said) => said.outcome === outcome),
  )
  return best === undefined ? only! : { outcome: best }
}

/** Lets sandbox time pass between two calls, and what waits for it. @param after the call that another one waits for */
function pass(merchant: Merchant | undefined, entry: Entry, after: ReadonlyMap<string, string>): void {
  if (!merchant?.id.startsWith(EXPLORED_PREFIX)) return
  merchant.perform('clock.advance', { by: STEP_MS }, () => merchant.clock.advance(STEP_MS))
  merchant.webhooks.pump()
  const awaited = after.get(merchant.id)
  if (awaited === undefined) return
  const answered = callsOf(merchant.journal.entries()).find((call) => call.entry === entry)
  if (answered?.name === awaited) merchant.holds.releaseAll()
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
