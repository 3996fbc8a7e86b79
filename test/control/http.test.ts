import { describe, expect, test } from 'vitest'
import { VERSION } from '../../src/lib/version.js'
import { every } from '../every.js'
import { ask, control, FROZEN, sandboxFor, WALLET, WALLET_ID } from './helpers.js'

const REVOKES = {
  name: 'refuses',
  rules: [{ name: 'no', match: { wallet: WALLET_ID }, effect: { error: 'invalid_authentication' } }],
}

describe.each([
  ['every merchant', ''],
  ['one merchant', '/merchants/acme'],
])('on %s', (_, at) => {
  test('GET state is a fixture file that PUT state takes', async () => {
    const sandbox = await sandboxFor()
    const { status, body } = await control(sandbox, 'GET', `${at}/state`)
    expect(status).toBe(200)
    expect(body.merchants[0]).toMatchObject({ id: 'acme', juspayApiKeys: [{ key: 'acme_test_key' }, {}, {}] })
    expect(body.merchants).toHaveLength(at === '' ? 2 : 1)
    expect((await control(sandbox, 'PUT', `${at}/state`, body)).status).toBe(200)
    expect((await control(sandbox, 'GET', `${at}/state`)).body).toEqual(body)
  })

  test('PUT webhook sets where events go, and with null nowhere', async () => {
    const sandbox = await sandboxFor()
    const put = (webhook: unknown) => control(sandbox, 'PUT', `${at}/webhook`, webhook)
    const url = 'http://127.0.0.1:1/hooks'
    expect(await put({ url })).toMatchObject({ status: 200, body: { url } })
    expect(await put(null)).toMatchObject({ status: 200, body: { url: null } })
    expect(await put(undefined)).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } })
  })

  test('PUT scenario sets one, GET tells how often its rules matched and fired, DELETE ends it', async () => {
    const sandbox = await sandboxFor()
    const set = await control(sandbox, 'PUT', `${at}/scenario`, REVOKES)
    expect(set).toMatchObject({ status: 200, body: { name: 'refuses', rules: [{ matched: 0, fired: 0 }] } })
    expect((await ask(sandbox, WALLET)).status).toBe(401)
    const { body } = await control(sandbox, 'GET', `${at}/scenario`)
    expect(body).toEqual({
      ...REVOKES,
      rules: [{ ...REVOKES.rules[0], matched: 1, fired: 1, next: { call: 2, resource: WALLET_ID } }],
    })
    expect((await control(sandbox, 'PUT', `${at}/scenario`, body)).body.rules[0]).toMatchObject({
      matched: 0,
      fired: 0,
    })
    expect((await control(sandbox, 'DELETE', `${at}/scenario`)).body).toEqual({ name: 'none', latency: {}, rules: [] })
    expect((await ask(sandbox, WALLET)).status).toBe(200)
  })

  test('PUT scenario with a name alone sets a shipped one', async () => {
    const sandbox = await sandboxFor({ latency: 'virtual' })
    await control(sandbox, 'PUT', `${at}/scenario`, { name: 'published-latency' })
    expect((await ask(sandbox, WALLET)).headers.get('x-sandbox-latency-ms')).toMatch(/^\d+(\.\d{1,3})?$/)
  })

  test.each([
    [{ now: '2024-01-01T00:00:00Z' }, { now: '2024-01-01T00:00:00.000Z', mode: 'frozen' }],
    [{ now: '2024-01-01T05:30:00+05:30' }, { now: '2024-01-01T00:00:00.000Z', mode: 'frozen' }],
    [{ mode: 'frozen' }, { now: FROZEN, mode: 'frozen' }],
  ])('PUT clock %j', async (given, reading) => {
    const sandbox = await sandboxFor()
    expect(await control(sandbox, 'PUT', `${at}/clock`, given)).toMatchObject({ status: 200, body: reading })
    expect((await control(sandbox, 'GET', `${at}/clock`)).body).toEqual(reading)
  })

  test('PUT clock lets it run with the machine, or from a time on', async () => {
    const sandbox = await sandboxFor()
    const now = async (given: object) => Date.parse((await control(sandbox, 'PUT', `${at}/clock`, given)).body.now)
    expect(Math.abs((await now({ mode: 'real' })) - Date.now())).toBeLessThan(60_000)
    expect((await now({ now: '2024-01-01T00:00:00Z', mode: 'real' })) - Date.UTC(2024, 0, 1)).toBeLessThan(60_000)
    expect((await control(sandbox, 'GET', `${at}/clock`)).body.mode).toBe('real')
  })

  test.each([
    ['16m', '2023-09-11T08:46:00.000Z'],
    [1500, '2023-09-11T08:30:01.500Z'],
  ])('POST clock/advance by %s', async (by, now) => {
    const sandbox = await sandboxFor()
    const advanced = await control(sandbox, 'POST', `${at}/clock/advance`, { by })
    expect(advanced).toMatchObject({ status: 200, body: { now, mode: 'frozen' } })
  })

  test('a wallet, and what its provider holds', async () => {
    const sandbox = await sandboxFor()
    const set = await control(sandbox, 'PUT', `${at}/wallets/${WALLET_ID}/provider`, {
      balance: 95.5,
      available: false,
    })
    expect(set).toMatchObject({ status: 200, body: { balance: 250, provider: { balance: 95.5, available: false } } })
    await ask(sandbox, WALLET)
    const { body } = await control(sandbox, 'GET', `${at}/wallets/${WALLET_ID}`)
    expect(body).toMatchObject({
      merchant: 'acme',
      customer: 'cst_om2l6ctlptxwxuzj',
      id: WALLET_ID,
      balance: 250,
      lastRefreshed: '2016-08-02T08:07:52Z',
      token: { value: 'tok_winysteev9eftrwcv6me', expiresAt: '2023-09-11T08:45:00.000Z', used: false, live: true },
    })
  })

  test('the journal: GET, count, DELETE', async () => {
    const sandbox = await sandboxFor()
    await ask(sandbox, WALLET)
    const { body } = await control(sandbox, 'GET', `${at}/requests?operation=juspay.*&limit=5`)
    expect(body).toMatchObject({ total: 1, requests: [{ operation: 'juspay.getWallet', merchant: 'acme' }] })
    const match = { operation: 'juspay.getWallet' }
    expect((await control(sandbox, 'POST', `${at}/requests/count`, { match })).body).toEqual({ count: 1 })
    expect((await control(sandbox, 'DELETE', `${at}/requests`)).status).toBe(200)
    expect((await control(sandbox, 'GET', `${at}/requests`)).body).toEqual({
      requests: [],
      total: 0,
      cursor: expect.any(String),
    })
  })

  test('GET latency', async () => {
    const sandbox = await sandboxFor({ scenario: 'published-latency', latency: 'virtual' })
    await ask(sandbox, WALLET)
    const { body } = await control(sandbox, 'GET', `${at}/latency`)
    expect(body.operations['juspay.getWallet']).toMatchObject({
      calls: 1,
      published: { '50': 25.428, '99.99': 309.714 },
      configured: { source: 'published', percentiles: { '50': 25.428 } },
    })
  })

  test('POST reset', async () => {
    const sandbox = await sandboxFor()
    const before = await ask(sandbox, WALLET)
    await control(sandbox, 'POST', `${at}/clock/advance`, { by: '1h' })
    const reset = await control(sandbox, 'POST', `${at}/reset`)
    expect(reset).toMatchObject({ status: 200, body: { reset: ['state', 'scenario', 'clock', 'counters', 'journal'] } })
    const after = await ask(sandbox, WALLET)
    expect([...after.headers]).toEqual([...before.headers])
    expect(await after.text()).toBe(await before.text())
  })
})

