import { didYouMean } from '../lib/did-you-mean.js'
import { InputError } from '../lib/errors.js'
import { counted, quote } from '../lib/text.js'
import { matcher } from '../scenarios/pattern.js'
import { WEBHOOK_EFFECTS } from '../scenarios/terms.js'
import { type ExploreOptions, type ExploreSettings, type Flow, settle } from './options.js'
import { type Exploration, reportOf } from './report.js'
import { openRunner, type Runner, type Trial } from './run.js'
import { clean, FAULTS, ofCall, ofEvent, racesOf, type Schedule, TWICE } from './schedules.js'
import { kindOf } from './seen.js'

/** Runs a flow without a fault, then with each fault at each of its calls. @param onReport is run while the sandbox listens */
export async function explore(
  flow: Flow,
  options: ExploreOptions = {},
  at: { port?: number; host?: string } = {},
  onReport?: (report: Exploration, url: string) => Promise<void>,
): Promise<Exploration> {
  const settings = settle(flow, options)
  const runner = await openRunner(settings)
  await using sandbox = runner.sandbox
  const url = await sandbox.listen(at)
  const report = await tryFaults(runner, settings)
  await onReport?.(report, url)
  return report
}

async function tryFaults({ run, fund, start }: Runner, settings: ExploreSettings): Promise<Exploration> {
  const { depth, max, only, jobs, signal } = settings
  const first = await cleanRun(run, 'clean 1', start)
  // A flow that tops up its wallet begins with what there is.
  if (!first.calls.some(({ operation }) => operation?.id === 'juspay.finishTopUp'))
    fund(first.customers, 10 * first.accounts[0]!.charged)
  // At another time, so that times are known as what they are.
  const second = await cleanRun(run, 'clean 2', start + 3_600_000)
  refuseDifferent(first, second)
  const isNamed = (mark: string) => only?.some((name) => name.includes(mark)) === true
  // Each call takes a moment, to show which of them overlap.
  const how = { latency: { '*': { fixed: 20 } } }
  const races = settings.races || isNamed('>') ? racesOf((await run(clean('overlaps'), how)).calls) : undefined

  const tryAll = async (schedules: readonly Schedule[]) => {
    const tried: Trial[] = []
    const queue = schedules.entries()
    const work = async (job: number) => {
      for (const [i, schedule] of queue) if (!signal?.aborted) tried[i] = await run(schedule, { job }, [first, second])
    }
    await Promise.all(Array.from({ length: jobs }, (_, job) => work(job)))
    return tried.filter(({ said }) => said.outcome !== 'interrupted')
  }
  const isMeant = ({ name }: Schedule) => only?.includes(name) ?? true
  const chosen = choose(second, races ?? [], settings)
  const singles = await tryAll(chosen.slice(0, max))
  const pairs = depth === 2 || isNamed('+') ? pairsOf(singles, settings).filter(isMeant) : []
  const tried = [...singles, ...(await tryAll(pairs.slice(0, max - singles.length)))]

  const all = [...chosen, ...pairs]
  const unknown = only?.find((name) => !all.some((one) => one.name === name))
  if (unknown !== undefined) throw new InputError(`only: ${quote(unknown)} is not a pair of this flow`)
  const meant = tried.filter(({ schedule }) => isMeant(schedule))
  const leftOut = all.filter(isMeant).length - meant.length
  const why = signal?.aborted ? 'the exploration was interrupted' : `at most ${max} are tried`
  return reportOf(second, meant, depth, [
    ...(races?.length === 0 ? ['no two calls of the flow overlap, so there is no race'] : []),
    ...(leftOut > 0 ? [`${counted(leftOut, 'schedule')} left out: ${why}`] : []),
  ])
}

/** @throws InputError for a flow from which nothing could be concluded */
async function cleanRun(run: Runner['run'], name: string, clock: number): Promise<Trial> {
  const done = await run(clean(name), { clock })
  const { outcome, message = outcome } = done.said
  const failing = outcome === 'success' ? '' : `: ${message}`
  if (outcome === 'interrupted')
    throw new InputError('the exploration was interrupted before the flow had run without a fault')
  if (done.calls.length === 0)
    throw new InputError(
      `the flow made no call at the sandbox${failing}; allowed: a client with the base URL in WALLETS_URL and the key in WALLET_SANDBOX_KEY, in the library url (or fetch) and key`,
    )
  if (outcome !== 'success')
    throw new InputError(`the flow did not succeed without a fault${failing}; allowed: a flow that does`)
  return done
}

