import { request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { createSandbox } from '../../../src/index.js'
import { every } from '../../every.js'
import { type Client, connect, debit, type Fields, SILENT } from './client.js'

/** The other ways in which clients ask: paths, prefixes, and a body where none is expected. */

const ID = 'wlt_q23xzki3pazgtezo'
const BASIC = `Basic ${btoa('acme_test_key:')}`

/** A client with a charged order of 109.55. */
async function paid(): Promise<Client> {
  const client = await connect()
  await client.post('/orders', { order_id: 'tea-1', amount: '109.55', customer_id: 'customer@gmail.com' })
  const { token } = (await client.get(`/wallets/${ID}`)).body
  await client.post('/txns', debit('tea-1', 'MOBIKWIK', token))
  return client
}

describe('a refund that answers with itself', () => {
  const STANDARD = {
    unique_request_id: 'r-1',
    txn_id: 'acme-tea-1-1',
    status: 'PENDING',
    sent_to_gateway: false,
    response_code: null,
    refund_type: 'STANDARD',
    refund_source: 'MOBIKWIK',
    refund_arn: null,
    reference_id: null,
    order_id: 'tea-1',
    initiated_by: 'API',
    gateway: 'MOBIKWIK',
    error_message: null,
    epg_txn_id: null,
    created: '2023-09-11T08:30:00Z',
    authorization_id: null,
    amount: 9.55,
  }
  const INSTANT = {
    unique_request_id: 'r-1',
    status: 'PENDING',
    sent_to_gateway: true,
    txn_id: 'acme-tea-1-1',
    refund_type: 'INSTANT',
    refund_source: 'MOBIKWIK',
    reference_id: null,
    response_code: null,
    refund_arn: null,
    order_id: 'tea-1',
    initiated_by: 'API',
    error_message: null,
    gateway: 'MOBIKWIK',
    epg_txn_id: null,
    created: '2023-09-11T08:30:00Z',
    amount: 9.55,
    authorization_id: null,
  }
  const WAYS: readonly (readonly [path: string, fields: Fields, body: object])[] = [
    ['/refunds', { txn_id: 'acme-tea-1-1' }, STANDARD],
    ['/refunds', { order_id: 'tea-1' }, STANDARD],
    ['/refunds', { txn_id: 'acme-tea-1-1', refund_type: 'INSTANT' }, INSTANT],
    ['/orders/txns/acme-tea-1-1/refunds', {}, STANDARD],
    ['/orders/txns/acme-tea-1-1/refunds', { refund_type: 'INSTANT' }, INSTANT],
  ]

  test('by payment and by order, key for key; its id is used up for every path', () =>
    every(WAYS, async ([path, fields, body]) => {
      const client = await paid()
      const { webhooks } = client.sandbox.control.merchant('acme')
      const refund = { unique_request_id: 'r-1', amount: '9.55', ...fields }
      const reply = await client.post(path, refund)
      expect([reply.status, reply.text]).toEqual([200, JSON.stringify(body)])
      expect(reply.headers.get('x-sandbox-fidelity')).toBe('published')
      expect((await webhooks.next({ event: 'ORDER_REFUNDED' })).order).toBe('tea-1')
      for (const again of [path, '/orders/tea-1/refunds'])
        expect((await client.post(again, refund)).body.error_code).toBe('duplicate.call')
      expect((await client.get('/orders/tea-1')).body).toMatchObject({
        amount_refunded: 9.55,
        refunds: [{ unique_request_id: 'r-1', status: 'SUCCESS' }],
      })
    }))

  test('says what it lacks, and knows no other payment', async () => {
    const { post } = await paid()
    const of = async (path: string, fields: Fields) => {
      const { status, body } = await post(path, { unique_request_id: 'r-1', amount: '1', ...fields })
      return [status, body]
    }
    const unknown = { status_id: 40, status: 'NOT_FOUND', order_id: 'acme-tea-1-2' }
    expect(await of('/orders/txns/acme-tea-1-2/refunds', {})).toEqual([400, unknown])
    expect((await of('/refunds', {}))[1].error_code).toBe('Mandatory fields are missing')
    expect((await of('/refunds', { order_id: 'tea-1', refund_type: 'FAST' }))[0]).toBe(400)
  })

  test('of an attempt that did not pay is refused, though another one paid', async () => {
    const client = await connect()
    await client.post('/orders', { order_id: 'tea-1', amount: '1', customer_id: 'customer@gmail.com' })
    const begun = { order_id: 'tea-1', merchant_id: 'acme', payment_method_type: 'WALLET', payment_method: 'PAYTM' }
    const { url } = (await client.post('/txns', begun)).body.payment.authentication
    await client.browse(url, { outcome: 'cancel' })
    const { token } = (await client.get(`/wallets/${ID}`)).body
    await client.post('/txns', debit('tea-1', 'MOBIKWIK', token))
    const refund = async (txn_id: string) =>
      (await client.post('/refunds', { txn_id, unique_request_id: txn_id })).body.error_code
    expect([await refund('acme-tea-1-1'), await refund('acme-tea-1-2')]).toEqual([
      'invalid.order.not_successful',
      undefined,
    ])
  })
})

test('an order’s status is asked for by its path below /order too', async () => {
  const { get } = await paid()
  expect((await get('/order/status/tea-1')).text).toBe((await get('/orders/tea-1')).text)
})

describe('below /ecr', () => {
  test('is the same API, in the journal without it, and never another vendor’s', async () => {
    const { sandbox, get, post } = await paid()
    for (const path of [`/wallets/${ID}`, '/orders/tea-1', '/orders/tea-1/'])
      expect((await get(`/ecr${path}`)).text).toBe((await get(path)).text)
    // Juicyway has this path for wallets of other ids, and the scheme of its clients is Bearer.
    const uuid = '/ecr/wallets/3d2e3f3e-3b3c-4907-a4fd-e241203440d7'
    const asked = await sandbox.fetch(`http://x${uuid}`, { headers: { authorization: 'Bearer test_acme_juicyway' } })
    expect([asked.status, asked.headers.get('x-jp-merchant-id')]).toEqual([401, null])
    const { requests } = await sandbox.control.requests.get({ limit: 1 })
    expect(requests[0]!.request.path).toBe(uuid.slice('/ecr'.length))
    const created = await post('/ecr/orders', { order_id: 'tea-2', amount: '1' })
    expect(created.body.payment_links.web).not.toContain('/ecr')
    expect((await get('/ecr/nothing')).headers.get('x-sandbox-reason')).toContain('no path /nothing')
    expect((await get('/ecrx/orders/tea-1')).status).toBe(404)
  })

  test('rules match the path without it', async () => {
    const scenario = {
      name: 'x',
      rules: [{ name: 'r', match: { path: '/v9/*' }, effect: { response: { status: 418 } } }],
    }
    const { get } = await connect({ scenario })
    expect([(await get('/ecr/v9/a')).status, (await get('/v9/a')).status]).toEqual([418, 418])
  })
})

describe('a GET with a body', () => {
  interface Asked {
    readonly status: number
    readonly query: string
    readonly operation: string | null
    readonly warnings: string
  }

  async function ask(path: string, body: string, headers: Record<string, string | number>): Promise<Asked> {
    await using sandbox = await createSandbox(SILENT)
    const url = await sandbox.listen()
    const status = await new Promise<number>((resolve, reject) => {
      const asking = request(`${url}${path}`, {
        method: 'GET',
        headers: { authorization: BASIC, 'content-type': 'application/x-www-form-urlencoded', ...headers },
      })
      asking.on('response', (response) => response.resume().on('end', () => resolve(response.statusCode!)))
      asking.on('error', reject)
      asking.end(body)
    })
    const [entry] = (await sandbox.control.requests.get({ limit: 1 })).requests
    return { status, query: entry!.request.query, operation: entry!.operation, warnings: entry!.warnings.join(' ') }
  }

  const refresh = 'command=refresh'
  const ROWS: readonly (readonly [string, string, Record<string, string | number>, Partial<Asked>])[] = [
    [`/wallets/${ID}`, refresh, { 'content-length': 15 }, { query: refresh, operation: 'juspay.refreshWallet' }],
    [
      `/wallets/${ID}`,
      refresh,
      { 'transfer-encoding': 'chunked' },
      { query: refresh, operation: 'juspay.refreshWallet' },
    ],
    [
      `/ecr/wallets/${ID}`,
      `${refresh}&otp=1`,
      { 'content-length': 21 },
      { query: refresh, operation: 'juspay.refreshWallet' },
    ],
    [`/wallets/${ID}`, 'command=link&otp=1', { 'content-length': 18 }, { query: '', operation: 'juspay.getWallet' }],
    ['/orders/tea-1', refresh, { 'content-length': 15 }, { status: 400, query: '', operation: 'juspay.getOrder' }],
  ]

  test('is read for the command of a wallet alone, and kept as the query', () =>
    every(ROWS, async ([path, body, headers, asked]) => {
      const told = await ask(path, body, headers)
      expect(told).toMatchObject({ status: 200, ...asked })
      expect(told.warnings).toContain(asked.query === refresh ? 'read for its command alone' : 'is ignored')
    }))
})

test('other paths of the vendor’s API are named as such', async () => {
  const { get, post } = await connect()
  const PATHS = [
    ...['/cards', '/card/list', '/offers/list', '/v1/offers/list', '/mandates/m-1', '/customers/c-1/mandates'],
    ...['/v4/orders', '/v4/session', '/upi/verify', '/v2/upi/verify', '/ecr/cards'],
    ...['/v3/eligibility', '/orders/tea-1/fulfillment', '/payout/merchant/v1/orders'],
  ]
  await every(PATHS, async (path) => {
    for (const reply of [await get(path), await post(path, {})]) {
      expect([reply.status, reply.body.error_code]).toEqual([404, 'not_found'])
      expect(reply.headers.get('x-sandbox-reason')).toMatch(
        /is part of Juspay's API, not served by this sandbox; docs\/requests\.md lists what is\.$/,
      )
    }
  })
  expect((await get('/cardsharp')).headers.get('x-sandbox-reason')).toContain('juspay has no path')
})
