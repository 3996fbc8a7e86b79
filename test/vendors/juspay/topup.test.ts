import { describe, expect, test } from 'vitest'
import { type Client, clientOf, connect, WAYS } from './client.js'

const WALLET = '/wallets/wlt_q23xzki3pazgtezo'

const topUp = (client: Client, fields: Record<string, string> = {}) =>
  client.post(`${WALLET}/topup`, { amount: '150.5', topup_txn_id: 'topup_1', ...fields })

const balance = async (client: Client) => (await client.get(`${WALLET}?command=refresh`)).body.current_balance

/** The forms of a page as a browser without scripts would send them: where to, and with which fields. */
function formsOf(html: string): { method: string; name: string; value: string; label: string }[] {
  return [...html.matchAll(/<form method="(\w+)"><button name="(\w+)" value="(\w+)">([^<]+)<\/button><\/form>/g)].map(
    ([, method, name, value, label]) => ({ method: method!, name: name!, value: value!, label: label! }),
  )
}

describe.each(WAYS)('$transport, $encoding', (way) => {
  test.each([
    { outcome: 'succeed', becomes: 400.5, title: 'Top-up succeeded' },
    { outcome: 'fail', becomes: 250, title: 'Top-up failed' },
  ])('a top-up opens as a page on which a person lets it $outcome', async ({ outcome, becomes, title }) => {
    const client = await connect({}, way)
    const { body } = await topUp(client)
    expect(body).toMatchObject({ topup_txn_id: 'topup_1', wallet_id: 'wlt_q23xzki3pazgtezo', status: 'PENDING' })
    expect(body.payment_url).toMatch(/\/wallets\/topup\/start\/wtpup_[a-z0-9]{16}\?merchant=acme$/)
    expect(new URL(body.payment_url).origin).toBe(client.origin)

    const page = await client.browse(body.payment_url)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('x-sandbox-fidelity')).toBe('inferred')
    expect(page.text).toMatch(/^<!doctype html>.*₹150\.50.*MOBIKWIK/s)
    expect(page.text).not.toMatch(/<script|\son\w+=|javascript:/i)
    expect(formsOf(page.text)).toEqual([
      { method: 'post', name: 'outcome', value: 'succeed', label: 'Succeed' },
      { method: 'post', name: 'outcome', value: 'fail', label: 'Fail' },
    ])

    const end = await client.browse(body.payment_url, { outcome })
    expect([end.status, end.text.includes(`<h1>${title}</h1>`)]).toEqual([200, true])
    expect((await client.get(WALLET)).body.current_balance).toBe(250)
    expect(await balance(client)).toBe(becomes)

    for (const over of [await client.browse(body.payment_url), await client.browse(body.payment_url, { outcome })]) {
      expect(over.status).toBe(404)
      expect(over.headers.get('x-sandbox-reason')).toContain('is over')
    }
    expect(await balance(client)).toBe(becomes)
    await client.sandbox.close()
  })
})

test('a top-up with a return_url sends the browser there', async () => {
  const client = await connect()
  const { body } = await topUp(client, { return_url: 'https://shop.example/back?cart=1' })
  const end = await client.browse(body.payment_url, { outcome: 'succeed' })
  expect([end.status, end.headers.get('location')]).toEqual([303, 'https://shop.example/back?cart=1'])
})

test.each(['javascript:alert(1)', 'data:text/html,x', 'shop.example', '//shop.example', 'file:///etc/passwd', ''])(
  'a return_url of %j is refused',
  async (returnUrl) => {
    const { status, body } = await topUp(await connect(), { return_url: returnUrl })
    expect([status, body.error_info.fields]).toEqual([400, [{ field_name: 'return_url', reason: 'Invalid value.' }]])
  },
)

test('what a merchant wrote stands on the page as text', async () => {
  const client = await connect()
  const { body } = await topUp(client, { topup_txn_id: `<img src=x onerror="alert(1)">'&` })
  const page = await client.browse(body.payment_url)
  expect(page.text).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;')
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
})

test('an unknown top-up, another outcome and a form of another site are refused', async () => {
  const client = await connect()
  const { body } = await topUp(client)
  const unknown = await client.browse('/wallets/topup/start/wtpup_0000000000000000')
  expect([unknown.status, unknown.body.error_code]).toEqual([404, 'not_found'])
  expect((await client.browse(body.payment_url, { outcome: 'maybe' })).status).toBe(400)
  expect((await client.browse(body.payment_url, {})).status).toBe(400)
  const foreign = { 'sec-fetch-site': 'cross-site' }
  expect((await client.browse(body.payment_url, { outcome: 'succeed' }, foreign)).status).toBe(400)
  expect((await client.browse(body.payment_url)).status).toBe(200)
})

