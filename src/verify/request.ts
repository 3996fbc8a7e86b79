import type { Check, Known, Suite } from '../api/suite.js'
import { endpointsOf, type Vendor } from '../api/vendor.js'

export interface CheckRequest {
  readonly method: string
  readonly path: string
  readonly fields: ReturnType<NonNullable<Check['fields']>> | undefined
  /** Whether it goes with a key that is none. */
  readonly withWrongKey: boolean
}

/** What a check asks; undefined where the account has not what it names. */
export function requestOf(vendor: Vendor, { unknown }: Suite, check: Check, known: Known): CheckRequest | undefined {
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
