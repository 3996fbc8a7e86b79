import { describe, expect, test } from 'vitest'
import { requestsControl } from '../../src/control/journal-queries.js'
import { Journal } from '../../src/journal/journal.js'
import { headersOf, type JournalEntry } from '../../src/journal/journal-entry.js'
import { KnownKeys } from '../../src/journal/known-keys.js'
import type { Sandbox } from '../../src/sandbox.js'
import { ask, basic, CUSTOMER, control, FROZEN, REFRESH, raw, sandboxFor, WALLET, WALLET_ID } from './helpers.js'

const newest = async (sandbox: Sandbox): Promise<JournalEntry> => {
  const { requests } = await sandbox.control.requests.get({ limit: 1 })
  return requests[0]!
}
const LIST = `/customers/${CUSTOMER}/wallets`

describe('an entry', () => {
  test('tells of the whole call', async () => {
    const sandbox = await sandboxFor({ scenario: 'published-latency', latency: 'virtual' })
    const response = await ask(sandbox, `${LIST}?count=1`, 'acme_test_key', { 'X-Trace': 'a' })
    const entry = await newest(sandbox)
    expect(entry).toEqual({
      id: 1,
      at: FROZEN,
      merchant: 'acme',
      vendor: 'juspay',
      operation: 'juspay.listWallets',
      customer: CUSTOMER,
      wallet: null,
      request: {
        method: 'GET',
        path: LIST,
        query: 'count=1',
        headers: { authorization: 'redacted', 'x-routing-id': 'r', 'x-trace': 'a' },
        body: '',
      },
      response: { status: 200, headers: Object.fromEntries(response.headers), body: await response.text() },
      reason: null,
      grade: 'published',
      source: expect.stringMatching(/^https:/),
      rules: [],
      rule: null,
      changes: [],
      fault: null,
      intendedMs: expect.any(Number),
      measuredMs: expect.any(Number),
      warnings: [],
    })
    expect(String(entry.intendedMs)).toContain(response.headers.get('x-sandbox-latency-ms')!.slice(0, -1))
  })

  test('is there while the request is under way, without a response', async () => {
    const sandbox = await sandboxFor({
      scenario: { name: 's', latency: { '*': { fixed: '1m' } } } as never,
      clock: FROZEN,
    })
    const abort = new AbortController()
    const pending = sandbox.fetch(`http://x${WALLET}`, { headers: basic('acme_test_key'), signal: abort.signal })
    await expect.poll(async () => (await sandbox.control.requests.get()).total).toBe(1)
    expect(await newest(sandbox)).toMatchObject({ operation: 'juspay.getWallet', response: null, measuredMs: null })
    abort.abort()
    await expect(pending).rejects.toThrow('aborted')
    expect(await newest(sandbox)).toMatchObject({ response: { status: null } })
  })
})

