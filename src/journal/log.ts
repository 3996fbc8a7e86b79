import type { LogFormat } from '../config.js'
import type { Entry } from './journal.js'
import { redact, secretsOf } from './redact.js'

/** Writes a line per call. Nothing secret is in an entry, and nothing of bodies is in a line. */
export function createLog(
  format: LogFormat,
  write = (line: string): unknown => process.stdout.write(line),
): (entry: Entry) => void {
  if (format === 'silent') return () => {}
  const line = format === 'json' ? jsonLine : prettyLine
  return (entry) => write(redact(secretsOf(entry), line(entry)))
}

function jsonLine({ request, response, ...entry }: Entry): string {
  const line = {
    at: new Date(entry.at).toISOString(),
    merchant: entry.merchant,
    operation: entry.operation,
    method: request.method,
    path: request.path,
    status: response?.status ?? null,
    reason: entry.reason,
    rule: entry.rule,
    fault: entry.fault,
    intendedMs: rounded(entry.intendedMs),
    measuredMs: rounded(entry.measuredMs),
    warnings: entry.warnings,
  }
  return `${JSON.stringify(line)}\n`
}

function prettyLine({ at, request, response, ...entry }: Entry): string {
  const parts = [
    new Date(at).toISOString().slice(11, 23),
    response?.status ?? entry.fault ?? '---',
    `${request.method} ${request.path}`,
    `${rounded(entry.measuredMs)} ms`,
    entry.rule === null ? '' : `rule "${entry.rule}"`,
    entry.reason ?? '',
    entry.warnings.join(' '),
  ]
  return `${parts.filter((part) => part !== '').join('  ')}\n`
}

const rounded = (ms: number | null) => (ms === null ? null : Math.round(ms * 1000) / 1000)
