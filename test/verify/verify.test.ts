import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createSandbox, type Sandbox } from '../../src/index.js'
import { VENDORS } from '../../src/vendors/index.js'
import { toLines } from '../../src/verify/print.js'
import { type VerifyOptions, type VerifyReport, verify } from '../../src/verify/verify.js'
import { every } from '../every.js'
import { type Body, JUICYWAY_MUTATIONS, MUTATIONS, type Mutation } from './mutations.js'

const JUSPAY = { key: 'acme_test_key', customer: 'customer@gmail.com' } as const
const JUICYWAY = { key: 'test_globex_juicyway', vendor: 'juicyway' } as const

const results = ({ checks }: VerifyReport, result: string) =>
  checks.filter((one) => one.result === result).map(({ operation, ending }) => `${operation} ${ending}`)

/** What diverged: check, aspect and place. */
const divergences = ({ checks }: VerifyReport) =>
  checks.flatMap(({ operation, ending, divergences: found }) =>
    found.map(({ aspect, at }) => `${operation} ${ending}: ${aspect} ${at}`),
  )

/** Gives the merchants something of everything that can be read. */
async function prepare(sandbox: Sandbox): Promise<void> {
  const send = (path: string, authorization: string, type: string, body: string) =>
    sandbox.fetch(`http://x${path}`, { method: 'POST', headers: { authorization, 'content-type': type }, body })
  const order = 'order_id=tea-1&amount=109.55&customer_id=customer@gmail.com&customer_phone=9870001234'
  await send('/orders', `Basic ${btoa('acme_test_key:')}`, 'application/x-www-form-urlencoded', order)
  const credit = { wallet_id: 'b1e0c2d4-6f7a-4b8c-9d0e-1f2a3b4c5d6e', type: 'credit', amount: 100 }
  const transactions = '/wallets/transactions'
  await send(transactions, 'Bearer test_globex_juicyway', 'application/json', JSON.stringify(credit))
}

/** A server, and how to stop it. */
async function serverOf(listener: RequestListener) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

async function urlOf(listener: RequestListener): Promise<string> {
  const { baseUrl, close } = await serverOf(listener)
  onTestFinished(close)
  return baseUrl
}

describe('a sandbox', () => {
  test.each([
    ['juspay, reading', JUSPAY],
    ['juspay, writing', { ...JUSPAY, writes: true }],
    ['juicyway, reading', JUICYWAY],
    ['juicyway, writing', { ...JUICYWAY, writes: true }],
  ] as const)('passes every check over a socket: %s', async (_, options) => {
    await using sandbox = await createSandbox({ latency: 'off', clock: '2023-09-11T08:30:00Z' })
    await prepare(sandbox)
    const report = await verify({ baseUrl: await sandbox.listen(), ...options })
    expect(divergences(report)).toEqual([])
    const { checks } = await VENDORS.find(({ name }) => name === report.vendor)!.suite!()
    const writes = checks.filter((check) => check.writes)
    const skipped = 'writes' in options ? [] : writes.map(({ operation, ending }) => `${operation} ${ending}`)
    expect(results(report, 'skipped')).toEqual(skipped)
    expect(report).toMatchObject({ diverged: 0, passed: report.checks.length - report.skipped })
    expect(JSON.stringify(await sandbox.control.state.get()).includes('Verify')).toBe('writes' in options)
  })

  test('says what it could not check, and why', async () => {
    const fixtures = { merchants: [{ id: 'm', juspayApiKeys: [{ key: 'key_of_m' }] }] }
    await using sandbox = await createSandbox({ latency: 'off', fixtures })
    const report = await verify({ baseUrl: await sandbox.listen(), key: 'key_of_m' })
    const reasons = report.checks.flatMap(({ operation, reason }) => (reason ? [`${operation}: ${reason}`] : []))
    expect(reasons).toContain('juspay.getWallet: needs a wallet: --wallet, or --customer with one')
    expect(reasons).toContain('juspay.createOrder: writes, and --writes is not given')
    expect(report.customer).toBeUndefined()
  })

  test.each([
    ['the first with a wallet', [0, 0, 1, 1], 'customer 3 of those listed'],
    ['the first, where none has one', [0, 0], 'customer 1 of those listed'],
  ])('reads a customer whom it lists: %s', async (_, wallets, expected) => {
    const customers = wallets.map((count, n) => ({
      id: `cst_listed_${n}`,
      objectReferenceId: `listed-${n}`,
      wallets: Array.from({ length: count }, () => ({ id: `wlt_listed_${n}`, wallet: 'MOBIKWIK' })),
    }))
    const fixtures = { merchants: [{ id: 'm', juspayApiKeys: [{ key: 'key_of_m' }], customers }] }
    await using sandbox = await createSandbox({ latency: 'off', fixtures })
    const report = await verify({ baseUrl: await sandbox.listen(), key: 'key_of_m' })
    expect(report.customer).toBe(expected)
    expect(JSON.stringify(report)).not.toContain('listed_')
    const passed = results(report, 'passed')
    expect(passed).toEqual(expect.arrayContaining(['juspay.getCustomer success', 'juspay.listWallets success']))
    expect(passed.includes('juspay.getWallet success')).toBe(wallets.includes(1))
    expect(toLines(report).at(-2)).toBe(`Without --customer, ${expected} was read.`)
  })

  test('is written to only where nobody pays for it, or by its name', async () => {
    const writing = (host: string, writesTo?: string) =>
      verify({ baseUrl: `http://${host}`, key: 'k', timeout: 1, writes: true, ...(writesTo && { writesTo }) })
    const refused = ['api.juspay.in', 'api.spendjuice.com', 'sandbox.juspay.in.shop.example', '8.8.8.8', '172.32.0.1']
    await every([...refused, '10.shop.example', '[2606:4700::1]'], async (host) => {
      const { hostname } = new URL(`http://${host}`)
      const sentence = `writes: ${hostname} is not known to be a sandbox, and customers, orders and wallets would be made there; allowed: with --writes-to ${hostname} (writesTo)`
      await expect(writing(host)).rejects.toThrow(sentence)
      await expect(writing(host, 'sandbox.juspay.in')).rejects.toThrow(sentence)
    })
    const sandboxes = [
      '127.0.0.1:9',
      'localhost:9',
      '[::1]:9',
      '10.255.255.1:9',
      '[fd00::1]:9',
      'wallet-sandbox.test:9',
    ]
    await every(sandboxes, async (host) => {
      await expect(writing(host)).rejects.toThrow(/cannot be asked|did not answer/)
    })
    await expect(writing('shop.invalid:9', 'shop.invalid')).rejects.toThrow(/cannot be asked|did not answer/)
  })
})