test('asked for again, a top-up is the same; for another amount it is refused', async () => {
  const client = await connect()
  const first = await topUp(client)
  expect((await topUp(client)).text).toBe(first.text)
  expect((await topUp(client, { amount: '1' })).body.error_info.code).toBe('ALREADY_EXISTS')
  expect((await topUp(client, { topup_txn_id: 'topup_2' })).body.payment_url).not.toBe(first.body.payment_url)
})

test('a top-up beyond what a wallet can hold fails, whatever the person chose', async () => {
  const client = await connect()
  const { body } = await topUp(client, { amount: '10000000000000' })
  expect((await client.browse(body.payment_url, { outcome: 'succeed' })).text).toContain('Top-up failed')
  expect(await balance(client)).toBe(250)
})

test('the address of a top-up finds its own merchant among merchants with the same wallets', async () => {
  const one = await connect()
  const { sandbox, origin } = one
  const [two, three] = ['sandbox_two', 'sandbox_three'].map((key) => clientOf(sandbox, origin, key))
  const { body } = await topUp(two!)
  await topUp(three!)
  await one.browse(body.payment_url, { outcome: 'succeed' })
  expect([await balance(one), await balance(two!), await balance(three!)]).toEqual([250, 400.5, 250])
})

test('the pages of two merchants with the same snapshot each act on their own merchant', async () => {
  const acme = await connect()
  const { sandbox, origin } = acme
  const { merchants } = await sandbox.control.merchants.list()
  const shop = clientOf(sandbox, origin, 'sandbox_shop')
  await topUp(acme)
  await acme.post('/orders', { order_id: 'tea', amount: '1', customer_id: 'customer@gmail.com' })
  const redirect = { order_id: 'tea', payment_method_type: 'WALLET', payment_method: 'MOBIKWIK' }
  await acme.post('/txns', redirect)
  const state = await sandbox.control.merchant('acme').state.get()
  await sandbox.control
    .merchant('sandbox_shop')
    .state.put({ merchants: state.merchants.map(({ juspayApiKeys, ...rest }) => rest) })

  const { payment_url: url } = (await topUp(shop)).body
  expect((await topUp(acme)).body.payment_url.split('?')[0]).toBe(url.split('?')[0])
  const nameless = await shop.browse(url.split('?')[0], { outcome: 'succeed' })
  expect([nameless.status, (await shop.browse(url.replace('sandbox_shop', 'nobody'))).status]).toEqual([404, 404])
  // The key of the other merchant changes nothing.
  await shop.browse(url, { outcome: 'succeed' }, { authorization: `Basic ${btoa('acme_test_key:')}` })
  expect([await balance(acme), await balance(shop)]).toEqual([250, 400.5])
  expect(await sandbox.control.merchant('sandbox_shop').verdict()).toMatchObject({ verdict: 'ok' })

  const { payment } = (await shop.post('/txns', redirect)).body
  await shop.browse(
    payment.authentication.url,
    { outcome: 'pay' },
    { authorization: `Basic ${btoa('acme_test_key:')}` },
  )
  const status = async (client: Client) => (await client.get('/orders/tea')).body.status
  expect([await status(acme), await status(shop)]).toEqual(['PENDING_VBV', 'CHARGED'])
  expect((await sandbox.control.merchants.list()).merchants).toHaveLength(merchants.length + 1)
})

test('a debit that the wallet does not cover is pending until a top-up brings what is short', async () => {
  const client = await connect()
  const { post, get } = client
  await post('/orders', {
    order_id: 'tv',
    amount: '300.25',
    customer_id: 'customer@gmail.com',
    return_url: 'https://shop.example/',
  })
  const pay = async () => {
    const { token } = (await get(WALLET)).body
    const fields = { order_id: 'tv', payment_method_type: 'WALLET', payment_method: 'MOBIKWIK' }
    return (await post('/txns', { ...fields, direct_wallet_token: token })).body
  }
  const short = await pay()
  expect(short).toMatchObject({ order_id: 'tv', txn_id: 'acme-tv-1', status: 'PENDING' })
  expect((await get('/orders/tv')).body).toMatchObject({ status: 'PENDING_VBV', status_id: 23 })
  const page = await client.browse(short.payment.authentication.url)
  expect(page.text).toContain('₹50.25')
  const end = await client.browse(short.payment.authentication.url, { outcome: 'succeed' })
  expect(end.headers.get('location')).toBe('https://shop.example/')
  expect(await pay()).toMatchObject({ txn_id: 'acme-tv-2', status: 'CHARGED' })
  expect(await balance(client)).toBe(0)
})
