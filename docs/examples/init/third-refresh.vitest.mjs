import { fileURLToPath } from 'node:url'
import { test as base } from 'wallet-sandbox/vitest'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const options = { fixtures: here('fixtures.json'), scenario: here('third-refresh-fails.json') }
const test = base.extend({ sandboxOptions: [options, { scope: 'worker' }] })

test('the third refresh fails', async ({ sandbox, expect }) => {
  // Put your client here: its base URL is sandbox.url, its API key sandbox.key.
  const refresh = () => sandbox.fetch('/customers/cst_asha0000000000001/wallets/refresh-balances')
  const statuses = [await refresh(), await refresh(), await refresh()].map(({ status }) => status)
  expect(statuses).toEqual([200, 200, 401])
})