describe('why did I get this?', () => {
  const RULE = (effect: object) => ({ name: 's', rules: [{ name: 'the rule', effect }] }) as never
  const key = 'acme_test_key'
  const cases: [
    why: string,
    path: string,
    headers: Record<string, string>,
    status: number,
    reason: RegExp,
    scenario?: never,
  ][] = [
    ['no key', WALLET, {}, 401, /^The request has no Authorization header\. Send the key as/],
    [
      'an unknown key',
      WALLET,
      basic('nobodys'),
      401,
      /^The API key is not one of juspay's here\. Keys that exist: acme_test_key/,
    ],
    [
      'a revoked key',
      WALLET,
      basic('acme_revoked_key'),
      401,
      /^The API key is revoked\. Keys that exist: (?!.*revoked)/,
    ],
    ['an expired key', WALLET, basic('acme_expired_key'), 401, /^The API key is expired\./],
    ['another scheme', LIST, { authorization: `Bearer ${key}` }, 401, /^The Authorization scheme is not Basic\./],
    [
      'a password',
      WALLET,
      { authorization: `Basic ${btoa(`${key}:x`)}` },
      401,
      /^A password is given; it must be empty\./,
    ],
    [
      'an unknown wallet',
      '/wallets/wlt_q23xzki3pazgtezx',
      basic(key),
      400,
      /^Merchant acme has no wallet "wlt_q23xzki3pazgtezx"\. Did you mean "wlt_q23xzki3pazgtezo"\?$/,
    ],
    [
      'an unknown customer',
      '/customers/gest_user/wallets',
      basic(key),
      400,
      /no customer "gest_user"\. Did you mean "guest_user"\?$/,
    ],
    ['a bad offset', `${LIST}?offset=-1`, basic(key), 400, /^The parameter offset is not a whole number from 0/],
    ['an unknown path', '/wallet', basic(key), 404, /^juspay has no path \/wallet; it has GET \/wallets\/\{wallet\}/],
    [
      'a missing permission',
      '/juicyway/wallets/x',
      { authorization: 'Bearer test_acme_forbidden' },
      403,
      /^The API key has no permission to read/,
    ],
    [
      'an error of the scenario',
      WALLET,
      basic(key),
      503,
      /^The scenario's rule "the rule" answers maintenance/,
      RULE({ error: 'maintenance' }),
    ],
    [
      'a response of the scenario',
      WALLET,
      basic(key),
      418,
      /^The scenario's rule "the rule" answers 418; without it the request goes on\.$/,
      RULE({ response: { status: 418 } }),
    ],
    [
      'a fault of the scenario',
      WALLET,
      basic(key),
      200,
      /^The scenario's rule "the rule" injected the fault malformed-json\.$/,
      RULE({ fault: 'malformed-json' }),
    ],
  ]
  test.each(cases)('%s', async (_, path, headers, status, reason, scenario) => {
    const sandbox = await sandboxFor(scenario && { scenario })
    const response = await sandbox.fetch(`http://x${path}`, { headers })
    const entry = await newest(sandbox)
    expect([response.status, entry.response?.status]).toEqual([status, status])
    expect(entry.reason).toMatch(reason)
  })

  test('a wrong method', async () => {
    const sandbox = await sandboxFor()
    await sandbox.fetch(`http://x${REFRESH}`, { method: 'POST', headers: basic(key) })
    expect((await newest(sandbox)).reason).toBe('POST is not a method of this path; it has GET, HEAD.')
  })
})

describe('filters', () => {
  const filled = async () => {
    const sandbox = await sandboxFor()
    await ask(sandbox, WALLET)
    await ask(sandbox, '/customers/customer@gmail.com/wallets')
    await ask(sandbox, REFRESH, 'acme_revoked_key')
    await ask(sandbox, '/customers/guest_user/wallets', 'sandbox_other')
    await ask(sandbox, '/wallets/wlt_none')
    await ask(sandbox, WALLET, 'nobodys_key')
    return sandbox
  }
  // By their place in the order of arrival, whichever merchant they are of.
  test.each([
    ['', [1, 2, 3, 4, 5, 6]],
    ['?operation=juspay.getWallet', [1, 5, 6]],
    ['?operation=*Wallets', [2, 3, 4]],
    [`?customer=${CUSTOMER}`, [1, 2, 3]],
    ['?customer=customer@gmail.com', [1, 2, 3]],
    ['?customer=guest*', [4]],
    [`?wallet=${WALLET_ID}`, [1, 6]],
    ['?status=401', [3, 6]],
    ['?status=4*', [3, 5, 6]],
    ['?status=200&limit=2', [2, 4]],
    ['?limit=1', [6]],
    ['?limit=0', []],
    ['?operation=juspay.getWallet&status=200', [1]],
  ])('%s', async (query, expected) => {
    const sandbox = await filled()
    const everything = (await sandbox.control.requests.get()).requests
    const { body } = await control(sandbox, 'GET', `/requests${query}`)
    const places = body.requests.map(
      (entry: JournalEntry) => everything.findIndex((one) => JSON.stringify(one) === JSON.stringify(entry)) + 1,
    )
    expect(places).toEqual(expected)
    expect(body.total).toBe(query.includes('limit=') ? ({ '?limit=1': 6, '?limit=0': 6 }[query] ?? 3) : expected.length)
  })

  test('one merchant’s are its own; those of no merchant are among all', async () => {
    const sandbox = await filled()
    const count = async (at: string) => (await control(sandbox, 'GET', `${at}/requests`)).body.total
    expect(
      await Promise.all(['/merchants/acme', '/merchants/sandbox_other', '/merchants/globex', ''].map(count)),
    ).toEqual([4, 1, 0, 6])
    expect((await newest(sandbox)).merchant).toBeNull()
  })
})

