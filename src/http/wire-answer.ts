import type { Call } from '../api/call.js'
import type { Outcome } from '../api/outcome.js'
import type { Answer, Vendor } from '../api/vendor.js'
import type { Fault } from '../scenarios/program.js'

/** An answer ready for the wire, and the fault that it meets there. */
export interface WireAnswer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
  readonly fault: Fault | undefined
}

export function toWireAnswer(call: Call, outcome: Outcome, vendor: Vendor, answer: Answer): WireAnswer {
  const { merchant } = call
  const headers: Record<string, string> = { 'content-type': 'application/json', date: merchant.clock.httpDate() }
  vendor.addHeaders(headers, call)
  headers['x-sandbox-seed'] = String(merchant.seed)
  if (answer.headers) Object.assign(headers, answer.headers)
  if (outcome.grade !== undefined) headers['x-sandbox-fidelity'] = outcome.grade
  if (outcome.delay !== undefined) headers['x-sandbox-latency-ms'] = String(Math.round(outcome.delay * 1000) / 1000)
  if (outcome.rule !== undefined) headers['x-sandbox-rule'] = headerText(outcome.rule)
  if (outcome.reason !== undefined) headers['x-sandbox-reason'] = headerText(outcome.reason)
  return { status: answer.status, headers, body: answer.text ?? JSON.stringify(answer.body), fault: outcome.fault }
}

/** A header value holds printable ASCII, and proxies cut long ones. */
function headerText(text: string): string {
  const isPrintable = !/[^\x20-\x7e]/.test(text)
  const printable = isPrintable ? text : text.replaceAll('…', '...').replace(/[^\x20-\x7e]/gu, '?')
  return printable.length > 600 ? `${printable.slice(0, 597)}...` : printable
}
