import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSandbox, type Options } from '../../../src/index.js'
import { every } from '../../every.js'
import { type Client, clientOf, connect, debit, type Fields, SILENT, WAYS } from './client.js'

const WALLET = '/wallets/wlt_q23xzki3pazgtezo'
const CUSTOMER = 'customer@gmail.com'
const SHOP = 'https://shop.example/paid?cart=7%20a&z=%E0%A4%86'
const LINKS = { web: expect.any(String), mobile: expect.any(String), iframe: expect.any(String) }

/** A client whose customer has a linked MOBIKWIK wallet of 250 rupees, and an order of 109.55 for it. */
async function shop(options: Options = {}, fields: Fields = {}, way = {}) {
  const client = await connect(options, way)
  const order = { order_id: 'tea-1', amount: '109.55', customer_id: CUSTOMER, return_url: SHOP, ...fields }
  const created = await client.post('/orders', order)
  return { ...client, created }
}

const tokenOf = async ({ get }: Pick<Client, 'get'>) => (await get(WALLET)).body.token as string
const balance = async ({ get }: Pick<Client, 'get'>) => (await get(`${WALLET}?command=refresh`)).body.current_balance
const pay = async (client: Client) => client.post('/txns', debit('tea-1', 'MOBIKWIK', await tokenOf(client)))

const UDF = ['udf9', 'udf8', 'udf7', 'udf6', 'udf5', 'udf4', 'udf3', 'udf2', 'udf10', 'udf1']
const FORWARDS = Array.from({ length: 10 }, (_, i) => `udf${i + 1}`)

