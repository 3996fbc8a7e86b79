import type { Capsule } from '../capsule/make.js'
import { toJUnit as junit } from '../lib/junit.js'
import { KINDS, type Kind } from './judge.js'
import { COLUMNS, EVENT_FAULTS } from './schedules.js'

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

interface TriedSchedule {
  readonly name: string
  /** Where the matrix has it; left out for what is no single fault. */
  readonly cell?: readonly [row: string, column: string] | undefined
  readonly mark: Mark
}

/** What an exploration found. It holds no time, port, path or drawn id: the same exploration has the same report. */
export interface Exploration {
  /** The calls of the flow without a fault, such as `juspay.debitWallet#1`, which is `POST /txns`. */
  readonly calls: readonly { readonly name: string; readonly request: string }[]
  /** The events of the flow that went to a receiver, such as `ORDER_SUCCEEDED#1`. */
  readonly events: readonly string[]
  readonly depth: number
  readonly schedules: readonly TriedSchedule[]
  readonly findings: readonly ExploreFinding[]
  /** What a reader should know, a sentence each. */
  readonly notes: readonly string[]
  /** The last line. */
  readonly summary: string
  /** All of it as text: the matrix, the findings, and the last line. */
  toString(): string
}

const MARKS: Readonly<Record<Mark, string>> = { ok: '✓', finding: '✗', 'not reached': '○' }
const EVENT_COLUMNS = EVENT_FAULTS.map((name) => ({ name, head: ['', name] as const }))

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

interface Table {
  readonly heads: readonly (readonly [string, string])[]
  readonly rows: readonly (readonly string[])[]
}

/** The matrices: calls, and events where there are any. A blank is a schedule that was not tried. */
function tablesOf({ calls, events, schedules }: Exploration): Table[] {
  const marks = new Map(schedules.map(({ cell, mark }) => [cell?.join('|'), MARKS[mark]]))
  const table = (title: string, rows: readonly { name: string; title: string }[], columns: typeof COLUMNS): Table => ({
    heads: [['', title], ...columns.map(({ head }) => head)],
    rows: rows.map((row) => [row.title, ...columns.map(({ name }) => marks.get(`${row.name}|${name}`) ?? '–')]),
  })
  const called = calls.map(({ name, request }, i) => ({ name, title: `${i + 1} ${request}` }))
  const told = events.map((name) => ({ name, title: name }))
  return [table('call', called, COLUMNS), ...(told.length === 0 ? [] : [table('event', told, EVENT_COLUMNS)])]
}

function linesOf({ heads, rows }: Table): string[] {
  const all = [heads.map(([above]) => above), heads.map(([, below]) => below), ...rows]
  const widths = heads.map((_, i) => Math.max(...all.map((row) => row[i]!.length)))
  const lines = all.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  )
  return [...lines.filter((line) => line !== ''), '']
}

/** The report for a terminal. @param repeat says how one schedule is tried again, a line each */
export function toText(report: Exploration, repeat: (finding: ExploreFinding) => readonly string[]): string {
  return [
    ...tablesOf(report).flatMap(linesOf),
    ...report.findings.flatMap((finding) => [`✗ ${finding.message}`, ...repeat(finding).map((line) => `  ${line}`)]),
    ...report.notes,
    report.summary,
  ].join('\n')
}

/** The report for the summary of a job on GitHub. */
export function toMarkdown(report: Exploration): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const tables = tablesOf(report).flatMap(({ heads, rows }) => [
    row(heads.map((head) => head.join(' ').trim())),
    row(heads.map((_, i) => (i === 0 ? '---' : ':-:'))),
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

/** A vitest file that tries one schedule. */
export const testOf = (schedule: string) => `import { explore } from 'wallet-sandbox/vitest'
import { flow } from './flow.js' // the flow that was explored

explore(flow, { only: ['${schedule}'] })
`
