import type { Writable } from 'node:stream'
import { lineWriter } from '../lib/output.js'
import { escapeControls } from '../lib/text.js'
import type { Entry } from './entry.js'
import { redact, secretsOf } from './redact.js'

export type LogFormat = 'pretty' | 'json' | 'silent'

/** Writes a line per call. Nothing secret is in an entry, and nothing of bodies is in a line. */
export function createLog(format: LogFormat, stream?: Writable): (entry: Entry) => void {
  if (format === 'silent') return () => {}
  const line = format === 'json' ? jsonLine : prettyLine
  const write = lineWriter(stream ?? process.stdout, (lines) =>
    format === 'json' ? `${JSON.stringify({ droppedLines: lines })}\n` : `${lines} lines dropped: nobody read them\n`,
  )
  return (entry) => write(`${redact(secretsOf(entry), line(entry))}\n`)
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

function prettyLine({ at, request, ended }: Entry): string {
  const parts = [
    new Date(at).toISOString().slice(11, 23),
    ended?.response.status ?? ended?.fault ?? '---',
    `${request.method} ${request.path}`,
    `${rounded(ended?.measuredMs)} ms`,
    ended?.rule == null ? '' : `rule "${ended.rule}"`,
    ended?.reason ?? '',
    ...(ended?.warnings ?? []),
  ]
  return escapeControls(parts.filter((part) => part !== '').join('  '))
}

const rounded = (ms: number | null | undefined) => (ms == null ? null : Math.round(ms * 1000) / 1000)
