import { afterEach, describe, expect, test, vi } from 'vitest'
import { every } from '../every.js'
import { basic, juspayHeaders, PATHS, type Send, seen, TARGETS, withSandbox } from './targets.js'

const invalid = (error_message: string, error_code = 'Invalid') =>
  JSON.stringify({ status: 'Invalid Request', error_code, error_message })
const DENIED = JSON.stringify({
  status: 'Invalid Authentication',
  error_code: 'access_denied',
  error_message: 'Invalid Authentication',
})
const KEY_ALONE = { authorization: basic('acme_test_key:') }
const { getWallet, listWallets, refreshAllWallets } = PATHS
const OPERATIONS = [getWallet, listWallets, refreshAllWallets]

/** The headers of a request without those named, or with other values. */
const but = (changes: Record<string, string | undefined>) =>
  Object.fromEntries(
    Object.entries({ ...juspayHeaders(), ...changes }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  )

interface Expected {
  readonly status: number
  readonly body?: string
  readonly reason?: RegExp
  /** Where it is served all the same, and what it is warned of differs from what it is refused for. */
  readonly warning?: RegExp
}

type HeaderCase = readonly [name: string, path: string, headers: Record<string, string>, strict: Expected]

const routing = { status: 400, body: invalid('x-routing-id header is required.'), reason: /x-routing-id .*customer id/ }
const merchant = { status: 400, body: invalid('x-merchantid header is required.'), reason: /x-merchantid/ }
const contentType = {
  status: 400,
  body: invalid('Content-Type header is required.'),
  reason: /Content-Type.*urlencoded/,
}
const foreign = { status: 401, body: DENIED, reason: /another merchant/ }
const served: Expected = { status: 200 }

/** Each is served in lenient mode. */
const HEADER_CASES: readonly HeaderCase[] = [
  ...OPERATIONS.flatMap((path): HeaderCase[] => [
    ['every header', path, juspayHeaders(), served],
    ['no x-routing-id', path, but({ 'x-routing-id': undefined }), routing],
    ['an empty x-routing-id', path, but({ 'x-routing-id': '' }), routing],
    ['x-merchantid of another merchant', path, but({ 'x-merchantid': 'globex' }), foreign],
    ['x-merchantid in another case', path, but({ 'x-merchantid': 'ACME' }), foreign],
    [
      'a version that is not a date',
      path,
      but({ version: 'latest' }),
      { ...served, warning: /version header is not a date/ },
    ],
    ['a version', path, but({ version: '2023-06-30' }), served],
  ]),
  ['no x-merchantid', getWallet, but({ 'x-merchantid': undefined }), served],
  ['no x-merchantid', listWallets, but({ 'x-merchantid': undefined }), served],
  ['no x-merchantid', refreshAllWallets, but({ 'x-merchantid': undefined }), merchant],
  ['no Content-Type', getWallet, but({ 'content-type': undefined }), served],
  ['no Content-Type', refreshAllWallets, but({ 'content-type': undefined }), contentType],
  ['JSON as Content-Type', refreshAllWallets, but({ 'content-type': 'application/json' }), contentType],
  [
    'a Content-Type with a character set',
    refreshAllWallets,
    but({ 'content-type': 'Application/X-WWW-Form-Urlencoded; charset=utf-8' }),
    served,
  ],
  [
    'the key alone, all that is missing at once',
    refreshAllWallets,
    KEY_ALONE,
    {
      status: 400,
      body: invalid('x-routing-id, x-merchantid, Content-Type headers are required.'),
      reason: /x-routing-id .*x-merchantid .*Content-Type /,
      warning: /x-merchantid/,
    },
  ],
]

/** Captures the log. @returns what was warned of since it was last asked */
function loggedWarnings(): () => string[] {
  const lines: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    lines.push(String(line))
    return true
  })
  return () => lines.splice(0).flatMap((line) => (JSON.parse(line) as { warnings: string[] }).warnings)
}
afterEach(() => vi.restoreAllMocks())

interface Row {
  readonly wallet: string
  readonly token: string | null
}

const page = async (response: Response) => (await response.json()) as { list: Row[] }

