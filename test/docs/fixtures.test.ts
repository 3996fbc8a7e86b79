import { expect, test } from 'vitest'
import type { FixtureCustomer, FixtureWallet } from '../../src/fixture-files/schema.js'
import { createSandbox, type Fixtures } from '../../src/index.js'
import { readJson } from '../../src/lib/files.js'
import { ROOT } from '../build.js'
import { juicywayHeaders, juspayHeaders } from '../contract/targets.js'
import { codes, onlyBlock, read, section, tableRows } from './pages.js'

const PAGE = 'docs/fixtures.md'
const { merchants } = readJson(`${ROOT}/fixtures/published.json`) as Fixtures

const ownBalance = ({ wallet, balance, subDetails }: Pick<FixtureWallet, 'wallet' | 'balance' | 'subDetails'>) =>
  balance ?? subDetails?.find(({ paymentMethod }) => paymentMethod === wallet)?.balance

const rowOfWallet = (fixture: FixtureWallet) => {
  const seen = fixture.linked ? ownBalance(fixture) : undefined
  const { provider = {}, wallet, id } = fixture
  const held = ownBalance({ ...provider, wallet }) ?? seen ?? 0
  return [
    `\`${id}\``,
    wallet,
    fixture.linked ? 'linked' : 'not linked',
    seen === undefined ? '' : String(seen),
    String(held),
  ]
}

const rowsOfCustomer = ({ wallets = [], currencyWallets = [] }: FixtureCustomer) => [
  ...wallets.map(rowOfWallet),
  ...currencyWallets.map(({ id, currency, status = 'active', balance }) => [
    `\`${id}\``,
    `Juicyway, ${currency}`,
    status,
    String(balance),
    '',
  ]),
]

test('the table of shipped customers is that of the shipped fixtures', () => {
  const rows = merchants.flatMap(({ id: merchant, customers = [] }) =>
    customers.flatMap((customer) => {
      const { id, objectReferenceId: name } = customer
      const cell = `\`${id}\`${name === undefined ? '' : ` (\`${name}\`)`}`
      return rowsOfCustomer(customer).map((row) => [`\`${merchant}\``, cell, ...row])
    }),
  )
  const [, table = ''] = read(PAGE).split('<!-- shipped customers -->')
  const expected = rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  expect(table.split('<!-- end')[0]!.trim().split('\n').slice(2).join('\n')).toBe(expected)
})

test('the requests of the published samples are answered', async () => {
  await using sandbox = await createSandbox({ latency: 'off' })
  const [, after = ''] = section(PAGE, 'Shipped customers and wallets').split('The samples are in these rows')
  for (const [title, request] of tableRows(after)) {
    const path = codes(request!)[0]!.replace('GET ', '')
    const headers = title!.includes('Juicyway') ? juicywayHeaders() : juspayHeaders()
    const response = await sandbox.fetch(`http://x${path}`, { headers })
    expect([title, response.status, response.headers.get('x-sandbox-fidelity')]).toEqual([title, 200, 'published'])
  }
})

test('the example shows its two balances', async () => {
  const fixtures = JSON.parse(onlyBlock(read(PAGE), 'json')) as Fixtures
  await using sandbox = await createSandbox({ fixtures, latency: 'off' })
  const balance = async (path: string) => {
    const response = await sandbox.fetch(`http://x/customers/asha@example.com/${path}`, { headers: juspayHeaders() })
    return ((await response.json()) as { list: { current_balance: number }[] }).list[0]!.current_balance
  }
  expect(await balance('wallets')).toBe(109.55)
  expect(await balance('wallets/refresh-balances')).toBe(95.5)
})

test('the page names every field of the format', () => {
  const fields = new Set<string>()
  const collect = (schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return
    if ('properties' in schema) for (const name of Object.keys(schema.properties as object)) fields.add(name)
    for (const inner of Object.values(schema)) collect(inner)
  }
  collect(readJson(`${ROOT}/fixtures/fixtures.schema.json`))
  const named = codes(read(PAGE))
  expect([...fields].filter((field) => !named.includes(field) && field !== 'merchants')).toEqual([])
})

test('the README’s keys are those of the shipped fixtures', () => {
  const named = tableRows(section('README.md', 'Keys')).flatMap(([keys, merchant]) =>
    merchant!.startsWith('`') ? codes(keys!).map((key) => `${codes(merchant!)[0]} ${key}`) : [],
  )
  const shipped = merchants.flatMap(({ id, juspayApiKeys = [], juicywayApiKeys = [] }) =>
    [...juspayApiKeys, ...juicywayApiKeys].map(({ key }) => `${id} ${key}`),
  )
  expect(named.sort()).toEqual(shipped.sort())
})
