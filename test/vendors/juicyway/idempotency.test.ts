import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createSandbox, type Sandbox } from '../../../src/index.js'
import { TARGETS, withSandbox } from '../../contract/targets.js'
import { type Call, CUSTOMER, client, GLOBEX_WALLET, idempotencyKey, inProcess, UNKNOWN, WALLET } from './client.js'

const CREDIT = { wallet_id: WALLET, amount: 100, type: 'credit' }
const balanceOf = async (call: Call, wallet = WALLET) =>
  (await call('GET', `/wallets/${wallet}`)).body.data.balance.amount

test.each(TARGETS)('50 at once are one effect and one answer, $name', (target) =>
  withSandbox(target, {}, async (send) => {
    const call = client(send)
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => call('POST', '/wallets/transactions', CREDIT, idempotencyKey('once'))),
    )
    expect(new Set(replies.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(replies[0]!.body.data.balance_after).toBe(100)
    expect(replies.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1)
    expect(await balanceOf(call)).toBe(100)
    expect((await call('GET', '/wallets/transactions')).body.data).toHaveLength(1)
  }),
)

describe('a key', () => {
  let sandbox: Sandbox
  let call: Call
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2025-08-01T10:00:00Z') })
    sandbox = await createSandbox({ latency: 'off' })
    call = client(await inProcess.reach(sandbox))
  })
  afterEach(async () => {
    vi.useRealTimers()
    await sandbox.close()
  })

  const transact = (body: unknown, key: string, extra = {}) =>
    call('POST', '/wallets/transactions', body, { ...idempotencyKey(key), ...extra })

  test.each([
    ['createWallet', '/wallets', { currency: 'GBP', customer_id: CUSTOMER }, 201],
    ['addPaymentMethod', `/wallets/${WALLET}/payment-method`, { type: 'bank_account' }, 200],
    ['createTransaction', '/wallets/transactions', CREDIT, 200],
    ['a conflict', '/wallets', { currency: 'USD', customer_id: CUSTOMER }, 409],
    ['a debit that is not covered', '/wallets/transactions', { ...CREDIT, type: 'debit' }, 409],
    ['a type that is none', '/wallets/transactions', { ...CREDIT, type: 'refund' }, 422],
  ])('repeats %s word for word', async (_, path, body, status) => {
    const first = await call('POST', path, body, idempotencyKey('k'))
    // What is changed in between must not show.
    await call('POST', '/wallets/transactions', { ...CREDIT, amount: 5000 })
    const again = await call('POST', path, body, idempotencyKey('k'))
    expect([again.status, again.text]).toEqual([status, first.text])
    expect(first.status).toBe(status)
    expect([first, again].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true'])
    expect(again.headers.get('x-sandbox-fidelity')).toBe(first.headers.get('x-sandbox-fidelity'))
  })

  test.each([
    ['another amount', '/wallets/transactions', { ...CREDIT, amount: 101 }],
    ['another type of amount', '/wallets/transactions', { ...CREDIT, amount: '100' }],
    ['another wallet', '/wallets/transactions', { ...CREDIT, wallet_id: UNKNOWN }],
    ['one field more', '/wallets/transactions', { ...CREDIT, description: 'rent' }],
    ['another call', `/wallets/${WALLET}/payment-method`, { type: 'bank_account' }],
  ])('is refused with %s', async (_, path, body) => {
    expect((await transact(CREDIT, 'k')).status).toBe(200)
    const other = await call('POST', path, body, idempotencyKey('k'))
    expect([other.status, other.body.error.code]).toEqual([422, 'validation_error'])
    expect(other.headers.get('x-sandbox-reason')).toMatch(/Idempotency-Key/)
    expect((await transact(CREDIT, 'k')).headers.get('idempotent-replayed')).toBe('true')
    expect(await balanceOf(call)).toBe(100)
  })

  test('does not mind white space, the order of the fields, or the prefix of the vendor', async () => {
    const first = await transact(CREDIT, 'k')
    const text = '{ "type": "credit",\n "amount": 100, "wallet_id": "3d2e3f3e-3b3c-4907-a4fd-e241203440d7" }'
    expect((await transact(text, 'k')).text).toBe(first.text)
    const prefixed = await call('POST', '/juicyway/wallets/transactions', CREDIT, idempotencyKey('k'))
    expect(prefixed.text).toBe(first.text)
  })

  test('is fresh a day of sandbox time later, and not a millisecond before', async () => {
    await transact(CREDIT, 'k')
    vi.setSystemTime(Date.parse('2025-08-02T09:59:59.999Z'))
    expect((await transact(CREDIT, 'k')).body.data.balance_after).toBe(100)
    vi.setSystemTime(Date.parse('2025-08-02T10:00:00Z'))
    expect((await transact(CREDIT, 'k')).body.data.balance_after).toBe(200)
    expect((await transact(CREDIT, 'k')).body.data.balance_after).toBe(200)
    expect((await transact({ ...CREDIT, amount: 1 }, 'k')).status).toBe(422)
  })

  test('that was refused for the form of its request, or found nobody, is free', async () => {
    expect((await transact({ ...CREDIT, amount: 0 }, 'k')).status).toBe(400)
    expect((await transact({ ...CREDIT, wallet_id: UNKNOWN }, 'k')).status).toBe(404)
    expect((await transact('{', 'k')).status).toBe(400)
    expect((await transact(CREDIT, 'k')).status).toBe(200)
  })

  test("is one merchant's own", async () => {
    await transact(CREDIT, 'k')
    const globex = client(await inProcess.reach(sandbox), 'test_globex_juicyway')
    const body = { ...CREDIT, wallet_id: GLOBEX_WALLET }
    const other = await globex('POST', '/wallets/transactions', body, idempotencyKey('k'))
    expect(other.body.data.balance_after).toBe(1_500_100)
  })

  test('does not show a masked API key what another one was shown', async () => {
    const path = `/wallets/${WALLET}/payment-method`
    await call('POST', path, { type: 'bank_account' }, idempotencyKey('k'))
    const masked = client(await inProcess.reach(sandbox), 'test_acme_masked')
    const reply = await masked('POST', path, { type: 'bank_account' }, idempotencyKey('k'))
    expect([reply.status, reply.text]).toEqual([422, expect.not.stringContaining('3515200757')])
  })

  test.each([
    ['x'.repeat(255), 200],
    ['x'.repeat(256), 400],
  ])('of this length: %s, %i', async (key, status) => {
    expect((await transact(CREDIT, key)).status).toBe(status)
  })

  test('that is empty is none', async () => {
    await transact(CREDIT, '')
    expect((await transact(CREDIT, '')).body.data.balance_after).toBe(200)
  })

  test('means nothing to a change of status', async () => {
    const become = (status: string) => call('PATCH', `/wallets/${WALLET}/status`, { status }, idempotencyKey('k'))
    expect((await become('frozen')).status).toBe(200)
    expect((await become('frozen')).status).toBe(422)
  })

  test('is forgotten after 2,000 newer ones of the same customer', async () => {
    await transact(CREDIT, 'first')
    for (let n = 0; n < 1999; n++) await transact({ ...CREDIT, amount: 1 }, `k${n}`)
    expect((await transact(CREDIT, 'first')).headers.get('idempotent-replayed')).toBe('true')
    await transact({ ...CREDIT, amount: 1 }, 'one more')
    expect((await transact(CREDIT, 'first')).headers.get('idempotent-replayed')).toBeNull()
    expect((await transact({ ...CREDIT, amount: 1 }, 'k1998')).headers.get('idempotent-replayed')).toBe('true')
    expect(await balanceOf(call)).toBe(100 + 2000 + 100)
  })
})

test('a debit that went through before the connection broke is found by its repetition', async () => {
  const scenario = {
    name: 'debit, then reset',
    rules: [
      {
        name: 'the first debit',
        match: { operation: 'juicyway.createTransaction', wallet: WALLET, body: { type: 'debit' } },
        when: { first: 1 },
        phase: 'after-commit' as const,
        effect: { fault: 'reset' as const },
      },
    ],
  }
  for (const target of TARGETS)
    await withSandbox(target, { scenario }, async (send) => {
      const call = client(send)
      await call('POST', '/wallets/transactions', CREDIT)
      const debit = () =>
        call('POST', '/wallets/transactions', { ...CREDIT, type: 'debit', amount: 60 }, idempotencyKey('payout'))
      await expect(debit()).rejects.toThrow('fetch failed')
      const reply = await debit()
      expect([reply.status, reply.body.data.balance_after]).toEqual([200, 40])
      expect(reply.headers.get('idempotent-replayed')).toBe('true')
      expect(await balanceOf(call)).toBe(40)
    })
})
