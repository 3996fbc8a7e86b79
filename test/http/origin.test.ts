import { describe, expect, test } from 'vitest'
import { createSandbox, type Options } from '../../src/index.js'
import { basic, TARGETS } from '../contract/targets.js'
import { every } from '../every.js'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const SHOP = 'https://shop.example'
const KEY = { ...FORM, authorization: basic('sandbox_shop:') }
const JUICYWAY = { authorization: 'Bearer sandbox_shop', 'content-type': 'application/json' }
const CUSTOMER = 'cth_eN4e4kR12CJV'

type Headers = Readonly<Record<string, string>>

describe.each(TARGETS)('$name', (target) => {
  async function open(options: Options = {}) {
    const sandbox = await createSandbox({ latency: 'off', ...options })
    const send = await target.reach(sandbox)
    const own = sandbox.url ?? 'https://sandbox.juspay.in'
    const post = (path: string, headers: Headers, body: object = {}) =>
      send(path, {
        method: 'POST',
        headers,
        body: headers === JUICYWAY ? JSON.stringify(body) : new URLSearchParams({ ...body }).toString(),
        redirect: 'manual',
      })
    return { sandbox, control: sandbox.control.merchant('sandbox_shop'), send, own, post }
  }

  test('a page of another site changes nothing by a key, and the journal says why', async () => {
    const { sandbox, control, send, own, post } = await open()
    const orders = async () => (await control.state.get()).merchants[0]!.customers!.flatMap((one) => one.orders ?? [])
    const order = (id: string, headers: Headers) =>
      post('/orders', { ...KEY, ...headers }, { order_id: id, amount: '1' })
    await every(
      [
        { origin: SHOP },
        { origin: 'null' },
        { origin: `${own}1` },
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { origin: own, 'sec-fetch-site': 'cross-site' },
      ],
      async (headers) => {
        const refused = await order('tea-1', headers as Headers)
        expect([refused.status, await refused.text()]).toEqual([403, ''])
        const [entry] = (await control.requests.get({ limit: 1 })).requests
        expect(entry).toMatchObject({ response: { status: 403 }, reason: refused.headers.get('x-sandbox-reason') })
        expect(entry!.reason).toMatch(/^(The Origin ".+" is another site's|Sec-Fetch-Site is ".+"); allowed: .+--cors/)
      },
    )
    expect(await orders()).toEqual([])
    const put = await send('/customers/any', { method: 'PUT', headers: { ...KEY, origin: SHOP } })
    expect(put.status).toBe(403)
    await every(
      [{}, { origin: own }, { origin: own, 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }],
      async (headers) =>
        expect((await order(`tea-${Object.keys(headers).join()}`, headers as Headers)).status).toBe(200),
    )
    expect(await orders()).toHaveLength(4)
    await sandbox.close()
  })

  test('each vendor refuses in its own form where it has one, and reads are open', async () => {
    const { sandbox, send, post } = await open()
    const refused = await post('/juicyway/customers', { ...JUICYWAY, origin: SHOP })
    expect([refused.status, await refused.json()]).toMatchObject([403, { error: { code: 'forbidden' } }])
    for (const headers of [KEY, JUICYWAY])
      expect((await send('/wallets/wlt_q23xzki3pazgtezo', { headers: { ...headers, origin: SHOP } })).status).not.toBe(
        403,
      )
    await sandbox.close()
  })

  test('nor by a customer’s token', async () => {
    const { sandbox, send, own, post } = await open()
    const path = `/customers/${CUSTOMER}?options.get_client_auth_token=true`
    const { juspay } = (await (await send(path, { headers: KEY })).json()) as { juspay: Record<string, string> }
    const create = (origin: string) =>
      post(
        `/customers/${CUSTOMER}/wallets`,
        { ...FORM, origin },
        {
          client_auth_token: juspay.client_auth_token,
          command: 'authenticate',
          gateway: 'MOBIKWIK',
        },
      )
    expect((await create(SHOP)).status).toBe(403)
    expect((await create(own)).status).toBe(200)
    await sandbox.close()
  })

  test('one that --cors names may', async () => {
    const headers = { ...KEY, origin: SHOP, 'sec-fetch-site': 'cross-site' }
    await every(
      [
        [SHOP, 200],
        [`http://other.example,${SHOP}`, 200],
        ['*', 200],
        ['http://other.example', 403],
      ] as const,
      async ([cors, status]) => {
        const { sandbox, post } = await open({ cors })
        expect((await post('/orders', headers, { order_id: 'tea-1', amount: '1' })).status).toBe(status)
        await sandbox.close()
      },
    )
  })

  test('a shop’s form without a key is let through; Pay is pressed on the page itself', async () => {
    const { sandbox, own, post } = await open({ cors: SHOP })
    const begun = await post('/txns', KEY, {
      'order.order_id': 'tea-1',
      'order.amount': '5',
      'order.customer_id': CUSTOMER,
      payment_method_type: 'WALLET',
      payment_method: 'PAYTM',
    })
    const { payment } = (await begun.json()) as { payment: { authentication: { url: string } } }
    const page = new URL(payment.authentication.url).pathname
    const press = (headers: Headers, outcome = 'pay') => post(page, { ...FORM, ...headers }, { outcome })
    const opened = await post(page, { ...FORM, origin: SHOP, 'sec-fetch-site': 'cross-site' }, { order_id: 'tea-1' })
    expect([opened.status, await opened.text()]).toEqual([200, expect.stringContaining('Pay with PAYTM')])
    const keyless = await post('/txns', { ...FORM, origin: SHOP }, { order_id: 'tea-1', payment_method_type: 'WALLET' })
    expect(keyless.headers.get('x-sandbox-reason')).not.toMatch(/Origin/)
    await every(
      [
        [{ origin: SHOP }, 400],
        [{ origin: 'null' }, 400],
        [{ 'sec-fetch-site': 'cross-site' }, 400],
        [{ 'x-sandbox-delivery': '1' }, 403],
      ] as const,
      async ([headers, status]) => expect((await press(headers as unknown as Headers)).status).toBe(status),
    )
    expect((await press({ origin: own, 'sec-fetch-site': 'same-origin' })).status).toBe(303)
    await sandbox.close()
  })

  test('an event that is sent to a sandbox is refused by each of its APIs', async () => {
    const { sandbox, send } = await open()
    const headers = { ...KEY, 'x-sandbox-delivery': '1' }
    await every(
      [
        ['POST', '/orders'],
        ['POST', '/wallets/wlt_q23xzki3pazgtezo?command=delink'],
        ['GET', '/wallets/wlt_q23xzki3pazgtezo'],
        ['POST', '/nowhere'],
        ['POST', '/_sandbox/reset'],
        ['POST', '/_sandbox/merchants/acme/wallets/wlt_q23xzki3pazgtezo/delink'],
        ['GET', '/_sandbox/health'],
      ] as const,
      async ([method, path]) => {
        const answer = await send(path, { method, headers })
        const said = answer.headers.get('x-sandbox-reason') ?? (await answer.text())
        expect([answer.status, said]).toEqual([403, expect.stringContaining('is an event of a sandbox')])
      },
    )
    await sandbox.close()
  })
})
