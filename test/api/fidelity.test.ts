import { describe, expect, test } from 'vitest'
import { coverageTables, tablesInReadme } from '../../scripts/fidelity.js'
import { coverage, evidenceOf } from '../../src/api/coverage.js'
import { ERROR_NAMES } from '../../src/lib/errors.js'
import { VENDORS } from '../../src/vendors/index.js'
import { ask, CUSTOMER, REFRESH, sandboxFor, WALLET } from '../control/helpers.js'
import { every } from '../every.js'

const GRADED = {
  grade: expect.stringMatching(/^(published|observed|inferred)$/),
  source: expect.stringMatching(/\w{3}/),
}

describe('the table', () => {
  test('holds every operation with every ending that it can have, once, each with a grade and a source', async () => {
    const rows = coverage(VENDORS)
    const endings = VENDORS.flatMap(({ operations, errors }) => {
      const names = ['success', ...ERROR_NAMES.filter((name) => errors[name] !== null)]
      return operations.flatMap(({ id }) => names.map((name) => `${id} ${name}`))
    })
    expect(rows.map(({ operation, ending }) => `${operation} ${ending}`).sort()).toEqual(endings.sort())
    await every(rows, ({ evidence }) => expect(evidence).toEqual(GRADED))
  })

  test('an error outside every operation has a grade and a source too', () =>
    every(
      VENDORS.flatMap((vendor) => ERROR_NAMES.map((name) => [vendor.name, name, vendor] as const)),
      ([, name, vendor]) => expect(evidenceOf(vendor, undefined, name)).toEqual(GRADED),
    ))

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
