import type { Fixtures } from '../../src/index.js'
import { Database } from '../../src/store/database.js'
import { type Baseline, State } from '../../src/store/state.js'

export const MERCHANT = 'acme'
export const KEY = 'acme_test_key'
export const AUTHORISED = { authorization: `Basic ${btoa(`${KEY}:`)}` }
export const customerId = (n: number) => `cst_${n}`
export const walletId = (n: number) => `wlt_${n}`

/** One merchant with so many customers, each with one linked wallet that has no token yet. */
export function fixturesOf(customers: number, balance = 10): Fixtures {
  return {
    merchants: [
      {
        id: MERCHANT,
        juspayApiKeys: [{ key: KEY }],
        customers: Array.from({ length: customers }, (_, n) => ({
          id: customerId(n),
          wallets: [{ id: walletId(n), wallet: 'PAYTM', linked: true, balance, lastRefreshed: '2023-01-01T00:00:00Z' }],
        })),
      },
    ],
  }
}

/** What is known of a merchant of the fixtures that has nothing stored. */
export const RECORD = { base: 'fixtures', made: false, merchant: { id: MERCHANT } } as const

export const stateInMemory = (baseline: Baseline) => new State(baseline, Database.inMemory(RECORD))
