import { afterEach, describe, expect, test, vi } from 'vitest'
import { createSandbox, type Fixtures } from '../../../src/index.js'
import { withSandbox } from '../../contract/targets.js'
import { every } from '../../every.js'
import { client, inProcess, WALLET } from './client.js'

type Status = 'active' | 'frozen' | 'deleted'

/** A merchant whose wallet is in some status. */
const holding = (status: Status): Fixtures => ({
  merchants: [
    {
      id: 'acme',
      juicywayApiKeys: [{ key: 'test_acme_juicyway' }],
      customers: [
        {
          id: 'ada',
          currencyWallets: [{ id: WALLET, accountId: WALLET, currency: 'USD', balance: 500, status }],
        },
      ],
    },
  ],
})

/** From each status, what asking for each other one brings: an event's action, or a refusal. */
const TRANSITIONS: readonly (readonly [from: Status, to: unknown, outcome: string | 400 | 422])[] = [
  ['active', 'active', 422],
  ['active', 'frozen', 'freeze'],
  ['active', 'deleted', 'delete'],
  ['frozen', 'active', 'unfreeze'],
  ['frozen', 'frozen', 422],
  ['frozen', 'deleted', 'delete'],
  ['deleted', 'active', 422],
  ['deleted', 'frozen', 422],
  ['deleted', 'deleted', 422],
  ...(['active', 'frozen', 'deleted'] as const).flatMap((from) =>
    ['closed', 'Active', '', null, 1, true, ['frozen'], { status: 'frozen' }, undefined].map(
      (to) => [from, to, 400] as const,
    ),
  ),
]

test('a status becomes what is asked for where that is allowed, with an event, and stays where it is not', () =>
  every(TRANSITIONS, ([from, to, outcome]) =>
    withSandbox(inProcess, { fixtures: holding(from), clock: '2025-08-01T10:00:00Z' }, async (send) => {
      const call = client(send)
      const before = await call('GET', `/wallets/${WALLET}`)
      const reply = await call('PATCH', `/wallets/${WALLET}/status`, { status: to })
      const after = await call('GET', `/wallets/${WALLET}`)
      if (typeof outcome === 'number') {
        expect(reply.status).toBe(outcome)
        expect(reply.body.error.code).toBe(outcome === 400 ? 'invalid_request' : 'validation_error')
        expect(after.text).toBe(before.text)
        return
      }
      expect(reply.status).toBe(200)
      expect(reply.text).toBe(after.text)
      expect(after.body.data).toEqual({
        ...before.body.data,
        status: to,
        events: [
          {
            action: outcome,
            id: expect.any(String),
            inserted_at: '2025-08-01T10:00:00Z',
            reason: null,
            wallet_id: WALLET,
          },
        ],
      })
    }),
  ))

describe('what a wallet that is not active refuses', () => {
  const CALLS = [
    ['POST', '/wallets/transactions', { wallet_id: WALLET, amount: 1, type: 'credit' }],
    ['POST', '/wallets/transactions', { wallet_id: WALLET, amount: 1, type: 'debit' }],
    ['POST', `/wallets/${WALLET}/payment-method`, { type: 'bank_account' }],
  ] as const

  test.each(
    CALLS.flatMap((call) => (['active', 'frozen', 'deleted'] as const).map((status) => [status, ...call] as const)),
  )('%s: %s %s %j', (status, method, path, body) =>
    withSandbox(inProcess, { fixtures: holding(status) }, async (send) => {
      const reply = await client(send)(method, path, body)
      expect(reply.status).toBe(status === 'active' ? 200 : 422)
      if (status !== 'active') expect(reply.body.error.message).toBe(`Wallet is ${status}`)
    }),
  )
})

describe('reasons', () => {
  test.each([
    ['fraud', 200, 'fraud'],
    ['', 200, null],
    [null, 200, null],
    ['x'.repeat(256), 200, 'x'.repeat(256)],
    ['x'.repeat(257), 400, undefined],
    [7, 400, undefined],
    [{}, 400, undefined],
  ])('%j', (reason, status, kept) =>
    withSandbox(inProcess, { fixtures: holding('active') }, async (send) => {
      const reply = await client(send)('PATCH', `/wallets/${WALLET}/status`, { status: 'frozen', reason })
      expect(reply.status).toBe(status)
      expect(reply.body.data?.events[0].reason).toBe(kept)
    }),
  )
})

describe('a bank account that takes its time', () => {
  afterEach(() => vi.useRealTimers())

  test('arrives when the delay has passed on the clock of the sandbox', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2025-08-01T10:00:00Z') })
    await using sandbox = await createSandbox({ fixtures: holding('active'), paymentMethodDelay: '1h', latency: 'off' })
    const call = client(await inProcess.reach(sandbox))
    const reply = await call('POST', `/wallets/${WALLET}/payment-method`, { type: 'bank_account' })
    expect(reply.body.data.payment_methods).toEqual([])
    const arrived = async () => (await call('GET', `/wallets/${WALLET}`)).body.data.payment_methods.length
    vi.setSystemTime(Date.parse('2025-08-01T10:59:59.999Z'))
    expect(await arrived()).toBe(0)
    vi.setSystemTime(Date.parse('2025-08-01T11:00:00Z'))
    expect(await arrived()).toBe(1)
  })

  test.each([-1, '1 hour', '366d'])('a delay of %j is refused', async (paymentMethodDelay) => {
    await expect(createSandbox({ paymentMethodDelay })).rejects.toThrow(/paymentMethodDelay.*at most "365d"/)
  })
})
