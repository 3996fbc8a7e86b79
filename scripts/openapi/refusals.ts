import { endpointsOf, type Operation, type Vendor } from '../../src/api/vendor.js'
import { createSandbox } from '../../src/index.js'
import { ERROR_NAMES, type ErrorName } from '../../src/lib/errors.js'

/** How an operation refuses: as it does, asked of a sandbox whose scenario injects every error that the vendor has. */
interface RefusalSample {
  readonly error: ErrorName
  readonly status: number
  readonly body: unknown
}

export type Refusals = ReadonlyMap<string, readonly RefusalSample[]>

export const KEYS = { juspay: `Basic ${btoa('acme_test_key:')}`, juicyway: 'Bearer test_acme_juicyway' } as const

/** By the id of the operation. */
export async function refusalsOf(vendors: readonly Vendor[]): Promise<Refusals> {
  const having = ({ errors }: Vendor, operation: Operation) =>
    ERROR_NAMES.filter((name) => operation.errors?.[name] ?? errors[name])
  const rules = vendors.flatMap((vendor) =>
    vendor.operations.flatMap((operation) =>
      having(vendor, operation).map((error) => ({
        name: `${operation.id} ${error}`,
        match: { operation: operation.id, header: { 'x-error': error } },
        effect: { error },
        phase: 'before-auth' as const,
      })),
    ),
  )
  await using sandbox = await createSandbox({
    scenario: { name: 'every error', rules },
    clock: '2023-09-11T08:30:00Z',
    latency: 'off',
  })
  const found = new Map<string, RefusalSample[]>()
  for (const vendor of vendors)
    for (const operation of vendor.operations) {
      const { method, path, target } = endpointsOf(vendor, operation)[0]!
      const choice = 'field' in target && [...target.operations].find(([, one]) => one === operation)![0]
      const query = choice ? `?command=${choice}` : ''
      const samples: RefusalSample[] = []
      for (const error of having(vendor, operation)) {
        const response = await sandbox.fetch(`http://x/${vendor.name}${path.replace(/:\w+/g, 'some')}${query}`, {
          method,
          headers: { authorization: KEYS[vendor.name], 'x-error': error },
          redirect: 'manual',
        })
        const text = await response.text()
        samples.push({ error, status: response.status, body: JSON.parse(text) })
      }
      found.set(operation.id, samples)
    }
  return found
}