describe('bodies, key for key', () => {
  const DETAIL =
    'txn_uuid txn_id txn_amount tax_amount surcharge_amount status redirect order_id net_amount gateway_id gateway express_checkout error_message error_code currency created'
  const RESPONSE = 'txn_id rrn resp_message resp_code epg_txn_id created auth_id_code'

  test('a created order', async () => {
    const { created } = await shop()
    const { id } = created.body
    const web = `https://sandbox.juspay.in/merchant/pay/${id}?merchant=acme`
    expect(created.text).toBe(
      JSON.stringify({
        status: 'CREATED',
        status_id: 1,
        id,
        order_id: 'tea-1',
        payment_links: { web, mobile: `${web}&mobile=true`, iframe: web.replace('/pay/', '/ipay/') },
      }),
    )
    expect([created.status, id]).toEqual([200, expect.stringMatching(/^ordeh_[a-z0-9]{16}$/)])
  })

  test('one created with a token, and the same read before it is paid', async () => {
    const { created, get } = await shop({}, { 'options.get_client_auth_token': true, udf3: 'x', product_id: 'tea' })
    expect(Object.keys(created.body)).toEqual([
      ...UDF,
      ...'status_id status return_url refunded product_id payment_links order_id merchant_id juspay id'.split(' '),
      ...'date_created customer_phone customer_id customer_email currency amount_refunded amount'.split(' '),
    ])
    const { juspay, ...body } = created.body
    expect(Object.keys(juspay)).toEqual(['client_auth_token_expiry', 'client_auth_token'])
    expect(juspay.client_auth_token_expiry).toBe('2023-09-11T08:45:00Z')
    expect(body).toMatchObject({
      udf1: '',
      udf3: 'x',
      status_id: 10,
      status: 'NEW',
      return_url: SHOP,
      refunded: false,
      product_id: 'tea',
      payment_links: LINKS,
      merchant_id: 'acme',
      date_created: '2023-09-11T08:30:00Z',
      customer_phone: '',
      customer_id: 'cst_om2l6ctlptxwxuzj',
      currency: 'INR',
      amount_refunded: 0,
      amount: 109.55,
    })
    expect((await get('/orders/tea-1')).body).toEqual(body)
  })

  test('an updated order', async () => {
    const { post, get } = await shop()
    const updated = await post('/orders/tea-1', { amount: '90', udf2: 'b', customer_email: 'a@shop.example' })
    expect(Object.keys(updated.body)).toEqual([
      ...'customer_email customer_phone customer_id status_id status id merchant_id amount currency order_id'.split(
        ' ',
      ),
      ...['date_created', 'return_url', 'product_id', 'payment_links', ...FORWARDS, 'refunded', 'amount_refunded'],
      ...['effective_amount', 'offers'],
    ])
    expect(updated.body).toMatchObject({ amount: 90, effective_amount: 90, udf2: 'b', offers: [], status: 'NEW' })
    expect((await get('/orders/tea-1')).body).toMatchObject({ amount: 90, udf2: 'b', return_url: SHOP })
  })

  test('an order that a wallet paid', async () => {
    const client = await shop()
    const paid = await pay(client)
    expect(paid.text).toBe(
      JSON.stringify({
        order_id: 'tea-1',
        txn_id: 'acme-tea-1-1',
        status: 'CHARGED',
        payment: {
          authentication: { method: 'GET', url: 'https://sandbox.juspay.in/pay/finish/acme/acme-tea-1-1' },
        },
      }),
    )
    const { body } = await client.get('/orders/tea-1')
    expect(Object.keys(body)).toEqual([
      ...UDF,
      ...'txn_uuid txn_id txn_detail status_id status return_url refunds refunded product_id payment_method_type'.split(
        ' ',
      ),
      ...'payment_method payment_links payment_gateway_response payer_vpa order_id merchant_id id'.split(' '),
      ...'gateway_reference_id gateway_id date_created customer_phone customer_id customer_email currency'.split(' '),
      ...'bank_error_message bank_error_code auth_type amount_refunded amount'.split(' '),
    ])
    expect(Object.keys(body.txn_detail).join(' ')).toBe(DETAIL)
    expect(Object.keys(body.payment_gateway_response).join(' ')).toBe(RESPONSE)
    expect(body).toMatchObject({
      status: 'CHARGED',
      status_id: 21,
      txn_id: 'acme-tea-1-1',
      payment_method: 'MOBIKWIK',
      refunds: [],
      txn_detail: { status: 'CHARGED', txn_amount: 109.55, redirect: false, gateway: 'MOBIKWIK', error_code: '' },
      payment_gateway_response: {
        resp_code: '01',
        resp_message: 'Txn Success',
        rrn: expect.stringMatching(/^\d{17}$/),
      },
    })
  })

  test('a refund, and the order after it', async () => {
    const client = await shop()
    await pay(client)
    const refunded = await client.post('/orders/tea-1/refunds', { unique_request_id: 'r-1', amount: '109.55' })
    expect(Object.keys(refunded.body)).toEqual([
      ...UDF,
      ...'txn_uuid txn_id txn_detail status_id status rewards_breakup return_url refunds refunded product_id'.split(
        ' ',
      ),
      ...'payment_method_type payment_method payment_links payment_gateway_response order_id offers metadata'.split(
        ' ',
      ),
      ...'merchant_id id gateway_reference_id gateway_id effective_amount date_created customer_phone'.split(' '),
      ...'customer_id customer_email currency bank_pg bank_error_message bank_error_code auth_type'.split(' '),
      ...['amount_refunded', 'amount'],
    ])
    expect(JSON.stringify(refunded.body.refunds)).toBe(
      JSON.stringify([
        {
          unique_request_id: 'r-1',
          status: 'PENDING',
          sent_to_gateway: false,
          refund_type: 'STANDARD',
          refund_source: 'MOBIKWIK',
          ref: null,
          initiated_by: 'API',
          id: null,
          error_message: '',
          error_code: null,
          created: '2023-09-11T08:30:00Z',
          amount: 109.55,
        },
      ]),
    )
    const { body } = await client.get('/orders/tea-1')
    expect(Object.keys(body.refunds[0]).join(' ')).toBe(
      'unique_request_id status sent_to_gateway ref initiated_by id error_message created arn amount',
    )
    expect(body).toMatchObject({ refunded: true, amount_refunded: 109.55, refunds: [{ status: 'SUCCESS' }] })
  })

  test('an order whose last attempt failed', async () => {
    const client = await shop()
    const begun = await client.post('/txns', {
      order_id: 'tea-1',
      payment_method_type: 'WALLET',
      payment_method: 'PAYTM',
    })
    await client.browse(begun.body.payment.authentication.url, { outcome: 'cancel' })
    const { body } = await client.get('/orders/tea-1')
    expect(Object.keys(body)).toEqual([
      ...'customer_email customer_phone customer_id status_id status id merchant_id amount currency order_id'.split(
        ' ',
      ),
      ...['date_created', 'last_updated', 'return_url', 'product_id', 'payment_links', ...FORWARDS, 'amount_refunded'],
      ...['effective_amount', 'metadata', 'txn_list', 'additional_info'],
    ])
    expect(body).toMatchObject({ status: 'AUTHENTICATION_FAILED', status_id: 26, txn_list: [{ status: body.status }] })
    expect(Object.keys(body.txn_list[0].txn_detail).join(' ')).toBe(
      'txn_id order_id status error_code net_amount surcharge_amount tax_amount txn_amount offer_deduction_amount gateway_id currency express_checkout redirect txn_uuid gateway error_message created last_updated txn_flow_type txn_amount_breakup',
    )
  })

  test('payment methods', async () => {
    const { get } = await connect()
    const path = '/merchants/acme/paymentmethods'
    const { body } = await get(`${path}?options.check_wallet_direct_debit_support=true`)
    const row = (name: string) => body.payment_methods.find((one: Fields) => one.payment_method === name)
    expect(JSON.stringify(row('AMAZONPAY'))).toBe(
      '{"payment_method_type":"WALLET","payment_method":"AMAZONPAY","description":"Amazon Pay","wallet_direct_debit_support":true}',
    )
    expect(row('PAYPAL').wallet_direct_debit_support).toBe(false)
    expect(row('NB_AXIS')).toEqual({
      payment_method_type: 'NB',
      payment_method: 'NB_AXIS',
      description: 'Axis Bank',
    })
    expect((await get(path)).body.payment_methods[0].wallet_direct_debit_support).toBeUndefined()
    expect((await get('/merchants/globex/paymentmethods')).status).toBe(401)
  })
})

