import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { createSandbox, type Sandbox } from '../../src/index.js'
import { every } from '../every.js'

const ORIGIN = 'https://sandbox.juspay.in'
const headers = {
  authorization: `Basic ${Buffer.from('k:').toString('base64')}`,
  'content-type': 'application/x-www-form-urlencoded',
  'x-merchantid': 'm',
}

/** Orders of one customer, and as many guests with one order each. */
function fixturesOf(size: number) {
  const wallets = [{ id: 'wlt_0', wallet: 'PAYTM', linked: true, balance: 10 }]
  const order = (name: string) => (_: unknown, i: number) => ({
    id: `${name}-${i}`,
    reference: `${name}-${i}`,
    amount: 10,
    createdAt: '2023-09-11T08:30:00Z',
    payments: [
      { id: `pay-${name}-${i}`, gateway: 'PAYTM', status: 'PENDING_VBV', at: '2023-09-11T08:30:00Z' } as const,
    ],
  })
  const guests = Array.from({ length: size }, order('guest'))
  const customers = [
    { id: 'cst_1', objectReferenceId: 'customer-1', wallets, orders: Array.from({ length: size }, order('own')) },
    ...guests.map((guest) => ({ id: `guest_${guest.id}`, guest: true, orders: [guest] })),
  ]
  return { merchants: [{ id: 'm', juspayApiKeys: [{ key: 'k' }], customers }] }
}

type Ask = (sandbox: Sandbox, n: string) => Promise<Response>
const get =
  (path: string): Ask =>
  (sandbox) =>
    sandbox.fetch(ORIGIN + path, { headers })
const post =
  (path: string, body: (n: string) => string): Ask =>
  (sandbox, n) =>
    sandbox.fetch(ORIGIN + path, { method: 'POST', headers, body: body(n) })

const CALLS: [name: string, status: number, ask: Ask][] = [
  ['an order of a customer', 200, post('/orders', (n) => `order_id=${n}&amount=1&customer_id=cst_1`)],
  ['an order of a guest', 200, post('/orders', (n) => `order_id=${n}&amount=1`)],
  ['an update of an order', 200, post('/orders/own-1', () => 'amount=2')],
  [
    'a payment of an order',
    200,
    post('/txns', (n) => `order_id=own-2&merchant_id=m&payment_method_type=WALLET&payment_method=PAYTM&n=${n}`),
  ],
  ['the status of an order', 200, get('/orders/own-1')],
  ['the page of a payment', 200, get('/v2/pay/start/m/pay-own-1')],
  ['a wallet', 200, get('/wallets/wlt_0')],
  ['a list of orders', 200, get('/order/list?count=1')],
  ['a list of customers', 200, get('/customers?count=1')],
  ['an unknown customer', 404, get('/customers/customer-x')],
  ['an unknown wallet', 400, get('/wallets/wlt_x')],
  ['an unknown order', 400, get('/orders/own-x')],
]

/** Microseconds of CPU that a call takes: the least of some rounds, which neither a compiler nor a collector held up. */
async function cost(sandbox: Sandbox, [, status, ask]: (typeof CALLS)[number]): Promise<number> {
  const rounds: number[] = []
  for (let round = 0; round < 5; round++) {
    const before = process.cpuUsage()
    for (let i = 0; i < 40; i++) {
      const response = await ask(sandbox, randomUUID())
      if (response.status !== status) throw new Error(`${response.status} ${await response.text()}`)
      await response.text()
    }
    const { user, system } = process.cpuUsage(before)
    rounds.push((user + system) / 40)
  }
  return Math.min(...rounds)
}

test('a call costs the same with one order as with 10,000, and as many guests', async () => {
  const options = { latency: 'off', journalSize: 10 } as const
  await using small = await createSandbox({ ...options, fixtures: fixturesOf(3) })
  await using large = await createSandbox({ ...options, fixtures: fixturesOf(10_000) })
  await every(CALLS, async (call) => {
    await cost(small, call)
    const [few, many] = [await cost(small, call), await cost(large, call)]
    expect(many / few).toBeLessThan(3)
  })
}, 60_000)
