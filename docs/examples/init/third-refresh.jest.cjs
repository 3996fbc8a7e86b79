/** @jest-environment node */
const { join } = require('node:path')
const { createSandbox } = require('wallet-sandbox')

const here = (name) => join(__dirname, name)

let sandbox
beforeAll(async () => {
  const options = { fixtures: here('fixtures.json'), scenario: here('third-refresh-fails.json') }
  sandbox = await createSandbox({ ...options, latency: 'off' })
})
afterAll(() => sandbox.close())

test('the third refresh fails', async () => {
  const url = await sandbox.listen()
  // Put your client here: its base URL is the URL, its API key one of its own that begins with sandbox_.
  const headers = { authorization: `Basic ${btoa('sandbox_third_refresh:')}` }
  const refresh = () => fetch(`${url}/customers/cst_asha0000000000001/wallets/refresh-balances`, { headers })
  const statuses = [await refresh(), await refresh(), await refresh()].map(({ status }) => status)
  expect(statuses).toEqual([200, 200, 401])
})
