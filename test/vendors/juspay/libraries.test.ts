import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, connect } from './client.js'

/**
 * Requests as the vendor's older libraries send them: an old version, no x-routing-id, a user agent of their own, the
 * content type of a form even on a GET, parameters no page knows. What a library does not send is as telling as what it
 * does.
 */
const LIBRARIES: Readonly<Record<string, Record<string, string>>> = {
  PHP: { 'user-agent': '1.0.6', version: '2016-10-27', accept: '*/*' },
  Ruby: { 'user-agent': 'unirest-ruby/1.1', version: '2016-10-27', accept: '*/*; q=0.5, application/xml' },
  Python: { 'user-agent': 'Python SDK 1.0', version: '2016-10-27', accept: '*/*', 'accept-encoding': 'gzip, deflate' },
  Node: {
    'user-agent': '1.0.3',
    version: '2016-10-27',
    accept: 'application/json, text/plain, */*',
    'content-type': 'application/x-www-form-urlencoded',
  },
}

let client: Client
beforeAll(async () => {
  client = await connect({}, { transport: 'socket' }, 'sandbox_libraries')
})
afterAll(() => client.sandbox.close())

describe.each(Object.entries(LIBRARIES))('%s', (library, headers) => {
  const customer = `${library.toLowerCase()}@shop.example`
  const extra = { merchant_id: 'acme', format: 'json', udf1: 'x', 'metadata.PAYTM:promo': 'y' }
  const get = (path: string) => client.get(path, headers)
  const post = (path: string, fields: Record<string, string | boolean>) =>
    client.post(path, { ...extra, ...fields }, headers)

  test('drives a customer, a wallet, an order and a debit', async () => {
    expect((await post('/customers', { object_reference_id: customer, email_address: customer })).status).toBe(200)
    expect((await get('/customers?count=3&offset=1')).body).toMatchObject({ count: 3, offset: 1, object: 'list' })

    const created = await post(`/customers/${customer}/wallets`, { gateway: 'MOBIKWIK', command: 'authenticate' })
    expect(created.body).toMatchObject({ wallet: 'MOBIKWIK', linked: false })
    const path = `/wallets/${created.body.id}`
    // A fresh wallet is refreshed without complaint; so say the libraries' own tests.
    expect((await get(`${path}?command=refresh`)).body).toMatchObject({
      linked: false,
      token: null,
      current_balance: null,
    })
    expect((await post(path, { command: 'authenticate' })).status).toBe(200)
    expect((await post(path, { command: 'link', otp: '123456' })).body.linked).toBe(true)
    expect((await get(`${path}?command=refresh`)).body.linked).toBe(true)
    expect((await post(path, { command: 'refresh' })).body.linked).toBe(true)
    expect((await get(`/customers/${customer}/wallets/refresh-balances`)).body.total).toBe(1)

    const orderId = `${library}-1`
    const order = { order_id: orderId, amount: '10.00', customer_id: customer, currency: 'INR' }
    expect((await post('/order/create', order)).body).toMatchObject({ order_id: orderId, status: 'CREATED' })
    // They create it again to change it.
    const again = await post('/order/create', { ...order, amount: '11.00' })
    expect(again.body).toMatchObject({ order_id: orderId, amount: 11, status: 'NEW' })
    const [row] = (await get(`/orders/${orderId}/wallets`)).body.list
    const paid = await post('/txns', {
      order_id: orderId,
      payment_method_type: 'WALLET',
      payment_method: 'MOBIKWIK',
      direct_wallet_token: row.token,
      redirect_after_payment: true,
    })
    expect(paid.body).toMatchObject({ order_id: orderId, status: 'CHARGED' })
    const status = await post('/order/status', { order_id: orderId })
    expect(status.body).toMatchObject({ order_id: orderId, status: 'CHARGED', status_id: 21 })
    for (const path of [`/order/status?order_id=${orderId}`, `/orders/${orderId}`])
      expect((await get(path)).text).toBe(status.text)
    expect((await post(path, { command: 'delink' })).body.linked).toBe(false)
  })
})

describe('what the suites of the vendor’s libraries assert of orders', () => {
  const paths = { php: '/order/create', '.NET': '/orders', ruby: '/order/create', python: '/order/create' }
  const address = { billing_address_city: 'Bengaluru', shipping_address_country_code_iso: 'IND' }

  test.each(Object.entries(paths))('%s', async (library, create) => {
    const order_id = `suite-${library}`
    const udfs = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`udf${i + 1}`, `${i + 1}`]))
    const fields = { order_id, amount: 10000, currency: 'INR', customer_id: 'juspay_test_1', description: 'Sample' }
    const { body } = await client.post(create, { ...fields, ...udfs, ...address, product_id: '123456' })
    expect(body).toMatchObject({ order_id, status: 'CREATED', status_id: 1, id: expect.any(String) })
    for (const link of ['web', 'mobile', 'iframe']) expect(URL.canParse(body.payment_links[link])).toBe(true)

    expect((await client.post('/order/status', { order_id })).body).toMatchObject({ order_id, ...udfs })
    expect((await client.get(`/orders/${order_id}`)).body).toMatchObject({ order_id, product_id: '123456' })
    const update = library === '.NET' ? `/orders/${order_id}` : '/order/update'
    expect((await client.post(update, { order_id, amount: 99.99 })).body).toMatchObject({ order_id, amount: 99.99 })
    const { list, count } = (await client.get('/order/list?count=1')).body
    expect([list.length, count]).toEqual([1, 1])
    const refused = await client.post('/order/refund', { order_id, amount: 10 })
    expect([refused.status, refused.body.error_code]).toEqual([400, 'invalid.order.not_successful'])
    expect(refused.body.error_message).toBe('Cannot process unsuccessful order.')
  })
})

test('the wallet lists of a customer and of an order are one body', async () => {
  await client.post('/orders', { order_id: 'same', amount: '1', customer_id: 'guest_user' })
  const [byCustomer, byOrder] = [
    await client.get('/customers/guest_user/wallets'),
    await client.get('/orders/same/wallets'),
  ]
  expect(byOrder.text).toBe(byCustomer.text)
})