describe('count', () => {
  const filled = async () => {
    const sandbox = await sandboxFor()
    await ask(sandbox, `${LIST}?count=1`, 'acme_test_key', { 'x-routing-id': 'one' })
    await ask(sandbox, WALLET, 'acme_test_key', { 'x-routing-id': 'two' })
    const form = { ...basic('acme_test_key'), 'content-type': 'application/x-www-form-urlencoded' }
    await sandbox.fetch(`http://x${WALLET}`, { method: 'PUT', headers: form, body: 'command=link' })
    return sandbox
  }
  test.each([
    [{}, 3],
    [{ operation: 'juspay.*' }, 2],
    [{ customer: 'customer@gmail.com' }, 3],
    [{ wallet: 'wlt_q*' }, 2],
    [{ status: 200 }, 2],
    [{ status: '4??' }, 1],
    [{ method: 'GET', path: '/customers/*' }, 1],
    [{ header: { 'X-Routing-Id': 't?o' } }, 1],
    [{ query: { count: '1' } }, 1],
  ])('%j: %i', async (match, count) => {
    expect((await control(await filled(), 'POST', '/requests/count', { match })).body).toEqual({ count })
  })

  test('nothing matches: the nearest requests first, and what differs in each', async () => {
    const sandbox = await filled()
    const match = {
      operation: 'juspay.getWallet',
      wallet: WALLET_ID,
      header: { 'x-routing-id': 'one' },
      query: { fresh: '1' },
    }
    const { body } = await control(sandbox, 'POST', '/requests/count', { match })
    expect(body.count).toBe(0)
    expect(body.nearest).toMatchObject([
      {
        id: 2,
        operation: 'juspay.getWallet',
        request: `GET ${WALLET}`,
        status: 200,
        differences: [
          { field: 'header.x-routing-id', expected: 'one', actual: 'two' },
          { field: 'query.fresh', expected: '1', actual: null },
        ],
      },
      { id: 3, status: 405 },
      { id: 1, request: `GET ${LIST}?count=1` },
    ])
    expect(body.nearest[1].differences.map(({ field }: { field: string }) => field)).toEqual([
      'operation',
      'header.x-routing-id',
      'query.fresh',
    ])
  })

  test.each([
    ['application/x-www-form-urlencoded', 'command=link&otp=123456', 1],
    ['application/json', '{"command":"link","otp":123456}', 1],
    ['application/json', '{"command":"delink"}', 0],
    ['application/json', 'no JSON', 0],
  ])('the fields of a body: %s %s', async (type, body, count) => {
    const journal = new Journal(1)
    const request = { method: 'POST', path: '/', query: '', headers: `Content-Type\n${type}` }
    const entry = journal.begin({
      authorization: null,
      key: undefined,
      knownKeys: new KnownKeys(),
      merchant: '',
      request,
      about: {},
      at: 0,
    } as never)
    journal.finish(entry, {
      requestBody: body,
      response: { status: 200, headers: {}, body: '' },
      trace: null,
      warnings: [],
    } as never)
    const { count: counted } = requestsControl({
      merchants: () => [{ journal }],
    } as never)
    expect((await counted({ body: { command: 'link', otp: '12*' } })).count).toBe(count)
  })

  test('an empty journal has no nearest', async () => {
    expect(await (await sandboxFor()).control.requests.count({ wallet: 'x' })).toEqual({ count: 0, nearest: [] })
  })
})

