import { describe, expect, test } from 'vitest'
import type { Scenario } from '../../src/index.js'
import { draw } from '../../src/lib/random.js'
import { scenarioOf } from '../scenarios/support.js'
import type { Client } from '../vendors/juspay/client.js'
import { order, pay } from './pay.js'
import { receiver, shop } from './support.js'

type Effect = NonNullable<Scenario['rules']>[number]['effect']

const meddling = (effect: Effect, event: string, when: object = {}) => scenarioOf({ match: { event }, when, effect })

/** The ids in another order, the same one for a round. */
const shuffled = (ids: readonly string[], round: number) =>
  ids
    .map((id) => ({ id, at: draw(round, 'shuffle', id) }))
    .sort((a, b) => a.at - b.at)
    .map(({ id }) => id)

async function fiftyCustomers(client: Client): Promise<string[]> {
  const customers = Array.from({ length: 50 }, (_, i) => `shopper-${100 + i}`)
  for (const object_reference_id of customers)
    await client.post('/customers', { object_reference_id, mobile_number: '9999999999' })
  return customers
}

const PAID = ['TXN_CREATED', 'TXN_CHARGED', 'ORDER_SUCCEEDED']

describe('what a scenario does to the delivery of events', () => {
  test.each<[string, Effect, string, string[]]>([
    ['duplicate', { webhook: 'duplicate' }, 'ORDER_SUCCEEDED', [...PAID, 'ORDER_SUCCEEDED']],
    ['drop', { webhook: 'drop' }, 'ORDER_SUCCEEDED', ['TXN_CREATED', 'TXN_CHARGED']],
    ['reorder', { webhook: 'reorder' }, 'TXN_*', ['ORDER_SUCCEEDED', 'TXN_CREATED', 'TXN_CHARGED']],
    ['before-answer', { webhook: 'before-answer' }, 'TXN_CREATED', PAID],
  ])('%s', async (_, effect, event, expected) => {
    const hooks = await receiver()
    const client = await shop(hooks.url, { scenario: meddling(effect, event) })
    await order(client)
    await pay(client)
    await expect.poll(hooks.names).toEqual(expected)
    const { webhooks } = client.sandbox.control.merchant('acme')
    // A delivery is recorded once its receiver has answered.
    const isSent = ({ attempt }: { attempt: number }) => attempt > 0
    const recorded = async () => (await webhooks.get()).deliveries.filter(isSent).length
    await expect.poll(recorded).toBe(expected.length)
    const { deliveries } = await webhooks.get()
    const queued = await Promise.all(deliveries.map(() => webhooks.next()))
    expect(queued).toEqual(deliveries)
    expect(queued.filter(isSent).map(({ name }) => name)).toEqual(expected)
    for (const { name, rule } of deliveries)
      expect(rule).toBe(event === name || (event === 'TXN_*' && name.startsWith('TXN_')) ? 'rule 0' : null)
  })

  test('a duplicate is the same event, sent twice', async () => {
    const hooks = await receiver()
    const client = await shop(hooks.url, { scenario: meddling({ webhook: 'duplicate' }, 'ORDER_SUCCEEDED') })
    await order(client)
    await pay(client)
    await expect.poll(hooks.names).toHaveLength(4)
    expect(hooks.received[3]!.body).toEqual(hooks.received[2]!.body)
  })

  test('a dropped event is recorded, and arrives when it is asked for', async () => {
    const hooks = await receiver()
    const client = await shop(hooks.url, { scenario: meddling({ webhook: 'drop' }, 'ORDER_SUCCEEDED') })
    await order(client)
    await pay(client)
    const { webhooks } = client.sandbox.control.merchant('acme')
    const dropped = await webhooks.next({ event: 'ORDER_SUCCEEDED' })
    expect(dropped).toMatchObject({
      attempt: 0,
      reason: 'dropped by the scenario',
      rule: 'rule 0',
      next: null,
    })
    await webhooks.redeliver(dropped.event)
    await expect.poll(hooks.names).toContain('ORDER_SUCCEEDED')
  })

  test('late: it is due on the clock of the merchant, and the others do not wait for it', async () => {
    const hooks = await receiver()
    const scenario = meddling({ webhook: 'late', by: '2h' }, 'TXN_CHARGED')
    const client = await shop(hooks.url, { scenario, clock: '2026-01-01T00:00:00Z' })
    await order(client)
    await pay(client)
    await expect.poll(hooks.names).toEqual(['TXN_CREATED', 'ORDER_SUCCEEDED'])
    const { clock } = client.sandbox.control.merchant('acme')
    await clock.advance('1h59m')
    expect(hooks.names()).toHaveLength(2)
    await clock.advance('1m')
    expect(hooks.names()).toEqual(['TXN_CREATED', 'ORDER_SUCCEEDED', 'TXN_CHARGED'])
  })

  test('before-answer: the receiver has the event before the client has its answer', async () => {
    let answered = false
    const early: boolean[] = []
    const hooks = await receiver((_, response) => {
      early.push(!answered)
      setTimeout(() => response.end(), 50)
    })
    const client = await shop(hooks.url, { scenario: meddling({ webhook: 'before-answer' }, 'ORDER_SUCCEEDED') })
    await order(client)
    await pay(client)
    answered = true
    await expect.poll(hooks.names).toEqual(PAID)
    expect(early).toEqual([true, true, true])
  })

  test('a rule counts the events that match, not the requests', async () => {
    const hooks = await receiver()
    const rule = { match: { event: '*' }, when: { nth: 2 }, effect: { webhook: 'drop' as const } }
    const client = await shop(hooks.url, { scenario: scenarioOf(rule) })
    await order(client)
    await pay(client)
    await expect.poll(hooks.names).toEqual(['TXN_CREATED', 'ORDER_SUCCEEDED'])
  })
})

/** How often they come in another order; `npm run soak` has nine. */
const ROUNDS = process.env.SOAK ? 9 : 3

const MEDDLED = ['duplicate', 'late', 'reorder', 'drop', 'before-answer'] as const

test('the same seed meddles with the same events in any interleaving of 200 payments by 50 customers', async () => {
  const scenario = scenarioOf(
    ...MEDDLED.map((webhook) => ({ match: { event: '*' }, when: { probability: 0.1 }, effect: { webhook } })),
  )
  const hooks = await receiver()
  const meddled = async (ids: readonly string[]) => {
    const client = await shop(hooks.url, { scenario })
    const customers = await fiftyCustomers(client)
    await Promise.all(
      ids.map(async (id) => {
        const customer_id = customers[Number(id.split('-')[1]) % customers.length]!
        await client.post('/orders', { order_id: id, amount: '1.00', customer_id })
        await client.post('/txns', { order_id: id, payment_method_type: 'WALLET', payment_method: 'PAYTM' })
      }),
    )
    const merchant = client.sandbox.control.merchant('acme')
    await merchant.clock.advance('1m')
    const { deliveries } = await merchant.webhooks.get()
    expect(new Set(deliveries.map(({ event }) => event)).size).toBe(ids.length)
    return deliveries.map(({ event, rule, reason, status }) => `${event} ${rule} ${reason} ${status}`).sort()
  }
  const ids = Array.from({ length: 200 }, (_, i) => `cup-${i}`)
  const once = await meddled(ids)
  for (const [index] of MEDDLED.entries())
    expect(once.filter((line) => line.includes(`rule ${index} `)).length).toBeGreaterThan(4)
  for (let round = 0; round < ROUNDS; round++) expect(await meddled(shuffled(ids, round))).toEqual(once)
})