describe('a server that does one thing otherwise', () => {
  let sandbox: Sandbox
  let server: Awaited<ReturnType<typeof serverOf>>
  let mutation: Mutation | undefined
  beforeAll(async () => {
    sandbox = await createSandbox({ latency: 'off', clock: '2023-09-11T08:30:00Z' })
    await prepare(sandbox)
    server = await serverOf(async ({ method = 'GET', url = '', headers }, response) => {
      const upstream = await sandbox.fetch(`http://x${url}`, { method, headers: headers as Record<string, string> })
      const answer = { status: upstream.status, headers: new Headers(upstream.headers), text: await upstream.text() }
      const isWrongKey = !/YWNtZV90ZXN0X2tleTo=|test_globex/.test(headers.authorization ?? '')
      if (mutation?.path.test(url) && isWrongKey === (mutation.wrongKey ?? false)) mutation.change(answer)
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(answer.text)
    })
  })
  afterAll(async () => {
    server.close()
    await sandbox.close()
  })

  const found = async (one: Mutation | undefined, options: Omit<VerifyOptions, 'baseUrl'>) => {
    mutation = one
    return divergences(await verify({ baseUrl: server.baseUrl, ...options }))
  }

  test.each([JUSPAY, JUICYWAY])('and without it diverges in nothing', async (options) => {
    expect(await found(undefined, options)).toEqual([])
  })

  test('there are forty and more of them', () => {
    expect(Object.keys({ ...MUTATIONS, ...JUICYWAY_MUTATIONS }).length).toBeGreaterThan(45)
  })

  test.each(Object.entries(MUTATIONS))('is told so, there and nowhere else: %s', async (_, one) => {
    expect(await found(one, JUSPAY)).toEqual(one.at.map((at) => `${one.check}: ${at}`))
  })

  test.each(Object.entries(JUICYWAY_MUTATIONS))('is told so, there and nowhere else: %s', async (_, one) => {
    expect(await found(one, JUICYWAY)).toEqual(one.at.map((at) => `${one.check}: ${at}`))
  })
})

test('nothing of the account is in the report', async () => {
  const wallet = { id: 'wlt_marker', wallet: 'PAYTM', linked: true, balance: 4711.25, token: 'tok_marker' }
  const customer = {
    id: 'cst_marker',
    objectReferenceId: 'marker_1234567890',
    firstName: 'Markername',
    emailAddress: 'marker@x.io',
    mobileNumber: '9998887776',
    wallets: [wallet],
  }
  const merchant = { id: 'marker-merchant', juspayApiKeys: [{ key: 'marker_key_0' }], customers: [customer] }
  await using sandbox = await createSandbox({ latency: 'off', fixtures: { merchants: [merchant] } })
  const baseUrl = await urlOf(async ({ url, headers }, response) => {
    const upstream = await sandbox.fetch(`http://x${url}`, { headers: headers as Record<string, string> })
    response.writeHead(upstream.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(otherwise(await upstream.json())))
  })
  const report = await verify({ baseUrl, key: 'marker_key_0', customer: 'cst_marker', wallet: 'wlt_marker' })
  expect(report.diverged).toBeGreaterThan(8)
  expect(JSON.stringify(report)).not.toMatch(/marker|9998887776|4711/i)
})

