import { describe, expect, test } from 'vitest'
import type { Fixtures } from '../../../src/index.js'
import { permutation } from '../../../src/lib/random.js'
import { withSandbox } from '../../contract/targets.js'
import { type Call, CUSTOMER, client, idempotencyKey, inProcess, type Reply, WALLET } from './client.js'

describe('a rule about a customer or wallet meets requests that name it in query or body', () => {
  interface Asked {
    readonly operation: string
    readonly match: { readonly customer?: string; readonly wallet?: string }
    readonly method: string
    readonly path: string
    readonly body?: object
  }
  const ofCustomer = { customer: CUSTOMER }
  const ofWallet = { wallet: WALLET }
  const transaction = {
    operation: 'createTransaction',
    method: 'POST',
    path: '/wallets/transactions',
    body: { wallet_id: WALLET },
  }
  const ASKED: readonly Asked[] = [
    { operation: 'createWallet', match: ofCustomer, method: 'POST', path: '/wallets', body: { customer_id: CUSTOMER } },
    { operation: 'listWallets', match: ofCustomer, method: 'GET', path: `/wallets/all?customer_id=${CUSTOMER}` },
    { ...transaction, match: ofWallet },
    { ...transaction, match: ofCustomer },
    {
      operation: 'listTransactions',
      match: ofCustomer,
      method: 'GET',
      path: `/wallets/transactions?wallet_id=${WALLET}`,
    },
    {
      operation: 'updateWalletStatus',
      match: ofCustomer,
      method: 'PATCH',
      path: `/wallets/${WALLET}/status`,
      body: {},
    },
  ]

  test.each(ASKED)('$operation by $match', ({ operation, match, method, path, body }) => {
    const rule = {
      name: 'busy',
      match: { operation: `juicyway.${operation}`, ...match },
      effect: { error: 'rate_limited' },
    }
    return withSandbox(inProcess, { scenario: { name: 'busy', rules: [rule] } }, async (send) => {
      expect((await client(send)(method, path, body)).status).toBe(429)
    })
  })

  test('and counts for each wallet apart', () => {
    const rule = {
      name: 'second',
      match: { operation: 'juicyway.createTransaction' },
      when: { nth: [2] },
      effect: { error: 'maintenance' },
    }
    return withSandbox(inProcess, { scenario: { name: 'second', rules: [rule] } }, async (send) => {
      const call = client(send)
      const { id } = (await call('POST', '/wallets', { currency: 'NGN', customer_id: CUSTOMER })).body.data
      const statuses: number[] = []
      for (const wallet_id of [WALLET, id, WALLET, id, WALLET])
        statuses.push((await call('POST', '/wallets/transactions', { wallet_id, amount: 1, type: 'credit' })).status)
      expect(statuses).toEqual([200, 200, 503, 503, 200])
    })
  })
})

test('each customer gets the same answers, whatever the order of requests for different ones', async () => {
  const customers = Array.from({ length: 12 }, (_, c) => `customer-${c}`)
  const fixtures: Fixtures = {
    merchants: [{ id: 'acme', juicywayApiKeys: [{ key: 'test_acme' }], customers: customers.map((id) => ({ id })) }],
  }
  const seen = ({ status, text, headers }: Reply) => `${status} ${headers.get('x-request-id')} ${text}`
  const life = async (call: Call, customer_id: string) => {
    const created = await call('POST', '/wallets', { currency: 'EUR', customer_id }, idempotencyKey(customer_id))
    const { id } = created.body.data
    const transaction = { wallet_id: id, amount: 10, type: 'credit' }
    const replies = [
      created,
      await call('POST', '/wallets/transactions', transaction),
      await call('POST', '/wallets/transactions', { ...transaction, type: 'debit', amount: 4 }),
      await call('POST', `/wallets/${id}/payment-method`, { type: 'bank_account' }),
      await call('PATCH', `/wallets/${id}/status`, { status: 'frozen' }),
      await call('GET', `/wallets/${id}`),
      await call('GET', `/wallets/all?customer_id=${customer_id}&limit=1`),
      await call('GET', `/wallets/transactions?wallet_id=${id}&limit=1`),
    ]
    return replies.map(seen).join('\n')
  }
  const transcripts = (order: readonly number[], atOnce: boolean) =>
    withSandbox(inProcess, { fixtures, clock: '2025-08-01T10:00:00Z' }, async (send) => {
      const call = client(send, 'test_acme')
      const lives: string[] = []
      const live = async (c: number) => {
        lives[c] = await life(call, customers[c]!)
      }
      if (atOnce) await Promise.all(order.map(live))
      else for (const c of order) await live(c)
      return lives
    })
  const first = await transcripts(
    customers.map((_, c) => c),
    false,
  )
  expect(new Set(first).size).toBe(customers.length)
  for (let round = 0; round < 4; round++)
    expect(await transcripts(permutation(customers.length, round), round % 2 === 0)).toEqual(first)
})