describe('eligibility, by a fact of the fixture', () => {
  const ROWS: readonly (readonly [string, object, string, object])[] = [
    [
      'LAZYPAY',
      { exists: false },
      '100',
      { status: 'USER_NOT_FOUND', is_eligible: false, gateway_error_code: 'LP_USER_INELIGIBLE', due_date: '' },
    ],
    [
      'LAZYPAY',
      { limit: 99.99 },
      '100',
      { status: 'INVALID_DATA', is_eligible: false, gateway_error_code: 'LP_EXCEEDS_USER_MAX_TXN_LIMIT' },
    ],
    ['LAZYPAY', { limit: 100 }, '100', { status: 'SUCCESS', is_eligible: true, due_date: '03 October 2023' }],
    [
      'OLAPOSTPAID',
      { exists: false },
      '1',
      { status: 'USER_NOT_FOUND', is_eligible: false, gateway_error_code: 'OC_011' },
    ],
    [
      'SIMPL',
      { exists: false },
      '1',
      { status: 'UNAUTHORIZED', is_eligible: false, gateway_error_code: 'user_unauthorized' },
    ],
    [
      'SIMPL',
      { hasDues: true },
      '1',
      { status: 'SUCCESS', is_eligible: true, gateway_error_code: 'pending_dues', balance: 0 },
    ],
    ['SIMPL', {}, '1', { status: 'SUCCESS', is_eligible: true, gateway_error_code: 'linking_required', balance: 0 }],
    [
      'AMAZONPAYLATER',
      { kycExpired: true },
      '1',
      {
        payment_method_type: 'CONSUMER_FINANCE',
        is_eligible: false,
        balance: 0,
        gateway_error_code: expect.stringContaining('KYC has expired'),
      },
    ],
    [
      'AMAZONPAYLATER',
      { limit: 100 },
      '1',
      { payment_method_type: 'CONSUMER_FINANCE', is_eligible: true, balance: 100, kfs_link: expect.any(String) },
    ],
  ]
  test('comes as each provider says it, and survives a snapshot', () =>
    every(ROWS, async ([provider, account, amount, row]) => {
      const customers = [{ id: 'c', mobileNumber: '9876543210', payLater: { [provider]: account } }]
      const fixtures = { merchants: [{ id: 'acme', juspayApiKeys: [{ key: 'acme_test_key' }], customers }] }
      const { post, sandbox } = await connect({ fixtures })
      const ask = () => post('/customers/c/eligibility', { amount, payment_method: provider })
      const { text, body } = await ask()
      expect(body.payment_methods_eligibility).toEqual([expect.objectContaining(row)])
      await sandbox.control.state.put(await sandbox.control.state.get())
      expect((await ask()).text).toBe(text)
    }))
})

