import { Agent, request } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Sandbox } from '../../src/sandbox.js'
import { ask, basic, CUSTOMER, control, FROZEN, REFRESH, sandboxFor, WALLET, WALLET_ID } from '../control/helpers.js'

const TESTS = 200
const ROUNDS = process.env.SOAK ? 10 : 2

/** A client of one server, its connections kept. */
function clientOf(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })
  onTestFinished(() => agent.destroy())
  return (path: string, headers: Record<string, string>) =>
    new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
      const outgoing = request(`${url}${path}`, { agent, headers }, (response) => {
        const pieces: Buffer[] = []
        response.on('data', (piece) => pieces.push(piece))
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, text: Buffer.concat(pieces).toString() }),
        )
      })
      outgoing.on('error', reject)
      outgoing.end()
    })
}

/** What one test of a suite does to the merchant that its key makes, and everything it sees there. */
async function suiteTest({ control }: Sandbox, get: ReturnType<typeof clientOf>, n: number) {
  const key = `sandbox_test_${n}`
  const merchant = control.merchant(key)
  const see = async (path: string) => {
    const { status, headers, text } = await get(path, { ...basic(key), 'x-routing-id': key })
    return { status, text, rule: headers['x-sandbox-rule'], retryAfter: headers['retry-after'] }
  }
  await merchant.clock.put({ now: new Date(Date.UTC(2024, 0, 1, 0, n)).toISOString() })
  const match = { operation: 'juspay.getWallet' }
  const rule = { name: `limit ${n}`, match, when: { nth: [1 + (n % 3)] }, effect: { error: 'rate_limited' } }
  await merchant.scenario.put({ name: `scenario ${n}`, rules: [rule] })
  await merchant.provider(WALLET_ID, { balance: n })
  const seen = [await see(WALLET), await see(REFRESH), await see(WALLET), await see(WALLET)]
  const { requests } = await merchant.requests.get()
  const journal = requests.map(({ id, at, merchant, operation, response, rule }) => ({
    id,
    at,
    merchant,
    operation,
    status: response!.status,
    rule,
  }))
  await merchant.reset()
  return { seen, journal }
}

/** The same, from what the test itself did. */
function expected(n: number) {
  const limited = 1 + (n % 3)
  const get = (nth: number) => (nth === limited ? { status: 429, rule: `limit ${n}` } : { status: 200, rule: null })
  const calls = [get(1), { status: 200, rule: null }, get(2), get(3)]
  const operations = ['juspay.getWallet', 'juspay.refreshAllWallets', 'juspay.getWallet', 'juspay.getWallet']
  const at = new Date(Date.UTC(2024, 0, 1, 0, n)).toISOString()
  return calls.map((call, i) => ({ id: i + 1, at, merchant: `sandbox_test_${n}`, operation: operations[i], ...call }))
}

test(`${TESTS} tests in parallel on one server, ${ROUNDS} times, do not see each other`, async () => {
  const sandbox = await sandboxFor()
  const get = clientOf(await sandbox.listen())
  let first: string[] | undefined
  for (let round = 0; round < ROUNDS; round++) {
    const results = await Promise.all(Array.from({ length: TESTS }, (_, n) => suiteTest(sandbox, get, n)))
    results.forEach(({ seen, journal }, n) => {
      expect(journal).toEqual(expected(n))
      expect(seen[1]!.text).toContain(`"last_refreshed":"2024-01-01T0${Math.floor(n / 60)}:`)
      expect(seen[1]!.text).toContain(`"current_balance":${n},`)
      expect(seen.some(({ retryAfter }) => retryAfter === '1')).toBe(true)
    })
    const transcript = results.map(({ seen }) => JSON.stringify(seen))
    first ??= transcript
    expect(transcript).toEqual(first)
  }
})

