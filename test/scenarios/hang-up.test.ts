import { get } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { createSandbox, type Sandbox, type Scenario } from '../../src/index.js'
import { AUTHORIZED, CUSTOMER, scenarioOf, serve, WALLET } from './support.js'

const SLOW: Scenario = { name: 'slow', latency: { '*': { fixed: '1m' } } }
const HANG = scenarioOf({ effect: { fault: 'hang' } })
const DRIBBLE = scenarioOf({ effect: { fault: 'dribble', duration: '1m' } })

const until = (what: () => boolean | Promise<boolean>) => expect.poll(what, { interval: 5 }).toBe(true)

const underWay = (sandbox: Sandbox) => until(async () => (await sandbox.control.requests.get()).total === 1)

test('a client that hangs up ends its wait, frees its place, and is journaled as unanswered', async () => {
  const served = await serve(SLOW)
  const clients = [WALLET, CUSTOMER].map((path) =>
    get(`${served.url}${path}`, { headers: AUTHORIZED.juspay }).on('error', () => {}),
  )
  await until(() => served.delays.size === 2)
  expect(served.merchant.active).toBe(2)
  for (const client of clients) client.destroy()
  await until(() => served.merchant.active === 0)
  expect(served.delays.size).toBe(0)
  for (const { ended } of served.merchant.journal.entries()) {
    const entry = ended!
    expect(entry.response).toEqual({ status: null, headers: {}, body: '' })
    expect(entry.intendedMs).toBe(60_000)
    expect(entry.measuredMs).toBeLessThan(30_000)
    expect(entry.warnings.at(-1)).toMatch(/^The client hung up after \d+ ms, unanswered\.$/)
  }
  await served.close()
})

test.each([
  ['hang', HANG],
  ['dribble', DRIBBLE],
])('a client that hangs up ends a %s', async (_, scenario) => {
  const served = await serve(scenario)
  const client = get(`${served.url}${WALLET}`, { headers: AUTHORIZED.juspay }, (response) =>
    response.on('error', () => {}),
  )
  client.on('error', () => {})
  await until(() => served.delays.size === 1)
  client.destroy()
  await until(() => served.delays.size === 0)
  await served.close()
})

describe('in-process, a signal ends', () => {
  test.each([
    ['a wait', SLOW],
    ['a hang', HANG],
  ])('%s with its reason', async (_, scenario) => {
    await using sandbox = await createSandbox({ scenario })
    const client = new AbortController()
    const reason = new Error('enough')
    const answer = sandbox.fetch(`http://sandbox${WALLET}`, { headers: AUTHORIZED.juspay, signal: client.signal })
    const outcome = expect(answer).rejects.toBe(reason)
    await underWay(sandbox)
    client.abort(reason)
    await outcome
  })

  test('a body that dribbles', async () => {
    await using sandbox = await createSandbox({ scenario: DRIBBLE })
    const client = new AbortController()
    const response = await sandbox.fetch(`http://sandbox${WALLET}`, {
      headers: AUTHORIZED.juspay,
      signal: client.signal,
    })
    expect(response.status).toBe(200)
    const outcome = expect(response.text()).rejects.toMatchObject({ name: 'AbortError' })
    client.abort()
    await outcome
  })

  test('a timeout, in the words of the platform', async () => {
    await using sandbox = await createSandbox({ scenario: SLOW })
    const signal = AbortSignal.timeout(20)
    const answer = sandbox.fetch(`http://sandbox${WALLET}`, { headers: AUTHORIZED.juspay, signal })
    await expect(answer).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  test('a request before it begins, which leaves no trace', async () => {
    await using sandbox = await createSandbox({ scenario: scenarioOf({ when: { first: 1 } }) })
    const init = { headers: AUTHORIZED.juspay }
    const aborted = sandbox.fetch(`http://sandbox${WALLET}`, { ...init, signal: AbortSignal.abort() })
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' })
    expect((await sandbox.fetch(`http://sandbox${WALLET}`, init)).status).toBe(500)
  })
})

test('a body that nobody reads to its end is given up without a word', async () => {
  const served = await serve(scenarioOf({ effect: { fault: 'dribble', duration: 40 } }))
  const response = await served.fetch(new Request(`${served.url}${WALLET}`, { headers: AUTHORIZED.juspay }))
  expect(served.delays.size).toBe(1)
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  await response.body!.cancel()
  await until(() => served.delays.size === 0)
  await turn()
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
  await served.close()
})

test('closing ends delays and hangs: clients get an answer or a closed connection', async () => {
  const slow = await serve(SLOW)
  const answer = fetch(`${slow.url}${WALLET}`, { headers: AUTHORIZED.juspay })
  await until(() => slow.delays.size === 1)
  await slow.close()
  expect((await answer).status).toBe(200)

  const hanging = await serve(HANG)
  const inProcess = hanging.fetch(new Request(`${hanging.url}${WALLET}`, { headers: AUTHORIZED.juspay }))
  const overSocket = fetch(`${hanging.url}${WALLET}`, { headers: AUTHORIZED.juspay })
  await until(() => hanging.delays.size === 2)
  const closed = { message: 'fetch failed', cause: { code: 'UND_ERR_SOCKET' } }
  const outcomes = [expect(inProcess).rejects.toMatchObject(closed), expect(overSocket).rejects.toMatchObject(closed)]
  await hanging.close()
  await Promise.all(outcomes)
})

test.each([
  ['off', null],
  ['virtual', '60000'],
] as const)('with latency %s nobody waits, and the header says %s', async (latency, header) => {
  const scenario: Scenario = { ...SLOW, rules: [{ name: 'more', effect: { delay: { fixed: 0 } } }] }
  await using sandbox = await createSandbox({ scenario, latency })
  const response = await sandbox.fetch(`http://sandbox${WALLET}`, { headers: AUTHORIZED.juspay })
  expect(response.headers.get('x-sandbox-latency-ms')).toBe(header)
})

test('a factor shortens the wait, and the header says the delay before it', async () => {
  await using sandbox = await createSandbox({ scenario: SLOW, latency: 0.001 })
  const start = performance.now()
  const response = await sandbox.fetch(`http://sandbox${WALLET}`, { headers: AUTHORIZED.juspay })
  expect(performance.now() - start).toBeGreaterThanOrEqual(60)
  expect(response.headers.get('x-sandbox-latency-ms')).toBe('60000')
})

test('a delay of a rule comes on top of the operation’s own', async () => {
  const scenario: Scenario = { ...SLOW, rules: [{ name: 'more', effect: { delay: { fixed: '2s' } } }] }
  await using sandbox = await createSandbox({ scenario, latency: 'virtual' })
  const response = await sandbox.fetch(`http://sandbox${WALLET}`, { headers: AUTHORIZED.juspay })
  expect(response.headers.get('x-sandbox-latency-ms')).toBe('62000')
  expect(response.headers.get('x-sandbox-rule')).toBe('more')
  expect(response.status).toBe(200)
})