test('command=resend sends another OTP', async () => {
  const { post, sandbox } = await connect()
  const path = '/wallets/wlt_mu2xfwb4mr18flbs'
  const otp = async () => {
    const wallet = await sandbox.control.merchant('acme').wallet('wlt_mu2xfwb4mr18flbs')
    return 'otp' in wallet && wallet.otp
  }
  await post(path, { command: 'authenticate', auth_params: '{"a":1}' })
  const first = await otp()
  expect((await post(path, { command: 'resend' })).status).toBe(200)
  expect(await otp()).not.toEqual(first)
})

/** The check of a shop: what came back is signed with the Response Key. Written from the vendor's description alone. */
function isGenuine(location: string, responseKey: string): boolean {
  const query = location.slice(location.indexOf('?') + 1)
  const pairs = query.split('&').map((pair) => pair.split('=') as [string, string])
  const { signature } = Object.fromEntries(pairs)
  const signed = pairs.filter(([name]) => name !== 'signature' && name !== 'signature_algorithm')
  const names = signed.map(([name]) => name).sort()
  const text = names.map((name) => `${name}=${signed.find(([other]) => other === name)![1]}`).join('&')
  const wanted = createHmac('sha256', responseKey).update(encodeURIComponent(text)).digest('base64')
  return decodeURIComponent(signature!) === wanted
}

describe.each(WAYS)('the story ($transport, $encoding)', (way) => {
  test('customer, wallet, order, debit, return, refund, to the paisa', async () => {
    const client = await connect({}, way)
    const { get, post, browse, sandbox } = client
    const { id } = (await post('/customers', { object_reference_id: 'asha@shop.example' })).body
    const wallet = (await post(`/customers/${id}/wallets`, { gateway: 'PAYTM', command: 'authenticate' })).body
    const linked = (await post(`/wallets/${wallet.id}`, { command: 'link', otp: '123456' })).body
    const before = Math.round(linked.current_balance * 100)
    const fields = { order_id: 'tea-9', amount: '100.10', customer_id: id, return_url: SHOP }
    const order = (await post('/orders', { ...fields, 'options.get_client_auth_token': true })).body
    const token = order.juspay.client_auth_token
    const status = () => browse(`/orders/tea-9?client_auth_token=${token}`)
    expect((await status()).body).toMatchObject({ status: 'NEW', order_id: 'tea-9' })

    const paid = await post('/txns', debit('tea-9', 'PAYTM', linked.token))
    const back = await browse(paid.body.payment.authentication.url)
    const location = back.headers.get('location')!
    expect([back.status, location.split('?')[0]]).toEqual([302, 'https://shop.example/paid'])
    expect(Object.fromEntries(new URL(location).searchParams)).toEqual({
      cart: '7 a',
      z: 'आ',
      order_id: 'tea-9',
      status: 'CHARGED',
      status_id: '21',
      signature: expect.any(String),
      signature_algorithm: 'HMAC-SHA256',
    })
    const { responseKey } = await sandbox.control.merchants.get('acme')
    expect(isGenuine(location, responseKey)).toBe(true)
    for (const [right, wrong] of [
      ['CHARGED', 'CHARGEE'],
      ['tea-9', 'tea-8'],
      ['cart=7', 'cart=8'],
      ['status_id=21', 'status_id=20'],
    ] as const)
      expect([wrong, isGenuine(location.replace(right, wrong), responseKey)]).toEqual([wrong, false])
    expect(isGenuine(location, `${responseKey}.`)).toBe(false)

    expect((await status()).body).toMatchObject({ status: 'CHARGED', payment_method: 'PAYTM' })
    const refund = (requestId: string, amount: string) =>
      post('/orders/tea-9/refunds', { unique_request_id: requestId, amount })
    expect((await refund('r-1', '60.05')).body).toMatchObject({ amount_refunded: 60.05, refunded: false })
    expect((await refund('r-2', '40.05')).body).toMatchObject({ amount_refunded: 100.1, refunded: true })
    const third = await refund('r-3', '0.01')
    expect([third.status, third.body.error_message]).toEqual([400, 'Refund amount exceeds the refundable amount.'])
    const refreshed = (await get(`/wallets/${wallet.id}?command=refresh`)).body
    expect(Math.round(refreshed.current_balance * 100)).toBe(before)
  })
})

