import type { CatalogVendor } from '../scenarios/catalog.js'
import { endpointsOf, type Vendor } from './vendor.js'

/** The vendors as a scenario sees them. */
export const catalogOf = (vendors: readonly Vendor[]): readonly CatalogVendor[] =>
  vendors.map((vendor) => ({
    name: vendor.name,
    holdsAtProviders: vendor.holdsAtProviders,
    errors: vendor.errors,
    events: vendor.events ?? [],
    operations: vendor.operations.map((operation) => {
      const endpoints = endpointsOf(vendor, operation)
      return {
        id: operation.id,
        changes: operation.changes,
        errors: operation.errors,
        latency: operation.latency,
        signs: operation.signs === true,
        isReviewed: operation.isReviewed === true,
        emits: operation.emits === true,
        namesWallet: operation.names?.wallet !== undefined || endpoints.some(({ path }) => path.includes(':wallet')),
        endpoints,
      }
    }),
  }))