test('health', async () => {
  const { status, body } = await control(await sandboxFor(), 'GET', '/health')
  expect([status, body]).toEqual([200, { status: 'ok', version: VERSION, merchants: 2 }])
})

describe('merchants', () => {
  test('one is made, listed, used and dropped', async () => {
    const sandbox = await sandboxFor()
    const made = await control(sandbox, 'POST', '/merchants', {
      id: 'initech',
      seed: 7,
      clock: '2024-02-29T12:00:00Z',
      scenario: REVOKES,
    })
    expect(made.status).toBe(201)
    expect(made.body).toEqual({
      id: 'initech',
      seed: 7,
      clock: { now: '2024-02-29T12:00:00.000Z', mode: 'frozen' },
      scenario: 'refuses',
      keys: { juspay: ['test_initech_juspay'], juicyway: ['test_initech_juicyway'] },
      responseKey: expect.stringMatching(/^[\dA-F]{32}$/),
    })
    const { body } = await control(sandbox, 'GET', '/merchants')
    expect(body.merchants.map(({ id }: { id: string }) => id)).toEqual(['acme', 'globex', 'initech'])
    const refused = await ask(sandbox, WALLET, 'test_initech_juspay')
    expect([refused.status, refused.headers.get('x-sandbox-seed')]).toEqual([401, '7'])
    const other = await ask(sandbox, '/customers/guest_user/wallets', 'test_initech_juspay')
    expect(other.status).toBe(200)
    expect((await control(sandbox, 'DELETE', '/merchants/initech')).body).toEqual({ id: 'initech' })
    expect((await ask(sandbox, WALLET, 'test_initech_juspay')).status).toBe(401)
    expect((await control(sandbox, 'GET', '/merchants/initech')).status).toBe(404)
  })

  test('fixtures of its own, with their keys or ones that follow from its id', async () => {
    const sandbox = await sandboxFor()
    const customers = [{ id: 'c', wallets: [{ id: 'wlt_own', wallet: 'PAYTM', linked: true, balance: 5 }] }]
    const made = await control(sandbox, 'POST', '/merchants', {
      id: 'hooli',
      fixtures: { merchants: [{ id: 'hooli', juspayApiKeys: [{ key: 'hooli_key' }], customers }] },
    })
    expect(made.body.keys).toEqual({ juspay: ['hooli_key'], juicyway: [] })
    expect(await (await ask(sandbox, '/wallets/wlt_own', 'hooli_key')).json()).toMatchObject({ current_balance: 5 })
    const keyless = { id: 'piper', fixtures: { merchants: [{ id: 'any', customers }] } }
    expect((await control(sandbox, 'POST', '/merchants', keyless)).body.keys.juspay).toEqual(['test_piper_juspay'])
    const taken = { id: 'thief', fixtures: { merchants: [{ id: 'thief', juspayApiKeys: [{ key: 'hooli_key' }] }] } }
    const refused = await control(sandbox, 'POST', '/merchants', taken)
    expect([refused.status, refused.body.error.message]).toEqual([
      400,
      'juspayApiKeys: merchant "thief" has a key of merchant "hooli"; allowed: keys of its own',
    ])
    expect(JSON.stringify(refused.body)).not.toContain('hooli_key')
  })

  test('as many as --max-merchants may be made this way', async () => {
    const sandbox = await sandboxFor({ maxMerchants: 2 })
    // One of the fixtures that is dropped makes no room: it comes back with a reset.
    await control(sandbox, 'DELETE', '/merchants/globex')
    const statuses = []
    for (const id of ['a', 'b', 'c']) statuses.push((await control(sandbox, 'POST', '/merchants', { id })).status)
    expect(statuses).toEqual([201, 201, 400])
    await control(sandbox, 'DELETE', '/merchants/a')
    expect((await control(sandbox, 'POST', '/merchants', { id: 'c' })).status).toBe(201)
  })
})