test('orders, refunds and pages under way survive a restart', async () => {
  const data = mkdtempSync(join(tmpdir(), 'payments-'))
  onTestFinished(() => rmSync(data, { recursive: true }))
  const first = await shop({ data })
  await pay(first)
  await first.post('/orders/tea-1/refunds', { unique_request_id: 'r-1', amount: '9.55' })
  await first.post('/orders', { order_id: 'tea-2', amount: '1', udf1: 'a', 'metadata.note': 'b' })
  const begun = { order_id: 'tea-2', payment_method_type: 'WALLET', payment_method: 'PAYTM' }
  const { url } = (await first.post('/txns', begun)).body.payment.authentication
  const read = async ({ get }: Client) => [(await get('/orders/tea-1')).text, (await get('/orders/tea-2')).text]
  const before = await read(first)
  await first.sandbox.close()
  const second = await connect({ data })
  expect(await read(second)).toEqual(before)
  await second.post('/orders/tea-1/refunds', { unique_request_id: 'r-1', amount: '9.55' })
  expect(await balance(second)).toBe(150)
  await second.browse(url, { outcome: 'pay' })
  expect((await second.get('/orders/tea-2')).body.status).toBe('CHARGED')
  await second.sandbox.close()
})

test('a charged order cannot be updated', async () => {
  const client = await shop()
  await pay(client)
  expect((await client.post('/orders/tea-1', { amount: '1' })).body.error_message).toBe('Order is already charged.')
})

test('one call opens an order and pays it', async () => {
  const client = await connect()
  const { order_id: _, ...fields } = debit('', 'MOBIKWIK', await tokenOf(client))
  const order = { 'order.order_id': 'quick', 'order.amount': '10', 'order.return_url': SHOP, 'order.udf1': 'a' }
  expect((await client.post('/txns', { ...fields, ...order })).body).toMatchObject({
    order_id: 'quick',
    status: 'CHARGED',
  })
  // It named no customer, so it is the token's.
  const paid = { status: 'CHARGED', amount: 10, customer_id: 'cst_om2l6ctlptxwxuzj', udf1: 'a' }
  expect((await client.get('/orders/quick')).body).toMatchObject(paid)
  expect(await balance(client)).toBe(240)
})

