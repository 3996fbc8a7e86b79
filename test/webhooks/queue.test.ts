import { expect, onTestFinished, test } from 'vitest'
import { resolveOptions } from '../../src/config.js'
import { openSandbox } from '../../src/sandbox.js'
import { type Client, clientOf, SILENT } from '../vendors/juspay/client.js'
import { LONG, receiver, shop } from './support.js'

/** Orders whose events are due together; `npm run soak` makes 10,000. */
const ORDERS = process.env.SOAK ? 10_000 : 500
/** Attempts that the vendor's schedule has in a day. */
const ATTEMPTS = 16
const AT_ONCE = 32

const fields = (id: string) => ({
  'order.order_id': id,
  'order.amount': '1.00',
  payment_method_type: 'WALLET',
  payment_method: 'PAYTM',
})

async function payOrders(client: Client, count: number, more: Readonly<Record<string, string>> = {}): Promise<void> {
  for (let n = 0; n < count; n++) await client.post('/txns', { ...fields(`${more.prefix ?? 'cup'}-${n}`), ...more })
}

test('a receiver has so many connections at once, and one that hangs holds up no other', async () => {
  let open = 0
  let most = 0
  const waiting: (() => void)[] = []
  const slow = await receiver((_, response) => {
    most = Math.max(most, ++open)
    waiting.push(() => {
      open--
      response.end()
    })
  })
  const quick = await receiver()
  const client = await shop(undefined)
  await payOrders(client, 3 * AT_ONCE, { 'order.metadata.webhook_url': slow.url })
  await payOrders(client, 10, { 'order.metadata.webhook_url': quick.url, prefix: 'tea' })
  await expect.poll(() => quick.received.length, LONG).toBe(10)
  await expect.poll(() => waiting.length, LONG).toBe(AT_ONCE)
  while (slow.received.length < 3 * AT_ONCE || open > 0) {
    for (const answer of waiting.splice(0)) answer()
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  expect(most).toBe(AT_ONCE)
})

test(
  'a day of attempts for many orders is made in order, a few in each turn of the event loop, and calls are answered beside them',
  async () => {
    const times: number[] = []
    const turns = { inThis: 0, most: 0 }
    const send = async (_: unknown, __: unknown, date: string) => {
      if (turns.inThis++ === 0) setImmediate(() => Object.assign(turns, { inThis: 0 }))
      turns.most = Math.max(turns.most, turns.inThis)
      times.push(Date.parse(date))
      return { status: 500, reason: null }
    }
    const sandbox = await openSandbox(resolveOptions({ ...SILENT, scenario: 'instant' }), { send })
    onTestFinished(() => sandbox.close())
    const client = clientOf(sandbox, 'http://sandbox', 'acme_test_key')
    const { clock, webhooks } = sandbox.control.merchant('acme')
    await webhooks.put({ url: 'http://127.0.0.1:1/hooks' })
    await payOrders(client, ORDERS)
    let advanced = false
    const advance = clock.advance('24h').then(() => {
      advanced = true
    })
    let calls = 0
    for (; !advanced; calls++) {
      expect((await client.get('/orders/cup-0')).status).toBe(200)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await advance
    expect(times).toHaveLength(ORDERS * ATTEMPTS)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(turns.most).toBeLessThanOrEqual(AT_ONCE)
    // A call takes some turns itself.
    expect(calls).toBeGreaterThan((ORDERS * ATTEMPTS) / AT_ONCE / 20)
  },
  process.env.SOAK ? 600_000 : 60_000,
)
