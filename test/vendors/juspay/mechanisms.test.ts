import { describe, expect, test, vi } from 'vitest'
import { clientOf, connect, debit } from './client.js'

/** The family goes the one way that the first endpoints go: scenarios, merchants, latency and grades see each call. */

const WALLET = '/wallets/wlt_mu2xfwb4mr18flbs'

const refusing = (operation: string) => ({
  name: 'one call is refused',
  rules: [{ name: operation, match: { operation }, effect: { error: 'rate_limited' as const } }],
})

describe('of several calls behind one path, a rule meets the one it names', () => {
  const COMMANDS = ['authenticate', 'link', 'delink', 'refresh', 'update'] as const
  const NAMES = ['authenticateWallet', 'linkWallet', 'delinkWallet', 'refreshWallet', 'updateWalletMobile']

  test.each(COMMANDS.map((command, i) => ({ command, operation: `juspay.${NAMES[i]}` })))(
    '$operation',
    async (named) => {
      const { post, get } = await connect({ scenario: refusing(named.operation) })
      for (const command of COMMANDS) {
        const { status, headers } = await post(WALLET, { command, otp: '123456', mobile_number: '9999999999' })
        expect([command, status === 429]).toEqual([command, command === named.command])
        expect(headers.get('x-sandbox-rule')).toBe(command === named.command ? named.operation : null)
      }
      expect((await get(`${WALLET}?command=refresh`)).status).toBe(named.command === 'refresh' ? 429 : 200)
      expect((await get(WALLET)).status).toBe(200)
    },
  )
})

test('a rule finds a customer that only the body names', async () => {
  const rule = { name: 'not Asha', match: { operation: 'juspay.createOrder', customer: 'asha@*' } }
  const scenario = { name: 'one customer', rules: [{ ...rule, effect: { error: 'server_error' as const } }] }
  const { post } = await connect({ scenario })
  await post('/customers', { object_reference_id: 'asha@shop.example' })
  const asha = { amount: '1', customer_id: 'asha@shop.example' }
  expect((await post('/orders', { ...asha, order_id: 'one' })).status).toBe(500)
  expect((await post('/orders', { ...asha, order_id: 'two', customer_id: 'guest_user' })).status).toBe(200)
})

test('journal and log name each call, the one behind a shared path and the one without a key too', async () => {
  const lines: { operation: string | null; merchant: string; reason: string | null }[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(JSON.parse(String(line))) > 0)
  try {
    const { post, get, browse } = await connect({ log: 'json' })
    const wallet = '/wallets/wlt_q23xzki3pazgtezo'
    const { payment_url } = (await post(`${wallet}/topup`, { amount: '1', topup_txn_id: 'a' })).body
    await browse(payment_url)
    await browse(payment_url, { outcome: 'fail' })
    await get(`${wallet}?command=refresh`)
    await post(wallet, { command: 'delink' })
    await post(wallet, { command: 'fly' })
  } finally {
    write.mockRestore()
  }
  expect(lines.map(({ operation }) => operation)).toEqual([
    'juspay.topUpWallet',
    'juspay.openTopUp',
    'juspay.finishTopUp',
    'juspay.refreshWallet',
    'juspay.delinkWallet',
    null,
  ])
  expect(new Set(lines.map(({ merchant }) => merchant))).toEqual(new Set(['acme']))
  expect(lines.at(-1)!.reason).toContain('known here: refresh, authenticate')
})

test('the published tables of the customer calls are drawn', async () => {
  const { post, get } = await connect({ latency: 'virtual', scenario: 'published-latency' })
  const created = await post('/customers', { object_reference_id: 'asha@shop.example' })
  const read = await get('/customers/asha@shop.example')
  for (const { headers } of [created, read]) expect(Number(headers.get('x-sandbox-latency-ms'))).toBeGreaterThan(0)
  expect((await post(WALLET, { command: 'delink' })).headers.get('x-sandbox-latency-ms')).toBeNull()
})