describe('header rules leave warnings', () => {
  const warnings = async (sandbox: Sandbox, path: string, headers: Record<string, string>) => {
    await sandbox.fetch(`http://x${path}`, { headers: { ...basic('acme_test_key'), ...headers } })
    return (await newest(sandbox)).warnings
  }
  const COMPLETE = { 'x-routing-id': 'r', 'x-merchantid': 'acme', 'content-type': 'application/x-www-form-urlencoded' }
  const { 'x-routing-id': _r, ...unrouted } = COMPLETE
  const { 'x-merchantid': _m, ...unnamed } = COMPLETE
  const { 'content-type': _c, ...untyped } = COMPLETE
  test.each([
    ['nothing to say', REFRESH, { ...COMPLETE, version: '2019-09-17' }, []],
    [
      'x-merchantid misspelt as the vendor’s own tools do',
      LIST,
      { 'x-routing-id': 'r', 'x-merchant-id': 'acme' },
      [/x-merchant-id is misspelt.*the vendor calls it x-merchantid/],
    ],
    [
      'no x-routing-id',
      REFRESH,
      unrouted,
      [/^The header x-routing-id is missing or not as required on juspay\.refreshAllWallets/],
    ],
    ['no x-merchantid', REFRESH, unnamed, [/^The header x-merchantid is missing.*send the merchant id/]],
    ['no Content-Type', REFRESH, untyped, [/^The header Content-Type is missing.*x-www-form-urlencoded\.$/]],
    [
      'another Content-Type',
      REFRESH,
      { ...COMPLETE, 'content-type': 'application/json' },
      [/^The header Content-Type/],
    ],
    ['another merchant', REFRESH, { ...COMPLETE, 'x-merchantid': 'ACME' }, [/^x-merchantid names another merchant/]],
    ['a version that is not a date', WALLET, { ...COMPLETE, version: 'v2' }, [/^The version header is not a date/]],
    ['nothing at all', REFRESH, {}, [/x-routing-id/, /x-merchantid/, /Content-Type/]],
    ['Get needs a routing id alone', WALLET, {}, [/x-routing-id/]],
  ])('%s', async (_, path, headers, expected) => {
    const found = await warnings(await sandboxFor(), path, headers as Record<string, string>)
    expect(found).toEqual(expected.map((pattern) => expect.stringMatching(pattern)))
  })

  test('a customer’s requests by either id and by wallet are one customer’s', async () => {
    const sandbox = await sandboxFor()
    const routed = (path: string, id: string) => warnings(sandbox, path, { 'x-routing-id': id })
    expect(await routed(LIST, 'a')).toEqual([])
    expect(await routed('/customers/customer%40gmail.com/wallets', 'a')).toEqual([])
    const changed = (from: string, to: string) => [
      `x-routing-id is "${to}", but customer ${CUSTOMER} came with "${from}" before; send the same one on all requests of a customer.`,
    ]
    expect(await routed(WALLET, 'b')).toEqual(changed('a', 'b'))
    expect(await routed('/customers/customer@gmail.com/wallets', 'c')).toEqual(changed('b', 'c'))
    expect(await routed('/customers/guest_user/wallets', 'd')).toEqual([])
    await sandbox.control.reset({ only: ['counters'] })
    expect(await routed(WALLET, 'e')).toEqual([])
  })
})

describe('Authorization is never shown', () => {
  const SECRET = 'nobodys_secret_key'
  const forms = (key: string) => [
    key,
    btoa(`${key}:`),
    encodeURIComponent(btoa(`${key}:`)),
    btoa(`${key}:`).replace(/=+$/, ''),
  ]

  test('wherever a client put its key', async () => {
    const sandbox = await sandboxFor()
    const url = await sandbox.listen()
    const headers = {
      ...basic(SECRET),
      'proxy-authorization': `Basic ${btoa(`${SECRET}:`)}`,
      'x-api-key': SECRET,
      'x-forwarded-authorization': `Basic ${btoa(`${SECRET}:`)}`,
      'x-routing-id': SECRET,
      'x-merchantid': SECRET,
    }
    const answers = []
    for (const path of [
      WALLET,
      `/wallets/${SECRET}`,
      `/${SECRET}`,
      `${LIST}?api_key=${SECRET}&b=${btoa(`${SECRET}:`)}`,
    ])
      for (const method of ['GET', 'POST'])
        answers.push(await raw(`${url}${path}`, { method, headers, body: method === 'POST' ? `key=${SECRET}` : '' }))
    const shown = JSON.stringify([
      answers,
      await sandbox.control.requests.get(),
      await sandbox.control.requests.count({ path: 'x', header: { 'x-api-key': 'x' }, query: { api_key: 'x' } }),
      await sandbox.control.state.get(),
      await sandbox.control.latency(),
    ])
    for (const form of forms(SECRET)) expect(shown).not.toContain(form)
  })

  test('a short one too, where it is a word of its own', async () => {
    const fixtures = { merchants: [{ id: 'm', juspayApiKeys: [{ key: 'k$y-7' }] }] }
    const sandbox = await sandboxFor({ fixtures })
    await ask(sandbox, '/wallets/k$y-7?count=k$y-7&other=k$y-77', 'k$y-7', { 'x-any': 'a k$y-7' })
    const [entry] = (await sandbox.control.requests.get()).requests
    expect(entry!.request).toMatchObject({
      path: '/wallets/redacted',
      query: 'count=redacted&other=k$y-77',
      headers: { 'x-any': 'a redacted' },
    })
    expect(entry!.reason).toContain('no wallet "redacted"')
  })

  test.each(['acme_revoked_key', 'acme_expired_key', 'acme_test_key'])('nor %s, by rule or refusal', async (key) => {
    const scenario = {
      name: 's',
      rules: [{ name: 'by key', match: { apiKey: key, wallet: WALLET_ID }, effect: { error: 'server_error' } }],
    }
    const sandbox = await sandboxFor({ scenario: scenario as never })
    for (const path of [WALLET, LIST, `/wallets/${key}`]) await ask(sandbox, path, key)
    const journal = JSON.stringify(await sandbox.control.requests.get())
    for (const form of forms(key)) expect(journal).not.toContain(form)
  })
})

