import { expect, test } from 'vitest'
import { createSandbox, type Scenario } from '../../src/index.js'
import { basic, FROZEN } from '../control/helpers.js'
import { CLIENTS, type ClientName } from './clients.js'

/** A run by hand: one client, one rule, and all that can be seen of it. */
async function run(name: ClientName, rule?: NonNullable<Scenario['rules']>[number]) {
  const key = 'sandbox_by_hand'
  const scenario: Scenario = { name: 'by-hand', latency: {}, rules: rule ? [rule] : [] }
  await using sandbox = await createSandbox({ scenario, clock: FROZEN })
  const control = sandbox.control.merchant(key)
  const till = {
    control,
    async fetch(path: string | URL, init: RequestInit = {}) {
      // The vendor takes a second refund within 5 s for the first.
      await control.clock.advance('6s')
      const headers = { ...basic(key), ...(init.headers as Record<string, string>) }
      return sandbox.fetch(new URL(path, 'http://sandbox'), { ...init, headers })
    },
  }
  const said = await CLIENTS[name](till).then(
    (value) => ({ value }),
    (error: Error) => ({ error: error.message }),
  )
  const [state] = (await control.state.get()).merchants
  const orders = state!.customers!.flatMap((customer) => customer.orders ?? [])
  const charged = orders.filter(({ payments = [] }) => payments.some(({ status }) => status === 'CHARGED'))
  const { findings } = await control.verdict()
  const { requests } = await control.requests.get()
  return {
    said,
    charged: charged.reduce((sum, { amount }) => sum + amount, 0),
    refunded: orders.flatMap(({ refunds = [] }) => refunds).reduce((sum, { amount }) => sum + amount, 0),
    failed: findings.filter(({ level }) => level === 'fail').map(({ rule: broken }) => broken),
    calls: requests.map(({ operation, response }) => `${operation} ${response?.status}`),
  }
}

const lost = (operation: 'juspay.debitWallet' | 'juspay.refundOrder') => ({
  name: 'lost',
  match: { operation },
  when: { nth: 1, per: 'merchant' as const },
  phase: 'after-commit' as const,
  effect: { fault: 'reset' as const },
})

const RESULT = { paid: 109.55, refunded: 9.55 }

test('nine calls, and what is taken and given back, without faults', async () => {
  const { said, charged, refunded, failed, calls } = await run('right')
  expect({ said, charged, refunded, failed }).toEqual({
    said: { value: RESULT },
    charged: 109.55,
    refunded: 9.55,
    failed: [],
  })
  expect(calls).toHaveLength(9)
  expect(calls[6]).toBe('juspay.debitWallet 200')
})

test('what shows each client for what it is', async () => {
  const debit = lost('juspay.debitWallet')
  const limited = { ...debit, phase: 'before-commit' as const, effect: { error: 'rate_limited' } }
  const twice = { ...debit, phase: undefined, match: {}, effect: { webhook: 'duplicate' as const } }
  expect({
    right: await run('right', debit),
    'right, its refund lost': await run('right', lost('juspay.refundOrder')),
    'pays under a new order': await run('pays under a new order', debit),
    'repeats the debit blindly': await run('repeats the debit blindly', debit),
    'takes a time-out for failure': await run('takes a time-out for failure', debit),
    'refunds by another id': await run('refunds by another id', lost('juspay.refundOrder')),
    'counts an event twice': await run('counts an event twice', {
      name: 'twice',
      match: { event: 'ORDER_SUCCEEDED' },
      effect: twice.effect,
    }),
    'gives up on 429': await run('gives up on 429', limited),
  }).toMatchObject({
    right: { said: { value: RESULT }, charged: 109.55, refunded: 9.55, failed: [] },
    'right, its refund lost': { said: { value: RESULT }, charged: 109.55, refunded: 9.55, failed: [] },
    // The money.
    'pays under a new order': { said: { value: RESULT }, charged: 219.1, failed: [] },
    // A rule of the verdict.
    'repeats the debit blindly': { charged: 109.55, failed: ['debit-repeated-blindly'] },
    // What the client says, and the money.
    'takes a time-out for failure': { said: { error: 'not paid' }, charged: 109.55, failed: [] },
    // The money, and a rule of the verdict.
    'refunds by another id': { refunded: 19.1, failed: ['refund-repeated-by-another-id'] },
    // What the client says, beside what it says without a fault.
    'counts an event twice': { said: { value: { ...RESULT, cups: 2 } }, charged: 109.55, failed: [] },
    // What the client says, where it must not fail.
    'gives up on 429': { said: { error: '/txns: 429' }, charged: 0, failed: [] },
  })
  const [first, second] = [await run('differs from run to run'), await run('differs from run to run')]
  expect(first.calls).not.toEqual(second.calls)
})
