import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Fixtures, Options } from '../../src/index.js'
import { clientOf, connect } from '../vendors/juspay/client.js'
import { order, pay } from './pay.js'
import { LONG, receiver, shop } from './support.js'

const KEYS = { juspayApiKeys: [{ key: 'acme_test_key' }] }

const DETAIL =
  'express_checkout txn_id txn_amount error_message txn_uuid created gateway status net_amount order_id currency error_code gateway_id surcharge_amount txn_flow_type tax_amount redirect'
const TXN =
  'express_checkout txn_id txn_amount payment_method error_message txn_uuid created gateway status_id status net_amount order_id payment_gateway_response currency error_code gateway_id surcharge_amount txn_flow_type payment_method_type tax_amount redirect'
const ORDER =
  'offers txn_id udf7 payment_method txn_uuid metadata udf5 status_id amount_refunded udf9 gateway_reference_id status bank_error_message id auth_type udf3 udf6 udf10 effective_amount product_id bank_pg order_id return_url payment_gateway_response udf1 currency udf4 customer_id date_created gateway_id payment_links maximum_eligible_refund_amount txn_detail bank_error_code udf8 payment_method_type rewards_breakup customer_phone merchant_id customer_email udf2 amount refunded'
const without = (keys: string, ...names: string[]) =>
  keys
    .split(' ')
    .filter((key) => !names.includes(key))
    .join(' ')
const keys = (value: object) => Object.keys(value).join(' ')

describe('envelopes and bodies, key for key', () => {
  test('of a debit and its refund', async () => {
    const hooks = await receiver()
    const client = await shop(hooks.url)
    await order(client)
    await pay(client)
    await client.post('/orders/tea-1/refunds', { unique_request_id: 'r-1', amount: '9.55' })
    await expect.poll(hooks.names).toEqual(['TXN_CREATED', 'TXN_CHARGED', 'ORDER_SUCCEEDED', 'ORDER_REFUNDED'])
    for (const { headers, body } of hooks.received) {
      expect(headers).toMatchObject({ authorization: `Basic ${btoa('u:p')}`, 'content-type': 'application/json' })
      expect(keys(body)).toBe('id event_name date_created content')
      expect(body).toMatchObject({
        id: expect.stringMatching(/^evt_V2_[\da-f]{32}$/),
        date_created: '2023-09-11T08:30:00Z',
      })
    }
    const [created, charged, succeeded, refunded] = hooks.received.map(({ body }) => body.content)
    expect(keys(created.order)).toBe(without(ORDER, 'payment_gateway_response', 'maximum_eligible_refund_amount'))
    expect(created.order).toMatchObject({ status: 'PENDING_VBV', status_id: 23, txn_detail: { status: 'PENDING_VBV' } })
    expect(keys(created.order.txn_detail)).toBe(DETAIL)
    expect(created.order.txn_detail.error_code).toBeNull()
    for (const { payment_links, metadata } of [created.order, succeeded.order, refunded.order])
      expect([keys(payment_links), metadata.payment_links]).toEqual(['web iframe mobile', payment_links])
    expect(keys(charged.txn)).toBe(TXN)
    expect(charged.txn).toMatchObject({ status: 'CHARGED', status_id: 21, txn_id: 'acme-tea-1-1', txn_amount: 109.55 })
    expect(keys(succeeded.order)).toBe(ORDER)
    expect(succeeded.order).toMatchObject({ status: 'CHARGED', order_id: 'tea-1', amount: 109.55, amount_refunded: 0 })
    expect(keys(refunded.order)).toBe(`${ORDER} refunds`)
    expect(refunded.order).toMatchObject({
      amount_refunded: 9.55,
      refunds: [{ unique_request_id: 'r-1', status: 'SUCCESS' }],
    })
    const ids = hooks.received.map(({ body }) => body.id)
    expect(new Set(ids).size).toBe(4)
  })

  test('of a refund that the wallet cannot hold', async () => {
    const hooks = await receiver()
    const client = await shop(hooks.url)
    await order(client)
    await pay(client)
    const most = 10_000_000_000_000
    await client.sandbox.control.merchant('acme').provider('wlt_q23xzki3pazgtezo', { balance: most })
    const answer = await client.post('/orders/tea-1/refunds', { unique_request_id: 'r-1', amount: '9.55' })
    expect(answer.body).toMatchObject({ amount_refunded: 0, refunds: [{ status: 'PENDING' }] })
    await expect.poll(hooks.names).toHaveLength(4)
    const { event_name, content } = hooks.received[3]!.body
    expect([event_name, keys(content.order)]).toEqual(['ORDER_REFUND_FAILED', `${ORDER} refunds`])
    expect(content.order).toMatchObject({ amount_refunded: 0, refunded: false })
    const failed = { unique_request_id: 'r-1', status: 'FAILURE', ref: null, sent_to_gateway: true }
    expect(content.order.refunds).toMatchObject([failed])
    const { body } = await client.get('/orders/tea-1')
    expect(body).toMatchObject({ status: 'CHARGED', amount_refunded: 0, refunds: [{ status: 'FAILURE', arn: null }] })
    const again = await client.post('/orders/tea-1/refunds', { unique_request_id: 'r-2', amount: '109.55' })
    expect(again.body.refunds).toMatchObject([{ status: 'FAILURE' }, { status: 'PENDING' }])
  })

  test('of a payment that fails', async () => {
    const hooks = await receiver()
    const client = await shop(hooks.url)
    await order(client)
    const begun = { order_id: 'tea-1', payment_method_type: 'WALLET', payment_method: 'PAYTM' }
    const { url } = (await client.post('/txns', begun)).body.payment.authentication
    await client.browse(url, { outcome: 'cancel' })
    await expect.poll(hooks.names).toEqual(['TXN_CREATED', 'TXN_FAILED', 'ORDER_FAILED'])
    const [, failed, ended] = hooks.received.map(({ body }) => body.content)
    expect(keys(failed.txn)).toBe(TXN)
    expect(failed.txn).toMatchObject({ status: 'AUTHENTICATION_FAILED', status_id: 26, error_code: 'CANCELLED' })
    expect(keys(ended.order)).toBe(without(ORDER, 'maximum_eligible_refund_amount'))
    expect(ended.order).toMatchObject({ status: 'AUTHENTICATION_FAILED', bank_error_code: 'CANCELLED' })
  })
})