describe('the redirect flow', () => {
  const begin = async (client: Client, fields: Fields = {}) =>
    client.post('/txns', {
      order_id: 'tea-1',
      merchant_id: 'acme',
      payment_method_type: 'WALLET',
      payment_method: 'MOBIKWIK',
      ...fields,
    })

  test.each([
    ['Pay', 'pay', 'CHARGED', 140.45],
    ['Cancel', 'cancel', 'AUTHENTICATION_FAILED', 250],
  ])('%s, and a second submit changes nothing', async (label, outcome, status, left) => {
    const client = await shop()
    const begun = (await begin(client)).body
    expect(begun).toMatchObject({ status: 'PENDING_VBV', payment: { authentication: { method: 'GET' } } })
    const { url } = begun.payment.authentication
    expect(url).toMatch(/\/v2\/pay\/start\/acme\/moz[a-z0-9]{16}$/)
    const opened = await client.browse(url)
    expect(opened.text).toContain(
      `<form method="post"><button name="outcome" value="${outcome}">${label}</button></form>`,
    )
    expect(opened.text).not.toContain('<script')
    expect((await client.get('/orders/tea-1')).body).toMatchObject({ status: 'PENDING_VBV', status_id: 23 })
    const finish = `https://sandbox.juspay.in/pay/finish/acme/${begun.txn_id}`
    for (const again of [outcome, 'pay', 'cancel']) {
      const decided = await client.browse(url, { outcome: again })
      expect([decided.status, decided.headers.get('location')]).toEqual([303, finish])
    }
    expect((await client.browse(url)).headers.get('location')).toBe(finish)
    const back = new URL((await client.browse(finish)).headers.get('location')!)
    expect(back.searchParams.get('status')).toBe(status)
    expect((await client.get('/orders/tea-1')).body.status).toBe(status)
    expect(await balance(client)).toBe(left)
  })

  test('a wallet with too little money fails, and the next attempt can pay', async () => {
    const client = await shop({}, { amount: '250.01' })
    const { url } = (await begin(client)).body.payment.authentication
    await client.browse(url, { outcome: 'pay' })
    expect((await client.get('/orders/tea-1')).body).toMatchObject({ status: 'AUTHORIZATION_FAILED', status_id: 27 })
    await client.post('/orders/tea-1', { amount: '250' })
    expect((await pay(client)).body.status).toBe('CHARGED')
    expect((await client.get('/orders/tea-1')).body).toMatchObject({ status: 'CHARGED', txn_id: 'acme-tea-1-2' })
    // The first page is over, and takes no money of a paid order.
    await client.browse(url, { outcome: 'pay' })
    expect(await balance(client)).toBe(0)
  })

  test('by POST, where the fixture says so, without a return_url, and without a wallet', async () => {
    const juspayApiKeys = [{ key: 'acme_test_key' }]
    const client = await connect({ fixtures: { merchants: [{ id: 'acme', juspayApiKeys, postRedirects: ['PAYTM'] }] } })
    await client.post('/orders', { order_id: 'tea-1', amount: '5' })
    const { method, url, params } = (await begin(client, { payment_method: 'PAYTM' })).body.payment.authentication
    expect([method, params]).toEqual(['POST', { order_id: 'tea-1', txn_id: 'acme-tea-1-1', amount: '5.00' }])
    expect((await client.browse(url, params)).text).toContain('Pay with PAYTM')
    const decided = await client.browse(url, { outcome: 'pay' })
    expect((await client.browse(decided.headers.get('location')!)).text).toContain('Payment succeeded')
    expect((await client.get('/orders/tea-1')).body.status).toBe('CHARGED')
  })

  test('the page of one merchant never acts on another’s', async () => {
    const sandbox = await createSandbox(SILENT)
    const [one, two] = ['sandbox_one', 'sandbox_two'].map((key) => clientOf(sandbox, 'https://x.example', key))
    const urls = []
    for (const client of [one!, two!]) {
      await client.post('/orders', { order_id: 'tea-1', amount: '1', customer_id: CUSTOMER })
      urls.push((await begin(client)).body.payment.authentication.url as string)
    }
    const crossed = urls[0]!.replace('sandbox_one', 'sandbox_two')
    expect((await one!.browse(crossed, { outcome: 'pay' })).status).toBe(404)
    await one!.browse(urls[0]!, { outcome: 'pay' })
    expect((await one!.get('/orders/tea-1')).body.status).toBe('CHARGED')
    expect((await two!.get('/orders/tea-1')).body.status).toBe('PENDING_VBV')
    const foreign = await one!.browse(urls[1]!, { outcome: 'pay' }, { 'sec-fetch-site': 'cross-site' })
    expect(foreign.status).toBe(400)
  })
})

