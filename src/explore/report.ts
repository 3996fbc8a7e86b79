import type { Capsule } from '../capsule/make.js'
import { toJUnit as junit } from '../lib/junit.js'
import { aligned } from '../lib/text.js'
import { WEBHOOK_EFFECTS } from '../scenarios/terms.js'
import { KINDS, type Kind } from './judge.js'
import { COLUMNS, type Schedule } from './schedules.js'

/** One thing that is held against the client. */
export interface ExploreFinding {
  /** Such as `juspay.debitWallet#1:reset:after-commit`, for `only`. */
  readonly schedule: string
  readonly kind: Kind
  /** One sentence: what went wrong, and what the client made of it. */
  readonly message: string
  /** A vitest file that tries this schedule alone. */
  readonly test: string
  /** The session, for `wallet-sandbox replay`. It has times and addresses, so it is not printed with the report. */
  readonly capsule: Capsule
}

/** `ok`; `finding`; `not reached` where the flow ended before the fault. */
export type Mark = 'ok' | 'finding' | 'not reached'

/** What an exploration found. It holds no time, port, path or drawn id: the same exploration has the same report. */
export interface Exploration {
  /** The calls of the flow without a fault, such as `juspay.debitWallet#1`, which is `POST /txns`. */
  readonly calls: readonly { readonly name: string; readonly request: string }[]
  /** The events of the flow that went to a receiver, such as `ORDER_SUCCEEDED#1`. */
  readonly events: readonly string[]
  readonly depth: number
  readonly schedules: readonly (Pick<Schedule, 'name' | 'cell'> & { readonly mark: Mark })[]
  readonly findings: readonly ExploreFinding[]
  /** What a reader should know, a sentence each. */
  readonly notes: readonly string[]
  /** The last line. */
  readonly summary: string
  /** All of it as text: the matrix, the findings, and the last line. */
  toString(): string
}

const MARKS: Readonly<Record<Mark, string>> = { ok: '✓', finding: '✗', 'not reached': '○' }

/** A schedule as the name of a file or a merchant. */
export const fileNameOf = (schedule: string) => schedule.replaceAll(/[^\w.+-]+/g, '-')

export const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`

/** The last line: what was found, or within which bound nothing was. */
export function summaryOf(calls: number, schedules: number, depth: number, kinds: readonly Kind[]): string {
  const tallies = (Object.keys(KINDS) as Kind[]).flatMap((kind) => {
    const n = kinds.filter((one) => one === kind).length
    return n === 0 ? [] : [`${n} ${KINDS[kind][n === 1 ? 0 : 1]}`]
  })
  if (tallies.length === 0) return `no finding among ${count(schedules, 'schedule')} of depth ${depth}`
  return `${count(calls, 'call')}, ${count(schedules, 'schedule')}, depth ${depth}: ${tallies.join(', ')}`
}

type Column = readonly [name: string, above: string, below: string]

const CALL_COLUMNS = COLUMNS.map((name): Column => {
  // Such as `after` above `reset`, and `expired` above `token`.
  const [below, above = ''] = name
    .replace(/^(\w+):(after)-commit$/, '$2-$1')
    .split('-')
    .reverse()
  return [name, above, below!]
})
const EVENT_COLUMNS = WEBHOOK_EFFECTS.map((name): Column => [name, '', name])

/** The matrices, each with two lines of a head: calls, and events where there are any. A dash is a schedule that was not tried. */
function tablesOf({ calls, events, schedules }: Exploration): string[][][] {
  const marks = new Map(schedules.map(({ cell, mark }) => [cell?.join('|'), MARKS[mark]]))
  const table = (
    title: string,
    rows: readonly (readonly [name: string, title: string])[],
    columns: readonly Column[],
  ) => [
    ['', ...columns.map(([, above]) => above)],
    [title, ...columns.map(([, , below]) => below)],
    ...rows.map(([name, shown]) => [shown, ...columns.map(([column]) => marks.get(`${name}|${column}`) ?? '–')]),
  ]
  const called = calls.map(({ name, request }, i) => [name, `${i + 1} ${request}`] as const)
  const told = events.map((name) => [name, name] as const)
  return [table('call', called, CALL_COLUMNS), ...(told.length === 0 ? [] : [table('event', told, EVENT_COLUMNS)])]
}

/** The report for a terminal. @param repeat says how one schedule is tried again, a line each */
export function toText(report: Exploration, repeat: (finding: ExploreFinding) => readonly string[]): string {
  return [
    ...tablesOf(report).flatMap((table) => [...aligned(table).filter((line) => line !== ''), '']),
    ...report.findings.flatMap((finding) => [`✗ ${finding.message}`, ...repeat(finding).map((line) => `  ${line}`)]),
    ...report.notes,
    report.summary,
  ].join('\n')
}

/** The report for the summary of a job on GitHub. */
export function toMarkdown(report: Exploration): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const tables = tablesOf(report).flatMap(([above, below, ...rows]) => [
    row(below!.map((cell, i) => `${above![i]} ${cell}`.trim())),
    row(below!.map((_, i) => (i === 0 ? '---' : ':-:'))),
    ...rows.map(row),
    '',
  ])
  const findings = report.findings.map(({ message }) => `- ✗ ${message}`)
  return ['### wallet-sandbox explore', '', ...tables, ...findings, ...report.notes, '', report.summary, ''].join('\n')
}

export const toJUnit = ({ schedules, findings }: Exploration): string =>
  junit(
    'wallet-sandbox explore',
    schedules.map(({ name, cell, mark }) => ({
      group: cell?.[0] ?? 'flow',
      name,
      failures: findings.filter(({ schedule }) => schedule === name).map(({ message }) => message),
      skipped: mark === 'not reached' ? 'the flow ended before it' : undefined,
    })),
  )

export const testOf = (schedule: string) => `import { explore } from 'wallet-sandbox/vitest'
import { flow } from './flow.js' // the flow that was explored

explore(flow, { only: ['${schedule}'] })
`
