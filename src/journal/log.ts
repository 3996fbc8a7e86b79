import type { Writable } from 'node:stream'
import { lineWriter } from '../lib/output.js'
import { counted, escapeControls } from '../lib/text.js'
import type { Entry } from './entry.js'
import type { LogFormat } from './log-format.js'
import { mayShowSecrets, redactorOf } from './redact.js'

/** Writes a line per call, without secrets and bodies. @param colour whether a pretty line has colours */
export function createLog(format: LogFormat, colour = false, stream?: Writable): (entry: Entry) => void {
  if (format === 'silent') return () => {}
  const line = format === 'json' ? jsonLine : prettyLines(colour)
  const write = lineWriter(stream ?? process.stdout, (lines) =>
    format === 'json'
      ? `${JSON.stringify({ droppedLines: lines })}\n`
      : `${counted(lines, 'line')} dropped: the reader was too slow\n`,
  )
  return (entry) => {
    const text = line(entry)
    write(`${mayShowSecrets(entry) ? redactorOf(entry)(text) : text}\n`)
  }
}

function jsonLine({ at, merchant, request, about, ended }: Entry): string {
  const line = {
    at: new Date(at).toISOString(),
    merchant,
    operation: about.operation,
    method: request.method,
    path: request.path,
    status: ended?.response.status ?? null,
    reason: ended?.reason ?? null,
    rule: ended?.rule ?? null,
    fault: ended?.fault ?? null,
    intendedMs: rounded(ended?.intendedMs),
    measuredMs: rounded(ended?.measuredMs),
    warnings: ended?.warnings ?? [],
  }
  const text = JSON.stringify(line)
  return ESCAPED.test(text) ? JSON.stringify(line, (_, value) => withoutControls(value)) : text
}

/** What JSON has escaped, or leaves as it is though a terminal obeys it. */
const ESCAPED = /\\[bfnrtu]|[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/

const withoutControls = (value: unknown) => (typeof value === 'string' ? escapeControls(value) : value)

/** Kinds of warning remembered before all are printed again. */
const MAX_TOLD = 10_000

/** A line for the call, and one for each kind of warning that its client has not met yet. */
function prettyLines(colour: boolean): (entry: Entry) => string {
  const told = new Set<string>()
  const isNews = (merchant: string, warning: string) => {
    // Names and numbers differ from call to call, the words around them do not.
    const kind = `${merchant} ${warning.replace(/\S*[\d_]\S*/g, '')}`
    if (told.has(kind)) return false
    if (told.size >= MAX_TOLD) told.clear()
    told.add(kind)
    return true
  }
  const paint = colour
    ? (code: number, text: string) => `\x1b[${code}m${text}\x1b[0m`
    : (_: number, text: string) => text
  return ({ at, merchant, request, ended }) => {
    const status = ended?.response.status
    const parts = [
      paint(DIM, new Date(at).toISOString().slice(11, 23)),
      paint(COLOURS[Math.floor((status ?? 500) / 100)] ?? RED, escapeControls(String(status ?? ended?.fault ?? '---'))),
      escapeControls(`${request.method} ${request.path}`),
      `${rounded(ended?.measuredMs)} ms`,
      ended?.rule == null ? '' : escapeControls(`rule "${ended.rule}"`),
      escapeControls(ended?.reason ?? ''),
    ]
    const warnings = ended?.warnings.filter((warning) => isNews(merchant, warning)) ?? []
    return [
      parts.filter((part) => part !== '').join('  '),
      ...warnings.map((warning) => paint(YELLOW, `  warning: ${escapeControls(warning)}`)),
    ].join('\n')
  }
}

/** Of a terminal (SGR). */
const [DIM, RED, GREEN, YELLOW, CYAN] = [2, 31, 32, 33, 36] as const
/** By the first digit of a status. */
const COLOURS: Readonly<Record<number, number>> = { 2: GREEN, 3: CYAN, 4: YELLOW }

const rounded = (ms: number | null | undefined) => (ms == null ? null : Math.round(ms * 1000) / 1000)
