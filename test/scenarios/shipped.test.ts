import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createSandbox } from '../../src/index.js'
import { readShipped, shippedScenarios } from '../../src/scenarios/read.js'
import { FAULTS } from '../../src/scenarios/terms.js'
import { connect, debit } from '../vendors/juspay/client.js'
import { order, pay } from '../webhooks/pay.js'
import { receiver, shop } from '../webhooks/support.js'
import { AUTHORIZED, ask, basic, CUSTOMER, JUICYWAY_WALLET, REFRESH, sandboxWith, serve, WALLET } from './support.js'

/** What each shipped scenario promises a client, shown by a client. */

const LIST_WALLET = '/wallets/wlm_vT890Ngjknnknb89'
const balances = async (response: Promise<Response>) =>
  ((await (await response).json()) as { list: { current_balance: number }[] }).list.map((row) => row.current_balance)

test('published-latency: a client with the recommended timeout of a second is always answered, and waits', async () => {
  await using sandbox = await createSandbox({ scenario: 'published-latency' })
  for (const path of [WALLET, CUSTOMER]) {
    const start = performance.now()
    const response = await ask(sandbox, path, { signal: AbortSignal.timeout(1000) })
    expect(response.status).toBe(200)
    expect(performance.now() - start).toBeGreaterThanOrEqual(Number(response.headers.get('x-sandbox-latency-ms')))
  }
  await using virtual = await sandboxWith('published-latency')
  for (let i = 0; i < 500; i++) {
    const response = await ask(virtual, i % 2 ? WALLET : CUSTOMER)
    expect(Number(response.headers.get('x-sandbox-latency-ms'))).toBeLessThan(1000)
  }
})

test('it is the default', async () => {
  await using sandbox = await createSandbox({ latency: 'virtual' })
  expect((await ask(sandbox, WALLET)).headers.has('x-sandbox-latency-ms')).toBe(true)
})

test('instant: no delay, no rule, and every call is served', async () => {
  await using sandbox = await sandboxWith('instant')
  for (const path of [WALLET, CUSTOMER, REFRESH]) {
    const { status, headers } = await ask(sandbox, path)
    expect([status, headers.has('x-sandbox-latency-ms'), headers.has('x-sandbox-rule')]).toEqual([200, false, false])
  }
})

test('unauthorized: 401 on every call of either vendor, whatever the key', async () => {
  await using sandbox = await sandboxWith('unauthorized')
  for (let i = 0; i < 3; i++) {
    expect((await ask(sandbox, REFRESH)).status).toBe(401)
    expect((await ask(sandbox, WALLET, { headers: basic('sandbox_any') })).status).toBe(401)
    expect((await ask(sandbox, JUICYWAY_WALLET, { headers: AUTHORIZED.juicyway })).status).toBe(401)
  }
  expect(await (await ask(sandbox, REFRESH)).json()).toMatchObject({ error_code: 'access_denied' })
})

test('expired-key: a fresh key of the same merchant does not help, and each refusal tells of the rule', async () => {
  await using sandbox = await sandboxWith('expired-key')
  for (const key of ['acme_test_key', 'sandbox_fresh']) {
    const refused = await ask(sandbox, CUSTOMER, { headers: basic(key) })
    expect([refused.status, refused.headers.get('x-sandbox-rule')]).toEqual([401, 'the key has expired'])
  }
})

test('key-expires-mid-session: the third refresh of each customer is refused, whatever others do', async () => {
  await using sandbox = await sandboxWith('key-expires-mid-session')
  const refresh = async (customer: string) =>
    (await ask(sandbox, `/customers/${customer}/wallets/refresh-balances`)).status
  expect([await refresh('cth_eN4e4kR12CJV'), await refresh('cth_eN4e4kR12CJV')]).toEqual([200, 200])
  expect([await refresh('guest_user'), await refresh('guest_user')]).toEqual([200, 200])
  expect([await refresh('cth_eN4e4kR12CJV'), await refresh('guest_user')]).toEqual([401, 401])
  expect((await ask(sandbox, CUSTOMER)).status).toBe(200)
})

