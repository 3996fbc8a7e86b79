import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createSandbox } from 'wallet-sandbox'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const options = { fixtures: here('fixtures.json'), scenario: here('third-refresh-fails.json') }
const sandbox = await createSandbox({ ...options, latency: 'off' })
after(() => sandbox.close())

test('the third refresh fails', async () => {
  const url = await sandbox.listen()
  // Put your client here: its base URL is the URL, its API key one of its own that begins with sandbox_.
  const headers = { authorization: `Basic ${btoa('sandbox_third_refresh:')}` }
  const refresh = () => fetch(`${url}/customers/cst_asha0000000000001/wallets/refresh-balances`, { headers })
  const statuses = [await refresh(), await refresh(), await refresh()].map(({ status }) => status)
  assert.deepEqual(statuses, [200, 200, 401])
})