describe('a sandbox_ key', () => {
  test('makes a merchant with the fixtures’ customers, good for both vendors', async () => {
    const sandbox = await sandboxFor()
    expect((await ask(sandbox, WALLET, 'sandbox_new')).status).toBe(200)
    const { body } = await control(sandbox, 'GET', '/merchants/acme/state')
    const { id } = body.merchants[0].customers.flatMap(({ currencyWallets = [] }) => currencyWallets).at(0) as {
      id: string
    }
    const juicyway = await sandbox.fetch(`http://x/wallets/${id}`, { headers: { authorization: 'Bearer sandbox_new' } })
    expect(juicyway.status).toBe(200)
    expect((await sandbox.control.merchants.get('sandbox_new')).keys).toEqual({
      juspay: ['sandbox_new'],
      juicyway: ['sandbox_new'],
    })
  })

  test('makes it by a control request just as well', async () => {
    const sandbox = await sandboxFor()
    expect((await control(sandbox, 'GET', '/merchants/sandbox_x/clock')).body.now).toBe(FROZEN)
    expect((await sandbox.control.merchants.list()).merchants.map(({ id }) => id)).toContain('sandbox_x')
  })

  test.each(['sandbox_', 'Sandbox_x', 'nobodys'])('"%s" makes none', async (key) => {
    const sandbox = await sandboxFor()
    expect((await ask(sandbox, WALLET, key)).status).toBe(401)
    expect((await control(sandbox, 'GET', `/merchants/${key}/clock`)).status).toBe(404)
  })

  test('of a dropped merchant makes it anew', async () => {
    const sandbox = await sandboxFor()
    const one = sandbox.control.merchant('sandbox_x')
    await one.provider(WALLET_ID, { balance: 1 })
    await sandbox.control.merchants.drop('sandbox_x')
    expect(await one.wallet(WALLET_ID)).toMatchObject({ provider: { balance: 250 } })
  })
})

describe('what acts on every merchant acts on those to come', () => {
  const RULES = { name: 'no', rules: [{ name: 'no', effect: { error: 'server_error' } }] } as const
  const status = async (sandbox: Sandbox, key: string) => (await ask(sandbox, WALLET, key)).status

  test('the scenario', async () => {
    const sandbox = await sandboxFor()
    await ask(sandbox, WALLET, 'sandbox_before')
    await control(sandbox, 'PUT', '/scenario', RULES)
    const keys = ['acme_test_key', 'globex_test_key', 'sandbox_before', 'sandbox_after', 'nobodys_key']
    for (const key of keys) expect([key, await status(sandbox, key)]).toEqual([key, key === 'nobodys_key' ? 401 : 500])
    await control(sandbox, 'DELETE', '/merchants/sandbox_after/scenario')
    expect([await status(sandbox, 'sandbox_after'), await status(sandbox, 'sandbox_later')]).toEqual([200, 500])
    // Counted over every merchant that runs it.
    expect((await sandbox.control.scenario.get()).rules[0]).toMatchObject({ matched: 4, fired: 4 })
    await sandbox.control.scenario.delete()
    for (const key of ['acme_test_key', 'sandbox_newest']) expect(await status(sandbox, key)).toBe(200)
  })

  test('the scenario also meets requests whose key is not a merchant’s', async () => {
    const sandbox = await sandboxFor()
    const rules = [{ name: 'no', effect: { error: 'server_error' }, phase: 'before-auth' }]
    await control(sandbox, 'PUT', '/scenario', { name: 'no', rules })
    expect(await status(sandbox, 'nobodys_key')).toBe(500)
  })

  test('the clock', async () => {
    const sandbox = await sandboxFor()
    await ask(sandbox, WALLET, 'sandbox_before')
    await control(sandbox, 'PUT', '/clock', { now: '2024-05-05T05:05:05Z' })
    await control(sandbox, 'POST', '/clock/advance', { by: '1m' })
    const now = async (id: string) => (await sandbox.control.merchant(id).clock.get()).now
    for (const id of ['acme', 'sandbox_before', 'sandbox_after']) expect(await now(id)).toBe('2024-05-05T05:06:05.000Z')
    await sandbox.control.merchant('acme').clock.advance('1h')
    expect(await now('sandbox_later')).toBe('2024-05-05T05:06:05.000Z')
    expect((await sandbox.control.clock.get()).now).toBe('2024-05-05T05:06:05.000Z')
    // Back to how each was made: the later ones began at the later time.
    await control(sandbox, 'POST', '/reset')
    expect([await now('acme'), await now('sandbox_before'), await now('sandbox_after')]).toEqual([
      FROZEN,
      FROZEN,
      '2024-05-05T05:06:05.000Z',
    ])
    expect(await now('sandbox_newest')).toBe(FROZEN)
  })

  test('what a provider holds is set for every merchant that has the wallet', async () => {
    const sandbox = await sandboxFor()
    await ask(sandbox, WALLET, 'sandbox_one')
    await control(sandbox, 'PUT', `/wallets/${WALLET_ID}/provider`, { balance: 3.5 })
    for (const key of ['acme_test_key', 'sandbox_one'])
      expect(await (await ask(sandbox, REFRESH, key)).text()).toContain('"current_balance":3.5,')
  })
})

