import { expect, test } from 'vitest'
import { inferred } from '../../src/api/evidence.js'
import { defineVendor, type Operation, type Vendor } from '../../src/api/vendor.js'
import { toJournalEntry } from '../../src/journal/journal-entry.js'
import type { FaultKind, PHASES } from '../../src/scenarios/terms.js'
import { VENDORS } from '../../src/vendors/index.js'
import { setProviderBalance, withWallet } from '../../src/wallets/linked-wallet.js'
import { AUTHORIZED, scenarioOf, serve } from './support.js'

/** An operation that changes something: the wallet's provider pays one rupee out. */
const pay: Operation = {
  id: 'juspay.pay',
  summary: 'Pays one rupee.',
  changes: true,
  evidence: inferred('this test'),
  run: ({ customer, walletName, merchant }) => {
    const wallet = customer!.wallets.find(({ id }) => id === walletName)!
    merchant.state.put(withWallet(customer!, setProviderBalance(wallet, wallet.provider.balance - 100)))
    return { status: 200, body: { paid: true } }
  },
}

const [juspay, ...others] = VENDORS as [Vendor, ...Vendor[]]
const PAYING: readonly Vendor[] = [
  defineVendor({ ...juspay, routes: (serve) => juspay.routes(serve).post('/wallets/:wallet/pay', serve(pay)) }),
  ...others,
]
const ID = 'wlt_q23xzki3pazgtezo'

async function paying(phase: (typeof PHASES)[number], fault: FaultKind) {
  const scenario = scenarioOf({ match: { operation: pay.id }, when: { nth: 1 }, effect: { fault }, phase })
  const served = await serve(scenario, PAYING)
  const balance = () => served.merchant.state.find('wallet', ID)!.wallets.find(({ id }) => id === ID)!.provider.balance
  return {
    paid: (
      (before) => () =>
        (before - balance()) / 100
    )(balance()),
    send: () => fetch(`${served.url}/wallets/${ID}/pay`, { method: 'POST', headers: AUTHORIZED.juspay }),
    entries: () => served.merchant.journal.entries().map(toJournalEntry),
    close: served.close,
  }
}

test('after-commit and reset: the client sees a broken connection, and the state has changed once', async () => {
  const { paid, send, entries, close } = await paying('after-commit', 'reset')
  await expect(send()).rejects.toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNRESET' } })
  expect(paid()).toBe(1)
  expect(entries()[0]).toMatchObject({
    operation: 'juspay.pay',
    rule: 'rule 0',
    fault: 'reset',
    response: { status: null },
  })
  expect((await send()).status).toBe(200)
  expect(paid()).toBe(2)
  await close()
})

test.each(['before-auth', 'before-commit'] as const)('%s and reset: the state has not changed', async (phase) => {
  const { paid, send, close } = await paying(phase, 'reset')
  await expect(send()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
  expect(paid()).toBe(0)
  await close()
})

test('a fault that spoils an answer lets the operation run first', async () => {
  const { paid, send, close } = await paying('after-commit', 'malformed-json')
  expect(await (await send()).text()).toBe('{"paid":true')
  expect(paid()).toBe(1)
  await close()
})
