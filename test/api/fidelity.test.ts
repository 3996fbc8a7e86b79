import { describe, expect, test } from 'vitest'
import { coverageTables, linkNames, tablesOnPage, withLinks } from '../../scripts/fidelity.js'
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
      const has = (own: (typeof operations)[number]['errors'], name: (typeof ERROR_NAMES)[number]) =>
        (own?.[name] ?? errors[name]) !== null
      return operations.flatMap(({ id, errors: own }) =>
        ['success', ...ERROR_NAMES.filter((name) => has(own, name))].map((name) => `${id} ${name}`),
      )
    })
    expect(rows.map(({ operation, ending }) => `${operation} ${ending}`).sort()).toEqual(endings.sort())
    await every(rows, ({ evidence }) => expect(evidence).toMatchObject(GRADED))
  })

  test('an error outside every operation has a grade and a source too', () =>
    every(
      VENDORS.flatMap((vendor) => ERROR_NAMES.map((name) => [vendor.name, name, vendor] as const)),
      ([, name, vendor]) => expect(evidenceOf(vendor, undefined, name)).toMatchObject(GRADED),
    ))

  test('is that of docs/fidelity.md', () => {
    expect(tablesOnPage()).toBe(coverageTables())
  })
})

describe('the links of the table', () => {
  const PAGE = 'https://vendor.example/docs/error-codes'
  test.each([
    [PAGE, '[error-codes]'],
    [`the code of ${PAGE}; the body by analogy`, 'the code of [error-codes]; the body by analogy'],
    [`published (${PAGE}), by analogy`, 'published ([error-codes]), by analogy'],
    [`as on "${PAGE}".`, 'as on "[error-codes]".'],
    [`${PAGE}: two, ${PAGE}.`, '[error-codes]: two, [error-codes].'],
    [`see ${PAGE}...`, 'see [error-codes]...'],
    ['a version such as 1.2; no address', 'a version such as 1.2; no address'],
  ])('of %s', (text, linked) => {
    const names = linkNames([text])
    expect(withLinks(text, names)).toBe(linked)
    expect([...names.keys()]).toEqual(text.includes(PAGE) ? [PAGE] : [])
  })

  test('an address keeps the punctuation inside of it', () => {
    const address = 'https://vendor.example/v1.2/a;b?c=d,e&f=g.h#i'
    expect([...linkNames([`see ${address}.`]).keys()]).toEqual([address])
  })

  test('addresses that end alike get names that differ', () => {
    const texts = [
      'https://a.example/in/wallets',
      'https://a.example/br/wallets',
      'http://a.example/br/wallets',
      'https://a.example/x/',
    ]
    const names = [...linkNames(texts).values()]
    expect(names).toEqual(['in/wallets', 'https://a.example/br/wallets', 'http://a.example/br/wallets', 'x/'])
  })

  test('every reference in the tables is defined, and leads to an address', () => {
    const tables = coverageTables()
    const defined = new Map(Array.from(tables.matchAll(/^\[(.+)\]: (.+)$/gm), ([, name, url]) => [name!, url!]))
    const used = new Set(Array.from(tables.matchAll(/\[([^\]]+)\](?!:)/g), ([, name]) => name!))
    expect(new Set(defined.keys())).toEqual(used)
    for (const url of defined.values()) expect(url).toMatch(/^https:\/\/[\w./-]+\w$/)
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
    ['an answer that a fault damaged', WALLET, null, rule({ fault: 'malformed-json' })],
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