test('flaky: about one call in a hundred is a 5xx and one a reset; a client that repeats gets through', async () => {
  await using sandbox = await sandboxWith('flaky')
  const seen = { served: 0, failed: 0, reset: 0 }
  const once = async () => {
    const outcome = await ask(sandbox, WALLET).then(
      ({ status }) => (status === 200 ? 'served' : 'failed'),
      () => 'reset' as const,
    )
    seen[outcome]++
    return outcome === 'served'
  }
  for (let i = 0; i < 1000; i++) expect((await once()) || (await once()) || (await once()) || (await once())).toBe(true)
  expect(seen.failed).toBeGreaterThan(2)
  expect(seen.failed).toBeLessThan(25)
  expect(seen.reset).toBeGreaterThan(2)
  expect(seen.reset).toBeLessThan(25)
})

test('slow-provider: refreshes take synthetic hundreds of milliseconds, some end in 504, and the last balance stays', async () => {
  await using sandbox = await sandboxWith('slow-provider')
  const before = await balances(ask(sandbox, CUSTOMER))
  const statuses: number[] = []
  const delays: number[] = []
  for (let i = 0; i < 200; i++) {
    const response = await ask(sandbox, REFRESH)
    statuses.push(response.status)
    delays.push(Number(response.headers.get('x-sandbox-latency-ms')))
  }
  expect(new Set(statuses)).toEqual(new Set([200, 504]))
  expect(statuses.filter((status) => status === 504).length).toBeLessThan(25)
  expect(delays.filter((delay) => delay > 450)).toHaveLength(100)
  expect(Number((await ask(sandbox, CUSTOMER)).headers.get('x-sandbox-latency-ms'))).toBeLessThan(450)
  expect(await balances(ask(sandbox, CUSTOMER))).toHaveLength(before.length)
  expect((await readShipped('slow-provider')).latency?.['juspay.refresh*']).toMatchObject({ synthetic: true })
})

test('provider-down: refreshes fail with 502, Get and List still show the last known balance', async () => {
  await using sandbox = await sandboxWith('provider-down')
  const before = await balances(ask(sandbox, CUSTOMER))
  expect((await ask(sandbox, REFRESH)).status).toBe(502)
  expect(await balances(ask(sandbox, CUSTOMER))).toEqual(before)
  expect((await ask(sandbox, LIST_WALLET)).status).toBe(200)
})

test('past-recommended-timeout: a client that waits a second gives up; one that waits longer is answered', async () => {
  await using sandbox = await createSandbox({ scenario: 'past-recommended-timeout' })
  const url = await sandbox.listen()
  const headers = AUTHORIZED.juspay
  const start = performance.now()
  const patient = fetch(`${url}${CUSTOMER}`, { headers })
  await expect(fetch(`${url}${WALLET}`, { headers, signal: AbortSignal.timeout(1000) })).rejects.toThrow(/timeout/)
  expect((await patient).status).toBe(200)
  expect(performance.now() - start).toBeGreaterThan(1000)
})

test('rate-limited: the sixth call is told to wait, and waiting so long helps', async () => {
  const served = await serve(await readShipped('rate-limited'), undefined, { clock: '2023-09-11T08:30:00Z' })
  const call = () => fetch(`${served.url}${WALLET}`, { headers: AUTHORIZED.juspay })
  for (let i = 0; i < 5; i++) expect((await call()).status).toBe(200)
  const limited = await call()
  expect(limited.status).toBe(429)
  served.merchant.clock.advance(Number(limited.headers.get('retry-after')) * 1000)
  expect((await call()).status).toBe(200)
  await served.close()
})

test('stale-balances: Get and List show the old balance until a refresh', async () => {
  await using sandbox = await sandboxWith('stale-balances')
  const old = await balances(ask(sandbox, CUSTOMER))
  expect(old).not.toContain(95.5)
  expect(await balances(ask(sandbox, CUSTOMER))).toEqual(old)
  expect(new Set(await balances(ask(sandbox, REFRESH)))).toEqual(new Set([95.5]))
  expect(new Set(await balances(ask(sandbox, CUSTOMER)))).toEqual(new Set([95.5]))
})

test('token-expiry: each look brings another token, and only the newest is the one that is shown', async () => {
  await using sandbox = await sandboxWith('token-expiry')
  const look = async (path: string) =>
    JSON.stringify(await (await ask(sandbox, path)).json()).match(/"token":"[^"]+"/)![0]
  for (const path of [WALLET, CUSTOMER, REFRESH]) {
    const tokens = [await look(path), await look(path), await look(path)]
    expect(new Set(tokens).size).toBe(3)
  }
  await using calm = await sandboxWith('instant')
  const token = async () => (await (await ask(calm, WALLET)).json()) as { token: string }
  expect((await token()).token).toBe((await token()).token)
})

