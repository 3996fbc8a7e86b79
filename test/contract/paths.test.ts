import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, type Sandbox } from '../../src/index.js'
import { every } from '../every.js'
import { juicywayHeaders, juspayHeaders, PATHS, seen, sharedSandbox, TARGETS } from './targets.js'

const threeKeys = (status: string, error_code: string, error_message: string) =>
  JSON.stringify({ status, error_code, error_message })
const NOT_FOUND = threeKeys('Not Found', 'not_found', 'No such resource.')
const NOT_ALLOWED = threeKeys('Method Not Allowed', 'method_not_allowed', 'Method not allowed.')
const NO_CUSTOMER = threeKeys('Invalid Request', 'null_error', 'Customer not found for given customerId.')
const DENIED = threeKeys('Invalid Authentication', 'access_denied', 'Invalid Authentication')
const JUICYWAY_NO_WALLET = '{"error":{"code":"not_found","message":"Wallet not found"}}'
const JUICYWAY_NOT_FOUND = '{"error":{"code":"not_found","message":"Not found"}}'
const JUICYWAY_NOT_ALLOWED = '{"error":{"code":"method_not_allowed","message":"Method not allowed"}}'
const JUICYWAY_DENIED = '{"error":{"code":"unauthorized","message":"Unauthorized"}}'

const JUSPAY = juspayHeaders()
const JUICYWAY = juicywayHeaders()
const WALLET = PATHS.getWallet
const UUID = PATHS.retrieveWallet.split('/')[2]!
const LONG = 'x'.repeat(4096)

/** Method and path, whose client sends it, the status, and the whole body or what a 200 holds. */
type Row = readonly [request: string, headers: Record<string, string>, status: number, body: string | RegExp]

