import { describe, expect, test } from 'vitest'
import { every } from '../every.js'
import { type Client, debit } from '../vendors/juspay/client.js'
import { order, pay } from '../webhooks/pay.js'
import { receiver, shop } from '../webhooks/support.js'
import { ask, basic, control, sandboxFor, WALLET, WALLET_ID } from './helpers.js'

// biome-ignore lint/suspicious/noExplicitAny: a test reads of an answer what it likes
type Any = any

describe('what a call changed', () => {
  const CUSTOMER = '/customers/cst_om2l6ctlptxwxuzj/wallets'

  const CASES: readonly [string, (client: Client) => Promise<unknown>, (string | RegExp)[]][] = [
    ['a read', ({ get }) => get('/customers/guest_user/wallets'), []],
    ['a refused call', ({ get }) => get('/wallets/wlt_none'), []],
    ['an order', (client) => order(client), ['order tea-1 status: null → NEW', 'order tea-1 amount: null → 109.55']],
    [
      'a debit',
      async (client) => {
        await order(client)
        await pay(client)
      },
      [
        'order tea-1 status: NEW → CHARGED',
        /order tea-1 payment \S+: null → CHARGED/,
        `wallet ${WALLET_ID} provider's balance: 250 → 140.45`,
        /wallet \S+ token: (\S+) → \1, used/,
        'event TXN_CREATED: null → queued',
        'event ORDER_SUCCEEDED: null → queued',
        'event TXN_CHARGED: null → queued',
      ],
    ],
    [
      'a refund',
      async (client) => {
        await order(client)
        await pay(client)
        await client.post('/orders/tea-1/refunds', { unique_request_id: 'r', amount: '9.55' })
      },
      ['order tea-1 refunded: null → 9.55', /wallet \S+ provider's balance: 140\.45 → 150/, /event .*: null → queued/],
    ],
    [
      'a refresh',
      async ({ get, sandbox }) => {
        await sandbox.control.merchant('acme').provider(WALLET_ID, { balance: 3 })
        await get(`${WALLET}?command=refresh`)
      },
      [`wallet ${WALLET_ID} balance seen: 250 → 3`],
    ],
    [
      'a wallet that is made',
      ({ post }) => post(CUSTOMER, { gateway: 'PAYTM', command: 'authenticate' }),
      [/wallet \S+ /],
    ],
  ]

  test.each(CASES)('%s', async (_, act, expected) => {
    const { url } = await receiver()
    const client = await shop(url)
    await act(client)
    const { requests } = await client.sandbox.control.merchant('acme').requests.get()
    const shown = requests.at(-1)!.changes.map(({ of, field, before, after }) => `${of} ${field}: ${before} → ${after}`)
    if (expected.length === 0) expect(shown).toEqual([])
    else
      await every(expected, (each) => {
        expect(shown).toContainEqual(typeof each === 'string' ? each : expect.stringMatching(each))
      })
  })

  test('a currency wallet, a control action is not a call, and what is between two calls is none of theirs', async () => {
    const sandbox = await sandboxFor()
    const headers = { authorization: 'Bearer test_acme_juicyway', 'content-type': 'application/json' }
    const response = await sandbox.fetch(
      'http://sandbox/juicyway/wallets/3d2e3f3e-3b3c-4907-a4fd-e241203440d7/status',
      {
        method: 'PATCH',
        headers,
        body: JSON.stringify({ status: 'frozen', reason: 'r' }),
      },
    )
    await sandbox.control.merchant('acme').provider(WALLET_ID, { balance: 3 })
    await ask(sandbox, WALLET)
    const { requests } = await sandbox.control.merchant('acme').requests.get()
    expect(response.status).toBe(200)
    expect(requests.map(({ changes }) => changes.filter(({ field }) => field !== 'token'))).toEqual([
      [expect.objectContaining({ field: 'status', before: 'active', after: 'frozen' })],
      [],
    ])
  })
})

describe('the timeline of an order', () => {
  async function charged() {
    const hooks = await receiver()
    const client = await shop(hooks.url, { scenario: 'debit-then-reset' })
    await order(client)
    const { token } = (await client.get(WALLET)).body
    const attempt = () => client.post('/txns', debit('tea-1', 'MOBIKWIK', token)).catch(() => {})
    await attempt()
    await attempt()
    await client.get('/orders/tea-1')
    await client.sandbox.control.merchant('acme').clock.advance('1s')
    return client
  }

  test('shows a debit that was charged, whose answer was lost, and which was sent again', async () => {
    const { sandbox } = await charged()
    const { order: shown, steps } = await sandbox.control.merchant('acme').timeline('tea-1')
    const calls = steps.filter((step): step is Any => step.kind === 'call')
    expect(shown).toBe('tea-1')
    expect(
      calls.map(({ call, lost, findings }) => [call.operation, lost, findings.map(({ rule }: Any) => rule)]),
    ).toEqual([
      ['juspay.createOrder', false, []],
      ['juspay.debitWallet', true, []],
      ['juspay.debitWallet', false, ['debit-repeated-blindly']],
      ['juspay.getOrder', false, []],
    ])
    expect(calls[1].call.changes).toContainEqual({
      of: 'order tea-1',
      field: 'status',
      before: 'NEW',
      after: 'CHARGED',
    })
    const kinds = steps.map((step) => (step.kind === 'call' ? step.call.id : step.delivery.name))
    const debited = kinds.indexOf(calls[1].call.id)
    expect(kinds.indexOf('ORDER_SUCCEEDED')).toBeGreaterThan(debited)
    const { status, body } = await control(sandbox, 'GET', '/merchants/acme/orders/TEA-1/timeline')
    expect([status, body]).toEqual([200, JSON.parse(JSON.stringify({ order: 'TEA-1', steps }))])
    expect((await sandbox.control.timeline('tea-1')).steps).toEqual(steps)
  })

  test('of an order that is not there is refused', async () => {
    const sandbox = await sandboxFor()
    const { status, body } = await control(sandbox, 'GET', '/orders/none/timeline')
    expect([status, body.error.message]).toEqual([
      ...[404, 'There is no order "none", and no call of the journal names one.'],
    ])
    await sandbox.fetch('http://sandbox/orders/none', { headers: basic('acme_test_key') })
    expect((await sandbox.control.timeline('none')).steps).toHaveLength(1)
  })
})