describe('the retry schedule, on the merchant’s clock', () => {
  const MINUTES = [0, 1, 6, 11, 21, 31, 41, 51, 61, 121, 181, 241, 301, 361, 721, 1081]

  test('fifteen refusals and a success are sixteen deliveries at the schedule’s times, in no real time', async () => {
    let refusals = 15
    const hooks = await receiver((_, response) => {
      response.statusCode = refusals-- > 0 ? 500 : 200
      response.end()
    })
    const client = await shop(undefined)
    await order(client, { 'metadata.webhook_url': hooks.url })
    const begun = { order_id: 'tea-1', payment_method_type: 'WALLET', payment_method: 'PAYTM' }
    await client.post('/txns', begun)
    await client.sandbox.control.merchant('acme').clock.advance('24h')
    const begin = Date.parse('2023-09-11T08:30:00Z')
    const times = MINUTES.map((minute) => new Date(begin + minute * 60_000))
    expect(hooks.received.map(({ headers }) => headers.date)).toEqual(times.map((time) => time.toUTCString()))
    const { deliveries } = await client.sandbox.control.merchant('acme').webhooks.get()
    expect(deliveries.map(({ at }) => at)).toEqual(times.map((time) => time.toISOString()))
    expect(deliveries.map(({ next }) => next)).toEqual([...times.slice(1).map((time) => time.toISOString()), null])
    expect(deliveries.map(({ attempt, status }) => [attempt, status])).toEqual(
      MINUTES.map((_, i) => [i + 1, i === 15 ? 200 : 500]),
    )
    expect(new Set(hooks.received.map(({ body }) => body.id)).size).toBe(1)
    expect((await client.sandbox.control.merchant('acme').clock.get()).now).toBe('2023-09-12T08:30:00.000Z')
  })

  test('with a running clock the first retry comes after 60 s of it', async () => {
    const hooks = await receiver((_, response) => {
      response.statusCode = 503
      response.end()
    })
    const client = await shop(hooks.url, { clock: 'real' })
    const { clock } = client.sandbox.control.merchant('acme')
    await order(client)
    await client.post('/txns', { order_id: 'tea-1', payment_method_type: 'WALLET', payment_method: 'PAYTM' })
    await expect.poll(() => hooks.received.length).toBe(1)
    await clock.advance('59s')
    expect(hooks.received).toHaveLength(1)
    await expect.poll(() => hooks.received.length).toBe(2)
  })

  test('an event that the vendor gives up is sent no more', async () => {
    const client = await shop('http://127.0.0.1:1/nobody')
    await order(client)
    await client.post('/txns', { order_id: 'tea-1', payment_method_type: 'WALLET', payment_method: 'PAYTM' })
    await client.sandbox.control.merchant('acme').clock.advance('48h')
    const { deliveries } = await client.sandbox.control.merchant('acme').webhooks.get()
    expect([deliveries.length, deliveries.at(-1)!.next]).toEqual([17, null])
    expect(deliveries[0]).toMatchObject({ status: null, reason: expect.stringContaining('ECONNREFUSED') })
    expect(JSON.stringify(await client.sandbox.control.state.get())).not.toContain('evt_V2_')
  })
})

