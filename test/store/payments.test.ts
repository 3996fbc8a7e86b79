import { expect, test } from 'vitest'
import { faultsOf } from '../../src/schema.js'
import { type FixtureCustomer, type Fixtures, fixturesSchema } from '../../src/store/fixtures.js'
import { State, seedOf } from '../../src/store/state.js'

const CUSTOMER: FixtureCustomer = {
  ...{ id: 'cst_a', objectReferenceId: 'asha@shop.example', mobileCountryCode: '91', mobileNumber: '9876543210' },
  ...{ emailAddress: 'asha@shop.example', firstName: 'Asha', lastName: 'Rao' },
  ...{ dateCreated: '2023-09-11T08:30:00Z', lastUpdated: '2023-09-11T08:31:00Z' },
  orders: [
    {
      ...{ id: 'ordeh_1', reference: 'Tea-1', customerName: 'cst_a', amount: 109.55, currency: 'INR' },
      ...{ email: 'asha@shop.example', phone: '9876543210', returnUrl: 'https://shop.example/' },
      createdAt: '2023-09-11T08:30:00Z',
      payments: [
        { id: 'acme-Tea-1-1', walletId: 'wlt_a', gateway: 'PAYTM', status: 'CHARGED', at: '2023-09-11T08:30:01Z' },
      ],
    },
  ],
  wallets: [
    {
      ...{ id: 'wlt_a', wallet: 'PAYTM', linked: false, provider: { balance: 10.01 } },
      ...{ otp: { code: '042042', attemptsLeft: 1 }, otpsDrawn: 2 },
      topUps: [
        { id: 'wtpup_1', reference: 'topup-1', amount: 0.1, status: 'PENDING', returnUrl: 'https://shop.example/' },
        { id: 'wtpup_2', reference: 'topup-2', amount: 50, status: 'FAILED' },
      ],
    },
  ],
}
const GUEST: FixtureCustomer = {
  ...{ id: 'guest_ordeh_2', guest: true },
  orders: [
    { id: 'ordeh_2', reference: 'tea-2', amount: 1, currency: 'INR', createdAt: '2023-09-11T08:30:00Z', payments: [] },
  ],
}
const merchant = { id: 'acme', customers: [CUSTOMER, GUEST] }
const fixtures = (customers: FixtureCustomer[]): Fixtures => ({ merchants: [{ id: 'acme', customers }] })

test('what a person is and pays goes out as it came in, and is valid', () => {
  const exported = new State(seedOf(merchant)).export()
  expect(exported).toEqual([CUSTOMER, GUEST])
  expect(faultsOf(fixturesSchema, fixtures(exported), 'state')).toEqual([])
})

test('orders and top-ups are found by their ids, guests are no customers', () => {
  const state = new State(seedOf(merchant))
  expect(state.holderOf('TEA-1')?.id).toBe('cst_a')
  expect(state.holderOf('Tea-2')?.id).toBe('guest_ordeh_2')
  expect(state.toppedUpBy('wtpup_2')?.id).toBe('cst_a')
  expect([state.customer('guest_ordeh_2'), state.holderOf('x'), state.toppedUpBy('x')]).toEqual(
    Array(3).fill(undefined),
  )
  expect([...state.customerNames()]).toEqual(['cst_a', 'asha@shop.example'])
})

test('the number of customers is counted once, however often they change', () => {
  const state = new State(seedOf(merchant))
  const asha = state.customer('cst_a')!
  expect(state.count).toBe(1)
  state.put({ ...asha })
  state.put({ ...asha })
  state.put({ ...asha, id: 'cst_b', objectReferenceId: null })
  state.put({ ...state.holderOf('tea-2')! })
  state.put({ ...asha, id: 'guest_x', objectReferenceId: null, guest: true })
  expect([state.count, [...state.customers()].length]).toEqual([2, 4])
  state.reset()
  expect(state.count).toBe(1)
})

test.each([
  [
    'an order reference twice, whatever its case',
    [CUSTOMER, { ...GUEST, orders: [{ ...GUEST.orders![0]!, reference: 'TEA-1' }] }],
    /merchants\[0\]\.customers\[1\]\.orders\[0\]\.reference: is "tea-1".*allowed: an order reference that stands once/,
  ],
  [
    'a top-up id twice',
    [CUSTOMER, { id: 'cst_b', wallets: [{ ...CUSTOMER.wallets![0]!, id: 'wlt_b' }] }],
    /topUps\[0\]\.id: is "wtpup_1".*allowed: a top-up id that stands once/,
  ],
  [
    'an amount of three decimals',
    [{ ...GUEST, orders: [{ ...GUEST.orders![0]!, amount: 1.005 }] }],
    /orders\[0\]\.amount: is 1\.005; allowed: an amount/,
  ],
])('%s is refused', (_, customers, sentence) => {
  expect(faultsOf(fixturesSchema, fixtures(customers as FixtureCustomer[]), 'file').join('\n')).toMatch(sentence)
})
