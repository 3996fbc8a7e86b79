import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, type Fixtures, type Sandbox } from '../../../src/index.js'
import { type Call, client, inProcess } from './client.js'

const CURRENCIES = ['NGN', 'USD', 'GBP', 'EUR'] as const
const STATUSES = ['active', 'frozen', 'deleted'] as const
const WALLETS = 1000
const START = Date.parse('2025-01-01T00:00:00Z')

const uuid = (n: number) => `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`

/** Three wallets of each second, so that the time alone does not order them, and in no order in the file. */
const wallet = (n: number) => ({
  id: uuid((n * 7919) % 100_003),
  accountId: uuid(0),
  currency: CURRENCIES[n % CURRENCIES.length]!,
  balance: n,
  status: STATUSES[n % STATUSES.length]!,
  sequence: n + 1,
  events: [
    {
      id: uuid(n),
      action: 'create',
      insertedAt: new Date(START + Math.floor(n / 3) * 1000).toISOString().replace('.000', ''),
    },
  ],
})
const all = Array.from({ length: WALLETS }, (_, n) => wallet(n))
const customerOf = (n: number) => `customer-${n % 97}`
const merchant = (id: string) => ({
  id,
  juicywayApiKeys: [{ key: `test_${id}` }],
  customers: Array.from({ length: 97 }, (_, c) => ({
    id: customerOf(c),
    currencyWallets: all.filter((_, n) => n % 97 === c).reverse(),
  })).reverse(),
})
const fixtures: Fixtures = { merchants: [merchant('acme'), merchant('globex')] }

const newestFirst = (admits: (n: number) => boolean) => all.flatMap(({ id }, n) => (admits(n) ? [id] : [])).reverse()

let sandbox: Sandbox
let call: Call
beforeAll(async () => {
  sandbox = await createSandbox({ fixtures, latency: 'off', clock: '2025-08-01T10:00:00Z' })
  call = client(await inProcess.reach(sandbox), 'test_acme')
})
afterAll(() => sandbox.close())

const path = (parameters: Record<string, string | number>) =>
  `/wallets/all?${Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')}`

async function page(parameters: Record<string, string | number>) {
  const { status, body } = await call('GET', path(parameters))
  expect(status).toBe(200)
  return { ids: body.data.map(({ id }: { id: string }) => id) as string[], ...body.pagination }
}

const FILTERS: readonly (readonly [filters: Record<string, string>, admits: (n: number) => boolean])[] = [
  [{}, () => true],
  [{ currency: 'USD' }, (n) => n % 4 === 1],
  [{ status: 'frozen' }, (n) => n % 3 === 1],
  [{ currency: 'EUR', status: 'deleted' }, (n) => n % 12 === 11],
  [{ customer_id: customerOf(5) }, (n) => n % 97 === 5],
  [{ customer_id: customerOf(5), status: 'active' }, (n) => n % 97 === 5 && n % 3 === 0],
  [{ customer_id: 'nobody' }, () => false],
  [{ currency: 'CHF' }, () => false],
]

describe.each(FILTERS)('the wallets with %j', (filters, admits) => {
  const expected = newestFirst(admits)

  test.each([1, 15, 100].filter((limit) => limit > 1 || expected.length < 120))(
    '%i a page, both ways',
    async (limit) => {
      const forwards: string[][] = []
      let current = await page({ ...filters, limit })
      expect(current.before).toBeNull()
      for (;;) {
        forwards.push(current.ids)
        if (current.after === null) break
        current = await page({ ...filters, limit, after: current.after })
      }
      expect(forwards.flat()).toEqual(expected)
      expect(forwards.slice(0, -1).every((ids) => ids.length === limit)).toBe(true)

      const backwards: string[][] = [current.ids]
      while (current.before !== null) {
        current = await page({ ...filters, limit, before: current.before })
        backwards.unshift(current.ids)
        expect(current.after).not.toBeNull()
      }
      expect(backwards).toEqual(forwards)
    },
  )
})

