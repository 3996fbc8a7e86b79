import { didYouMean } from '../lib/did-you-mean.js'
import { InputError } from '../lib/errors.js'
import { quote } from '../lib/text.js'
import { matcher } from '../scenarios/pattern.js'
import { WEBHOOK_EFFECTS } from '../scenarios/terms.js'
import type { Run } from './judge.js'
import type { ExploreSettings } from './options.js'
import type { ExploreFinding, Mark } from './report.js'
import { FAULTS, paired, type Schedule, type SeenCall, scheduleAt, schedulesFor, TWICE } from './schedules.js'

/** Which schedules are tried. */

export interface Tried {
  readonly schedule: Schedule
  readonly calls: readonly SeenCall[]
  readonly findings: readonly ExploreFinding[]
  readonly mark: Mark
}

const NAMES = [...FAULTS.map(({ name }) => name), ...WEBHOOK_EFFECTS]
/** Whether a name such as `reset` or `reset:after-commit` means a fault. */
const means = (given: string, fault: string) => fault === given || fault.startsWith(`${given}:`)

/** @throws InputError for a name that means nothing */
export function choose({ calls, events }: Run, settings: ExploreSettings, races: readonly Schedule[]): Schedule[] {
  const { only, faults, operations } = settings
  const all = [...schedulesFor(calls, events), ...races, TWICE]
  const itsCalls = `Its calls: ${calls.map(({ name }) => name).join(', ')}`
  if (only) {
    // Of a pair the first is tried, which shows the calls of the second.
    const wanted = only.map((name) => name.split('+')[0]!)
    const names = all.map(({ name }) => name)
    const unknown = wanted.find((name) => !names.includes(name))
    if (unknown === undefined) return all.filter(({ name }) => wanted.includes(name))
    throw new InputError(
      `only: ${quote(unknown)} is not a schedule of this flow.${didYouMean(unknown, names)} ${itsCalls}`,
    )
  }
  const unknown = faults?.find((given) => !NAMES.some((name) => means(given, name)))
  if (unknown !== undefined)
    throw new InputError(
      `faults: unknown fault ${quote(unknown)}.${didYouMean(unknown, NAMES)} Known: ${NAMES.join(', ')}`,
    )
  const rows = [...calls, ...events].map(({ name }) => name.split('#')[0]!)
  const nowhere = operations?.find((given) => !rows.some(matcher(given)))
  if (nowhere !== undefined)
    throw new InputError(
      `operations: ${quote(nowhere)} names no call of this flow.${didYouMean(nowhere, rows)} ${itsCalls}`,
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

/** Two faults at calls that change something, where neither alone did harm: the second at a call of the run with the first. */
export function pairsOf(singles: readonly Tried[], settings: ExploreSettings): Schedule[] {
  const isChosen = chosenBy(settings)
  const harmful = new Set(singles.filter(({ mark }) => mark === 'finding').map(({ schedule }) => schedule.name))
  return singles.flatMap(({ schedule, calls, mark }) => {
    const at = calls.findIndex(({ name }) => name === schedule.cell?.[0])
    if (mark !== 'ok' || schedule.isControl || !calls[at]?.operation?.changes) return []
    const later = calls.slice(at + 1).filter(({ operation }) => operation?.changes)
    return later.flatMap((call) =>
      FAULTS.filter((fault) => !fault.isControl && fault.applies(call))
        .map((fault) => scheduleAt(call, fault, calls))
        .filter((second) => !harmful.has(second.name) && isChosen(second))
        .map((second) => paired(schedule, second)),
    )
  })
}