describe.each(TARGETS)('$name', (target) => {
  test('header rules, strict: a break is refused', async () => {
    await withSandbox(target, { strict: true }, async (send) => {
      await every(HEADER_CASES, async ([_, path, headers, { status, body, reason }]) => {
        const answer = await seen(await send(path, { headers }))
        expect(answer.status).toBe(status)
        if (body !== undefined) expect(answer.text).toBe(body)
        if (reason === undefined) expect(answer.reason).toBeNull()
        else expect(answer.reason).toMatch(reason)
      })
    })
  })

  test('header rules, lenient: a break is served, with a warning', async () => {
    const warnings = loggedWarnings()
    await withSandbox(target, { log: 'json' }, async (send) => {
      await every(HEADER_CASES, async ([_, path, headers, { reason, warning = reason }]) => {
        const answer = await seen(await send(path, { headers }))
        const warned = warnings()
        expect(answer).toMatchObject({ status: 200, reason: null })
        if (warning === undefined) expect(warned).toEqual([])
        else expect(warned).toContainEqual(expect.stringMatching(warning))
      })
    })
  })

  test('a customer whose x-routing-id changes is warned of', async () => {
    const warnings = loggedWarnings()
    await withSandbox(target, { log: 'json' }, async (send) => {
      await send(listWallets, { headers: but({ 'x-routing-id': 'guest_user' }) })
      await send(listWallets, { headers: but({ 'x-routing-id': 'guest_user' }) })
      await send(getWallet, { headers: but({ 'x-routing-id': 'another' }) })
      expect(warnings()).toEqual([])
      await send('/wallets/wlm_vUtyjb78klnU8l', { headers: but({ 'x-routing-id': 'cart_1' }) })
      expect(warnings()).toEqual([
        'x-routing-id is "cart_1", but customer guest_user came with "guest_user" before; send the same one on all requests of a customer.',
      ])
    })
  })

  test('header rules come after authentication and before the look-up', async () => {
    await withSandbox(target, { strict: true }, async (send) => {
      expect((await send('/wallets/wlt_unknown')).status).toBe(401)
      const answer = await seen(await send('/customers/nobody/wallets', { headers: KEY_ALONE }))
      expect(answer).toMatchObject({ status: 400, text: routing.body })
    })
  })

  const PAGES = [
    ['', ['MOBIKWIK', 'PAYTM'], 0],
    ['?offset=0&count=2', ['MOBIKWIK', 'PAYTM'], 0],
    ['?count=1', ['MOBIKWIK'], 0],
    ['?offset=1', ['PAYTM'], 1],
    ['?offset=1&count=1', ['PAYTM'], 1],
    ['?offset=1&count=100', ['PAYTM'], 1],
    ['?count=0', [], 0],
    ['?offset=2', [], 2],
    ['?offset=999999999', [], 999999999],
    ['?offset=01', ['PAYTM'], 1],
    ['?count=1&count=2', ['MOBIKWIK'], 0],
    ['?limit=1', ['MOBIKWIK', 'PAYTM'], 0],
  ] as const
  test('a page holds what offset and count ask for', () =>
    withSandbox(target, {}, (send) =>
      every(PAGES, async ([query, wallets, offset]) => {
        for (const path of [listWallets, refreshAllWallets]) {
          const body = await page(await send(`${path}${query}`, { headers: juspayHeaders() }))
          expect(body).toMatchObject({ offset, count: wallets.length, total: 2, object: 'list' })
          expect(body.list.map((row) => row.wallet)).toEqual(wallets)
        }
      }),
    ))

  const NO_NUMBERS = ['offset', 'count'].flatMap((name) =>
    ['-1', '1.5', 'x', '', '%20', '+1', '1e3', '0x1', '10000000000', 'NaN'].map((value) => [name, value] as const),
  )
  test('an offset or count that is not a whole number is refused', () =>
    withSandbox(target, {}, (send) =>
      every(NO_NUMBERS, async ([name, value]) => {
        for (const path of [listWallets, refreshAllWallets]) {
          const answer = await seen(await send(`${path}?${name}=${value}`, { headers: juspayHeaders() }))
          expect(answer.status).toBe(400)
          expect(answer.text).toBe(invalid(`${name} should be a whole number.`))
          expect(answer.reason).toContain(`The parameter ${name} is not a whole number`)
        }
      }),
    ))

  const NO_WALLET = invalid('Wallet not found for given walletId.', 'null_error')
  const NO_CUSTOMER = invalid('Customer not found for given customerId.', 'null_error')
  test.each([
    ['published', ['{}', '{}', NO_CUSTOMER], ['published', 'published', 'published']],
    ['detailed', [NO_WALLET, NO_CUSTOMER, NO_CUSTOMER], ['inferred', 'inferred', 'published']],
  ] as const)('error bodies %s', async (errorBodies, expected, grades) => {
    await withSandbox(target, { errorBodies }, async (send) => {
      const paths = ['/wallets/wlt_unknown', '/customers/nobody/wallets', '/customers/nobody/wallets/refresh-balances']
      for (const [i, path] of paths.entries()) {
        const response = await send(path, { headers: juspayHeaders() })
        expect(response.headers.get('x-sandbox-fidelity')).toBe(grades[i])
        expect(await seen(response)).toMatchObject({ status: 400, text: expected[i] })
      }
    })
  })

  describe('the life of a token', () => {
    afterEach(() => vi.useRealTimers())
    const headers = juspayHeaders()
    const ofGet = async (send: Send) => ((await (await send(getWallet, { headers })).json()) as Row).token
    const ofList = async (send: Send, path = '/customers/cst_om2l6ctlptxwxuzj/wallets') =>
      (await page(await send(path, { headers }))).list[0]!.token

    test('a live token comes again, whichever call asks', async () => {
      await withSandbox(target, { clock: '2023-09-11T08:30:00Z' }, async (send) => {
        const token = await ofGet(send)
        expect(await ofGet(send)).toBe(token)
        expect(await ofList(send)).toBe(token)
        expect(await ofList(send, '/customers/customer%40gmail.com/wallets/refresh-balances')).toBe(token)
      })
    })

    test('an expired token is followed by a new one, of the shape of the call that drew it', async () => {
      await withSandbox(target, { tokenTtl: 0, seed: 7 }, async (send) => {
        const tokens = [await ofGet(send), await ofGet(send), await ofList(send), await ofGet(send), await ofList(send)]
        expect(new Set(tokens).size).toBe(5)
        expect(tokens[0]).toBe('tok_winysteev9eftrwcv6me')
        expect(tokens[1]).toMatch(/^tok_[a-z0-9]{20}$/)
        expect(tokens[2]).toMatch(/^tk_[a-z0-9]{38}$/)
      })
    })

    const LIVES = [
      ['15m', 900_000],
      ['10m', 600_000],
      [90_000, 90_000],
    ] as const
    test('a token lives as long as --token-ttl says from when it is first shown', () =>
      every(LIVES, ([tokenTtl, ms]) =>
        withSandbox(target, { tokenTtl }, async (send) => {
          vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 })
          const token = await ofGet(send)
          vi.setSystemTime(1_700_000_000_000 + ms - 1)
          expect(await ofGet(send)).toBe(token)
          vi.setSystemTime(1_700_000_000_000 + ms)
          const next = await ofGet(send)
          expect(next).not.toBe(token)
          vi.setSystemTime(1_700_000_000_000 + 2 * ms - 1)
          expect(await ofList(send)).toBe(next)
        }),
      ))

    test('the same seed draws the same tokens, another one others', async () => {
      const drawn = (seed: number) =>
        withSandbox(target, { seed, tokenTtl: 0 }, async (send) => {
          await ofGet(send)
          return [await ofGet(send), await ofList(send)]
        })
      const tokens = await drawn(1)
      expect(await drawn(1)).toEqual(tokens)
      expect(await drawn(2)).not.toEqual(tokens)
    })

    test('a wallet that is not linked has none', async () => {
      await withSandbox(target, {}, async (send) => {
        const answer = await seen(await send('/wallets/wlt_mu2xfwb4mr18flbs', { headers }))
        expect(answer.text).toBe(
          '{"id":"wlt_mu2xfwb4mr18flbs","object":"wallet_account","wallet":"FREECHARGE","token":null,"current_balance":null,"linked":"false","last_refreshed":null}',
        )
        const { list } = await page(await send('/customers/cust19374/wallets/refresh-balances', { headers }))
        expect(list[0]).toMatchObject({ token: null, current_balance: null, last_refreshed: null, linked: false })
      })
    })
  })

  test('a refresh shows what the provider holds, and List shows it from then on', async () => {
    await withSandbox(target, { clock: '2023-09-11T09:00:00.750Z' }, async (send) => {
      const headers = juspayHeaders('globex_test_key')
      const mobikwik = async (path: string) => (await page(await send(path, { headers }))).list[0]
      const [before, refreshed] = [
        '/customers/asha%40globex.example/wallets',
        '/customers/cst_globexcustomer01/wallets/refresh-balances',
      ]
      const seenBefore = { current_balance: 1250.75, last_refreshed: '2023-09-11T08:00:00Z' }
      const seenAfter = { current_balance: 1199.25, last_refreshed: '2023-09-11T09:00:00Z' }
      expect(await mobikwik(before)).toMatchObject(seenBefore)
      expect(await mobikwik(before)).toMatchObject(seenBefore)
      expect(await mobikwik(refreshed)).toMatchObject(seenAfter)
      expect(await mobikwik(before)).toMatchObject(seenAfter)
    })
  })
})