describe('bounded', () => {
  test('the newest are kept', async () => {
    const sandbox = await sandboxFor({ journalSize: 3 })
    for (const n of [1, 2, 3, 4, 5]) await ask(sandbox, `/wallets/wlt_${n}`)
    const { requests, total } = await sandbox.control.requests.get()
    expect([total, requests.map(({ wallet }) => wallet)]).toEqual([3, ['wlt_3', 'wlt_4', 'wlt_5']])
    expect((await (await sandboxFor({ journalSize: 0 })).control.requests.get()).total).toBe(0)
  })

  test('a header may have the name of what every object has', async () => {
    const sandbox = await sandboxFor()
    await ask(sandbox, WALLET, 'acme_test_key', { constructor: 'a' })
    const [entry] = (await sandbox.control.requests.get()).requests
    expect(entry!.request.headers.constructor).toBe('a')
    expect(Object.entries(headersOf('__proto__\nb'))).toEqual([['__proto__', 'b']])
    const count = async (header: object) => (await sandbox.control.requests.count({ header } as never)).count
    expect([await count({ constructor: 'a' }), await count({ valueOf: '*' })]).toEqual([1, 0])
  })

  test('a page after an entry is the oldest that follow it', async () => {
    const sandbox = await sandboxFor()
    for (const n of [1, 2, 3, 4, 5]) await ask(sandbox, `/wallets/wlt_${n}`)
    const acme = sandbox.control.merchant('acme')
    const ids = async (filter: object) => (await acme.requests.get(filter)).requests.map(({ id }) => id)
    expect(await ids({ limit: 2 })).toEqual([4, 5])
    expect(await ids({ after: 0, limit: 2 })).toEqual([1, 2])
    expect(await ids({ after: 2, limit: 2 })).toEqual([3, 4])
    expect(await ids({ after: 4 })).toEqual([5])
    expect(await ids({ after: 5 })).toEqual([])
    await expect(sandbox.control.requests.get({ after: 1 })).rejects.toThrow(
      'after: is an id, and each of all merchants',
    )
    const { body } = await control(sandbox, 'GET', '/merchants/acme/requests?after=3&limit=1')
    expect([body.total, body.requests.map(({ id }: JournalEntry) => id)]).toEqual([5, [4]])
  })

  test('bodies are kept whole, up to the limit of a body, and counted by their fields', async () => {
    const sandbox = await sandboxFor()
    const filler = 'x'.repeat(1_000_000)
    await sandbox.fetch(`http://x${WALLET}`, {
      method: 'POST',
      headers: basic('acme_test_key'),
      body: new URLSearchParams({ filler, command: 'refresh' }),
    })
    expect((await newest(sandbox)).request.body).toHaveLength(filler.length + 'filler=&command=refresh'.length)
    expect((await sandbox.control.requests.count({ body: { command: 'refresh' } })).count).toBe(1)
  })
})