test('after a delink by scenario a debit finds the token dead', async () => {
  const effect = { state: 'expire-token' as const }
  const match = { operation: 'juspay.debitWallet' }
  const { post, get } = await connect({ scenario: { name: 'late', rules: [{ name: 'late', match, effect }] } })
  const { token } = (await get('/wallets/wlt_q23xzki3pazgtezo')).body
  await post('/orders', { order_id: 'tea', amount: '1', customer_id: 'customer@gmail.com' })
  expect((await post('/txns', debit('tea', 'MOBIKWIK', token))).body.error_info.code).toBe('EXPIRED')
})

test('merchants of one server are apart, and draw other ids', async () => {
  const one = await connect({}, {}, 'sandbox_one')
  const two = clientOf(one.sandbox, one.origin, 'sandbox_two')
  const customer = { object_reference_id: 'asha@shop.example' }
  const [first, second] = [await one.post('/customers', customer), await two.post('/customers', customer)]
  expect([first.status, second.status]).toEqual([200, 200])
  expect(first.body.id).not.toBe(second.body.id)
  await one.post('/orders', { order_id: 'tea', amount: '1' })
  expect((await two.get('/orders/tea')).body.status).toBe('NOT_FOUND')
  expect((await one.get('/customers')).body.total).toBe((await two.get('/customers')).body.total)
})

test('ids do not depend on what others do in between', async () => {
  const drawn = async (noise: boolean) => {
    const { post } = await connect()
    const others = async (n: number) => {
      if (!noise) return
      await post('/customers', { object_reference_id: `other-${n}` })
      await post(`/customers/other-${n}/wallets`, { gateway: 'PAYTM', command: 'authenticate' })
    }
    await others(1)
    const customer = (await post('/customers', { object_reference_id: 'asha@shop.example' })).body.id
    await others(2)
    const wallet = (await post(`/customers/${customer}/wallets`, { gateway: 'SIMPL' })).body.id
    await others(3)
    const linked = (await post(`/wallets/${wallet}`, { command: 'link', otp: '123456' })).text
    const order = (await post('/orders', { order_id: 'tea', amount: '1', customer_id: customer })).text
    return [customer, wallet, linked, order]
  }
  expect(await drawn(true)).toEqual(await drawn(false))
})

test('a client auth token lasts fifteen minutes of the one clock', async () => {
  const { get } = await connect({ clock: '2020-03-17T14:30:26Z' })
  const { juspay } = (await get('/customers/guest_user?options.get_client_auth_token=true')).body
  expect(juspay.client_auth_token).toMatch(/^tkn_[0-9a-f]{32}$/)
  expect(juspay.client_auth_token_expiry).toBe('2020-03-17T14:45:26Z')
})

test.each([
  ['PAYTM', 'PAYTM_POSTPAID', 'WALLET', 'JP_PAYTM'],
  ['AMAZONPAY', 'AMAZONPAYLATER', 'CONSUMER_FINANCE', 'JP_AMAZONPAY'],
  ['SIMPL', 'SIMPL_SOD', 'WALLET', 'JP_SIMPL'],
])('a linked %s wallet shows %s beside its own balance', async (gateway, paymentMethod, type, bankCode) => {
  const { get, post } = await connect()
  const { id } = (await post('/customers/guest_user/wallets', { gateway, command: 'authenticate' })).body
  const { current_balance } = (await post(`/wallets/${id}`, { command: 'link', otp: '123456' })).body
  const row = (await get('/customers/guest_user/wallets')).body.list.find((wallet: { id: string }) => wallet.id === id)
  expect(row).toMatchObject({ juspay_bank_code: bankCode, current_balance })
  expect(row.sub_details).toMatchObject([
    { payment_method: paymentMethod, payment_method_type: type },
    { payment_method: gateway, payment_method_type: 'WALLET', current_balance },
  ])
})
