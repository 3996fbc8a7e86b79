import { describe, expect, onTestFinished, test } from 'vitest'
import { every } from '../../every.js'
import { receiver } from '../../webhooks/support.js'
import { type Client, clientOf, connect, debit, type Fields, WAYS, type Way } from './client.js'
import { CUSTOMER, open, SESSION, statusOf } from './session.js'

const balance = async ({ get }: Client) =>
  (await get('/wallets/wlt_q23xzki3pazgtezo?command=refresh')).body.current_balance

describe.each(WAYS)('a session ($transport, $encoding)', (way: Way) => {
  test('opens an order and has the keys of the vendor’s sample in their order', async () => {
    const client = await connect({}, way)
    const reply = await open(client, {
      customer_email: 'a@shop.example',
      description: 'Tea',
      udf1: 'x',
      'metadata.JUSPAY:a_b': 'y',
    })
    const { id } = (await client.get('/orders/tea-1')).body
    const { clientAuthToken } = reply.body.sdk_payload.payload
    expect(reply.text).toBe(
      JSON.stringify({
        status: 'NEW',
        id,
        order_id: 'tea-1',
        payment_links: { web: `${client.origin}/orders/${id}/payment-page?merchant=acme`, expiry: null },
        sdk_payload: {
          requestId: reply.body.sdk_payload.requestId,
          service: 'in.juspay.hyperpay',
          payload: {
            clientId: 'shop',
            amount: '109.55',
            merchantId: 'acme',
            clientAuthToken,
            clientAuthTokenExpiry: '2023-09-11T08:45:00Z',
            environment: 'sandbox',
            action: 'paymentPage',
            customerId: CUSTOMER,
            returnUrl: 'https://shop.example/paid',
            currency: 'INR',
            customerEmail: 'a@shop.example',
            orderId: 'tea-1',
            description: 'Tea',
            udf1: 'x',
            'metadata.JUSPAY:a_b': 'y',
          },
        },
      }),
    )
    expect(id).toMatch(/^ordeh_/)
    expect(clientAuthToken).toMatch(/^tkn_[\da-f]{32}$/)
    expect(reply.body.sdk_payload.requestId).toMatch(/^[\da-f]{32}$/)
    expect(reply.headers.get('x-sandbox-fidelity')).toBe('published')
    const read = await client.browse(`/orders/tea-1?client_auth_token=${clientAuthToken}`)
    expect(read.body).toMatchObject({ status: 'NEW', amount: 109.55, udf1: 'x' })
  })
})

test('a number is an order’s id as its text, and a whole amount has a decimal', async () => {
  const client = await connect({}, { encoding: 'json' })
  const { body } = await open(client, { order_id: 17, amount: 3 })
  expect([body.order_id, body.sdk_payload.payload.orderId, body.sdk_payload.payload.amount]).toEqual([
    '17',
    '17',
    '3.0',
  ])
  expect((await client.get('/orders/17')).body.amount).toBe(3)
})

test('the open order of that id is taken, and another amount changes it', async () => {
  const client = await connect()
  const first = await open(client)
  const second = await open(client, { amount: '90' })
  expect([second.body.id, second.body.sdk_payload.payload.amount]).toEqual([first.body.id, '90.0'])
  expect((await client.get('/orders/tea-1')).body.amount).toBe(90)
})

describe('a session is refused in its own form', () => {
  const ROWS: readonly (readonly [string, Fields, RegExp])[] = [
    ...['order_id', 'amount', 'payment_page_client_id', 'action'].map((name): [string, Fields, RegExp] => [
      `without ${name}`,
      { [name]: null },
      new RegExp(`field ${name} is missing`),
    ]),
    ['a wrong amount', { amount: 'ten' }, /field amount is "ten"/],
    ['a wrong address', { return_url: 'shop' }, /return_url/],
    ['a charged order', { order_id: 'paid' }, /"paid" is charged/],
  ]

  test('by its row', () =>
    every(ROWS, async ([, fields, reason]) => {
      const client = await connect({}, { encoding: 'json' })
      await client.post('/orders', { order_id: 'paid', amount: '1', customer_id: CUSTOMER })
      const { token } = (await client.get('/wallets/wlt_q23xzki3pazgtezo')).body
      await client.post('/txns', debit('paid', 'MOBIKWIK', token))
      const { status, body, headers } = await open(client, fields)
      expect([status, Object.keys(body), Object.keys(body.error_info)]).toEqual([
        400,
        ['status', 'error_code', 'error_message', 'error_info'],
        ['category', 'request_id', 'developer_message', 'user_message', 'code'],
      ])
      expect([body.status, body.error_code, body.error_info.code]).toEqual([
        'ERROR',
        'invalid_request',
        'INVALID_INPUT',
      ])
      expect(headers.get('x-sandbox-reason')).toMatch(reason)
    }))

  test('without a key it is the 401 of orders', async () => {
    const { browse } = await connect()
    const { status, body } = await browse('/session', SESSION)
    expect([status, body.error_info.code]).toEqual([401, 'UNAUTHORIZED'])
  })
})

