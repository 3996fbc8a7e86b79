import { resolveOptions } from '../config.js'
import { customersOf, fromCustomer, toCustomer } from '../fixture-files/convert.js'
import { readFixtures } from '../fixture-files/read.js'
import type { Entry } from '../journal/entry.js'
import { InputError } from '../lib/errors.js'
import { asJson } from '../lib/given.js'
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
import { choose, pairsOf, type Tried } from './choose.js'
import { accountsOf, judge, type Run, type Said } from './judge.js'
import { type ExploreOptions, type Flow, type FlowContext, settle } from './options.js'
import { count, type Exploration, type ExploreFinding, fileNameOf, summaryOf, testOf, toText } from './report.js'
import { callsOf, eventsOf, isSequel, racesOf, type Schedule } from './schedules.js'

/** Sandbox time before each call, in ms: beyond the vendor's guard against a second refund. */
const STEP_MS = 6_000
/** How long a call takes in the run that shows which calls overlap, in ms. */
const RACE_MS = 20
/** Sandbox time for late events after a flow that ended pending, in ms. */
const LATE_MS = 31_000

/** What the runs of an exploration have in common. */
async function open(flow: Flow, given: ExploreOptions, at: { readonly port: number; readonly host: string }) {
  const { options, ...settled } = settle(flow, given)
  const resolved = resolveOptions({ maxMerchants: 100_000, ...options })
  const start = resolved.clock ?? Math.floor(Date.now() / 1000) * 1000
  /** What a run does with each call that was answered, by its merchant. */
  const answered = new Map<string, (entry: Entry) => void>()
  let registry!: MerchantRegistry
  const sandbox = await openSandbox(
    { ...resolved, clock: start },
    {
      onOpened: (opened) => {
        registry = opened
      },
      onAnswered: (entry) => answered.get(entry.merchant)?.(entry),
    },
  )
  await sandbox.listen(at)
  const base = registry.anonymous.scenario.program.scenario
  // A flow that is started twice needs another one.
  const jobs = Array.from({ length: settled.settings.jobs * 2 }, (_, job) => job)
  return { ...settled, fixtures: options.fixtures, start, answered, registry, sandbox, base, jobs }
}

/** An exploration under way, for what looks at it while it lasts. */
export class Explorer {
  readonly #its: Awaited<ReturnType<typeof open>>

  private constructor(its: Awaited<ReturnType<typeof open>>) {
    this.#its = its
  }

  static async open(flow: Flow, given: ExploreOptions, at = { port: 0, host: '127.0.0.1' }): Promise<Explorer> {
    return new Explorer(await open(flow, given, at))
  }

  get sandbox(): Sandbox {
    return this.#its.sandbox
  }