describe('keys', () => {
  test('a masked one sees the last four digits of an account wherever it is shown', () =>
    withSandbox(inProcess, {}, async (send) => {
      const masked = client(send, 'test_acme_masked')
      const account = { type: 'bank_account' }
      const [retrieved, added, listed, frozen] = [
        (await masked('GET', `/wallets/${WALLET}`)).body.data,
        (await masked('POST', `/wallets/${WALLET}/payment-method`, account)).body.data,
        (await masked('GET', '/wallets/all')).body.data[0],
        (await masked('PATCH', `/wallets/${WALLET}/status`, { status: 'frozen' })).body.data,
      ]
      const numbers = (wallet: { payment_methods: { account_number: string }[] }) =>
        wallet.payment_methods.map(({ account_number }) => account_number)
      expect(numbers(retrieved)).toEqual(['******0757'])
      for (const wallet of [added, listed, frozen])
        expect(numbers(wallet)).toEqual(['******0757', expect.stringMatching(/^\*{6}\d{4}$/)])
      const plain = (await client(send)('GET', `/wallets/${WALLET}`)).body.data
      expect(numbers(plain)).toEqual(['3515200757', expect.stringMatching(/^\d{10}$/)])
    }))

  test.each([
    [['read'], [200, 403]],
    [['write'], [403, 201]],
    [
      ['read', 'write'],
      [200, 201],
    ],
  ] as const)('one that may %j', (permissions, [list, create]) => {
    const fixtures: Fixtures = {
      merchants: [
        {
          id: 'acme',
          juicywayApiKeys: [{ key: 'test_acme', permissions: [...permissions] }],
          customers: [{ id: 'ada' }],
        },
      ],
    }
    return withSandbox(inProcess, { fixtures }, async (send) => {
      const call = client(send, 'test_acme')
      expect((await call('GET', '/wallets/all')).status).toBe(list)
      const created = await call('POST', '/wallets', { currency: 'USD', customer_id: 'ada' })
      expect(created.status).toBe(create)
    })
  })
})

test('wallets of a merchant without a known account are all of one that is drawn', () => {
  const customers = [{ id: 'ada' }, { id: 'bob' }]
  const fixtures: Fixtures = { merchants: [{ id: 'acme', juicywayApiKeys: [{ key: 'test_acme' }], customers }] }
  return withSandbox(inProcess, { fixtures }, async (send) => {
    const call = client(send, 'test_acme')
    const accounts = new Set<string>()
    for (const customer_id of ['ada', 'bob'])
      for (const currency of ['NGN', 'USD', 'GBP', 'EUR', 'CAD'])
        accounts.add((await call('POST', '/wallets', { currency, customer_id })).body.data.account_id)
    expect(accounts.size).toBe(1)
  })
})

test('a bare key and the prefix of the vendor reach every operation', () =>
  withSandbox(inProcess, {}, async (send) => {
    const bare = { authorization: 'test_acme_juicyway' }
    for (const path of [
      '/wallets/all',
      '/wallets/transactions',
      `/juicyway/wallets/${WALLET}`,
      '/juicyway/wallets/all',
    ])
      expect([path, (await client(send)('GET', path, undefined, bare)).status]).toEqual([path, 200])
    // A vendor's prefix names it without doubt: this path is the other vendor's wallet "all".
    const response = await send('/juspay/wallets/all', { headers: { authorization: 'Basic YWNtZV90ZXN0X2tleTo=' } })
    expect([response.status, response.headers.get('x-jp-merchant-id')]).toEqual([400, 'acme'])
  }))
