import type { Entry } from './entry.js'
import { redact, secretsOf } from './redact.js'

export type LogFormat = 'pretty' | 'json' | 'silent'

/** Writes a line per call. Nothing secret is in an entry, and nothing of bodies is in a line. */
export function createLog(
  format: LogFormat,
  write = (line: string): unknown => process.stdout.write(line),
): (entry: Entry) => void {
  if (format === 'silent') return () => {}
  const line = format === 'json' ? jsonLine : prettyLine
  return (entry) => write(redact(secretsOf(entry), line(entry)))
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
  return `${JSON.stringify(line)}\n`
}

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
  return `${parts.filter((part) => part !== '').join('  ')}\n`
}

const rounded = (ms: number | null | undefined) => (ms == null ? null : Math.round(ms * 1000) / 1000)