/** @throws InputError naming the first call in which two runs without a fault differ */
function refuseDifferent(...runs: readonly Trial[]): void {
  const seen = runs.map(({ calls }) => calls.map(({ name, client }) => `${name} with status ${client.status}`))
  const [before, after] = seen.map((calls) => [...calls, 'none'])
  const at = before!.findIndex((call, i) => call !== after![i])
  if (at < 0) return
  throw new InputError(
    `two runs without a fault differ at call ${at + 1}: ${before![at]}, then ${after![at]}; allowed: a flow that makes the same calls each time`,
  )
}

const NAMES = [...FAULTS, ...WEBHOOK_EFFECTS]
/** Whether a name such as `reset` or `reset:after-commit` means a fault. */
const means = (given: string, fault: string) => fault === given || fault.startsWith(`${given}:`)

const chosenBy = ({ faults, operations }: ExploreSettings) => {
  const isAt = operations?.map(matcher)
  return ({ name, cell: [row] = ['', ''] }: Schedule): boolean =>
    faults?.some((given) => means(given, name.slice(row.length + 1))) !== false &&
    isAt?.some((matches) => matches(kindOf(row))) !== false
}

function refuse(unknown: string | undefined, says: (name: string) => string, names: readonly string[], rest: string) {
  if (unknown !== undefined) throw new InputError(`${says(quote(unknown))}.${didYouMean(unknown, names)} ${rest}`)
}

/** @throws InputError for a name that means nothing */
function choose({ calls, events }: Trial, races: readonly Schedule[], settings: ExploreSettings): Schedule[] {
  const { only, faults, operations, twice } = settings
  const itsCalls = `Its calls: ${calls.map(({ name }) => name).join(', ')}`
  const unknown = faults?.find((given) => !NAMES.some((name) => means(given, name)))
  refuse(unknown, (name) => `faults: unknown fault ${name}`, NAMES, `Known: ${NAMES.join(', ')}`)
  const rows = [...calls, ...events].map(({ name }) => kindOf(name))
  const nowhere = operations?.find((given) => !rows.some(matcher(given)))
  refuse(nowhere, (name) => `operations: ${name} names no call of this flow`, rows, itsCalls)
  const single = [...calls.flatMap((call) => ofCall(call, calls)), ...events.flatMap(ofEvent)]
  const all = [...(only ? single : single.filter(chosenBy(settings))), ...races, ...(twice || only ? [TWICE] : [])]
  const names = all.map(({ name }) => name)
  // Of a pair the first is tried, which shows the calls of the second.
  const wanted = only?.map((name) => name.split('+')[0]!) ?? names
  const missing = wanted.find((name) => !names.includes(name))
  refuse(missing, (name) => `only: ${name} is not a schedule of this flow`, names, itsCalls)
  return all.filter(({ name }) => wanted.includes(name))
}

/** Two faults at calls that change something, where neither alone did harm: the second at a call of the run with the first. */
function pairsOf(singles: readonly Trial[], settings: ExploreSettings): Schedule[] {
  const harmful = singles.filter(({ breaches }) => breaches.length > 0).map(({ schedule }) => schedule.name)
  const isPart = ({ name, isControl }: Schedule) => !isControl && !harmful.includes(name)
  return singles.flatMap(({ schedule, calls, fired }) => {
    const at = calls.findIndex(({ name }) => name === schedule.cell?.[0])
    if (!fired || !isPart(schedule) || !calls[at]?.operation?.changes) return []
    const later = calls.slice(at + 1).filter(({ operation }) => operation?.changes)
    const seconds = later.flatMap((call) => ofCall(call, calls)).filter(chosenBy(settings))
    return seconds.filter(isPart).map(({ name, rules, says }) => ({
      name: `${schedule.name}+${name}`,
      // The second is asked first, so that it counts the call that the first one takes.
      rules: [...rules, ...schedule.rules],
      says: `${schedule.says}; ${says}`,
    }))
  })
}