test('a scenario breaks the signature of a return, which a shop must refuse', async () => {
  const rule = { name: 'forged', match: { operation: 'juspay.finishPayment' }, when: { nth: 1 } }
  const scenario = { name: 'forged-return', rules: [{ ...rule, effect: { state: 'bad-signature' } as const }] }
  const client = await shop({ scenario })
  const { url } = (await pay(client)).body.payment.authentication
  const { responseKey } = await client.sandbox.control.merchants.get('acme')
  const returned = async () => isGenuine((await client.browse(url)).headers.get('location')!, responseKey)
  expect([await returned(), await returned()]).toEqual([false, true])
  const nowhere = {
    name: 'x',
    rules: [{ name: 'r', match: { operation: 'juspay.getWallet' }, effect: { state: 'bad-signature' } as const }],
  }
  await expect(createSandbox({ scenario: nowhere })).rejects.toThrow(
    'no operation matched signs anything; allowed: juspay.finishPayment',
  )
})

test('the response key is the fixture’s, outlives a restart of the state, and is another for each merchant', async () => {
  const merchants = [{ id: 'acme', responseKey: 'KEY1', juspayApiKeys: [{ key: 'acme_test_key' }] }, { id: 'b' }]
  const sandbox = await createSandbox({ ...SILENT, fixtures: { merchants } })
  const key = async (id: string) => (await sandbox.control.merchants.get(id)).responseKey
  expect([await key('acme'), await key('sandbox_a')]).toEqual(['KEY1', expect.stringMatching(/^[\dA-F]{32}$/)])
  const other = await createSandbox({ ...SILENT, seed: 7 })
  await other.control.state.put(await sandbox.control.state.get())
  for (const id of ['acme', 'b', 'sandbox_a'])
    expect((await other.control.merchants.get(id)).responseKey).toBe(await key(id))
})

