import { describe, expect, test } from 'vitest'
import type { Options } from '../../../src/index.js'
import { every } from '../../every.js'
import { type Client, connect, debit, type Fields } from './client.js'

/** Calls that need no key: a shop's page makes them by itself. */

const CUSTOMER = 'customer@gmail.com'
const REDIRECT = {
  order_id: 'tea-1',
  merchant_id: 'acme',
  payment_method_type: 'WALLET',
  payment_method: 'MOBIKWIK',
}
const METHODS = '/merchants/acme/paymentmethods'

async function shop(options: Options = {}, key?: string): Promise<Client> {
  const client = await connect(options, {}, key)
  await client.post('/orders', { order_id: 'tea-1', amount: '1', customer_id: CUSTOMER })
  return client
}

/** Without an Authorization header, and with an empty one. */
const WITHOUT: readonly Record<string, string>[] = [{}, { authorization: 'Basic Og==' }]

test('the redirect flow and payment methods are served in the world of the merchant that is named', () =>
  every(WITHOUT, async (headers) => {
    const { browse, get, sandbox } = await shop()
    const begun = await browse('/txns', REDIRECT, headers)
    expect([begun.status, begun.body.status]).toEqual([200, 'PENDING_VBV'])
    expect(begun.headers.get('x-jp-merchant-id')).toBe('acme')
    await browse(begun.body.payment.authentication.url, { outcome: 'pay' })
    expect((await get('/orders/tea-1')).body.status).toBe('CHARGED')
    expect((await browse(METHODS, undefined, headers)).text).toBe((await get(METHODS)).text)
    const { requests } = await sandbox.control.merchant('acme').requests.get({ operation: 'juspay.debitWallet' })
    expect(requests).toHaveLength(1)
  }))

describe('a call without a key', () => {
  const withoutMerchant = (({ merchant_id: _, ...fields }) => fields)(REDIRECT)
  const ROWS: readonly (readonly [string, string, Fields | undefined, number, string])[] = [
    ['an unknown merchant', '/txns', { ...REDIRECT, merchant_id: 'nobody' }, 401, 'UNAUTHORIZED'],
    ['its case', '/txns', { ...REDIRECT, merchant_id: 'Acme' }, 401, 'UNAUTHORIZED'],
    ['one that a key would make', '/txns', { ...REDIRECT, merchant_id: 'sandbox_new' }, 401, 'UNAUTHORIZED'],
    ['another merchant', '/txns', { ...REDIRECT, merchant_id: 'globex' }, 400, 'RESOURCE_NOT_FOUND'],
    ['no merchant', '/txns', withoutMerchant, 400, 'MISSING_MANDATORY_PARAMETER'],
    ['an empty one', '/txns', { ...REDIRECT, merchant_id: '' }, 400, 'MISSING_MANDATORY_PARAMETER'],
    ['an unknown order', '/txns', { ...REDIRECT, order_id: 'tea-9' }, 400, 'RESOURCE_NOT_FOUND'],
    [
      'an order to be opened',
      '/txns',
      { ...REDIRECT, order_id: 'tea-9', 'order.order_id': 'tea-9', 'order.amount': '1' },
      ...([400, 'RESOURCE_NOT_FOUND'] as const),
    ],
    ['a direct debit', '/txns', debit('tea-1', 'MOBIKWIK', 'tok_x'), 401, 'UNAUTHORIZED'],
    ['methods of an unknown merchant', '/merchants/nobody/paymentmethods', undefined, 401, 'UNAUTHORIZED'],
    ['an order', '/orders/tea-1', undefined, 401, 'UNAUTHORIZED'],
  ]

  test('is refused by its row', () =>
    every(ROWS, async ([, path, fields, status, code]) => {
      const { browse, sandbox } = await shop()
      const before = await sandbox.control.merchants.list()
      const reply = await browse(path, fields as Record<string, string>)
      expect([reply.status, reply.body.error_info.code]).toEqual([status, code])
      expect(await sandbox.control.merchants.list()).toEqual(before)
      const kept = JSON.stringify(await sandbox.control.merchant('acme').state.get())
      expect(kept).not.toContain('"reference":"tea-9"')
    }))

  test('is checked all the same where it brings a header', async () => {
    const { browse } = await shop()
    const WRONG = ['wrong:', 'acme_revoked_key:', 'acme_test_key:password', ':password']
    const headers = [...WRONG.map((text) => `Basic ${btoa(text)}`), 'Bearer acme_test_key', 'Basic']
    await every(headers, async (authorization) => {
      for (const [path, fields] of [
        ['/txns', REDIRECT],
        [METHODS, undefined],
      ] as const)
        expect((await browse(path, fields, { authorization })).status).toBe(401)
    })
  })

  test('meets the scenario of its merchant, but no rule for a key', async () => {
    const rule = (name: string, match: object) => ({
      name,
      match: { operation: 'juspay.debitWallet', ...match },
      effect: { error: 'maintenance' as const },
    })
    for (const [match, status] of [
      [{ merchant: 'acme' }, 503],
      [{ apiKey: '*' }, 200],
    ] as const) {
      const { browse } = await shop({ scenario: { name: 'x', rules: [rule('r', match)] } })
      expect((await browse('/txns', REDIRECT)).status).toBe(status)
    }
  })

  test('finds the merchant of a sandbox_ key that was used', async () => {
    const { browse } = await shop({}, 'sandbox_mine')
    const begun = await browse('/txns', { ...REDIRECT, merchant_id: 'sandbox_mine' })
    expect([begun.status, begun.headers.get('x-jp-merchant-id')]).toEqual([200, 'sandbox_mine'])
  })
})

test('an empty Basic header counts as none for a customer’s own token too, and opens nothing else', async () => {
  const { browse, get } = await shop()
  const [headers] = WITHOUT.slice(1)
  const asked = await get(`/customers/${CUSTOMER}?options.get_client_auth_token=true`)
  const token = asked.body.juspay.client_auth_token
  expect((await browse(`/orders/tea-1?client_auth_token=${token}`, undefined, headers)).status).toBe(200)
  expect((await browse('/orders/tea-1', undefined, headers)).status).toBe(401)
})

test('a customer’s token opens a guest’s order of the same merchant for reading alone', async () => {
  const { browse, get, post } = await shop()
  await post('/orders', { order_id: 'guest-1', amount: '1' })
  await post('/orders', { order_id: 'other-1', amount: '1', customer_id: 'guest_user' })
  const asked = await get(`/customers/${CUSTOMER}?options.get_client_auth_token=true`)
  const token: string = asked.body.juspay.client_auth_token
  const status = async (order: string, own = token) =>
    (await browse(`/orders/${order}?client_auth_token=${own}`)).status
  expect([await status('guest-1'), await status('other-1'), await status('guest-1', `${token.slice(0, -1)}x`)]).toEqual(
    [...[200, 401, 401]],
  )
  const wallet = (await get('/wallets/wlt_q23xzki3pazgtezo')).body.token
  const paying = { ...debit('guest-1', 'MOBIKWIK', wallet), client_auth_token: token }
  expect((await browse('/txns', paying as Record<string, string>)).status).toBe(401)
})
