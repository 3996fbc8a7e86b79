import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSandbox } from '../../../src/index.js'
import { withSandbox } from '../../contract/targets.js'
import { CUSTOMER, client, GLOBEX_WALLET, inProcess, WALLET } from './client.js'

describe('amounts', () => {
  test.each([
    ['1', 200],
    ['10.0', 200],
    ['1e3', 200],
    ['1000000000000000', 200],
    ['0', 400],
    ['-0', 400],
    ['-1', 400],
    ['0.5', 400],
    ['10.001', 400],
    ['0.30000000000000004', 400],
    ['1000000000000001', 400],
    ['9007199254740993', 400],
    ['1e400', 400],
    ['"10"', 400],
    ['""', 400],
    ['"1e3"', 400],
    ['null', 400],
    ['true', 400],
    ['[10]', 400],
    ['{"amount":10}', 400],
  ])('%s: %i', (amount, status) =>
    withSandbox(inProcess, {}, async (send) => {
      const body = `{"wallet_id":"${WALLET}","type":"credit","amount":${amount}}`
      const reply = await client(send)('POST', '/wallets/transactions', body)
      expect(reply.status).toBe(status)
      if (status === 200) expect(reply.body.data.balance_after).toBe(Number(amount))
      else
        expect(reply.headers.get('x-sandbox-reason')).toMatch(
          /^amount is .*; send a number of minor units|^The number \S+ in the body has more digits/,
        )
    }),
  )

  test.each([60, 100, 300_000])('nested %i levels deep: 400', (levels) =>
    withSandbox(inProcess, {}, async (send) => {
      const body = `{"wallet_id":"${WALLET}","type":"credit","amount":${'['.repeat(levels)}${']'.repeat(levels)}}`
      expect((await client(send)('POST', '/wallets/transactions', body)).status).toBe(400)
    }),
  )

  test('a form is not JSON, and a wallet holds so much and no more', () =>
    withSandbox(inProcess, {}, async (send) => {
      const call = client(send)
      const form = { 'content-type': 'application/x-www-form-urlencoded' }
      const text = `wallet_id=${WALLET}&type=credit&amount=10`
      expect((await call('POST', '/wallets/transactions', text, form)).status).toBe(400)
      const credit = (amount: number) =>
        call('POST', '/wallets/transactions', { wallet_id: WALLET, type: 'credit', amount })
      expect((await credit(1e15)).status).toBe(200)
      expect([(await credit(1)).status, (await credit(1)).body.error.message]).toEqual([
        422,
        'Balance would be too large',
      ])
    }))
})

test("a merchant's transactions are listed newest first, by filter, and never another merchant's", () =>
  withSandbox(inProcess, { clock: '2025-08-01T10:00:00Z' }, async (send) => {
    const call = client(send)
    const { id } = (await call('POST', '/wallets', { currency: 'NGN', customer_id: CUSTOMER })).body.data
    const post = (wallet_id: string, type: string, amount: number) =>
      call('POST', '/wallets/transactions', { wallet_id, type, amount })
    for (let n = 1; n <= 20; n++) await post(n % 2 ? WALLET : id, n > 5 && n % 5 === 0 ? 'debit' : 'credit', n)
    await client(send, 'test_globex_juicyway')('POST', '/wallets/transactions', {
      wallet_id: GLOBEX_WALLET,
      type: 'credit',
      amount: 99,
    })
    const list = async (query: string) => {
      const { data, pagination } = (await call('GET', `/wallets/transactions?${query}`)).body
      return { amounts: data.map((one: { amount: { amount: number } }) => one.amount.amount), ...pagination }
    }
    const all = Array.from({ length: 20 }, (_, i) => 20 - i)
    expect((await list('limit=100')).amounts).toEqual(all)
    expect((await list(`limit=100&wallet_id=${WALLET}`)).amounts).toEqual(all.filter((n) => n % 2 === 1))
    expect((await list(`limit=100&wallet_id=${id}&type=debit`)).amounts).toEqual([20, 10])
    expect((await list(`limit=100&customer_id=${CUSTOMER}&type=debit`)).amounts).toEqual([20, 15, 10])
    expect((await list(`wallet_id=${GLOBEX_WALLET}`)).amounts).toEqual([])
    expect((await list('customer_id=nobody')).amounts).toEqual([])
    const first = await list('limit=8')
    const second = await list(`limit=8&after=${first.after}`)
    const third = await list(`limit=8&after=${second.after}`)
    expect([...first.amounts, ...second.amounts, ...third.amounts]).toEqual(all)
    expect(third.after).toBeNull()
    expect((await list(`limit=8&before=${third.before}`)).amounts).toEqual(second.amounts)
  }))

