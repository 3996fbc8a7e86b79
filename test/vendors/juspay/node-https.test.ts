import { request } from 'node:https'
import { fileURLToPath } from 'node:url'
import { Juspay } from 'expresscheckout-nodejs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createSandbox, type Sandbox } from '../../../src/index.js'
import { type Body, debit, SILENT } from './client.js'

/**
 * The vendor's Node library as it is shipped: over HTTPS at the port of HTTPS, which it can be told no other of. Where it
 * has a fault of its own, its request is sent as it should be: `order.update` forgets a slash, and `order.refund` and
 * `session.create` come encrypted alone.
 */

const HOST = '127.0.0.42'
const sample = (name: string) => fileURLToPath(new URL(`../../http/tls/${name}`, import.meta.url))

/** Only those who may listen at port 443, and have more than one loopback address, can run it. */
const opened = await createSandbox({ ...SILENT, tlsCert: sample('cert.pem'), tlsKey: sample('key.pem') })
const refusal = await opened.listen({ host: HOST, port: 443 }).then(
  () => undefined,
  (error: Error) => {
    if (!/EACCES|EADDR|permission|in use/i.test(error.message)) throw error
    return `SKIPPED, because port 443 of ${HOST} cannot be had here: ${error.message}`
  },
)
if (refusal !== undefined) {
  process.stderr.write(`test/vendors/juspay/node-https.test.ts: ${refusal}\n`)
  await opened.close()
}

describe.skipIf(refusal !== undefined)(refusal ?? 'the vendor’s Node library over HTTPS', () => {
  const sandbox: Sandbox = opened
  let client: Juspay

  beforeAll(() => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    Juspay.customLogger = Juspay.silentLogger
    client = new Juspay({ apiKey: 'acme_test_key:', merchantId: 'acme', baseUrl: `https://${HOST}` })
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await sandbox.close()
  })

  /** A request of the library's kind. */
  function raw(method: 'GET' | 'POST', path: string, fields: object = {}, type = 'application/json'): Promise<Body> {
    const body = type.endsWith('json') ? JSON.stringify(fields) : new URLSearchParams(Object.entries(fields)).toString()
    const headers = {
      authorization: `Basic ${btoa('acme_test_key:')}`,
      'x-merchantid': 'acme',
      'user-agent': 'NODEJS_SDK/1',
      ...(method === 'POST' && { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
    }
    return new Promise((resolve, reject) => {
      const asking = request(
        `https://${HOST}${path}`,
        { method, headers, rejectUnauthorized: false },
        async (answer) => {
          const text = (await answer.toArray()).join('')
          resolve(JSON.parse(text))
        },
      )
      asking.on('error', reject)
      asking.end(method === 'POST' ? body : undefined)
    })
  }

  test('lives from a customer to a refund', async () => {
    const customer = await client.customer.create({
      object_reference_id: 'meera@shop.example',
      mobile_number: '9812345678',
    } as never)
    expect(customer).toMatchObject({ object_reference_id: 'meera@shop.example', object: 'customer' })
    const created = await client.order.create({ order_id: 'sdk-1', amount: 109.55, customer_id: 'customer@gmail.com' })
    expect(created).toMatchObject({ order_id: 'sdk-1', status: 'CREATED' })
    expect(await client.order.status('sdk-1')).toMatchObject({ status: 'NEW', amount: 109.55 })

    expect(await raw('POST', '/orders/sdk-1', { amount: 90 }, 'application/x-www-form-urlencoded')).toMatchObject({
      amount: 90,
    })
    const session = await raw('POST', '/session', {
      order_id: 'sdk-1',
      amount: '90.0',
      customer_id: 'customer@gmail.com',
      payment_page_client_id: 'shop',
      action: 'paymentPage',
      return_url: 'https://shop.example/paid',
    })
    expect(session).toMatchObject({ status: 'NEW', id: created.id, order_id: 'sdk-1' })
    expect(session.payment_links.web).toMatch(`https://${HOST}/orders/`)

    const { token } = await raw('GET', '/wallets/wlt_q23xzki3pazgtezo')
    await raw('POST', '/txns', debit('sdk-1', 'MOBIKWIK', token))
    expect(await client.order.status('sdk-1')).toMatchObject({ status: 'CHARGED', status_id: 21 })
    const refund = () => raw('POST', '/orders/sdk-1/refunds', { unique_request_id: 'r-1', amount: 90 })
    expect(await refund()).toMatchObject({ refunded: true, refunds: [{ status: 'PENDING' }] })
    expect(await refund()).toMatchObject({ status_id: -1, error_code: 'duplicate.call' })
    expect(await client.order.status('sdk-1')).toMatchObject({ amount_refunded: 90, refunds: [{ status: 'SUCCESS' }] })
  })

  test('is refused what it encrypts, with the reason', async () => {
    expect(await raw('POST', '/v4/session', {})).toMatchObject({ error_code: 'not_found' })
    const { requests } = await sandbox.control.requests.get({ limit: 1 })
    expect(requests[0]!.reason).toContain("part of Juspay's API, not served by this sandbox")
  })
})
