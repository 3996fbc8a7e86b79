import { didYouMean } from '../lib/did-you-mean.js'
import { InputError } from '../lib/errors.js'
import { quote } from '../lib/text.js'
import { matcher } from '../scenarios/pattern.js'
import type { Run } from './judge.js'
import type { ExploreSettings } from './options.js'
import type { Mark } from './report.js'
import { EVENT_FAULTS, FAULTS, paired, type Schedule, scheduleAt, schedulesFor, TWICE } from './schedules.js'

/** Which schedules are tried. */

/** What became of a schedule. */
export interface Outcome {
  readonly schedule: Schedule
  readonly run: Run
  readonly mark: Mark
}

const NAMES = [...FAULTS.map(({ name }) => name), ...EVENT_FAULTS]
/** Whether a name such as `reset` or `reset:after-commit` means a fault. */
const means = (given: string, fault: string) => fault === given || fault.startsWith(`${given}:`)

/** @throws InputError for a name that means nothing */
export function choose(clean: Run, settings: ExploreSettings, races: readonly Schedule[]): readonly Schedule[] {
  const { only, faults } = settings
  const all = [...schedulesFor(clean.calls, clean.events), ...races, TWICE]
  if (only) {
    // Of a pair the first is tried, which shows the calls of the second.
    const names = new Set(only.map((name) => name.split('+')[0]!))
    return [...names].map((name) => named(name, all, clean)).sort((a, b) => all.indexOf(a) - all.indexOf(b))
  }
  const unknown = faults?.find((given) => !NAMES.some((name) => means(given, name)))
  if (unknown !== undefined)
    throw new InputError(
      `faults: unknown fault ${quote(unknown)}.${didYouMean(unknown, NAMES)} Known: ${NAMES.join(', ')}`,
    )
  return all.filter(chosenBy(settings))
}

const chosenBy = ({ faults, operations, twice }: ExploreSettings) => {
  const isAt = operations?.map(matcher)
  return ({ name, cell: [row] = ['', ''], after, isTwice }: Schedule): boolean => {
    if (after !== undefined || isTwice) return isTwice !== true || twice
    const [operation, fault] = [row.split('#')[0]!, name.slice(row.length + 1)]
    const isFault = faults === undefined || faults.some((given) => means(given, fault))
    return isFault && (isAt === undefined || isAt.some((matches) => matches(operation)))
  }
}

/** The schedule of a name. @throws InputError for a name of none of this flow */
function named(name: string, all: readonly Schedule[], { calls }: Run): Schedule {
  const known = all.find((one) => one.name === name)
  if (known) return known
  const hint = didYouMean(
    name,
    all.map((one) => one.name),
  )
  const names = calls.map((call) => call.name).join(', ')
  throw new InputError(`only: ${quote(name)} is not a schedule of this flow.${hint} Its calls: ${names}`)
}

/** Two faults at calls that change something, where neither alone did harm: the second at a call of the run with the first. */
export function pairsOf(singles: readonly Outcome[], settings: ExploreSettings): Schedule[] {
  const isChosen = chosenBy(settings)
  const harmful = new Set(singles.filter(({ mark }) => mark === 'finding').map(({ schedule }) => schedule.name))
  return singles.flatMap(({ schedule, run, mark }) => {
    const at = run.calls.findIndex(({ name }) => name === schedule.cell?.[0])
    if (mark !== 'ok' || schedule.isControl || !run.calls[at]?.operation?.changes) return []
    const later = run.calls.slice(at + 1).filter(({ operation }) => operation?.changes)
    return later.flatMap((call) =>
      FAULTS.filter((fault) => !fault.isControl && fault.applies(call))
        .map((fault) => scheduleAt(call, fault, run.calls))
        .filter((second) => !harmful.has(second.name) && isChosen(second))
        .map((second) => paired(schedule, second)),
    )
  })
}
