import { expect, test } from 'vitest'
import { faultsOf } from '../../src/schema.js'
import { fixturesSchema } from '../../src/store/fixtures.js'
import { fromCustomer, toCustomer } from '../../src/store/seed.js'
import type { CurrencyWallet, Customer } from '../../src/wallets/model.js'
import { WALLET } from '../juicyway/client.js'

const uuid = (n: number) => `0000000${n}-0000-4000-8000-000000000000`

const full: CurrencyWallet = {
  id: WALLET,
  accountId: uuid(1),
  currency: 'NGN',
  balance: 75,
  status: 'frozen',
  events: [
    { id: uuid(2), walletId: WALLET, action: 'create', reason: null, at: '2025-08-01T10:00:00Z' },
    { id: uuid(3), walletId: WALLET, action: 'freeze', reason: 'fraud', at: '2025-08-01T11:00:00Z' },
  ],
  paymentMethods: [
    {
      accountName: 'Ada Eze',
      accountNumber: '0123456789',
      accountType: 'savings',
      address: null,
      bankAddress: '1 Marina, Lagos',
      bankCode: '035',
      bankName: 'Wema Bank',
      arrivesAt: '2025-08-01T12:00:00.250Z',
    },
  ],
  transactions: [
    {
      id: uuid(4),
      type: 'credit',
      amount: 75,
      balanceAfter: 75,
      description: null,
      correlationId: uuid(5),
      reference: '1234',
      at: '2025-08-01T10:30:00Z',
      sequence: 2,
    },
  ],
  sequence: 1,
}

test('a currency wallet with all its parts, and answered requests, survive the form of a fixture', () => {
  const customer: Customer = {
    ...toCustomer({ id: 'ada' }),
    currencyWallets: [full],
    answered: [
      { key: 'a', request: 'digest', at: Date.parse('2025-08-01T10:30:00.001Z'), outcome: { status: 200, body: '{}' } },
      { key: 'b', request: 'digest', at: 0, outcome: { error: 'conflict', reason: 'why', message: null } },
    ],
  }
  const fixture = fromCustomer(customer)
  const fixtures = { merchants: [{ id: 'acme', customers: [JSON.parse(JSON.stringify(fixture))] }] }
  expect(faultsOf(fixturesSchema, fixtures, 'export')).toEqual([])
  expect(toCustomer(fixtures.merchants[0]!.customers[0])).toEqual(customer)
})

test('a transaction id that stands twice is refused with its place', () => {
  const customer = fromCustomer({ ...toCustomer({ id: 'ada' }), currencyWallets: [full, { ...full, id: uuid(9) }] })
  expect(faultsOf(fixturesSchema, { merchants: [{ id: 'acme', customers: [customer] }] }, 'file')).toEqual([
    expect.stringMatching(/^file:merchants\[0\]\.customers\[0\]\.currencyWallets\[1\]\.transactions\[0\]\.id: is /),
  ])
})