describe('against a plain model', () => {
  const CURRENCIES = ['NGN', 'GBP', 'EUR'] as const
  const command = fc.oneof(
    { weight: 1, arbitrary: fc.record({ do: fc.constant('open' as const), wallet: fc.nat(2) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom('credit' as const, 'debit' as const),
        wallet: fc.nat(2),
        amount: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.constantFrom(1e15, 1e15 - 1)),
        key: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constantFrom('active' as const, 'frozen' as const, 'deleted' as const),
        wallet: fc.nat(2),
      }),
    },
  )

  interface Model {
    id: string
    status: string
    balance: number
    posted: number
  }

  test('no balance is ever negative, each is the sum of its transactions, and only legal steps are taken', async () => {
    await using sandbox = await createSandbox({ latency: 'off' })
    const send = await inProcess.reach(sandbox)
    let merchants = 0
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 40 }), async (commands) => {
        const call = client(send, `sandbox_model_${merchants++}`)
        const models: (Model | undefined)[] = [undefined, undefined, undefined]
        const answered = new Map<string, { request: string; text: string }>()
        for (const step of commands) {
          const model = models[step.wallet]
          if (step.do === 'open') {
            const body = { currency: CURRENCIES[step.wallet], customer_id: CUSTOMER }
            const reply = await call('POST', '/wallets', body)
            const free = model === undefined || model.status === 'deleted'
            expect(reply.status).toBe(free ? 201 : 409)
            if (free) models[step.wallet] = { id: reply.body.data.id, status: 'active', balance: 0, posted: 0 }
          } else if (model === undefined) continue
          else if ('amount' in step) {
            const body = { wallet_id: model.id, type: step.do, amount: step.amount }
            const headers: Record<string, string> = step.key === undefined ? {} : { 'idempotency-key': step.key }
            const reply = await call('POST', '/wallets/transactions', body, headers)
            const request = JSON.stringify(body)
            const earlier = step.key === undefined ? undefined : answered.get(step.key)
            if (earlier) {
              if (earlier.request === request) expect(reply.text).toBe(earlier.text)
              else expect(reply.status).toBe(422)
              continue
            }
            const balance = model.balance + (step.do === 'credit' ? step.amount : -step.amount)
            const expected = model.status !== 'active' || balance > 1e15 ? 422 : balance < 0 ? 409 : 200
            expect(reply.status).toBe(expected)
            if (step.key !== undefined) answered.set(step.key, { request, text: reply.text })
            if (expected !== 200) continue
            expect(reply.body.data.balance_after).toBe(balance)
            model.balance = balance
            model.posted++
          } else {
            const reply = await call('PATCH', `/wallets/${model.id}/status`, { status: step.do })
            const legal = model.status !== 'deleted' && model.status !== step.do
            expect(reply.status).toBe(legal ? 200 : 422)
            if (legal) model.status = step.do
          }
        }
        for (const model of models) {
          if (model === undefined) continue
          const { data } = (await call('GET', `/wallets/${model.id}`)).body
          expect([data.status, data.balance.amount]).toEqual([model.status, model.balance])
          const posted = (await call('GET', `/wallets/transactions?limit=100&wallet_id=${model.id}`)).body.data
          const sum = posted.reduce(
            (total: number, one: { type: string; amount: { amount: number } }) =>
              total + (one.type === 'credit' ? one.amount.amount : -one.amount.amount),
            0,
          )
          expect([posted.length, sum]).toEqual([model.posted, model.balance])
        }
      }),
      { numRuns: 150 },
    )
  })
})
