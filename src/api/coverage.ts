import { ERROR_NAMES } from '../lib/errors.js'
import type { Ending, Evidence } from './evidence.js'
import type { Operation, Vendor } from './vendor.js'

/** The evidence for an ending: the operation's own, the vendor's, or that of the server error in its place. */
export function evidenceOf(vendor: Vendor, operation: Operation | undefined, ending: Ending): Evidence {
  if (ending === 'success') return operation!.evidence
  return operation?.errors?.[ending] ?? vendor.errors[ending] ?? vendor.errors.server_error!
}

/** Every operation with every ending it can have, and the evidence for each. */
export function coverage(vendors: readonly Vendor[]) {
  return vendors.flatMap((vendor) =>
    vendor.operations.flatMap((operation) =>
      (['success', ...ERROR_NAMES] as const)
        .filter((ending) => ending === 'success' || (operation.errors?.[ending] ?? vendor.errors[ending]) !== null)
        .map((ending) => ({
          vendor: vendor.name,
          operation: operation.id,
          ending,
          evidence: evidenceOf(vendor, operation, ending),
        })),
    ),
  )
}