describe('receivers that misbehave', () => {
  const ANSWERS: Readonly<Record<string, RequestListener>> = {
    hangs: () => {},
    resets: (request) => request.socket.resetAndDestroy(),
    'answers 302': (_, response) => {
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
    },
    'sends 10 MB': (_, response) => {
      response.writeHead(500).end(Buffer.alloc(10_000_000))
    },
  }
  test.each(Object.keys(ANSWERS))('one that %s slows nothing down', { retry: 4 }, async (name) => {
    const hooks = await receiver(ANSWERS[name])
    const client = await shop(hooks.url)
    await order(client)
    await pay(client)
    await expect.poll(() => hooks.received.length).toBeGreaterThan(0)
    const started = performance.now()
    for (let n = 0; n < 20; n++) expect((await client.get('/orders/tea-1')).status).toBe(200)
    expect(performance.now() - started).toBeLessThan(1_000)
    const first = await client.sandbox.control.merchant('acme').webhooks.next()
    const status = { 'answers 302': 302, 'sends 10 MB': 500 }[name] ?? null
    expect([first.status, first.reason !== null]).toEqual([status, status === null])
    expect(first.next).toBe('2023-09-11T08:31:00.000Z')
  })

  test('one that is not there', async () => {
    const client = await shop('http://127.0.0.1:1/hooks')
    await order(client)
    await pay(client)
    const first = await client.sandbox.control.merchant('acme').webhooks.next()
    expect(first).toMatchObject({ status: null, reason: expect.stringContaining('ECONNREFUSED') })
  })

  test('a stop ends the connection to one that hangs, and sets nothing going again', { retry: 4 }, async () => {
    const closed: Promise<unknown>[] = []
    const hooks = await receiver((request) => void closed.push(once(request.socket, 'close')))
    const client = await shop(hooks.url)
    await order(client)
    await pay(client)
    await expect.poll(() => closed.length).toBe(1)
    const stopped = performance.now()
    await client.sandbox.close()
    await closed[0]
    // Long before the attempt's own five seconds are over.
    expect(performance.now() - stopped).toBeLessThan(2_500)
    expect(hooks.received).toHaveLength(1)
  })

  test('however many events there are, the last thousand attempts are remembered', async () => {
    const client = await shop(undefined)
    for (let n = 0; n < 1_005; n++)
      await client.post('/txns', {
        'order.order_id': `cup-${n}`,
        'order.amount': '1.00',
        merchant_id: 'acme',
        payment_method_type: 'WALLET',
        payment_method: 'PAYTM',
      })
    const { deliveries } = await client.sandbox.control.merchant('acme').webhooks.get()
    expect([deliveries.length, deliveries[0]!.order, deliveries.at(-1)!.order]).toEqual([1_000, 'cup-5', 'cup-1004'])
  })
})

test('after a stop each waiting event is delivered once more, with its first id', async () => {
  const data = mkdtempSync(join(tmpdir(), 'webhooks-'))
  onTestFinished(() => rmSync(data, { recursive: true }))
  const hanging = await receiver(() => {})
  const first = await connect({ data })
  await order(first, { 'metadata.webhook_url': hanging.url })
  await pay(first)
  await expect.poll(() => hanging.received.length).toBe(1)
  const state = JSON.stringify(await first.sandbox.control.state.get())
  const waiting = [...state.matchAll(/"id":"(evt_V2_[\da-f]{32})","name"/g)].map(([, id]) => id)
  expect(waiting).toHaveLength(3)
  await first.sandbox.close()
  const second = await connect({ data })
  onTestFinished(() => second.sandbox.close())
  await expect.poll(() => hanging.received.length).toBeGreaterThanOrEqual(2)
  expect(hanging.received[1]!.body.id).toBe(hanging.received[0]!.body.id)
})