const IDS: readonly Row[] = [
  ['GET /wallets/wlt%5Fq23xzki3pazgtezo', JUSPAY, 200, /^{"id":"wlt_q23xzki3pazgtezo"/],
  ['GET /%77allets/wlt_q23xzki3pazgtezo', JUSPAY, 404, NOT_FOUND],
  ['GET /customers/customer@gmail.com/wallets', JUSPAY, 200, /"id":"wlt_q23xzki3pazgtezo"/],
  ['GET /customers/customer%40gmail.com/wallets', JUSPAY, 200, /"id":"wlt_q23xzki3pazgtezo"/],
  ['GET /customers/cst_om2l6ctlptxwxuzj/wallets', JUSPAY, 200, /"id":"wlt_q23xzki3pazgtezo"/],
  ['GET /customers/customer%40gmail.com/wallets/refresh-balances', JUSPAY, 200, /"id":"wlt_q23xzki3pazgtezo"/],
  ['GET /wallets/₹😀', JUSPAY, 400, '{}'],
  ['GET /wallets/%E2%82%B9', JUSPAY, 400, '{}'],
  ['GET /customers/%E0%A4%86%E0%A4%B6%E0%A4%BE/wallets', JUSPAY, 400, '{}'],
  ['GET /customers/%E0%A4%86/wallets/refresh-balances', JUSPAY, 400, NO_CUSTOMER],
  ['GET /wallets/..', JUSPAY, 404, NOT_FOUND],
  ['GET /wallets/%2e%2e', JUSPAY, 404, NOT_FOUND],
  ['GET /wallets/..%2F..%2Fetc%2Fpasswd', JUSPAY, 400, '{}'],
  ['GET /wallets/x%2F..%2Fwlt_q23xzki3pazgtezo', JUSPAY, 400, '{}'],
  [`GET /wallets/${LONG}`, JUSPAY, 400, '{}'],
  [`GET /customers/${LONG}/wallets`, JUSPAY, 400, '{}'],
  [`GET /customers/${LONG}/wallets/refresh-balances`, JUSPAY, 400, NO_CUSTOMER],
  [`GET /wallets/${LONG}`, JUICYWAY, 404, JUICYWAY_NO_WALLET],
  ['GET /wallets/', JUSPAY, 404, NOT_FOUND],
  ['GET /customers//wallets', JUSPAY, 404, NOT_FOUND],
  ['GET /customers//wallets/refresh-balances', JUSPAY, 404, NOT_FOUND],
  [`GET ${WALLET}/`, JUSPAY, 200, /^{"id":"wlt_q23xzki3pazgtezo"/],
  [`GET /juspay${WALLET}/`, JUSPAY, 200, /^{"id":"wlt_q23xzki3pazgtezo"/],
  [`GET /wallets/${UUID}/`, JUICYWAY, 404, JUICYWAY_NOT_FOUND],
  [`GET /wallets//wlt_q23xzki3pazgtezo`, JUSPAY, 404, NOT_FOUND],
  [`GET /${WALLET}`, JUSPAY, 404, NOT_FOUND],
  ['GET //wallets/a%2e', JUSPAY, 404, NOT_FOUND],
  [`GET //evil/.${WALLET}`, JUSPAY, 404, NOT_FOUND],
  [`GET //evil%2e${WALLET}`, JUSPAY, 404, NOT_FOUND],
  ['GET //wallets/x#b', JUSPAY, 404, NOT_FOUND],
  ['GET //_sandbox/health', JUSPAY, 404, NOT_FOUND],
  ['GET /wallets/%ZZ', JUSPAY, 400, '{}'],
  ['GET /wallets/%', JUSPAY, 400, '{}'],
  ['GET /wallets/%C3%28', JUSPAY, 400, '{}'],
  ['GET /wallets/%00', JUSPAY, 400, '{}'],
  ['GET /wallets/*', JUSPAY, 400, '{}'],
  ['GET /wallets/:wallet', JUSPAY, 400, '{}'],
  ['GET /wallets/__proto__', JUSPAY, 400, '{}'],
  ['GET /customers/constructor/wallets', JUSPAY, 400, '{}'],
  ['GET /wallets/WLT_Q23XZKI3PAZGTEZO', JUSPAY, 400, '{}'],
  [`GET ${WALLET};a=b`, JUSPAY, 400, '{}'],
  [`GET ${WALLET}?offset=%ZZ&=&&x`, JUSPAY, 200, /^{"id":"wlt_q23xzki3pazgtezo"/],
  [`GET ${WALLET}#anchor`, JUSPAY, 200, /^{"id":"wlt_q23xzki3pazgtezo"/],
  ['GET /', JUSPAY, 404, NOT_FOUND],
  ['GET /payouts', JUSPAY, 404, NOT_FOUND],
  ['GET /payouts', JUICYWAY, 404, JUICYWAY_NOT_FOUND],
  ['GET /payouts', {}, 404, NOT_FOUND],
]

const METHODS: readonly Row[] = [
  [`OPTIONS ${WALLET}`, JUSPAY, 405, NOT_ALLOWED],
  [`DELETE ${WALLET}`, JUSPAY, 405, NOT_ALLOWED],
  [`PURGE ${WALLET}`, JUSPAY, 405, NOT_ALLOWED],
  [`PUT ${WALLET}`, {}, 405, NOT_ALLOWED],
  [`PUT ${PATHS.listWallets}`, JUSPAY, 405, NOT_ALLOWED],
  [`POST ${PATHS.refreshAllWallets}`, JUSPAY, 405, NOT_ALLOWED],
  [`OPTIONS ${PATHS.retrieveWallet}`, JUICYWAY, 405, JUICYWAY_NOT_ALLOWED],
  [`DELETE ${PATHS.retrieveWallet}`, JUICYWAY, 405, JUICYWAY_NOT_ALLOWED],
  ['DELETE /wallets/malformed', JUICYWAY, 405, JUICYWAY_NOT_ALLOWED],
]

/** Whose is a request? The form of the id, then the scheme; a prefix is beyond doubt. */
const VENDORS: readonly Row[] = [
  [`GET /wallets/${UUID}`, JUICYWAY, 200, /^{"data":/],
  [`GET /wallets/${UUID}`, {}, 401, JUICYWAY_DENIED],
  [`GET /wallets/${UUID}`, JUSPAY, 401, JUICYWAY_DENIED],
  [`GET /wallets/${UUID.toUpperCase()}`, JUICYWAY, 404, JUICYWAY_NO_WALLET],
  ['GET /wallets/malformed', JUICYWAY, 404, JUICYWAY_NO_WALLET],
  ['GET /wallets/malformed', { authorization: 'bearer\ttest_acme_juicyway' }, 404, JUICYWAY_NO_WALLET],
  ['GET /wallets/malformed', { authorization: 'test_acme_juicyway' }, 401, DENIED],
  ['GET /wallets/malformed', JUSPAY, 400, '{}'],
  ['GET /wallets/malformed', {}, 401, DENIED],
  [`GET ${WALLET}`, JUICYWAY, 401, DENIED],
  ['GET /wallets/wlm_unknown', JUICYWAY, 401, DENIED],
  [`GET ${PATHS.listWallets}`, JUICYWAY, 401, DENIED],
  [`GET /juspay${WALLET}`, JUSPAY, 200, /^{"id":"wlt_q23xzki3pazgtezo"/],
  [`GET /juspay${PATHS.listWallets}`, JUSPAY, 200, /^{"list":/],
  [`GET /juspay${PATHS.refreshAllWallets}`, JUSPAY, 200, /^{"list":/],
  [`GET /juspay/wallets/${UUID}`, JUSPAY, 400, '{}'],
  [`GET /juspay/wallets/${UUID}`, JUICYWAY, 401, DENIED],
  [`GET /juicyway/wallets/${UUID}`, JUICYWAY, 200, /^{"data":/],
  [`GET /juicyway${WALLET}`, JUICYWAY, 404, JUICYWAY_NO_WALLET],
  [`GET /juicyway${WALLET}`, JUSPAY, 401, JUICYWAY_DENIED],
  [`GET /juicyway${PATHS.listWallets}`, JUICYWAY, 404, JUICYWAY_NOT_FOUND],
  [`DELETE /juicyway${WALLET}`, JUSPAY, 405, JUICYWAY_NOT_ALLOWED],
  ['GET /juspay', JUSPAY, 404, NOT_FOUND],
  ['GET /juicyway/', JUSPAY, 404, JUICYWAY_NOT_FOUND],
  [`GET /juspayx${WALLET}`, JUSPAY, 404, NOT_FOUND],
  [`GET /juspay/juspay${WALLET}`, JUSPAY, 404, NOT_FOUND],
]

describe.each(TARGETS)('paths $name', (target) => {
  const send = sharedSandbox(target)

  const request = (row: Row) => {
    const [method, path] = row[0].split(/ (.*)/s) as [string, string]
    return send(path, { method, headers: row[1] })
  }

  test.each([
    ['each form of an id and of a path', IDS],
    ['each method that a path does not have', METHODS],
    ['each way to name a vendor', VENDORS],
  ] as const)('%s has its status and body, and a refusal its reason', (_, rows) =>
    every(rows, async (row) => {
      const response = await request(row)
      const answer = await seen(response)
      expect(answer.status).toBe(row[2])
      if (typeof row[3] === 'string') expect(answer.text).toBe(row[3])
      else expect(answer.text).toMatch(row[3])
      if (row[2] === 200) expect(answer.reason).toBeNull()
      else expect(answer.reason).toMatch(/^[A-Za-z][\x20-\x7e]+[.?]$/)
      expect(response.headers.get('allow') !== null).toBe(row[2] === 405)
    }),
  )

  test('Allow names what the path has', async () => {
    for (const path of [WALLET, PATHS.listWallets, PATHS.refreshAllWallets, PATHS.retrieveWallet]) {
      const allow = (await send(path, { method: 'PURGE' })).headers.get('allow')
      expect(allow?.split(', ')).toEqual(expect.arrayContaining(['GET', 'HEAD']))
    }
  })

  const HEADS = [
    [WALLET, JUSPAY, 200],
    ['/wallets/wlt_unknown', JUSPAY, 400],
    [WALLET, {}, 401],
    [PATHS.retrieveWallet, JUICYWAY, 200],
    ['/nowhere', JUSPAY, 404],
  ] as const
  test('HEAD has the headers of GET and no body', () =>
    every(HEADS, async ([path, headers, status]) => {
      const [head, get] = [await send(path, { method: 'HEAD', headers }), await send(path, { headers })]
      expect(head.status).toBe(status)
      expect(await head.text()).toBe('')
      expect(lasting(head)).toEqual(lasting(get))
    }))

  const NEAREST = [
    ['/wallets/wlt_q23xzki3pazgtezp', JUSPAY, 'Did you mean "wlt_q23xzki3pazgtezo"?'],
    ['/customers/guest_usr/wallets', JUSPAY, 'Did you mean "guest_user"?'],
    ['/wallets/3d2e3f3e-3b3c-4907-a4fd-e241203440d8', JUICYWAY, `Did you mean "${UUID}"?`],
  ] as const
  test('an id that is a letter off is answered with the nearest one', () =>
    every(NEAREST, async ([path, headers, hint]) => {
      expect((await send(path, { headers })).headers.get('x-sandbox-reason')).toContain(hint)
    }))

  test("a wallet of the other vendor's is not offered as the nearest", async () => {
    const response = await send(`/juspay/wallets/${UUID}`, { headers: JUSPAY })
    expect(response.headers.get('x-sandbox-reason')).toMatch(
      new RegExp(`^Merchant acme has no wallet "${UUID}"\\. Some that it has: wl[tm]_[^-]*\\.$`),
    )
  })
})

/** Header names, less those of the connection and of the transport. */
const lasting = ({ headers }: Response) =>
  [...headers.keys()].filter((name) => !['connection', 'keep-alive', 'date', 'content-length'].includes(name))

/** Request lines that no `fetch` would send. */
describe('raw over a socket', () => {
  let sandbox: Sandbox
  let url: URL
  beforeAll(async () => {
    sandbox = await createSandbox({ latency: 'off' })
    url = new URL(await sandbox.listen())
  })
  afterAll(() => sandbox.close())

  async function statusOf(...lines: string[]): Promise<string> {
    const socket = connect(Number(url.port), url.hostname)
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.write([...lines, 'Connection: close', '', ''].join('\r\n'))
    await once(socket, 'close')
    return answer.slice(0, answer.indexOf('\r\n'))
  }
  const AUTHORIZATION = `Authorization: ${JUSPAY.authorization}`

  const REQUEST_LINES = [
    [
      'a path that is not normalised',
      [`GET /customers/../wallets/./wlt_q23xzki3pazgtezo HTTP/1.1`, 'Host: a', AUTHORIZATION],
      '200 OK',
    ],
    ['the absolute form', [`GET http://elsewhere.test${WALLET} HTTP/1.1`, 'Host: a', AUTHORIZATION], '200 OK'],
    [
      'two Authorization headers',
      [`GET ${WALLET} HTTP/1.1`, 'Host: a', AUTHORIZATION, AUTHORIZATION],
      '401 Unauthorized',
    ],
    ['no Host', [`GET ${WALLET} HTTP/1.1`], '400 Bad Request'],
    ['HTTP/1.0', [`GET ${WALLET} HTTP/1.0`, 'Host: a', AUTHORIZATION], '200 OK'],
    ['HTTP/1.0 without a Host', [`GET ${WALLET} HTTP/1.0`, AUTHORIZATION], '200 OK'],
    ['a health check over HTTP/1.0', ['GET /_sandbox/health HTTP/1.0'], '200 OK'],
    ['the asterisk form', ['OPTIONS * HTTP/1.1', 'Host: a'], '400 Bad Request'],
    ['TRACE', [`TRACE ${WALLET} HTTP/1.1`, 'Host: a', AUTHORIZATION], '405 Method Not Allowed'],
    [
      'a header beyond what HTTP servers take',
      [`GET ${WALLET} HTTP/1.1`, 'Host: a', `Authorization: ${'k'.repeat(20_000)}`],
      '431 Request Header Fields Too Large',
    ],
    ['what is no HTTP', ['hello'], '400 Bad Request'],
  ] as const
  test('each request line has its status', () =>
    every(REQUEST_LINES, async ([_, lines, expected]) => {
      expect(await statusOf(...lines)).toBe(`HTTP/1.1 ${expected}`)
    }))
})
