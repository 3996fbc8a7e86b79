import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isWebUrl } from '../../src/lib/text.js'
import { Receivers } from '../../src/webhooks/receivers.js'
import { send } from '../../src/webhooks/send.js'
import { every } from '../every.js'
import { connect, type Fields } from '../vendors/juspay/client.js'
import { order, pay } from './pay.js'
import { receiver, shop } from './support.js'

const BAD = [
  ...['shop.example/hook', '/hook', 'ftp://shop.example/', 'http:shop.example', 'javascript:alert(1)', ' http://h/'],
  ...['http://127.0.0.1:99999/', 'http://', 'http://a b/', 'http://%:%zz@127.0.0.1:1/', 'http://u:%@127.0.0.1:1/'],
  ...['http://127.0.0.1:1/\n', `http://127.0.0.1:1/${'x'.repeat(2048)}`, '5', '{"url":"http://127.0.0.1:1/"}', ' '],
]
const GOOD = ['http://127.0.0.1:1', 'HTTPS://user:pass%20word@h.example:8443/a?b=ü#c', `http://h/${'x'.repeat(2039)}`]

/** Texts like addresses, at none of which anything listens. */
const likeAddress = fc
  .tuple(
    fc.constantFrom('http://', 'https://', 'HTTP://', 'http:', 'ftp://', ' http://', ''),
    fc.oneof(fc.constant(''), fc.stringMatching(/^[\w%:@é]{0,9}@$/), fc.string({ unit: 'binary', maxLength: 4 })),
    fc.constantFrom(
      '127.0.0.1',
      '[::1]',
      '203.0.113.7',
      '169.254.1.1',
      '[::ffff:127.0.0.1]',
      '%31',
      '0x7f.1',
      'a b',
      '',
    ),
    fc.oneof(fc.constantFrom('', ':1', ':0', ':99999', ':-1', ':x'), fc.constant(':1')),
    fc.string({ unit: 'binary', maxLength: 12 }).map((path) => `/${path}`),
  )
  .map((parts) => parts.join(''))