describe('as many merchants as --max-merchants', () => {
  const made = async (sandbox: Sandbox) =>
    (await sandbox.control.merchants.list()).merchants.map(({ id }) => id).filter((id) => id.startsWith('sandbox_'))

  test('the least recently used goes first', async () => {
    const sandbox = await sandboxFor({ maxMerchants: 3 })
    for (const key of ['sandbox_a', 'sandbox_b', 'sandbox_c', 'sandbox_a']) await ask(sandbox, WALLET, key)
    await control(sandbox, 'GET', '/merchants/sandbox_b/clock')
    await ask(sandbox, WALLET, 'sandbox_d')
    expect(await made(sandbox)).toEqual(['sandbox_a', 'sandbox_b', 'sandbox_d'])
    expect((await ask(sandbox, WALLET, 'acme_test_key')).status).toBe(200)
  })

  test('one with a request under way is not idle', async () => {
    const sandbox = await sandboxFor({ maxMerchants: 2 })
    await sandbox.control.merchant('sandbox_a').scenario.put({ name: 's', latency: { '*': { fixed: '1m' } } } as never)
    const abort = new AbortController()
    const pending = sandbox.fetch(`http://x${WALLET}`, { headers: basic('sandbox_a'), signal: abort.signal })
    await ask(sandbox, WALLET, 'sandbox_b')
    await ask(sandbox, WALLET, 'sandbox_c')
    expect(await made(sandbox)).toEqual(['sandbox_a', 'sandbox_c'])
    abort.abort()
    await expect(pending).rejects.toThrow('aborted')
  })
})

test('a merchant of the fixtures whose id is such a key stays away once it is dropped, until all are reset', async () => {
  const own = { id: 'sandbox_own', juspayApiKeys: [{ key: 'sandbox_own' }], customers: [{ id: 'mine' }] }
  const sandbox = await sandboxFor({ fixtures: { merchants: [{ id: 'first' }, own] } })
  const status = async () =>
    (await sandbox.fetch('http://x/customers/mine/wallets', { headers: basic('sandbox_own') })).status
  expect(await status()).toBe(200)
  await sandbox.control.merchants.drop('sandbox_own')
  expect(await status()).toBe(401)
  await expect(sandbox.control.merchant('sandbox_own').state.get()).rejects.toThrow('There is no merchant')
  await sandbox.control.reset()
  expect(await status()).toBe(200)
})

test('a merchant sees nothing of another’s', async () => {
  const sandbox = await sandboxFor()
  expect((await ask(sandbox, WALLET, 'globex_test_key')).status).toBe(400)
  expect((await ask(sandbox, `/customers/${CUSTOMER}/wallets`, 'globex_test_key')).status).toBe(400)
  expect((await control(sandbox, 'GET', `/merchants/globex/wallets/${WALLET_ID}`)).status).toBe(404)
})
