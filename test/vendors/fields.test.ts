import { expect, test } from 'vitest'
import { createSandbox } from '../../src/index.js'
import { VENDORS } from '../../src/vendors/index.js'
import { every } from '../every.js'

/** The order of an operation's table is the order of its errors. */

const WALLET = 'b1e0c2d4-6f7a-4b8c-9d0e-1f2a3b4c5d6e'
const KEYS = { juspay: `Basic ${btoa('acme_test_key:')}`, juicyway: 'Bearer test_globex_juicyway' } as const

type Row = readonly [operation: string, path: string, right: Readonly<Record<string, unknown>>]

const ONE_BY_ONE: readonly Row[] = [
  ['juspay.createOrder', '/orders', { order_id: 'o', amount: '1' }],
  ['juspay.createSession', '/session', { order_id: 'o', amount: '1', payment_page_client_id: 'shop', action: 'a' }],
  ['juspay.createCustomer', '/customers', { object_reference_id: 'customer-9' }],
  ['juspay.createWallet', '/customers/guest_user/wallets', { gateway: 'PAYTM' }],
  ['juspay.topUpWallet', '/wallets/wlt_q23xzki3pazgtezo/topup', { amount: '1', topup_txn_id: 't' }],
  ['juicyway.createWallet', '/wallets', { currency: 'USD', customer_id: 'c' }],
  ['juicyway.createTransaction', '/wallets/transactions', { wallet_id: WALLET, amount: 1, type: 'credit' }],
]

const requiredOf = (id: string) =>
  VENDORS.flatMap(({ operations }) => operations.filter((operation) => operation.id === id)).flatMap(({ body = [] }) =>
    body.filter(({ required }) => required).map(({ name }) => name),
  )

async function post(id: string, path: string, fields: object) {
  await using sandbox = await createSandbox({ latency: 'off' })
  const authorization = KEYS[id.split('.')[0] as keyof typeof KEYS]
  const headers = { authorization, 'content-type': 'application/json' }
  const response = await sandbox.fetch(`http://x${path}`, { method: 'POST', headers, body: JSON.stringify(fields) })
  const reason = response.headers.get('x-sandbox-reason')
  return { status: response.status, reason, body: (await response.json()) as { error?: { details: object } } }
}

test('of the fields that are missing the first of the table is named', () =>
  every(ONE_BY_ONE, async ([id, path, right]) => {
    const required = requiredOf(id)
    expect(required).toEqual(Object.keys(right))
    for (const [i, name] of required.entries()) {
      const { status, reason } = await post(id, path, Object.fromEntries(Object.entries(right).slice(0, i)))
      expect([status === 400 || status === 422, reason]).toEqual([true, expect.stringMatching(`\\b${name} is missing`)])
    }
  }))

test("a refusal of a customer's fields names all that are missing, in their order", async () => {
  const { status, body } = await post('juicyway.createCustomer', '/customers', {})
  expect([status, Object.keys(body.error!.details)]).toEqual([400, requiredOf('juicyway.createCustomer')])
})