describe('an address that events or a browser are sent to', () => {
  test('what is accepted can be sent to and stands in a header; whatever is stored, an attempt ends in a reason', async () => {
    const event = { id: 'e', name: 'n', order: 'o', body: 'no JSON', createdAt: 0, attempts: 0, nextAt: 0 }
    await fc.assert(
      fc.asyncProperty(fc.oneof(likeAddress, fc.constantFrom(...BAD)), async (url) => {
        if (isWebUrl(url)) new Headers({ location: new URL(url).href })
        const outcome = await send({ ...event, url }, { url }, 'now', new Receivers(), AbortSignal.timeout(5_000))
        expect(outcome).toEqual({ status: null, reason: expect.any(String) })
        expect(outcome.reason!.startsWith('the address is ')).toBe(!isWebUrl(url))
      }),
      { numRuns: 500 },
    )
  })

  const fields: Fields = { amount: '1.00', customer_id: 'customer@gmail.com' }
  const begun: Fields = { payment_method_type: 'WALLET', payment_method: 'PAYTM' }
  const txn: Fields = { 'order.order_id': 'new', 'order.amount': '1.00', ...begun }
  const NAMES = ['return_url', 'metadata.webhook_url'] as const
  const REQUESTS: readonly (readonly [path: string, fields: Fields, prefix: string])[] = [
    ['/orders', { order_id: 'new', ...fields }, ''],
    ['/orders/tea-1', {}, ''],
    ['/order/create', { order_id: 'new', ...fields }, ''],
    ['/order/create', { order_id: 'tea-1', ...fields }, ''],
    ['/txns', txn, 'order.'],
  ]

  test('every request refuses it alike, whichever field it stands in', async () => {
    const client = await shop(undefined)
    await order(client)
    const doors = REQUESTS.flatMap(([path, given, prefix]) =>
      NAMES.map((name) => ({ path, given, name: prefix + name })),
    )
    await every(
      doors.flatMap((door) => BAD.map((url) => ({ ...door, url }))),
      async ({ path, given, name, url }) => {
        const { status, headers } = await client.post(path, { ...given, [name]: url })
        expect(status).toBe(400)
        expect(headers.get('x-sandbox-reason')).toContain(`The field ${name} is "`)
      },
    )
    expect((await client.get('/orders/new')).body.status).toBe('NOT_FOUND')
    let made = 0
    await every(
      doors.flatMap((door) => ['', GOOD[0]!].map((url) => ({ ...door, url }))),
      async ({ path, given, name, url }) => {
        const named = Object.fromEntries(
          Object.entries(given).map(([key, value]) => [key, value === 'new' ? `new ${made++}` : value]),
        )
        expect((await client.post(path, { ...named, [name]: url })).status).toBe(200)
      },
    )
  })

  test('so does JSON with another type in its place', async () => {
    const { sandbox } = await shop(undefined)
    const headers = { authorization: `Basic ${btoa('acme_test_key:')}`, 'content-type': 'application/json' }
    await every([5, true, {}, { url: 'http://h/' }, ['http://h/']], async (webhook_url) => {
      for (const given of [{ metadata: { webhook_url } }, { 'metadata.webhook_url': webhook_url }]) {
        const body = JSON.stringify({ order_id: 'tea-1', amount: '1.00', ...given })
        expect((await sandbox.fetch('http://x/orders', { method: 'POST', headers, body })).status).toBe(400)
      }
    })
  })

  test('so do fixtures, snapshots and the setting of a webhook', async () => {
    const { sandbox } = await shop(undefined)
    const acme = sandbox.control.merchant('acme')
    const at = '2023-01-01T00:00:00Z'
    const state = (customer: object, merchant: object = {}) =>
      ({ merchants: [{ id: 'acme', customers: [{ id: 'c', ...customer }], ...merchant }] }) as never
    const ordered = (given: object) =>
      state({ orders: [{ id: 'o', reference: 'r', amount: 1, createdAt: at, ...given }] })
    const event = { id: 'e', name: 'n', order: 'r', body: '{}', createdAt: at, attempts: 0, nextAt: at }
    const places: Readonly<Record<string, (url: string) => never>> = {
      'customers[0].orders[0].returnUrl': (returnUrl) => ordered({ returnUrl }),
      'customers[0].wallets[0].topUps[0].returnUrl': (returnUrl) =>
        state({ wallets: [{ id: 'w', wallet: 'PAYTM', topUps: [{ id: 't', reference: 't', amount: 1, returnUrl }] }] }),
      'customers[0].orders[0].metadata.webhook_url': (webhook_url) => ordered({ metadata: { webhook_url } }),
      'customers[0].outbox[0].url': (url) => state({ outbox: [{ ...event, url }] }),
      'webhook.url': (url) => state({}, { webhook: { url } }),
    }
    for (const [place, made] of Object.entries(places)) {
      await every(BAD, async (url) => {
        const sentence = `merchants[0].${place}: is "`
        await expect(acme.state.put(made(url))).rejects.toThrow(sentence)
        await expect(connect({ fixtures: made(url) })).rejects.toThrow(sentence)
        await expect(acme.webhooks.put({ url })).rejects.toThrow('webhook:url: is "')
      })
      await every(GOOD, (url) => acme.state.put(made(url)))
    }
    await acme.state.put(ordered({ metadata: { webhook_url: '' } }))
  })

  test('a data folder that holds what is neither an address nor JSON opens, and the records say so', async () => {
    const data = mkdtempSync(join(tmpdir(), 'addresses-'))
    onTestFinished(() => rmSync(data, { recursive: true, force: true }))
    const hooks = await receiver(() => {})
    const first = await connect({ data })
    await order(first, { 'metadata.webhook_url': hooks.url })
    await pay(first)
    await first.sandbox.close()
    const [name] = readdirSync(join(data, 'merchants'))
    const file = join(data, 'merchants', name!)
    const stored = readFileSync(file, 'utf8').replaceAll(hooks.url, 'http://%:%zz@127.0.0.1:1/')
    writeFileSync(file, stored.replace(/("body":)"(?:[^"\\]|\\.)*"/, '$1"no JSON"'))
    const { sandbox, get } = await shop(undefined, { data })
    const { webhooks } = sandbox.control.merchant('acme')
    const records = [await webhooks.next(), await webhooks.next(), await webhooks.next()]
    for (const { status, reason } of records)
      expect([status, reason]).toEqual([null, expect.stringContaining('the address is "http://%:***@127.0.0.1:1/"')])
    expect(records[0]!.body).toBe('no JSON')
    expect((await get('/orders/tea-1')).body.status).toBe('CHARGED')
  })
})

test('whatever a receiver answers, the attempt ends in a record', async () => {
  const answers = [
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(2_000)}`,
    `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz',
    ...['HTTP/9.9 200\r\n\r\n', 'SSH-2.0-x\r\n', '\0\0\0', ''],
  ]
  await every(answers, async (answer) => {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(answer))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const client = await shop(`http://127.0.0.1:${port}/`)
    await order(client)
    await pay(client)
    const { status, reason } = await client.sandbox.control.merchant('acme').webhooks.next()
    expect([status, reason]).toEqual([null, expect.any(String)])
    server.close()
  })
})
