import { createServer, request } from 'node:http'
import { expect, test } from 'vitest'
import { explore, type Flow } from '../../src/index.js'
import { Shop } from './clients.js'

/** What a client over a socket sees of each fault, by the key of its merchant. */
type Seen = Map<string, string[]>

const CUSTOMER = 'cst_om2l6ctlptxwxuzj'

/** One request on a connection of its own. */
const ask = (url: string, key: string, path: string, fields?: Record<string, string>) =>
  new Promise<{ saw: string; body: Record<string, string> }>((resolve) => {
    const headers = { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/x-www-form-urlencoded' }
    const options = { method: fields ? 'POST' : 'GET', headers, agent: false, signal: AbortSignal.timeout(1000) }
    let isBegun = false
    const end = (saw: string, body = {}) => resolve({ saw, body })
    request(new URL(path, url), options, (response) => {
      isBegun = true
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece) => {
        text += piece
      })
      response.on('error', () => end('truncate'))
      response.on('end', () => {
        if (response.statusCode === 502) return end('502')
        const slow = response.headers['x-sandbox-latency-ms'] === undefined ? '' : ' slowly'
        const body = JSON.parse(text)
        const expired = String(body.error_message ?? '').includes('expired') || body.error_code === 'EXPIRED'
        return end(expired ? 'expired-token' : `${response.statusCode}${slow}`, body)
      })
    })
      .on('error', ({ name }) => {
        const lost = name === 'AbortError' || name === 'TimeoutError' ? 'hang' : 'reset'
        end(isBegun ? 'truncate' : lost)
      })
      .end(fields && new URLSearchParams(fields).toString())
  })

/** A read, an order, a debit and its status, with an event that goes to a receiver. */
const watching =
  (seen: Seen): Flow =>
  async ({ url, key, control }) => {
    const told: string[] = []
    const server = createServer(async (incoming, response) => {
      let text = ''
      for await (const piece of incoming) text += piece
      told.push(JSON.parse(text).event_name)
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    await control.webhooks.put({ url: `http://127.0.0.1:${port}/` })
    const saw: string[] = []
    const call = async (path: string, fields?: Record<string, string>) => {
      const { saw: one, body } = await ask(url, key, path, fields)
      saw.push(one)
      return body
    }
    const { token } = await call('/wallets/wlt_q23xzki3pazgtezo')
    await call('/orders', { order_id: 'tea-1', amount: '10', customer_id: CUSTOMER })
    await call('/txns', {
      order_id: 'tea-1',
      payment_method_type: 'WALLET',
      payment_method: 'MOBIKWIK',
      direct_wallet_token: token ?? 'none',
    })
    const early = told.length > 0 ? ['told before the answer'] : []
    await call('/orders/tea-1')
    const { deliveries } = await control.webhooks.get()
    seen.set(key, [...saw, ...early, ...deliveries.map(({ name, rule }) => (rule ? `${name} by its rule` : name))])
    server.close()
  }

const nameOf = (schedule: string) => `sandbox_explore_${schedule.replaceAll(/[^\w.-]+/g, '-')}`

test('every fault is seen over a socket, at the call of its cell', async () => {
  const seen: Seen = new Map()
  const { schedules, calls } = await explore(watching(seen), { timeout: '5s' })
  const plain = seen.get('sandbox_explore_clean-2')!.slice(0, calls.length)
  expect(plain).toEqual(['200', '200', '200', '200'])
  const wrong = schedules.flatMap(({ name, cell: [row, column] = ['', ''], mark }) => {
    const at = calls.findIndex((call) => call.name === row)
    const saw = seen.get(nameOf(name)) ?? []
    if (at < 0) return mark === 'not reached' ? [name] : []
    const expected = { 'status-unavailable': 'reset', slow: '200 slowly' }[column] ?? column.split(':')[0]!
    const isFirst = saw.slice(0, at).every((one) => one.startsWith('200'))
    const isNext = column !== 'status-unavailable' || row === 'juspay.getOrder#1' || saw.includes('502')
    return mark !== 'not reached' && isFirst && saw[at] === expected && isNext ? [] : [`${name}: ${saw.join()}`]
  })
  expect(wrong).toEqual([])
  expect(schedules.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['TXN_CREATED#1:reorder', 'juspay.getWallet#1:slow']),
  )
  const at = (event: string) => seen.get(nameOf(event))!
  expect(at('ORDER_SUCCEEDED#1:before-answer')).toContain('told before the answer')
  expect(at('TXN_CREATED#1:drop')).toContain('TXN_CREATED by its rule')
}, 60_000)

test('the same exploration has the same report, in another order and with other jobs', async () => {
  const flow: Flow = async (context) => {
    const shop = new Shop(context)
    // Drawn by the client: the report does not have it.
    const order = `tea-${Math.random()}`
    await shop.open(order)
    const first = await shop.debit(order)
    if (first.status === 0) {
      await shop.open(`${order}-again`)
      await shop.debit(`${order}-again`)
    }
    return { order, paid: true }
  }
  const options = { faults: ['reset', '502', 'truncate'] }
  const report = await explore(flow, { ...options, jobs: 8 })
  const names = report.schedules.map(({ name }) => name)
  const shuffled = await explore(flow, { only: names.toReversed(), jobs: 1 })
  expect(String(shuffled)).toBe(String(report))
  expect(report.findings.map(({ kind }) => kind)).toContain('charged twice')
  const again = await explore(flow, { ...options, jobs: 3, clock: '2030-01-01T00:00:00Z' })
  expect([String(again), JSON.stringify(again)]).toEqual([String(report), JSON.stringify(report)])
  expect(String(report)).not.toMatch(/0\.\d{6}|127\.0\.0\.1|20\d\d-/)
})
