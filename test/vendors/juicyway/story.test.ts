import { expect, test } from 'vitest'
import { TARGETS, withSandbox } from '../../contract/targets.js'
import { CUSTOMER, client } from './client.js'

const CLOCK = '2025-08-01T10:00:00Z'
const UUID = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)

test.each(TARGETS)('the life of a wallet, $name', (target) =>
  withSandbox(target, { clock: CLOCK }, async (send) => {
    const call = client(send)

    const created = await call('POST', '/wallets', { currency: 'NGN', customer_id: CUSTOMER })
    expect(created.status).toBe(201)
    expect(Object.keys(created.body.data)).toEqual(['id', 'account_id', 'customer_id', 'balance', 'status'])
    expect(created.body.data).toEqual({
      id: UUID,
      account_id: 'f55ca88c-71aa-4dab-a10a-4d818c11e8e6',
      customer_id: CUSTOMER,
      balance: { amount: 0, currency: 'NGN' },
      status: 'active',
    })
    const { id } = created.body.data
    const post = (type: string, amount: number) =>
      call('POST', '/wallets/transactions', { wallet_id: id, amount, type, description: `a ${type}` })
    const become = (status: string, reason?: string) => call('PATCH', `/wallets/${id}/status`, { status, reason })
    const shown = async () => (await call('GET', `/wallets/${id}`)).body.data

    const funded = await post('credit', 150_000)
    expect(funded.status).toBe(200)
    expect(funded.text).toBe(
      JSON.stringify({
        data: {
          transaction_id: funded.body.data.transaction_id,
          wallet_id: id,
          type: 'credit',
          amount: 150_000,
          balance_after: 150_000,
          created_at: CLOCK,
        },
      }),
    )

    const paidOut = await post('debit', 40_050)
    expect(paidOut.body.data).toMatchObject({ type: 'debit', amount: 40_050, balance_after: 109_950 })
    const overdrawn = await post('debit', 109_951)
    expect([overdrawn.status, overdrawn.body.error.code]).toEqual([409, 'insufficient_balance'])

    const account = await call('POST', `/wallets/${id}/payment-method`, { type: 'bank_account' })
    expect(account.status).toBe(200)
    expect(Object.keys(account.body.data)).toEqual(['id', 'status', 'payment_methods', 'balance'])
    expect(account.body.data.payment_methods).toEqual([
      {
        account_name: expect.any(String),
        account_number: expect.stringMatching(/^\d{10}$/),
        account_type: expect.stringMatching(/^(savings|current)$/),
        address: null,
        bank_address: null,
        bank_code: expect.stringMatching(/^\d{3}$/),
        bank_name: expect.any(String),
      },
    ])

    const frozen = await become('frozen', 'suspicious debit')
    expect(frozen.status).toBe(200)
    expect(frozen.body.data).toEqual(await shown())
    expect(frozen.body.data.status).toBe('frozen')
    const whileFrozen = await post('debit', 1)
    expect([whileFrozen.status, whileFrozen.body.error.message]).toEqual([422, 'Wallet is frozen'])

    expect((await become('active', 'cleared')).status).toBe(200)
    expect((await post('debit', 950)).body.data.balance_after).toBe(109_000)

    expect((await become('deleted')).status).toBe(200)
    const refused = [
      await post('credit', 1),
      await post('debit', 1),
      await become('active'),
      await become('frozen'),
      await become('deleted'),
      await call('POST', `/wallets/${id}/payment-method`, { type: 'bank_account' }),
    ]
    expect(refused.map(({ status }) => status)).toEqual([422, 422, 422, 422, 422, 422])

    const end = await shown()
    expect(end).toMatchObject({ status: 'deleted', balance: { amount: 109_000, currency: 'NGN' } })
    expect(end.events.map(({ action, reason }: Record<string, unknown>) => [action, reason])).toEqual([
      ['create', null],
      ['freeze', 'suspicious debit'],
      ['unfreeze', 'cleared'],
      ['delete', null],
    ])
    for (const event of end.events) {
      expect(Object.keys(event)).toEqual(['action', 'id', 'inserted_at', 'reason', 'wallet_id'])
      expect(event).toMatchObject({ id: UUID, inserted_at: CLOCK, wallet_id: id })
    }

    const { data: history } = (await call('GET', `/wallets/transactions?wallet_id=${id}`)).body
    expect(history.map(({ type, amount }: Record<string, unknown>) => [type, amount])).toEqual([
      ['debit', { amount: 950, currency: 'NGN' }],
      ['debit', { amount: 40_050, currency: 'NGN' }],
      ['credit', { amount: 150_000, currency: 'NGN' }],
    ])
    const retrieved = await call('GET', `/wallets/transactions/${funded.body.data.transaction_id}`)
    expect(retrieved.body.data).toEqual(history[2])
    expect(Object.keys(retrieved.body.data)).toEqual([
      'account_id',
      'amount',
      'correlation_id',
      'created_at',
      'customer_id',
      'description',
      'destination',
      'error',
      'fee',
      'id',
      'metadata',
      'reference',
      'source',
      'type',
      'updated_at',
      'wallet_id',
    ])

    // A deleted wallet makes room for another one of its currency.
    const second = await call('POST', '/wallets', { currency: 'NGN', customer_id: CUSTOMER })
    expect(second.status).toBe(201)
    expect(second.body.data.id).not.toBe(id)
  }),
)