test('a page holds 15 when nothing is said, and full wallets', async () => {
  const first = await call('GET', '/wallets/all')
  expect(first.body.data).toHaveLength(15)
  expect(first.body.pagination).toEqual({ after: expect.any(String), before: null, limit: 15 })
  const [newest] = first.body.data
  expect((await call('GET', `/wallets/${newest.id}`)).body.data).toEqual(newest)
})

test('the limit may change from page to page', async () => {
  const first = await page({ limit: 10 })
  const second = await page({ limit: 25, after: first.after })
  expect([...first.ids, ...second.ids]).toEqual(newestFirst(() => true).slice(0, 35))
  expect((await page({ limit: 3, before: second.before })).ids).toEqual(first.ids.slice(-3))
})

test('what is made while a list is read comes before it, and moves nothing', async () => {
  const merchant = client(await inProcess.reach(sandbox), 'sandbox_growing')
  const first = (await merchant('GET', path({ limit: 5 }))).body
  const made: string[] = []
  for (let c = 0; c < 7; c++)
    made.unshift((await merchant('POST', '/wallets', { currency: 'CAD', customer_id: customerOf(c) })).body.data.id)
  await merchant('PATCH', `/wallets/${first.data[4].id}/status`, { status: 'deleted' })
  await merchant('PATCH', `/wallets/${first.data[3].id}/status`, { status: 'deleted' })
  const ids = ({ body }: { body: { data: { id: string }[] } }) => body.data.map(({ id }) => id)
  expect(ids(await merchant('GET', path({ limit: 5, after: first.pagination.after })))).toEqual(
    newestFirst(() => true).slice(5, 10),
  )
  expect(ids(await merchant('GET', path({ limit: 12 })))).toEqual([...made, ...newestFirst(() => true).slice(0, 5)])
})

describe('what is refused', () => {
  const tampered = (cursor: string) => `${cursor.slice(0, 8)}${cursor[8] === 'A' ? 'B' : 'A'}${cursor.slice(9)}`
  const cursor = async () => (await page({})).after as string

  test.each<readonly [string, () => Promise<Record<string, string>>]>([
    ['a limit of 0', async () => ({ limit: '0' })],
    ['a limit of 101', async () => ({ limit: '101' })],
    ['a limit below 0', async () => ({ limit: '-1' })],
    ['a limit with a fraction', async () => ({ limit: '1.5' })],
    ['a limit that is not a number', async () => ({ limit: 'all' })],
    ['an empty limit', async () => ({ limit: '' })],
    ['an unknown status', async () => ({ status: 'closed' })],
    ['an odd currency', async () => ({ currency: 'dollars' })],
    ['a cursor that is none', async () => ({ after: 'newest' })],
    ['an empty cursor', async () => ({ after: '' })],
    ['an id as cursor', async () => ({ before: all[0]!.id })],
    ['a cursor that was changed', async () => ({ after: tampered(await cursor()) })],
    ['a cursor that was cut', async () => ({ after: (await cursor()).slice(0, -2) })],
    ['a cursor of other filters', async () => ({ after: await cursor(), status: 'active' })],
    ['two cursors', async () => ({ after: await cursor(), before: await cursor() })],
  ])('%s', async (_, parameters) => {
    const reply = await call('GET', path(await parameters()))
    expect([reply.status, reply.body.error.code]).toEqual([400, 'invalid_request'])
    expect(reply.headers.get('x-sandbox-reason')).toMatch(/^[^?]*; send [^?]*$/)
  })

  test("another merchant's cursor, though the merchants hold the same wallets", async () => {
    const own = await cursor()
    const other = client(await inProcess.reach(sandbox), 'test_globex')
    expect((await other('GET', path({ after: own }))).status).toBe(400)
    expect((await other('GET', path({ before: own }))).status).toBe(400)
    expect((await call('GET', path({ after: own }))).status).toBe(200)
  })
})
