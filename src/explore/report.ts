import type { Capsule } from '../capsule/make.js'
import { aligned, counted } from '../lib/text.js'
import { WEBHOOK_EFFECTS } from '../scenarios/terms.js'
import { type FindingKind, KINDS } from './judge.js'
import type { Trial } from './run.js'
import { COLUMNS, type Schedule } from './schedules.js'

/** One thing that is held against the client. */
export interface ExploreFinding {
  /** Such as `juspay.debitWallet#1:reset:after-commit`, for `only`. */
  readonly schedule: string
  readonly kind: FindingKind
  /** One sentence: what went wrong, and what the client made of it. */
  readonly message: string
  /** A vitest file that tries this schedule alone. */
  readonly test: string
  /** The session, for `wallet-sandbox replay`. It has times and addresses, so it is not printed with the report. */
  readonly capsule: Capsule
}

/** Of a schedule: `not reached` where the flow ended before the fault. */
const MARKS = { ok: '✓', finding: '✗', 'not reached': '○' } as const

/** What an exploration found. It holds no time, port, path or drawn id: the same exploration has the same report. */
export interface Exploration {
  /** The calls of the flow without a fault, such as `juspay.debitWallet#1`, which is `POST /txns`. */
  readonly calls: readonly { readonly name: string; readonly request: string }[]
  /** The events of the flow that went to a receiver, such as `ORDER_SUCCEEDED#1`. */
  readonly events: readonly string[]
  readonly depth: number
  readonly schedules: readonly (Pick<Schedule, 'name' | 'cell'> & { readonly mark: keyof typeof MARKS })[]
  readonly findings: readonly ExploreFinding[]
  /** What a reader should know, a sentence each. */
  readonly notes: readonly string[]
  /** The last line. */
  readonly summary: string
  /** All of it as text: the matrix, the findings, and the last line. */
  toString(): string
}

export function reportOf(clean: Trial, tried: readonly Trial[], depth: number, notes: readonly string[]): Exploration {
  const report: Exploration = {
    calls: clean.calls.map(({ name, request }) => ({ name, request })),
    events: clean.events.map(({ name }) => name),
    depth,
    schedules: tried.map(({ schedule: { name, cell }, breaches, fired }) => ({
      name,
      cell,
      mark: breaches.length > 0 ? 'finding' : fired ? 'ok' : 'not reached',
    })),
    findings: tried.flatMap(({ schedule: { name, says }, breaches, capsule }) =>
      breaches.map(([kind, sentence]) => {
        const finding = { schedule: name, kind, message: `${says}: ${sentence}`, test: testOf(name) }
        return Object.defineProperty(finding, 'capsule', { value: capsule }) as ExploreFinding
      }),
    ),
    notes,
    summary: summaryOf(clean.calls.length, tried, depth),
  }
  const asText = () => toText(report, ({ schedule }) => [`explore(flow, { only: ['${schedule}'] })`])
  return Object.defineProperty(report, 'toString', { value: asText })
}

/** The last line: what was found, or within which bound nothing was. */
function summaryOf(calls: number, tried: readonly Trial[], depth: number): string {
  const tallies = Object.entries(KINDS).flatMap(([kind, [one, several]]) => {
    const n = tried.filter(({ breaches: [gravest] }) => gravest?.[0] === kind).length
    return n === 0 ? [] : [`${n} ${n === 1 ? one : several}`]
  })
  const schedules = counted(tried.length, 'schedule')
  if (tallies.length === 0) return `no finding among ${schedules} of depth ${depth}`
  return `${counted(calls, 'call')}, ${schedules}, depth ${depth}: ${tallies.join(', ')}`
}

/** The matrices, each with a head: calls, and events where there are any. A dash is a schedule that was not tried. */
export function tablesOf({ calls, events, schedules }: Exploration): string[][][] {
  const marks = new Map(schedules.map(({ cell, mark }) => [cell?.join('|'), MARKS[mark]]))
  const marksOf = (row: string, columns: readonly string[]) => columns.map((one) => marks.get(`${row}|${one}`) ?? '–')
  // Such as `after reset` and `expired token`.
  const titles = COLUMNS.map((column) => column.replace(/(\w+):after-commit/, 'after $1').replace('-', ' '))
  return [
    [['call', ...titles], ...calls.map(({ name, request }, i) => [`${i + 1} ${request}`, ...marksOf(name, COLUMNS)])],
    [['event', ...WEBHOOK_EFFECTS], ...events.map((name) => [name, ...marksOf(name, WEBHOOK_EFFECTS)])],
  ].filter((rows) => rows.length > 1)
}

/** The report for a terminal. @param repeat says how one schedule is tried again, a line each */
export function toText(report: Exploration, repeat: (finding: ExploreFinding) => readonly string[]): string {
  const tables = tablesOf(report).flatMap(([head, ...rows]) => {
    const [above, below] = [/ ?\S+$/, /.* /].map((part) => head!.map((title) => title.replace(part, '')))
    return [...aligned([above!, below!, ...rows]).filter((line) => line !== ''), '']
  })
  const findings = report.findings.flatMap((one) => [`✗ ${one.message}`, ...repeat(one).map((line) => `  ${line}`)])
  return [...tables, ...findings, ...report.notes, report.summary].join('\n')
}

const testOf = (schedule: string) => `import { explore } from 'wallet-sandbox/vitest'
import { flow } from './flow.js' // the flow that was explored

explore(flow, { only: ['${schedule}'] })
`
