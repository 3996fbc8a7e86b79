import { resolveOptions } from '../config.js'
import { customersOf, fromCustomer, toCustomer } from '../fixture-files/convert.js'
import { readFixtures } from '../fixture-files/read.js'
import type { Entry } from '../journal/entry.js'
import { accessTo } from '../lib/access.js'
import { InputError } from '../lib/errors.js'
import { asJson } from '../lib/given.js'
import { EXPLORED_PREFIX } from '../lib/key-prefixes.js'
import { quote } from '../lib/text.js'
import type { MerchantRegistry } from '../merchants/registry.js'
import { openSandbox } from '../sandbox.js'
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

type Runs = Awaited<ReturnType<typeof open>>

/** What the runs of an exploration have in common. */
async function open(flow: Flow, given: ExploreOptions) {
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
  const base = registry.anonymous.scenario.program.scenario
  return { ...settled, fixtures: options.fixtures, start, answered, registry, sandbox, base }
}

/** Where the sandbox of an exploration listens, and what is done with the report while it does. */
interface Serving {
  readonly port?: number
  readonly host?: string
  readonly onReport?: (report: Exploration, url: string) => Promise<void>
}

/** Runs a flow without a fault, then with each fault at each of its calls, and says what the client made of it. */
export async function explore(
  flow: Flow,
  options: ExploreOptions = {},
  { port = 0, host = '127.0.0.1', onReport }: Serving = {},
): Promise<Exploration> {
  const runs = await open(flow, options)
  try {
    const url = await runs.sandbox.listen({ port, host })
    const report = await tryFaults(runs)
    await onReport?.(report, url)
    return report
  } finally {
    await runs.sandbox.close()
  }
}

async function tryFaults(runs: Runs): Promise<Exploration> {
  const { settings, signal, start, base } = runs
  const { depth, max, only, jobs } = settings
  const first = await cleanRun(runs, 'clean 1', start)
  await fund(runs, first)
  // At another time, so that times are known as what they are.
  const clean = await cleanRun(runs, 'clean 2', start + 3_600_000)
  refuseDifferent(first, clean)
  const isNamed = (mark: string) => only?.some((name) => name.includes(mark)) === true
  const slow = { ...base, latency: { '*': { fixed: RACE_MS } } }
  const races =
    settings.races || isNamed('>') ? racesOf((await plainRun(runs, 'overlaps', start, slow)).calls) : undefined

  const tryAll = async (schedules: readonly Schedule[]) => {
    const tried: (Tried | undefined)[] = []
    const queue = schedules.entries()
    const work = async (job: number) => {
      for (const [i, schedule] of queue) tried[i] = await tryOne(runs, schedule, [first, clean], job)
    }
    await Promise.all(Array.from({ length: jobs }, (_, job) => work(job)))
    return tried.filter((one) => one !== undefined)
  }
  const chosen = choose(clean, settings, races ?? [])
  const isMeant = ({ name }: Schedule) => only?.includes(name) ?? true
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
async function plainRun(runs: Runs, name: string, clock: number, base?: WholeScenario): Promise<Run> {
  const run = await runOnce(runs, { name, rules: [] }, 0, clock, base)
  await runs.registry.drop(run.merchant)
  return run
}

/** @throws InputError for a flow from which nothing could be concluded */
async function cleanRun(runs: Runs, name: string, clock: number): Promise<Run> {
  const run = await plainRun(runs, name, clock)
  const { said, calls } = run
  const failing = said.outcome === 'success' ? '' : `: ${'message' in said ? said.message : said.outcome}`
  if (said.outcome === 'interrupted')
    throw new InputError('the exploration was interrupted before the flow had run without a fault')
  if (calls.length === 0)
    throw new InputError(
      `the flow made no call at the sandbox${failing}; allowed: a client with the base URL in WALLETS_URL and the key in WALLET_SANDBOX_KEY, in the library url (or fetch) and key`,
    )
  if (said.outcome !== 'success')
    throw new InputError(`the flow did not succeed without a fault${failing}; allowed: a flow that does`)
  return run
}

/** Gives each linked wallet ten times what a run takes, where the run did without a top-up. */
async function fund({ fixtures, registry }: Runs, { accounts, calls }: Run): Promise<void> {
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
async function tryOne(
  runs: Runs,
  schedule: Schedule,
  clean: readonly [Run, Run],
  job: number,
): Promise<Tried | undefined> {
  const { registry, sandbox, signal, start } = runs
  if (signal?.aborted) return undefined
  const run = await runOnce(runs, schedule, job, start)
  const { said, merchant, calls, fired } = run
  if (said.outcome === 'interrupted') return undefined
  const { name, says, isControl } = schedule
  const found = [...judge(run, clean, isControl)]
  const capsule = found.length > 0 ? await sandbox.control.merchant(merchant.id).capsule() : undefined
  if (capsule === undefined) await registry.drop(merchant)
  const findings = found.map(([kind, sentence]) => {
    const finding = { schedule: name, kind, message: `${says}: ${sentence}`, test: testOf(name) }
    return Object.defineProperty(finding, 'capsule', { value: capsule }) as ExploreFinding
  })
  return { schedule, calls, findings, mark: capsule ? 'finding' : fired ? 'ok' : 'not reached' }
}

/** Runs the flow in a merchant of its own. @param job a number that no other run has at the time */
async function runOnce(
  runs: Runs,
  { name, rules, after, isTwice }: Pick<Schedule, 'name' | 'rules' | 'after' | 'isTwice'>,
  job: number,
  clock: number,
  base = runs.base,
): Promise<Run> {
  const { registry, sandbox, answered, flow, reconcile, settings } = runs
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
  const context = { ...accessTo(id, sandbox.url!, sandbox.fetch), responseKey: merchant.responseKey, control, job }
  const contexts = isTwice ? [context, { ...context, job: job + settings.jobs }] : [context]
  let said = together(await Promise.all(contexts.map((each) => ask(runs, flow, each))))
  const fired = rules.every((rule, index) => isSequel(rule) || merchant.scenario.counts[index]!.fired > 0)
  if (said.outcome === 'pending') {
    const delivered = webhooks.log.length
    await control.scenario.put(base)
    await control.clock.advance(LATE_MS)
    const isTold = webhooks.log.slice(delivered).some(({ delivery }) => delivery.status === 200)
    if (reconcile) said = await ask(runs, reconcile, context)
    else if (isTold) said = { outcome: 'success' }
  }
  // An event that is late to its receiver is one of the flow still.
  webhooks.pump()
  await webhooks.idle()
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
async function ask({ settings, signal: stop }: Runs, flow: Flow, context: Omit<FlowContext, 'signal'>): Promise<Said> {
  const over = new AbortController()
  const ends = [over.signal, AbortSignal.timeout(settings.timeout), ...(stop ? [stop] : [])]
  const signal = AbortSignal.any(ends)
  if (signal.aborted) return { outcome: 'interrupted' }
  const late = new Promise((resolve) => {
    signal.addEventListener('abort', resolve)
  })
  try {
    const value = await Promise.race([flow({ ...context, signal }), late])
    if (signal.aborted) return { outcome: stop?.aborted ? 'interrupted' : 'timeout' }
    if (Object(value).outcome === 'pending') return { outcome: 'pending' }
    return { outcome: 'success', value: asJson(value, 'the value of the flow') ?? null }
  } catch (error) {
    return { outcome: 'failure', message: error instanceof Error ? error.message : String(error) }
  } finally {
    over.abort()
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