describe('what is refused', () => {
  const cases: [
    method: string,
    path: string,
    body: unknown,
    status: number,
    code: string,
    sentence: string | RegExp,
  ][] = [
    ['GET', '/nothing', undefined, 404, 'not_found', /^The control API has no path \/_sandbox\/nothing\. Paths below/],
    ['GET', '/heatlh', undefined, 404, 'not_found', /Did you mean "\/health"\?/],
    [
      'GET',
      '/merchants/acmee/clock',
      undefined,
      404,
      'not_found',
      /^There is no merchant "acmee"\. Did you mean "acme"\?/,
    ],
    ['GET', '/wallets/wlt_q23xzki3pazgtezx', undefined, 404, 'not_found', /Did you mean "wlt_q23xzki3pazgtezo"\?/],
    [
      'PATCH',
      '/state',
      undefined,
      405,
      'method_not_allowed',
      'PATCH is not a method of this path; it has GET, PUT, HEAD.',
    ],
    [
      'GET',
      '/merchants/acme/reset',
      undefined,
      405,
      'method_not_allowed',
      'GET is not a method of this path; it has POST.',
    ],
    ['POST', '/merchants', { id: 'acme' }, 409, 'conflict', /^There is a merchant "acme" already/],
    ['POST', '/merchants', { id: 'a b' }, 400, 'invalid_request', /^merchant:id: is "a b"; allowed: 1 to 128 letters/],
    [
      'POST',
      '/merchants',
      { id: '..' },
      400,
      'invalid_request',
      /^merchant:id: is "\.\."; .*not "\." or "\.\." alone$/,
    ],
    [
      'POST',
      '/merchants',
      { id: 'x', seed: 1.5 },
      400,
      'invalid_request',
      'merchant:seed: is 1.5; allowed: a whole number',
    ],
    ['POST', '/merchants', undefined, 400, 'invalid_request', /^merchant:\(top\): is missing/],
    ['PUT', '/clock', {}, 400, 'invalid_request', 'clock:(top): is {}; allowed: "now", "mode", or both'],
    ['PUT', '/clock', { now: 'soon' }, 400, 'invalid_request', /^clock:now: is "soon"; allowed: a time such as/],
    [
      'PUT',
      '/clock',
      { now: '1999-12-31T23:59:59Z' },
      400,
      'invalid_request',
      /from the year 2000 to the end of 9998$/,
    ],
    [
      'PUT',
      '/clock',
      { now: '9999-01-01T00:00:00Z' },
      400,
      'invalid_request',
      /from the year 2000 to the end of 9998$/,
    ],
    ['POST', '/clock/advance', { by: '3000000d' }, 400, 'invalid_request', /^advance:by: is "3000000d"; allowed/],
    ['PUT', '/clock', { mode: 'warp' }, 400, 'invalid_request', 'clock:mode: is "warp"; allowed: "real", "frozen"'],
    ['POST', '/clock/advance', { by: '-1m' }, 400, 'invalid_request', /^advance:by: is "-1m"; allowed: milliseconds/],
    ['POST', '/clock/advance', { by: 1e17 }, 400, 'invalid_request', /^advance:by: is 100000000000000000; allowed/],
    ['POST', '/clock/advance', undefined, 400, 'invalid_request', 'body: is missing; allowed: an object of "by" alone'],
    ['POST', '/reset', { only: ['sate'] }, 400, 'invalid_request', /^reset:only\[0\]: is "sate"; allowed: "state"/],
    ['POST', '/reset', { onyl: [] }, 400, 'invalid_request', /unknown field "onyl"\. Did you mean "only"\?/],
    [
      'PUT',
      `/wallets/${WALLET_ID}/provider`,
      { balance: 1.005 },
      400,
      'invalid_request',
      /^provider:balance: is 1\.005/,
    ],
    ['PUT', `/wallets/${WALLET_ID}/provider`, {}, 400, 'invalid_request', /"balance", "available", or both/],
    [
      'PUT',
      '/wallets/b1e0c2d4-6f7a-4b8c-9d0e-1f2a3b4c5d6e/provider',
      { balance: 1 },
      400,
      'invalid_request',
      /holds money itself; allowed: a wallet that is kept at a provider$/,
    ],
    ['PUT', '/scenario', { name: 'instnt' }, 400, 'invalid_request', /Did you mean "instant"\?/],
    ['PUT', '/scenario', { name: './package.json' }, 400, 'invalid_request', /^scenario:name: is "\.\/package\.json"/],
    ['PUT', '/scenario', '"../package.json"', 400, 'invalid_request', /^scenario:name: is "\.\.\/package\.json"/],
    ['PUT', '/scenario', { name: 'x', rulez: [] }, 400, 'invalid_request', /Did you mean "rules"\?/],
    ['PUT', '/scenario', '{"name":', 400, 'invalid_request', /^body:1:9: is not JSON: .*; allowed: one JSON value$/],
    [
      'PUT',
      '/state',
      '['.repeat(100_000),
      400,
      'invalid_request',
      'body:1:65: is nested more than 64 levels deep; allowed: at most 64',
    ],
    [
      'PUT',
      '/state',
      { merchants: [] },
      400,
      'invalid_request',
      'state:merchants: is []; allowed: at least one merchant',
    ],
    ['PUT', '/state', [], 400, 'invalid_request', 'state:(top): is []; allowed: an object'],
    [
      'GET',
      '/requests?stauts=401',
      undefined,
      400,
      'invalid_request',
      /unknown field "stauts"\. Did you mean "status"\?/,
    ],
    [
      'GET',
      '/requests?limit=-1',
      undefined,
      400,
      'invalid_request',
      'filter:limit: is "-1"; allowed: a whole number from 0',
    ],
    ['POST', '/requests/count', { match: { statsu: 1 } }, 400, 'invalid_request', /Did you mean "status"\?/],
  ]
  test('says in a sentence what is wrong and what is allowed', () =>
    every(cases, async ([method, path, body, status, code, sentence]) => {
      const answer = await control(await sandboxFor(), method, path, body)
      expect(answer.status).toBe(status)
      expect(answer.body.error).toMatchObject({
        code,
        message: typeof sentence === 'string' ? sentence : expect.stringMatching(sentence),
      })
      expect(answer.body.error.details).toContain(answer.body.error.message)
      if (status === 405) expect(answer.headers.get('allow')).toMatch(/^[A-Z]+(, [A-Z]+)*$/)
    }))

  test('every fault has a sentence of its own', async () => {
    const { body } = await control(await sandboxFor(), 'PUT', '/clock', { now: 5, mode: 'x', speed: 2 })
    expect(body.error.details).toHaveLength(3)
  })

  test('a body that is not called JSON, or is too large to read', async () => {
    const sandbox = await sandboxFor()
    const put = (headers: Record<string, string>, body: string) =>
      sandbox.fetch('http://sandbox/_sandbox/clock', { method: 'PUT', headers, body })
    expect((await put({ 'content-type': 'text/plain' }, '{"mode":"real"}')).status).toBe(415)
    expect((await put({ 'content-type': 'application/json', 'content-length': '70000000' }, '{}')).status).toBe(413)
    expect((await put({ 'content-type': 'application/json; charset=utf-8' }, '{"mode":"real"}')).status).toBe(200)
  })
})

test('control requests are never delayed, faulted or journaled', async () => {
  const sandbox = await sandboxFor()
  const everything = {
    name: 'all',
    latency: { '*': { fixed: '10s' } },
    rules: [{ name: 'r', effect: { fault: 'hang' } }],
  }
  await control(sandbox, 'PUT', '/scenario', everything)
  for (const path of ['/scenario', '/requests', '/nothing', '/merchants/sandbox_other/state'])
    expect((await control(sandbox, 'GET', path)).status).not.toBe(500)
  expect((await control(sandbox, 'GET', '/requests')).body.total).toBe(0)
})