describe('where events may go', () => {
  test('to private addresses, and to hosts that are named; the refusal is in the record', async () => {
    const reasons = async (url: string, options: Options = {}) => {
      const client = await shop(url, options)
      await order(client)
      await client.post('/txns', { order_id: 'tea-1', payment_method_type: 'WALLET', payment_method: 'PAYTM' })
      return (await client.sandbox.control.merchant('acme').webhooks.next()).reason
    }
    expect(await reasons('http://203.0.113.7:9/hook')).toMatch(
      /^203\.0\.113\.7 is not a loopback or private address; name it/,
    )
    expect(await reasons('http://[2001:db8::7]:9/hook')).toMatch(/^2001:db8::7 is not a loopback or private address/)
    for (const linkLocal of ['169.254.169.254', '[fe80::1]', '[::ffff:169.254.169.254]'])
      expect(await reasons(`http://${linkLocal}/latest/meta-data`)).toContain('is not a loopback or private address')
    expect(await reasons('http://localhost:1/hook')).toContain('ECONNREFUSED')
    expect(await reasons('http://127.0.0.1:1/hook', { webhookHosts: '127.0.0.1' })).toContain('ECONNREFUSED')
  })

  test('never to the sandbox’s own port, by whichever name', async () => {
    const client = await shop(undefined, { webhookHosts: '*' })
    const { port } = new URL(await client.sandbox.listen())
    const { webhooks, requests } = client.sandbox.control.merchant('acme')
    const hosts = ['127.0.0.1', 'localhost', '0.0.0.0', '[::1]', '[::ffff:127.0.0.1]', 'user:word@127.1']
    for (const [n, host] of hosts.entries()) {
      const given = { order_id: `tea-${n}`, 'metadata.webhook_url': `http://${host}:${port}/wallets/x/delink` }
      await order(client, given)
      await pay(client, `tea-${n}`)
      const { status, reason } = await webhooks.next({ order: `tea-${n}` })
      expect([status, reason]).toEqual([null, expect.stringMatching(/^\S+ is the sandbox itself; events go to/)])
    }
    expect((await requests.get()).total).toBe(3 * hosts.length)
  })

  test('each says that it is a delivery, whatever headers are set', async () => {
    const hooks = await receiver()
    const client = await shop(undefined)
    const headers = { 'X-Sandbox-Delivery': '0', 'x-shop': 'tea' }
    await client.sandbox.control.merchant('acme').webhooks.put({ url: hooks.url, headers })
    await order(client)
    await pay(client)
    await expect.poll(hooks.names, LONG).toHaveLength(3)
    for (const { headers } of hooks.received)
      expect(headers).toMatchObject({ 'x-sandbox-delivery': '1', 'x-shop': 'tea' })
  })
})

