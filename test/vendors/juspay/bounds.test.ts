import { expect, test } from 'vitest'
import { InputError } from '../../../src/index.js'
import { every } from '../../every.js'
import { connect } from './client.js'

/** What is beyond a bound is refused, not cut, not dropped and not mixed up. */

const metadata = (from: number, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`metadata.m${from + i}`, 'x']))

const ORDER = { amount: '1', customer_id: 'customer@gmail.com' }
const PAID = { payment_method_type: 'WALLET', payment_method: 'MOBIKWIK' }

const REFUSED: readonly [string, Record<string, string>, RegExp][] = [
  ['/orders', { ...ORDER, order_id: 'o'.repeat(257) }, /order_id is 257 characters long; allowed: up to 256/],
  ['/txns', { ...PAID, 'order.order_id': 'o'.repeat(257), 'order.amount': '1' }, /order.order_id is 257 characters/],
  ['/txns', { ...PAID, order_id: 'o'.repeat(257) }, /order_id is 257 characters/],
  ['/orders', { ...ORDER, order_id: 'a', udf3: 'x'.repeat(1025) }, /udf3 is 1025 characters long; allowed: up to 1024/],
  ['/orders', { ...ORDER, order_id: 'a', ...metadata(0, 51) }, /has 51 fields of metadata; allowed: up to 50/],
  ['/orders/full', metadata(50, 1), /has 51 fields of metadata/],
]

test('a field beyond its bound is refused, and nothing of the request is kept', async () => {
  const client = await connect()
  expect((await client.post('/orders', { ...ORDER, order_id: 'full', ...metadata(0, 50) })).status).toBe(200)
  expect((await client.post('/orders/full', { ...metadata(0, 50), udf10: 'x'.repeat(1024) })).status).toBe(200)
  const before = await client.sandbox.control.state.get()
  await every(REFUSED, async ([path, fields, reason]) => {
    const { status, headers } = await client.post(path, fields)
    expect([status, headers.get('x-sandbox-reason')]).toEqual([400, expect.stringMatching(reason)])
  })
  expect((await client.sandbox.control.state.get()).merchants[0]!.customers).toEqual(before.merchants[0]!.customers)
})

test('the wallets of a guest’s order are none', async () => {
  const client = await connect()
  await client.post('/orders', { amount: '1', order_id: 'guest' })
  expect((await client.get('/orders/guest/wallets')).body).toMatchObject({ list: [], total: 0 })
})

test('a guest’s name is taken', async () => {
  const client = await connect()
  await client.post('/orders', { amount: '1', order_id: 'guest' })
  const { customers } = (await client.sandbox.control.state.get()).merchants[0]!
  const { id } = customers!.find(({ guest }) => guest)!
  expect((await client.post('/customers', { object_reference_id: id })).body.error_info.code).toBe('ALREADY_EXISTS')
})

test('an attempt to pay never takes the place of one that a fixture names', async () => {
  const payment = { id: 'm-tea-2', gateway: 'PAYTM', status: 'AUTHENTICATION_FAILED', at: '2023-09-11T08:00:00Z' }
  const order = { id: 'ordeh_1', reference: 'tea', amount: 1, createdAt: payment.at, payments: [payment] }
  const merchant = { id: 'm', juspayApiKeys: [{ key: 'm_key' }], customers: [{ id: 'c', orders: [order] }] }
  const client = await connect({ fixtures: { merchants: [merchant] } as never }, {}, 'm_key')
  expect((await client.post('/txns', { ...PAID, order_id: 'tea' })).body.txn_id).toBe('m-tea-3')
  const [customer] = (await client.sandbox.control.state.get()).merchants[0]!.customers!
  expect(customer!.orders![0]!.payments!.map(({ id }) => id)).toEqual(['m-tea-2', 'm-tea-3'])
})

test('half a character in a fixture is refused', async () => {
  const fixtures = { merchants: [{ id: 'm', customers: [{ id: '\ud83d' }] }] }
  await expect(connect({ fixtures })).rejects.toThrow(InputError)
})