/** The same values in lists, and two keys made of values: all of it diverges, so all of it would be told. */
const otherwise = (value: Body): Body =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries([
        ...Object.entries(value).map(([name, inner]) => [name, Array.isArray(inner) ? inner.map(otherwise) : [inner]]),
        ['marker_1234567890', 1],
        ['9998887776', 1],
      ])
    : value

test.each([
  ['not a URL', { baseUrl: 'x' }, /^baseUrl: is "x"; allowed: the URL of a server/],
  ['credentials', { baseUrl: 'http://u:p@127.0.0.1:9' }, /^baseUrl: is .*; allowed: .* without user and query$/],
  ['no key', { key: '' }, /^key: is missing or cannot be sent; allowed/],
  ['another vendor', { vendor: 'visa' }, /^vendor: is "visa"; allowed: juspay, juicyway/],
  ['a closed port', { baseUrl: 'http://127.0.0.1:9' }, /^GET http:\/\/127\.0\.0\.1:9 cannot be asked: /],
])('is refused in one sentence: %s', async (_, options, sentence) => {
  const all = { baseUrl: 'http://127.0.0.1:1', key: 'k', ...options } as VerifyOptions
  await expect(verify(all)).rejects.toThrow(sentence)
})

test('a server that hangs is left with one sentence', async () => {
  const baseUrl = await urlOf(() => {})
  await expect(verify({ baseUrl, key: 'k', timeout: 300 })).rejects.toThrow(/ did not answer within 300 ms$/)
})

test('a server that sends too much is left with one sentence', async () => {
  const baseUrl = await urlOf((_, response) => response.end('x'.repeat(5_000_000)))
  await expect(verify({ baseUrl, key: 'k' })).rejects.toThrow(/ answered with more than \d+ bytes$/)
})

test('what a report confirms is graded by its date, and nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'verify-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  await using server = await createSandbox({ latency: 'off' })
  const report = await verify({ baseUrl: await server.listen(), key: 'acme_test_key', customer: 'customer@gmail.com' })
  const file = join(folder, 'report.json')
  writeFileSync(file, JSON.stringify({ ...report, at: '2026-11-25T10:00:00.000Z' }))
  await using sandbox = await createSandbox({ latency: 'off', verified: file })
  const headers = { authorization: `Basic ${btoa('acme_test_key:')}` }
  const ask = async (path: string) => (await sandbox.fetch(`http://x${path}`, { headers })).headers
  expect((await ask('/wallets/wlt_q23xzki3pazgtezo')).get('x-sandbox-fidelity')).toBe('observed, 2026-11-25')
  expect((await ask('/wallets/wlt_none')).get('x-sandbox-fidelity')).toBe('observed, 2026-11-25')
  expect((await ask('/customers/customer@gmail.com/wallets?count=x')).get('x-sandbox-fidelity')).toBe('inferred')
  const { requests } = await sandbox.control.requests.get()
  expect(requests.map(({ grade }) => grade)).toEqual(['observed, 2026-11-25', 'observed, 2026-11-25', 'inferred'])
})

test.each([
  ['another file', { name: 's' }, /:report: is missing; allowed: a report of wallet-sandbox verify --report$/],
  [
    'a report without a time',
    { report: 'wallet-sandbox verify', at: 1, checks: [] },
    /:at: is 1; allowed: a UTC time$/,
  ],
  ['a report without checks', { report: 'wallet-sandbox verify', at: '2026-11-25T' }, /:checks: is missing; allowed/],
  [
    'a report of another operation',
    { report: 'wallet-sandbox verify', at: '2026-11-25T', checks: [{ operation: 'x', result: 'passed' }] },
    /:checks: is "x"; allowed: the ids of operations$/,
  ],
])('%s is refused in one sentence', async (_, content, sentence) => {
  const folder = mkdtempSync(join(tmpdir(), 'verify-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'report.json'), JSON.stringify(content))
  const data = join(folder, 'data')
  await expect(createSandbox({ data, verified: join(folder, 'report.json') })).rejects.toThrow(sentence)
  // What cannot be used holds no folder.
  await (await createSandbox({ data })).close()
})
