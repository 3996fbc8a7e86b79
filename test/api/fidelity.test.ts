import { describe, expect, test } from 'vitest'
import { coverageTables, tablesInReadme } from '../../scripts/fidelity.js'
import { coverage, evidenceOf } from '../../src/api/coverage.js'
import { ERROR_NAMES } from '../../src/lib/errors.js'
import { VENDORS } from '../../src/vendors/index.js'
import { ask, CUSTOMER, REFRESH, sandboxFor, WALLET } from '../control/helpers.js'

const OPERATIONS = VENDORS.flatMap((vendor) => vendor.operations.map((operation) => ({ vendor, operation })))

describe('the table', () => {
  test.each(coverage(VENDORS).map((row) => [row.operation, row.ending, row.evidence] as const))(
    '%s %s has a grade and a source',
    (_, __, evidence) => {
      expect(['published', 'observed', 'inferred']).toContain(evidence.grade)
      expect(evidence.source).toMatch(/\w{3}/)
    },
  )

  test('holds every operation and every error, with and without an operation', () => {
    const rows = coverage(VENDORS)
    for (const { vendor, operation } of OPERATIONS)
      for (const outcome of ['success', ...ERROR_NAMES] as const) {
        const has = rows.some((row) => row.operation === operation.id && row.ending === outcome)
        expect([operation.id, outcome, has]).toEqual([
          operation.id,
          outcome,
          outcome === 'success' || vendor.errors[outcome] !== null,
        ])
      }
    for (const vendor of VENDORS)
      for (const name of ERROR_NAMES) expect(evidenceOf(vendor, undefined, name).grade).toBeDefined()
  })

  test('is the README’s', () => {
    expect(tablesInReadme()).toBe(coverageTables())
  })
})

describe('header and journal say the same', () => {
  const rule = (effect: object, phase?: string) =>
    ({
      name: 's',
      rules: [{ name: 'r', match: { operation: 'juspay.*' }, effect, ...(phase ? { phase } : {}) }],
    }) as never
  const cases: [what: string, path: string, grade: string | null, scenario?: never][] = [
    ['a success', WALLET, 'published'],
    ['an error of the operation’s page', '/wallets/wlt_none', 'published'],
    ['an error by analogy', `/customers/${CUSTOMER}/wallets?count=x`, 'inferred'],
    ['an unknown path', '/nothing', 'inferred'],
    ['an error of the scenario', WALLET, 'inferred', rule({ error: 'maintenance' })],
    [
      'a published error of the scenario',
      REFRESH,
      'published',
      rule({ error: 'invalid_authentication' }, 'before-auth'),
    ],
    ['a response that the scenario made up', WALLET, null, rule({ response: { status: 200, body: {} } })],
    ['an answer that a fault applyBodyFault', WALLET, null, rule({ fault: 'malformed-json' })],
    ['an answer that was only delayed', WALLET, 'published', rule({ delay: { fixed: 1 } })],
  ]
  test.each(cases)('%s', async (_, path, grade, scenario) => {
    const sandbox = await sandboxFor({ latency: 'virtual', ...(scenario ? { scenario } : {}) })
    const response = await ask(sandbox, path)
    expect(response.headers.get('x-sandbox-fidelity')).toBe(grade)
    expect((await sandbox.control.requests.get()).requests[0]!.grade).toBe(grade)
  })

  test.each([
    ['no key on Refresh All', REFRESH, 'published'],
    ['no key on Get', WALLET, 'inferred'],
  ])('%s', async (_, path, grade) => {
    expect((await (await sandboxFor()).fetch(`http://x${path}`)).headers.get('x-sandbox-fidelity')).toBe(grade)
  })

  test('a wrong method', async () => {
    const response = await (await sandboxFor()).fetch(`http://x${REFRESH}`, { method: 'DELETE' })
    expect([response.status, response.headers.get('x-sandbox-fidelity')]).toEqual([405, 'inferred'])
  })
})
