import { describe, expect, test } from 'vitest'
import { every } from '../every.js'
import { basic, juicywayHeaders, juspayHeaders, PATHS, seen, sharedSandbox, TARGETS } from './targets.js'

const JUSPAY_401 = JSON.stringify({
  status: 'Invalid Authentication',
  error_code: 'access_denied',
  error_message: 'Invalid Authentication',
})
const juicyway = (code: string, message: string) => JSON.stringify({ error: { code, message } })
const JUICYWAY_401 = juicyway('unauthorized', 'Unauthorized')
const JUICYWAY_403 = juicyway('forbidden', 'Access denied')

interface Case {
  readonly name: string
  /** Undefined: no Authorization header at all. */
  readonly authorization: string | undefined
  /** What was presented as a key, which no reason may repeat. */
  readonly key?: string
  readonly status: number
  readonly body?: string
  readonly reason?: RegExp
}

const refused = (name: string, authorization: string | undefined, reason: RegExp, key?: string): Case => ({
  name,
  authorization,
  status: 401,
  body: JUSPAY_401,
  reason,
  ...(key === undefined ? {} : { key }),
})

const served = (name: string, authorization: string): Case => ({ name, authorization, status: 200 })

const TEN_KB = 'k'.repeat(10_000)

const JUSPAY_CASES: readonly Case[] = [
  served('a key with an empty password', basic('acme_test_key:')),
  served('the scheme in lower case', basic('acme_test_key:').replace('Basic', 'basic')),
  served('the scheme in upper case', basic('acme_test_key:').replace('Basic', 'BASIC')),
  served('two spaces after the scheme', basic('acme_test_key:').replace(' ', '  ')),
  served('base64 without its padding', basic('acme_test_key:').replace(/=+$/, '')),
  served('a key without its colon', basic('acme_test_key')),
  served('a key that makes a merchant', basic('sandbox_auth_table:')),
  refused('no header', undefined, /no Authorization header/),
  refused('an empty header', '', /scheme is not Basic/),
  refused('the scheme alone', 'Basic', /not base64/),
  refused(
    'the Bearer scheme',
    'Bearer acme_test_key',
    /scheme is not Basic\. The key in it is right\. .*curl -u YOUR_KEY:/,
    'acme_test_key',
  ),
  refused('the Digest scheme', 'Digest username="acme_test_key"', /scheme is not Basic/, 'acme_test_key'),
  refused('the key without a scheme', 'acme_test_key', /scheme is not Basic\. The key in it is right/, 'acme_test_key'),
  refused('credentials in clear', 'Basic acme_test_key:', /not base64\. The key in it is right/, 'acme_test_key'),
  refused('base64 with a stray character', `${basic('acme_test_key:')}!`, /not base64/),
  refused('base64 of an impossible length', 'Basic YWNtZ', /not base64/),
  refused('a colon alone', basic(':'), /is empty/),
  refused('the key as password', basic(':acme_test_key'), /is empty/),
  refused('a password', basic('acme_test_key:secret'), /password is given/, 'acme_test_key'),
  refused('a second colon', basic('acme_test_key::'), /password is given/, 'acme_test_key'),
  refused('an unknown key', basic('acme_test_kex:'), /not one of juspay's/, 'acme_test_kex'),
  refused('the key in another case', basic('ACME_TEST_KEY:'), /not one of juspay's/, 'ACME_TEST_KEY'),
  refused('a space before the key', basic(' acme_test_key:'), /not one of juspay's/, ' acme_test_key'),
  refused('a revoked key', basic('acme_revoked_key:'), /is revoked/, 'acme_revoked_key'),
  refused('an expired key', basic('acme_expired_key:'), /is expired/, 'acme_expired_key'),
  refused("the other vendor's key", basic('test_acme_juicyway:'), /not one of juspay's/, 'test_acme_juicyway'),
  refused('the prefix that makes merchants alone', basic('sandbox_:'), /not one of juspay's/),
  refused('bytes that are no text', 'Basic /////zo=', /not one of juspay's/),
  refused('a NUL before the key', basic('\u0000acme_test_key:'), /not one of juspay's/, '\u0000acme_test_key'),
  refused('a name that objects inherit', basic('__proto__:'), /not one of juspay's/, '__proto__'),
  refused('a key of 7 kB', basic(`${TEN_KB.slice(0, 7_000)}:`), /not one of juspay's/, TEN_KB.slice(0, 7_000)),
  refused('a header of 10 kB', `Basic ${TEN_KB}`, /not one of juspay's|not base64/, TEN_KB),
  refused('two headers, joined as HTTP does', `${basic('acme_test_key:')}, ${basic('globex_test_key:')}`, /not base64/),
]

const denied = (...given: Parameters<typeof refused>): Case => ({ ...refused(...given), body: JUICYWAY_401 })

const JUICYWAY_CASES: readonly Case[] = [
  served('a key', 'Bearer test_acme_juicyway'),
  served('the scheme in lower case', 'bearer test_acme_juicyway'),
  served('the scheme in upper case', 'BEARER test_acme_juicyway'),
  served('two spaces after the scheme', 'Bearer  test_acme_juicyway'),
  served('a key without a scheme', 'test_acme_juicyway'),
  served('a masked key', 'Bearer test_acme_masked'),
  served('a key that makes a merchant', 'Bearer sandbox_auth_table'),
  denied('no header', undefined, /no Authorization header/),
  denied('an empty header', '', /scheme is not Bearer/),
  denied('the scheme alone', 'Bearer', /stands one key/),
  denied('the Basic scheme', basic('test_acme_juicyway:'), /scheme is not Bearer/),
  denied('the Basic scheme alone', 'Basic', /scheme is not Bearer/),
  denied('another scheme', 'Token test_acme_juicyway', /scheme is not Bearer/, 'test_acme_juicyway'),
  denied('a key with a space', 'Bearer test_acme juicyway', /stands one key/, 'test_acme juicyway'),
  denied('an unknown key', 'Bearer test_acme_juicywax', /not one of juicyway's/, 'test_acme_juicywax'),
  denied('an unknown key without a scheme', 'nonsense', /not one of juicyway's/, 'nonsense'),
  denied('the key in another case', 'Bearer TEST_ACME_JUICYWAY', /not one of juicyway's/, 'TEST_ACME_JUICYWAY'),
  denied('an expired key', 'Bearer test_acme_expired', /is expired/, 'test_acme_expired'),
  denied('a live key', 'Bearer live_acme_juicyway', /is a live one/, 'live_acme_juicyway'),
  denied('a live key without a scheme', 'live_acme_juicyway', /is a live one/, 'live_acme_juicyway'),
  denied("the other vendor's key", 'Bearer acme_test_key', /not one of juicyway's/, 'acme_test_key'),
  denied('the prefix that makes merchants alone', 'Bearer sandbox_', /not one of juicyway's/),
  denied('a name that objects inherit', 'Bearer __proto__', /not one of juicyway's/, '__proto__'),
  denied('a header of 10 kB', `Bearer ${TEN_KB}`, /not one of juicyway's/, TEN_KB),
  denied(
    'two headers, joined as HTTP does',
    'Bearer test_acme_juicyway, Bearer test_globex_juicyway',
    /stands one key/,
    'test_acme_juicyway',
  ),
  {
    name: 'a key without permission',
    authorization: 'Bearer test_acme_forbidden',
    key: 'test_acme_forbidden',
    status: 403,
    body: JUICYWAY_403,
    reason: /no permission to read/,
  },
]

/** One plain line of ASCII that ends in a full stop, and without the key. */
function expectReason(reason: string | null, like: RegExp, key: string | undefined) {
  expect(reason).toMatch(like)
  expect(reason).toMatch(/^[A-Z][\x20-\x7e]{10,500}\.$/)
  if (key !== undefined) expect(reason).not.toContain(key)
}

describe.each(TARGETS)('authentication $name', (target) => {
  const send = sharedSandbox(target)

  async function check(path: string, rest: Record<string, string>, given: Case) {
    const { authorization, status, body, reason, key } = given
    const headers: Record<string, string> = { ...rest }
    if (authorization !== undefined) headers.authorization = authorization
    const response = await send(path, { headers })
    const answer = await seen(response)
    expect(answer.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/json')
    if (body !== undefined) expect(answer.text).toBe(body)
    if (reason === undefined) expect(answer.reason).toBeNull()
    else expectReason(answer.reason, reason, key)
  }

  describe.each(['getWallet', 'listWallets', 'refreshAllWallets'] as const)('juspay.%s', (operation) => {
    const { authorization: _, ...rest } = juspayHeaders()
    test('each Authorization header has its status, body and reason', () =>
      every(JUSPAY_CASES, (given) => check(PATHS[operation], rest, given)))
  })

  describe('juicyway.retrieveWallet', () => {
    test('each Authorization header has its status, body and reason', () =>
      every(JUICYWAY_CASES, (given) => check(PATHS.retrieveWallet, {}, given)))
  })

  test('authentication comes before any look-up', async () => {
    for (const path of ['/wallets/wlt_unknown', '/customers/nobody/wallets', '/customers/nobody/wallets?offset=x'])
      expect(await seen(await send(path))).toMatchObject({ status: 401, text: JUSPAY_401 })
    const unknown = '/wallets/00000000-0000-4000-8000-000000000000'
    expect(await seen(await send(unknown))).toMatchObject({ status: 401, text: JUICYWAY_401 })
    const forbidden = { headers: juicywayHeaders('test_acme_forbidden') }
    expect(await seen(await send(unknown, forbidden))).toMatchObject({ status: 403, text: JUICYWAY_403 })
  })

  const FOREIGN: readonly [string, string, Record<string, string>, string][] = [
    ['juspay.getWallet', PATHS.getWallet, juspayHeaders('globex_test_key'), '/wallets/wlt_nobodyhasthis0'],
    ['juspay.listWallets', PATHS.listWallets, juspayHeaders('globex_test_key'), '/customers/nobodyhasthis/wallets'],
    [
      'juspay.refreshAllWallets',
      PATHS.refreshAllWallets,
      juspayHeaders('globex_test_key'),
      '/customers/nobodyhasthis/wallets/refresh-balances',
    ],
    [
      'juicyway.retrieveWallet',
      PATHS.retrieveWallet,
      juicywayHeaders('test_globex_juicyway'),
      '/wallets/00000000-0000-4000-8000-000000000000',
    ],
  ]
  test("another merchant's wallet or customer is exactly as unknown as one that nobody has", () =>
    every(FOREIGN, async ([_, path, headers, unknown]) => {
      const [theirs, nobodys] = [await send(path, { headers }), await send(unknown, { headers })]
      const resource = (of: string) => of.split('/')[2]!
      const plain = async (response: Response, of: string) => {
        const { status, text, reason } = await seen(response)
        const names = [...response.headers.keys()].filter((name) => name !== 'date')
        return { status, text, names, reason: reason!.replace(resource(of), 'ID') }
      }
      expect(await plain(theirs, path)).toEqual(await plain(nobodys, unknown))
    }))

  test('a masked key sees the last four digits', async () => {
    const masked = await seen(await send(PATHS.retrieveWallet, { headers: juicywayHeaders('test_acme_masked') }))
    const plain = await seen(await send(PATHS.retrieveWallet, { headers: juicywayHeaders() }))
    expect(masked.text).toBe(plain.text.replace('3515200757', '******0757'))
  })

  test('a reason never repeats a key that made its merchant', async () => {
    const key = 'sandbox_secret_of_a_test'
    const paths = ['/wallets/wlt_unknown', '/customers/nobody/wallets', '/customers/guest_user/wallets?count=x']
    for (const path of paths)
      expectReason((await seen(await send(path, { headers: juspayHeaders(key) }))).reason, /./, key)
    const unknown = '/wallets/00000000-0000-4000-8000-000000000000'
    expectReason((await seen(await send(unknown, { headers: juicywayHeaders(key) }))).reason, /no wallet/, key)
  })
})