describe('a customer’s own token', () => {
  const CALLS: Readonly<
    Record<string, readonly [method: 'GET' | 'POST', path: string, fields: Fields, opens: boolean]>
  > = {
    'create wallet': ['POST', `/customers/${CUSTOMER}/wallets`, { gateway: 'PAYTM' }, true],
    authenticate: ['POST', '/wallets/wlt_mu2xfwb4mr18flbs', { command: 'authenticate' }, true],
    link: ['POST', '/wallets/wlt_mu2xfwb4mr18flbs', { command: 'link', otp: '123456' }, true],
    debit: ['POST', '/txns', debit('tea-1', 'MOBIKWIK', 'tok_winysteev9eftrwcv6me'), true],
    'order status': ['GET', '/orders/tea-1', {}, true],
    'get wallet': ['GET', WALLET, {}, false],
    'list wallets': ['GET', `/customers/${CUSTOMER}/wallets`, {}, false],
    'refresh wallet': ['POST', WALLET, { command: 'refresh' }, false],
    delink: ['POST', WALLET, { command: 'delink' }, false],
    'get customer': ['GET', `/customers/${CUSTOMER}`, {}, false],
    'create order': ['POST', '/orders', { order_id: 'tea-2', amount: '1', customer_id: CUSTOMER }, false],
    'update order': ['POST', '/orders/tea-1', { amount: '1' }, false],
    refund: ['POST', '/orders/tea-1/refunds', { unique_request_id: 'r', amount: '1' }, false],
  }
  const KEY = { authorization: `Basic ${btoa('acme_test_key:')}` }

  /** Sends one call with a token in its query or body, and tells the status. */
  async function ask(
    name: string,
    how: { whose?: string; late?: boolean; key?: boolean; where?: string; text?: string },
  ) {
    const client = await shop()
    await client.post('/wallets/wlt_mu2xfwb4mr18flbs', { command: 'authenticate' })
    const path = `/customers/${how.whose ?? CUSTOMER}?options.get_client_auth_token=true`
    const token = how.text ?? ((await client.get(path)).body.juspay.client_auth_token as string)
    if (how.late) await client.sandbox.control.clock.advance('15m')
    const [method, target, fields] = CALLS[name]!
    const inBody = method === 'POST' && how.where !== 'query'
    const query = inBody || how.where === 'header' ? '' : `?client_auth_token=${token}`
    const body = { ...fields, ...(inBody && how.where !== 'header' ? { client_auth_token: token } : {}) }
    const headers = how.where === 'header' ? { authorization: `Basic ${btoa(`${token}:`)}` } : how.key ? KEY : {}
    const reply =
      method === 'POST'
        ? await client.browse(target + query, body as Record<string, string>, headers)
        : await client.browse(target + query, undefined, headers)
    return [name, reply.status, reply.headers.get('x-sandbox-reason') ?? ''] as const
  }

  const names = Object.keys(CALLS)
  const opens = (name: string) => CALLS[name]![3]

  test('opens the calls that are the customer’s own, in query and body, and no others', () =>
    every(names, async (name) => {
      const refused = expect.stringContaining('not a credential for')
      for (const where of CALLS[name]![0] === 'POST' ? ['query', 'body'] : ['query'])
        expect(await ask(name, { where })).toEqual([name, opens(name) ? 200 : 401, opens(name) ? '' : refused])
    }))

  test('is another customer’s, ended, unknown or in the place of a key: 401', () =>
    every(names, async (name) => {
      for (const how of [{ whose: 'guest_user' }, { late: true }, { text: 'tkn_0' }, { where: 'header' }])
        expect((await ask(name, how)).slice(0, 2)).toEqual([name, 401])
      if (opens(name)) {
        expect((await ask(name, { late: true }))[2]).toContain('ended at 2023-09-11T08:45:00Z')
        expect((await ask(name, { whose: 'guest_user' }))[2]).toContain('not the customer’s'.replace('’', "'"))
      }
    }))

  test('beside a key is not looked at', () =>
    every(
      names.filter((name) => name !== 'refund'),
      async (name) => {
        for (const how of [{ key: true }, { key: true, late: true }, { key: true, text: 'tkn_0' }])
          if (!(name === 'debit' && how.late)) expect((await ask(name, how)).slice(0, 2)).toEqual([name, 200])
      },
    ))

  test('of a guest’s order opens that order alone', async () => {
    const { post, browse } = await connect()
    const order = { order_id: 'guest-1', amount: '1', 'options.get_client_auth_token': true }
    const token = (await post('/orders', order)).body.juspay.client_auth_token
    await post('/orders', { ...order, order_id: 'guest-2' })
    const status = async (id: string) => (await browse(`/orders/${id}?client_auth_token=${token}`)).status
    expect([await status('guest-1'), await status('guest-2')]).toEqual([200, 401])
  })
})

test('the journal names the wallet of a debit, also of one that is refused or whose answer is lost', async () => {
  const debits: readonly (readonly [Options, (client: Client) => Promise<unknown>])[] = [
    [{}, pay],
    [{ scenario: 'debit-then-reset' }, (client) => pay(client).catch(() => undefined)],
    [
      {},
      async (client) => {
        await client.sandbox.control.scenario.put('instant')
        const token = await tokenOf(client)
        await client.sandbox.control.scenario.put('unauthorized')
        await client.post('/txns', debit('tea-1', 'MOBIKWIK', token))
      },
    ],
    [{}, async (client) => client.post('/txns', debit('tea-1', 'PAYTM', await tokenOf(client)))],
    [{}, async (client) => client.post('/txns', debit('no-such-order', 'MOBIKWIK', await tokenOf(client)))],
  ]
  await every(debits, async ([options, act]) => {
    const client = await shop(options)
    await act(client)
    const { requests } = await client.sandbox.control.requests.get({ operation: 'juspay.debitWallet' })
    expect(requests.map(({ wallet }) => wallet)).toEqual([WALLET.slice('/wallets/'.length)])
    await client.sandbox.close()
  })
  await using sandbox = (await shop()).sandbox
  const client = clientOf(sandbox, 'https://sandbox.juspay.in', 'acme_test_key')
  await client.post('/txns', debit('tea-1', 'MOBIKWIK', 'tok_unknown'))
  expect((await sandbox.control.requests.get({ operation: 'juspay.debitWallet' })).requests[0]!.wallet).toBeNull()
})
