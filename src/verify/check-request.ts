import type { Check, Known, Suite } from '../api/suite.js'
import { endpointsOf, type Vendor } from '../api/vendor.js'
import { textOf } from '../lib/json.js'

export type CheckRequest = NonNullable<ReturnType<typeof requestOf>>

/** The request of a check; undefined where the account lacks what it names. */
export function requestOf(vendor: Vendor, { unknown }: Suite, check: Check, known: Known) {
  const operation = vendor.operations.find(({ id }) => id === check.operation)!
  const { method, path } = endpointsOf(vendor, operation)[0]!
  const there = check.writes || check.ending === 'success' ? known : unknown
  const names = new Map<string, unknown>(Object.entries(check.names?.(known) ?? there))
  const parts = path.match(/(?<=:)\w+/g) ?? []
  if (parts.some((part) => names.get(part) === undefined)) return undefined
  return {
    method,
    path: path.replace(/:(\w+)/g, (_, part) => encodeURIComponent(String(names.get(part)))) + (check.query ?? ''),
    fields: check.fields?.(known),
    withWrongKey: check.ending === 'invalid_authentication',
  }
}

const valueAt = (body: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((part, key) => (part as Record<string, unknown> | null | undefined)?.[key], body)

/** Keeps what a success names. What was made goes before what was known, and that before what was found. */
export function learnFrom({ operation, learns = {}, writes }: Check, body: unknown, known: Known): void {
  for (const [kind, path] of Object.entries(learns) as [keyof typeof learns, string][]) {
    const value = textOf(valueAt(body, path))
    if (value === undefined || (known[kind] !== undefined && !writes)) continue
    known[kind] = value
    if (kind === 'customer' && !writes) known.found = `the first one of ${operation}`
  }
}