test('connection-faults: nine calls break, each in another way, and the tenth is answered', async () => {
  await using sandbox = await sandboxWith('connection-faults')
  const url = await sandbox.listen()
  const outcomes: string[] = []
  const call = async (patience: number) => {
    const signal = AbortSignal.timeout(patience)
    const response = await fetch(`${url}${WALLET}`, { headers: AUTHORIZED.juspay, signal })
    if (!response.headers.get('content-type')?.startsWith('application/json')) return 'no JSON'
    await response.json()
    return 'answered'
  }
  // The third never comes, and the ninth is too slow.
  for (const patience of [9000, 9000, 400, 9000, 9000, 9000, 9000, 9000, 400, 9000])
    outcomes.push(await call(patience).catch(({ name, cause }: Error) => (cause as { code?: string })?.code ?? name))
  expect(outcomes).toEqual([
    'ECONNRESET',
    'UND_ERR_SOCKET',
    'TimeoutError',
    expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/),
    'HPE_INVALID_CONSTANT',
    'SyntaxError',
    'SyntaxError',
    'no JSON',
    'TimeoutError',
    'answered',
  ])
  expect((await readShipped('connection-faults')).rules!.map(({ name }) => name).sort()).toEqual([...FAULTS].sort())
})

test('debit-then-reset: the connection breaks after the debit, and the retry finds the order charged, once', async () => {
  const { sandbox, get, post } = await connect({ scenario: 'debit-then-reset' }, { transport: 'socket' })
  const wallet = '/wallets/wlm_vUtyjb78klnU8l'
  const held = async () => (await get(`${wallet}?command=refresh`)).body.current_balance
  const before = await held()
  await post('/orders', { order_id: 'tea', amount: 10, customer_id: 'guest_user' })
  const { token } = (await get(wallet)).body
  await expect(post('/txns', debit('tea', 'PAYTM', token))).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
  expect((await get('/orders/tea')).body.status).toBe('CHARGED')
  expect(await held()).toBe(before - 10)
  expect((await post('/txns', debit('tea', 'PAYTM', (await get(wallet)).body.token))).status).toBe(400)
  expect(await held()).toBe(before - 10)
  await sandbox.close()
})

test('bad-gateway: 502 with a page of HTML, which a client that looks at the content type does not parse', async () => {
  await using sandbox = await sandboxWith('bad-gateway')
  for (const [path, vendor] of [
    [WALLET, 'juspay'],
    [JUICYWAY_WALLET, 'juicyway'],
  ] as const) {
    const response = await ask(sandbox, path, { headers: AUTHORIZED[vendor] })
    expect([response.status, response.headers.get('content-type')]).toEqual([502, 'text/html; charset=utf-8'])
    const body = await response.text()
    expect(body).toMatch(/^<html>/)
    expect(() => JSON.parse(body)).toThrow(SyntaxError)
  }
})

test('nightly-maintenance: 503 from 02:00 to 04:00 Indian time', async () => {
  await using sandbox = await sandboxWith('nightly-maintenance', { clock: '2023-09-11T20:29:59Z' })
  const call = () => ask(sandbox, WALLET)
  expect((await call()).status).toBe(200)
  await sandbox.control.clock.advance('1s')
  expect([(await call()).status, (await call()).status]).toEqual([503, 503])
  await sandbox.control.clock.advance('2h')
  expect((await call()).status).toBe(200)
})

test('webhooks-twice: a receiver that knows an event by its id acts once on each', async () => {
  const hooks = await receiver()
  const client = await shop(hooks.url, { scenario: 'webhooks-twice' })
  await order(client)
  await pay(client)
  await expect.poll(hooks.names).toHaveLength(6)
  const events = new Map(hooks.received.map(({ body }) => [body.id, body.event_name]))
  expect([...events.values()]).toEqual(['TXN_CREATED', 'TXN_CHARGED', 'ORDER_SUCCEEDED'])
})

test.each(shippedScenarios())('%s says what a client should do, and has its test here', async (name) => {
  const { description = '' } = await readShipped(name)
  expect(description).toMatch(/\. A client should .*\.$/)
  expect(readFileSync(new URL(import.meta.url), 'utf8')).toContain(`test('${name}: `)
})
