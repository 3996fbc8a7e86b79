import { expect, test } from 'vitest'
import { createSandbox, record } from '../../src/index.js'
import { VENDORS } from '../../src/vendors/index.js'
import { every } from '../every.js'
import { KEYS, upstreamFixtures } from './session.js'

const CLOCK = '2024-03-05T10:00:00Z'

const HEADERS = {
  juspay: { authorization: `Basic ${btoa(`${KEYS.juspay}:`)}`, 'x-routing-id': 'r', 'x-merchantid': 'initech' },
  juicyway: { authorization: `Bearer ${KEYS.juicyway}` },
}

const fixtures = upstreamFixtures()
const [merchant] = fixtures.merchants
const owner = merchant!.customers!.find(({ guest }) => !guest)!
const wallet = owner.wallets!.find(({ linked }) => linked)!.id
const unlinked = owner.wallets!.find(({ linked }) => !linked)!.id
owner.orders = [{ id: 'ordeh_1', reference: 'order-1', amount: 120.5, createdAt: '2024-01-01T00:00:00Z' }]
const [NAIRA, POSTED] = ['3d2e3f3e-3b3c-4907-a4fd-000000000001', '3d2e3f3e-3b3c-4907-a4fd-000000000002']
owner.currencyWallets = [
  {
    id: NAIRA,
    accountId: '3d2e3f3e-3b3c-4907-a4fd-000000000004',
    currency: 'NGN',
    balance: 500,
    transactions: [
      {
        id: POSTED,
        type: 'credit',
        amount: 500,
        balanceAfter: 500,
        description: 'Rent',
        reference: '1',
        correlationId: '3d2e3f3e-3b3c-4907-a4fd-000000000003',
        createdAt: '2024-01-01T00:00:00Z',
      },
    ],
  },
]

/** A read of each operation: method, path and form. */
const READS: readonly (readonly [operation: string, method: string, path: string, form?: string])[] = [
  ['juspay.getWallet', 'GET', `/wallets/${wallet}`],
  ['juspay.getWallet', 'GET', `/wallets/${unlinked}`],
  ['juspay.getWallet', 'GET', '/wallets/wlt_nobody'],
  ['juspay.refreshWallet', 'GET', `/wallets/${wallet}?command=refresh`],
  ['juspay.refreshWallet', 'POST', `/wallets/${wallet}`, 'command=refresh'],
  ['juspay.listWallets', 'GET', `/customers/${owner.id}/wallets`],
  ['juspay.listWallets', 'GET', '/customers/nobody/wallets'],
  ['juspay.refreshAllWallets', 'GET', `/customers/${owner.id}/wallets/refresh-balances`],
  ['juspay.listCustomers', 'GET', '/customers?count=100'],
  ['juspay.getCustomer', 'GET', `/customers/${owner.id}`],
  ['juspay.getCustomer', 'GET', `/customers/${encodeURIComponent(owner.objectReferenceId!)}`],
  ['juspay.checkEligibility', 'POST', `/customers/${owner.id}/eligibility`, 'amount=10'],
  ['juspay.getOrder', 'GET', '/orders/order-1'],
  ['juspay.getOrder', 'GET', '/orders/guest-1'],
  ['juspay.getOrder', 'POST', '/order/status', 'order_id=order-1'],
  ['juspay.getOrder', 'GET', '/orders/nothing'],
  ['juspay.listOrders', 'GET', '/order/list'],
  ['juspay.listOrderWallets', 'GET', '/orders/order-1/wallets'],
  ['juspay.listPaymentMethods', 'GET', '/merchants/initech/paymentmethods'],
  ['juicyway.getCustomer', 'GET', `/juicyway/customers/${owner.id}`],
  ['juicyway.listWallets', 'GET', '/wallets/all'],
  ['juicyway.retrieveWallet', 'GET', `/wallets/${NAIRA}`],
  ['juicyway.listTransactions', 'GET', '/wallets/transactions'],
  ['juicyway.retrieveTransaction', 'GET', `/wallets/transactions/${POSTED}`],
]

/** Pages for a browser and the way back from them, which read what a payment made. */
const PAGES = ['openTopUp', 'openPayment', 'finishPayment', 'openOrderPage', 'followOrderLink'].map(
  (id) => `juspay.${id}`,
)

const REFRESHES = ['juspay.refreshWallet', 'juspay.refreshAllWallets']
const isRead = ({ id, changes }: { id: string; changes?: boolean }) => !changes || REFRESHES.includes(id)

test('the table has every read', () => {
  const reads = VENDORS.flatMap(({ operations }) => operations.filter(isRead).map(({ id }) => id))
  expect([...new Set(READS.map(([operation]) => operation)), ...PAGES].sort()).toEqual(reads.sort())
})

test('each read that was recorded alone comes back alone', async () => {
  await using upstream = await createSandbox({ fixtures, clock: CLOCK, latency: 'off', scenario: 'instant' })
  const origin = await upstream.listen()
  await every(READS, async ([operation, method, path, form]) => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const headers = { ...HEADERS[operation.startsWith('juspay') ? 'juspay' : 'juicyway'], ...(form && type) }
    const init = { method, headers, ...(form && { body: form }) }
    await using recorder = await record({ upstream: origin, redact: false })
    const before = await fetch(`${recorder.url}${path}`, init)
    const told = [before.status, await before.text()]
    const { fixtures, scenario } = await recorder.stop()
    await using sandbox = await createSandbox({ fixtures, scenario, clock: CLOCK, latency: 'off' })
    const after = await sandbox.fetch(`${origin}${path}`, init)
    expect([after.status, await after.text()]).toEqual(told)
  })
})