  async explore(): Promise<Exploration> {
    const { settings, signal, start, base } = this.#its
    const { depth, max, only } = settings
    const first = await this.#clean('clean 1', start)
    await this.#fund(first)
    // At another time, so that times are known as what they are.
    const clean = await this.#clean('clean 2', start + 3_600_000)
    refuseDifferent(first, clean)
    const isNamed = (mark: string) => only?.some((name) => name.includes(mark)) === true
    const slow = { ...base, latency: { '*': { fixed: RACE_MS } } }
    const races =
      settings.races || isNamed('>') ? racesOf((await this.#plain('overlaps', start, slow)).calls) : undefined

    const chosen = choose(clean, settings, races ?? [])
    const isMeant = ({ name }: Schedule) => only?.includes(name) ?? true
    const limit = new Limit(settings.jobs)
    const tryAll = async (schedules: readonly Schedule[]) =>
      (await Promise.all(schedules.map((one) => limit.run(() => this.#try(one, [first, clean]))))).flat()
    const singles = await tryAll(chosen.slice(0, max))
    const pairs = depth === 2 || isNamed('+') ? pairsOf(singles, settings).filter(isMeant) : []
    const tried = [...singles, ...(await tryAll(pairs.slice(0, max - singles.length)))]

    const all = [...chosen, ...pairs]
    const unknown = only?.find((name) => !all.some((one) => one.name === name))
    if (unknown !== undefined) throw new InputError(`only: ${quote(unknown)} is not a pair of this flow`)
    const meant = tried.filter(({ schedule }) => isMeant(schedule))
    const leftOut = all.filter(isMeant).length - meant.length
    const why = signal?.aborted ? 'the exploration was interrupted' : `at most ${max} are tried`
    return reportOf(clean, meant, depth, [
      ...(races?.length === 0 ? ['no two calls of the flow overlap, so there is no race'] : []),
      ...(leftOut > 0 ? [`${count(leftOut, 'schedule')} left out: ${why}`] : []),
    ])
  }

  /** A run without a fault, of which nothing is kept. */
  async #plain(name: string, clock: number, base?: WholeScenario): Promise<Run> {
    const run = await this.#run({ name, rules: [] }, clock, base)
    await this.#its.registry.drop(run.merchant)
    return run
  }

  /** @throws InputError for a flow from which nothing could be concluded */
  async #clean(name: string, clock: number): Promise<Run> {
    const run = await this.#plain(name, clock)
    const { said, calls } = run
    const failing = said.outcome === 'success' ? '' : `: ${'message' in said ? said.message : said.outcome}`
    if (calls.length === 0 && said.outcome !== 'interrupted')
      throw new InputError(
        `the flow made no call at the sandbox${failing}; allowed: a client with the base URL in WALLETS_URL and the key in WALLET_SANDBOX_KEY, in the library url (or fetch) and key`,
      )
    if (said.outcome !== 'success')
      throw new InputError(`the flow did not succeed without a fault${failing}; allowed: a flow that does`)
    return run
  }

  /** Gives each linked wallet ten times what a run takes, where the run did without a top-up. */
  async #fund({ accounts, calls }: Run): Promise<void> {
    const { fixtures, registry } = this.#its
    const enough = 10 * accounts.reduce((sum, { charged }) => sum + charged, 0)
    if (calls.some(({ operation }) => operation?.id === 'juspay.finishTopUp')) return
    const [head, ...rest] = (await readFixtures(fixtures)).merchants
    const funded = (wallet: Wallet) =>
      wallet.linked ? setProviderBalance(wallet, Math.max(wallet.provider.balance, enough)) : wallet
    const customers = customersOf(head!).map((fixture) => {
      const customer = toCustomer(fixture)
      return fromCustomer({ ...customer, wallets: customer.wallets.map(funded) })
    })
    registry.setFixtures([{ ...head!, customers }, ...rest])
  }

  /** Tries a schedule, and drops its merchant where it found nothing. @returns nothing where it was interrupted */
  async #try(schedule: Schedule, clean: readonly [Run, Run]): Promise<Tried[]> {
    const { registry, sandbox, signal, start } = this.#its
    if (signal?.aborted) return []
    const run = await this.#run(schedule, start)
    const { said, merchant, calls, fired } = run
    if (said.outcome === 'interrupted') return []
    const { name, says, isControl } = schedule
    const found = [...judge(run, clean, isControl)]
    const capsule = found.length > 0 ? await sandbox.control.merchant(merchant.id).capsule() : undefined
    if (capsule === undefined) await registry.drop(merchant)
    const findings = found.map(([kind, sentence]) => {
      const finding = { schedule: name, kind, message: `${says}: ${sentence}`, test: testOf(name) }
      return Object.defineProperty(finding, 'capsule', { value: capsule }) as ExploreFinding
    })
    return [{ schedule, calls, findings, mark: capsule ? 'finding' : fired ? 'ok' : 'not reached' }]
  }

  async #run(
    { name, rules, after, isTwice }: Pick<Schedule, 'name' | 'rules' | 'after' | 'isTwice'>,
    clock: number,
    base = this.#its.base,
  ): Promise<Run> {
    const { registry, sandbox, answered, flow, reconcile, jobs: free } = this.#its
    const id = `${EXPLORED_PREFIX}${fileNameOf(name)}`
    const scenario = { ...base, rules: [...rules, ...(base.rules ?? [])] }
    const merchant = registry.create({ id, clock, program: compile(scenario, CATALOG, { where: name }) })
    const { journal, webhooks } = merchant
    const control = sandbox.control.merchant(id)
    answered.set(id, (entry) => {
      merchant.perform('clock.advance', { by: STEP_MS }, () => merchant.clock.advance(STEP_MS))
      webhooks.pump()
      const call = after && callsOf(journal.entries()).find(({ client }) => client.entry === entry)
      if (call && call.name === after) merchant.holds.release()
    })
    const jobs = free.splice(0, isTwice ? 2 : 1)
    let said = together(await Promise.all(jobs.map((job) => this.#ask(flow, merchant, job))))
    const fired = rules.every((rule, index) => isSequel(rule) || merchant.scenario.counts[index]!.fired > 0)
    if (said.outcome === 'pending') {
      const delivered = webhooks.log.length
      await control.scenario.put(base)
      await control.clock.advance(LATE_MS)
      const isTold = webhooks.log.slice(delivered).some(({ delivery }) => delivery.status === 200)
      if (reconcile) said = await this.#ask(reconcile, merchant, jobs[0]!)
      else if (isTold) said = { outcome: 'success' }
    }
    // An event that is late to its receiver is one of the flow still.
    webhooks.pump()
    await webhooks.idle()
    free.push(...jobs)
    answered.delete(id)
    const { findings } = await control.verdict()
    return {
      merchant,
      said,
      calls: callsOf(journal.entries()),
      events: eventsOf(webhooks.log),
      accounts: accountsOf(merchant.state),
      broken: findings.filter(({ level }) => level === 'fail'),
      fired,
    }
  }

  /** Runs a flow to its end, or to that of its time. */
  async #ask(flow: Flow, merchant: Merchant, job: number): Promise<Said> {
    const { sandbox, settings, signal } = this.#its
    const over = new AbortController()
    const url = sandbox.url!
    const { id, responseKey } = merchant
    const context = {
      url,
      fetch: keyedFetch(sandbox.fetch, url, id),
      key: id,
      merchantId: id,
      responseKey,
      control: sandbox.control.merchant(id),
      job,
      signal: over.signal,
    }
    const end = () => over.abort()
    signal?.addEventListener('abort', end, { signal: over.signal })
    const timer = setTimeout(end, settings.timeout)
    const late = new Promise<Said>((resolve) => {
      over.signal.addEventListener('abort', () => resolve({ outcome: signal?.aborted ? 'interrupted' : 'timeout' }))
    })
    const said = await Promise.race([saidBy(flow, context), late])
    clearTimeout(timer)
    end()
    return said
  }
}

async function saidBy(flow: Flow, context: FlowContext): Promise<Said> {
  try {
    const value = await flow(context)
    if (Object(value).outcome === 'pending') return { outcome: 'pending' }
    return { outcome: 'success', value: asJson(value, 'the value of the flow') ?? null }
  } catch (error) {
    return { outcome: 'failure', message: error instanceof Error ? error.message : String(error) }
  }
}

/** What the customer of several runs has: success where one of them says so. */
function together(all: readonly Said[]): Said {
  const [only, other] = all
  if (other === undefined) return only!
  const best = (['interrupted', 'timeout', 'success', 'pending'] as const).find((outcome) =>
    all.some((said) => said.outcome === outcome),
  )
  return best === undefined ? only! : { outcome: best }
}

/** @throws InputError naming the first call in which two runs without a fault differ */
function refuseDifferent(first: Run, second: Run): void {
  const [before, after] = [first, second].map(({ calls }) => [
    ...calls.map(({ name, client }) => `${name} with status ${client.status}`),
    'none',
  ])
  const at = before!.findIndex((call, i) => call !== (after![i] ?? 'none'))
  if (at < 0) return
  throw new InputError(
    `two runs without a fault differ at call ${at + 1}: ${before![at]}, then ${after![at] ?? 'none'}; allowed: a flow that makes the same calls each time`,
  )
}

function reportOf(clean: Run, tried: readonly Tried[], depth: number, notes: readonly string[]): Exploration {
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