describe('control', () => {
  test('without a receiver a test takes each event, without a port', async () => {
    const client = await shop(undefined)
    const { webhooks } = client.sandbox.control.merchant('acme')
    const later = webhooks.next({ event: 'ORDER_*' })
    await order(client)
    await pay(client)
    expect((await later).body).toMatchObject({
      event_name: 'ORDER_SUCCEEDED',
      content: { order: { status: 'CHARGED' } },
    })
    await client.post('/orders/tea-1/refunds', { unique_request_id: 'r', amount: '1' })
    expect(await webhooks.next({ event: 'ORDER_REFUNDED' })).toMatchObject({ url: null, attempt: 0 })
    // What was passed over can be taken still.
    const rest = [await webhooks.next(), await webhooks.next()]
    expect(rest.map(({ name }) => name)).toEqual(['TXN_CREATED', 'TXN_CHARGED'])
  })

  test('an event of any merchant is taken, of one that is made later too', async () => {
    const { sandbox } = await shop(undefined)
    const waiting = ['mine', 'tea-1'].map((name) => sandbox.control.webhooks.next({ order: name, event: 'ORDER_*' }))
    const settled = [1, 2].map(() => sandbox.control.webhooks.next({ order: 'mine' }))
    for (const [key, id] of [
      ['sandbox_late', 'mine'],
      ['acme_test_key', 'tea-1'],
    ] as const) {
      const client = clientOf(sandbox, 'http://sandbox', key)
      await order(client, { order_id: id })
      await pay(client, id)
    }
    const taken = await Promise.all([...waiting, ...settled])
    expect(taken.map(({ order: id, name }) => [id, name])).toEqual([
      ['mine', 'ORDER_SUCCEEDED'],
      ['tea-1', 'ORDER_SUCCEEDED'],
      ['mine', 'TXN_CREATED'],
      ['mine', 'TXN_CHARGED'],
    ])
  })

  test('an event is sent again with its id, and an unknown one is refused', async () => {
    const hooks = await receiver()
    const client = await shop(hooks.url)
    await order(client)
    await pay(client)
    const { webhooks } = client.sandbox.control.merchant('acme')
    // A receiver has an event before its delivery is recorded.
    await expect.poll(async () => (await webhooks.get()).deliveries.length).toBe(3)
    const id = hooks.received[2]!.body.id
    expect(await webhooks.redeliver(id)).toEqual({ event: id })
    await expect.poll(() => hooks.received.length).toBe(4)
    expect(hooks.received[3]!.body).toEqual(hooks.received[2]!.body)
    await expect(webhooks.redeliver('evt_V2_0')).rejects.toThrow('There is no event "evt_V2_0"')
  })

  test('over HTTP, and from the fixture', async () => {
    const hooks = await receiver()
    const customers: Fixtures['merchants'][number]['customers'] = [
      { id: 'c', wallets: [{ id: 'wlt_q23xzki3pazgtezo', wallet: 'MOBIKWIK', linked: true, balance: 250 }] },
    ]
    const fixtures = { merchants: [{ id: 'acme', ...KEYS, webhook: { url: hooks.url }, customers }] }
    const client = await connect({ fixtures })
    onTestFinished(() => client.sandbox.close())
    await order(client, { customer_id: 'c' })
    await pay(client)
    const at = (path: string) => `http://x/_sandbox/merchants/acme${path}`
    const deliveriesNow = async () => {
      const response = await client.sandbox.fetch(at('/webhooks'))
      return ((await response.json()) as { deliveries: { event: string }[] }).deliveries
    }
    // A delivery is recorded once its receiver has answered.
    await expect.poll(deliveriesNow).toHaveLength(3)
    expect(hooks.received).toHaveLength(3)
    const deliveries = await deliveriesNow()
    const post = (path: string) => client.sandbox.fetch(at(path), { method: 'POST' })
    expect((await post(`/webhooks/${deliveries[0]!.event}/redeliver`)).status).toBe(200)
    expect((await post('/webhooks/evt_V2_0/redeliver')).status).toBe(404)
    const body = JSON.stringify({ url: 'ftp://x' })
    const headers = { 'content-type': 'application/json' }
    const bad = await client.sandbox.fetch(at('/webhook'), { method: 'PUT', headers, body })
    expect([bad.status, await bad.text()]).toEqual([
      400,
      expect.stringContaining('webhook:url: is \\"ftp://x\\"; allowed: a URL'),
    ])
  })

  test('what is set for every merchant holds for those made later', async () => {
    const hooks = await receiver()
    const { sandbox, origin } = await shop(undefined)
    await sandbox.control.webhooks.put({ url: hooks.url })
    const later = clientOf(sandbox, origin, 'sandbox_later')
    await order(later)
    await pay(later)
    await expect.poll(hooks.names).toEqual(['TXN_CREATED', 'TXN_CHARGED', 'ORDER_SUCCEEDED'])
  })

  test('merchants do not see each other’s events', async () => {
    const hooks = await receiver()
    const one = await shop(undefined)
    const two = clientOf(one.sandbox, one.origin, 'sandbox_two')
    await one.sandbox.control.merchant('sandbox_two').webhooks.put({ url: hooks.url })
    for (const client of [one, two]) {
      await order(client)
      await pay(client)
    }
    await expect.poll(() => hooks.received.length).toBe(3)
    expect(hooks.received.every(({ body }) => JSON.stringify(body).includes('"merchant_id":"acme"'))).toBe(false)
    expect(
      (await one.sandbox.control.merchant('acme').webhooks.get()).deliveries.every(({ url }) => url === null),
    ).toBe(true)
  })
})
