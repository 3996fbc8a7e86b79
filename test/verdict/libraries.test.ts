import { InvalidRequestError } from 'expresscheckout-nodejs'
import { afterEach, expect, test, vi } from 'vitest'
import { createSandbox, type Options, type Scenario } from '../../src/index.js'
import { clientOf, debit, SILENT } from '../vendors/juspay/client.js'
import { nodeLibrary } from '../vendors/juspay/node-library.js'

/** The vendor's own libraries on well-formed errands: whatever the scenario does to them, there is nothing to find. */

afterEach(() => {
  vi.restoreAllMocks()
})

const faults = (effect: object): Scenario =>
  ({ name: 'faults', rules: [{ name: 'every third', when: { every: 3, per: 'operation' }, effect }] }) as Scenario

const SCENARIOS: Readonly<Record<string, Scenario | string>> = {
  none: 'instant',
  'published latency': 'published-latency',
  'server errors': faults({ error: 'server_error' }),
  resets: faults({ fault: 'reset' }),
  'broken answers': faults({ fault: 'malformed-json' }),
  'rate limits': faults({ error: 'rate_limited' }),
}

/** Sends again what failed, later each time; the pause is sandbox time, so that nobody waits. */
async function patiently<T>(sleep: (ms: number) => Promise<unknown>, send: () => Promise<T>): Promise<T> {
  for (let pause = 1000; ; pause *= 2.3)
    try {
      return await send()
    } catch (error) {
      // What the vendor refuses, it refuses again.
      if (pause > 10_000 || error instanceof InvalidRequestError) throw error
      await sleep(Math.round(pause))
    }
}

const SETTINGS: Options = { ...SILENT, latency: 'real' }

test.each(Object.entries(SCENARIOS))('the library for Node, with %s', async (_, scenario) => {
  await using sandbox = await createSandbox({ ...SETTINGS, scenario })
  const juspay = await nodeLibrary(sandbox)
  const again = <T>(send: () => Promise<T>) => patiently((ms) => sandbox.control.clock.advance(ms), send)
  for (let i = 0; i < 4; i++) {
    const reference = `ravi-${i}@shop.example`
    // A customer that was made, though the answer broke, is there when it is asked for.
    const fields = { object_reference_id: reference, email_address: reference, first_name: 'Ravi' }
    await juspay.customer
      .create(fields as never)
      .catch(() => again(() => juspay.customer.get(reference)))
      .catch(() => {})
    await again(() => juspay.customer.get('guest_user'))
    const order = { order_id: `sdk-${i}`, amount: 10, customer_id: 'guest_user' }
    await juspay.order.create(order).catch(() => {})
    await again(() => juspay.order.status(`sdk-${i}`)).catch(() => {})
  }
  expect((await sandbox.control.requests.get()).total).toBeGreaterThan(12)
  expect(await sandbox.control.verdict()).toEqual({ verdict: 'ok', findings: [] })
})

test.each(Object.entries(SCENARIOS))('the older libraries, with %s', async (_, scenario) => {
  await using sandbox = await createSandbox({ ...SETTINGS, scenario })
  const { get, post } = clientOf(sandbox, await sandbox.listen(), 'acme_test_key')
  const headers = { 'user-agent': 'Python SDK 1.0', version: '2016-10-27' }
  const ask = (send: () => ReturnType<typeof get>) =>
    patiently(
      (ms) => sandbox.control.clock.advance(ms),
      async () => {
        const reply = await send()
        if (reply.status === 200) return reply
        throw new Error(reply.text)
      },
    )
  for (const order_id of ['lib-1', 'lib-2', 'lib-3']) {
    const order = { order_id, amount: '10', customer_id: 'customer@gmail.com' }
    await ask(() => post('/order/create', order, headers))
    await ask(() => get('/customers/customer@gmail.com/wallets/refresh-balances', headers))
    const { list } = (await ask(() => get(`/orders/${order_id}/wallets`, headers))).body
    await post('/txns', debit(order_id, list[0].wallet, list[0].token), headers).catch(() => {})
    await ask(() => post('/order/status', { order_id }, headers))
    await ask(() => get('/customers/customer@gmail.com/wallets/refresh-balances', headers))
  }
  expect(await sandbox.control.verdict()).toEqual({ verdict: 'ok', findings: [] })
})
