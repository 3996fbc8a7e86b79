import { ERROR_NAMES, type ErrorName } from '../lib/errors.js'
import type { Evidence, Operation, Vendor } from './vendor.js'

export type Outcome = 'success' | ErrorName

/**
 * What is known of an outcome: the operation's own evidence goes before its vendor's. A vendor without a form for an
 * error answers its server error.
 */
export function evidenceOf(vendor: Vendor, operation: Operation | undefined, outcome: Outcome): Evidence {
  if (outcome === 'success') return operation!.evidence.success
  return operation?.evidence[outcome] ?? (vendor.errors[outcome] ?? vendor.errors.server_error!).evidence
}

export interface Covered {
  readonly vendor: Vendor['name']
  readonly operation: string
  readonly outcome: Outcome
  readonly evidence: Evidence
}

/** Every operation with every outcome it can have, and what each rests on: the one table of what is the vendor's word. */
export function coverage(vendors: readonly Vendor[]): Covered[] {
  return vendors.flatMap((vendor) =>
    vendor.operations.flatMap((operation) =>
      (['success', ...ERROR_NAMES] as const)
        .filter((outcome) => outcome === 'success' || vendor.errors[outcome] !== null)
        .map((outcome) => ({
          vendor: vendor.name,
          operation: operation.id,
          outcome,
          evidence: evidenceOf(vendor, operation, outcome),
        })),
    ),
  )
}