describe('the payment page', () => {
  test.each([
    ['pay', 'CHARGED', 140.45, ['TXN_CREATED', 'TXN_CHARGED', 'ORDER_SUCCEEDED']],
    ['cancel', 'AUTHENTICATION_FAILED', 250, ['TXN_CREATED', 'TXN_FAILED', 'ORDER_FAILED']],
  ])(
    'on %s ends the order, tells the receiver, and a second press changes nothing',
    async (outcome, status, left, names) => {
      const hooks = await receiver()
      const client = await connect()
      onTestFinished(() => client.sandbox.close())
      await client.sandbox.control.merchant('acme').webhooks.put({ url: hooks.url, username: 'u', password: 'p' })
      const { web } = (await open(client)).body.payment_links
      const decided = await client.browse(web, { outcome, wallet: 'wlt_q23xzki3pazgtezo' })
      expect([decided.status, decided.headers.get('location')]).toEqual([
        303,
        'https://sandbox.juspay.in/pay/finish/acme/acme-tea-1-1',
      ])
      const back = new URL((await client.browse(decided.headers.get('location')!)).headers.get('location')!)
      expect([back.origin, back.searchParams.get('status'), back.searchParams.has('signature')]).toEqual([
        ...['https://shop.example', status, true],
      ])
      expect([await statusOf(client), await balance(client)]).toEqual([status, left])
      await expect.poll(hooks.names).toEqual(names)
      if (status !== 'CHARGED') return
      for (const again of ['pay', 'cancel'])
        expect((await client.browse(web, { outcome: again })).headers.get('location')).toBe(
          decided.headers.get('location'),
        )
      expect((await client.browse(web)).headers.get('location')).toBe(decided.headers.get('location'))
      expect(await balance(client)).toBe(left)
      const refused = await open(client)
      expect([refused.status, refused.body.error_message]).toEqual([400, 'Order is already charged.'])
    },
  )

  test('expires with the session, and another session opens it again', async () => {
    const client = await connect()
    const { web } = (await open(client)).body.payment_links
    await client.sandbox.control.clock.advance('15m')
    for (const reply of [await client.browse(web), await client.browse(web, { outcome: 'pay' })]) {
      expect([reply.status, reply.headers.get('x-sandbox-reason')]).toEqual([
        410,
        expect.stringContaining('expired at'),
      ])
      expect(reply.text).toContain('This page has expired')
    }
    expect(await statusOf(client)).toBe('NEW')
    await open(client)
    expect((await client.browse(web)).status).toBe(200)
  })

  test('is where the links of an order lead, which never expire', async () => {
    const client = await connect()
    const { payment_links: links } = (await client.post('/orders', { order_id: 'tea-1', amount: '1' })).body
    await client.sandbox.control.clock.advance('24h')
    for (const link of Object.values<string>(links)) {
      const followed = await client.browse(link)
      expect([followed.status, followed.headers.get('location')]).toEqual([
        302,
        expect.stringMatching(/\/orders\/ordeh_[a-z0-9]{16}\/payment-page\?merchant=acme$/),
      ])
      expect((await client.browse(followed.headers.get('location')!)).text).toContain('Pay your order')
    }
    expect((await client.browse('/merchant/pay/ordeh_none')).status).toBe(404)
  })

  test('lets a guest pay by any wallet', async () => {
    const client = await connect()
    const { web } = (await open(client, { customer_id: '' })).body.payment_links
    const { text } = await client.browse(web)
    expect(text).toContain('value="PHONEPE"> PhonePe, test wallet')
    await client.browse(web, { outcome: 'pay', wallet: 'PHONEPE' })
    expect((await client.get('/orders/tea-1')).body).toMatchObject({ status: 'CHARGED', payment_method: 'PHONEPE' })
  })

  test('takes no wallet of another customer, no other outcome, and no form of another site', async () => {
    const client = await connect()
    const { web } = (await open(client)).body.payment_links
    const ROWS: readonly (readonly [Record<string, string>, Record<string, string>])[] = [
      [{ outcome: 'pay', wallet: 'wlt_8fprcq3u1xjysmbe' }, {}],
      [{ outcome: 'pay', wallet: 'PHONEPE' }, {}],
      [{ outcome: 'fly' }, {}],
      [{}, {}],
      [{ outcome: 'pay' }, { 'sec-fetch-site': 'cross-site' }],
    ]
    await every(ROWS, async ([fields, headers]) => {
      expect((await client.browse(web, fields, headers)).status).toBe(400)
      expect(await statusOf(client)).toBe('NEW')
    })
  })

  test('is that of the merchant that the address names', async () => {
    const one = await connect({}, {}, 'sandbox_one')
    const two = clientOf(one.sandbox, one.origin, 'sandbox_two')
    const snapshot = async () => one.sandbox.control.merchant('sandbox_one').state.get()
    const { web } = (await open(one)).body.payment_links
    // The same order in another merchant, id and all.
    await two.get('/orders/none')
    await one.sandbox.control.merchant('sandbox_two').state.put(await snapshot())
    await two.browse(web.replace('sandbox_one', 'sandbox_two'), { outcome: 'pay' })
    expect([await statusOf(one), await statusOf(two)]).toEqual(['NEW', 'CHARGED'])
  })
})

test('a session’s page survives a snapshot', async () => {
  const client = await connect()
  const { web } = (await open(client)).body.payment_links
  await client.sandbox.control.state.put(await client.sandbox.control.state.get())
  await client.sandbox.control.clock.advance('14m')
  expect((await client.browse(web)).status).toBe(200)
  await client.sandbox.control.clock.advance('1m')
  expect((await client.browse(web)).status).toBe(410)
})
