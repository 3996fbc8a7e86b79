import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { resolveOptions } from '../../src/config.js'
import type { Entry } from '../../src/journal/entry.js'
import { KnownKeys } from '../../src/journal/known-keys.js'
import { createLog } from '../../src/journal/log.js'
import { decoded } from '../../src/lib/text.js'
import { openSandbox, type Sandbox } from '../../src/sandbox.js'
import { basic, FROZEN } from '../control/helpers.js'
import { expectProportion } from '../cpu.js'
import { every } from '../every.js'

const percent = (text: string) => text.replace(/./g, (c) => `%${c.charCodeAt(0).toString(16)}`)
const base64url = (text: string) => Buffer.from(text).toString('base64url')

/** A merchant's key, in each form in which a client may have put it somewhere. */
const FORMS = (key: string) => [
  ...[key, percent(key), key.replaceAll('_', '%5F')],
  ...[btoa(key), btoa(`${key}:`), btoa(`u:${key}`), btoa(`me:${key}:x`), base64url(`${key}:`)],
]

/** With a control token, no hint names a key. */
const SILENT = { controlToken: 'token' }

/** Requests that hold a text where no credential belongs. */
const PLACES: Readonly<Record<string, (text: string) => [path: string, init: RequestInit]>> = {
  'the path': (text) => [`/wallets/${encodeURI(decodeURI(text))}`, {}],
  'a path that is not served': (text) => [`/x/${text}/y`, {}],
  'the query': (text) => [`/wallets/wlt_x?a=1&trace=${text}`, {}],
  'x-api-key': (text) => ['/wallets/wlt_x', { headers: { 'x-api-key': text } }],
  'a cookie': (text) => ['/wallets/wlt_x', { headers: { cookie: `a=1; session=${text}` } }],
  'another header': (text) => ['/wallets/wlt_x', { headers: { 'x-trace': `by ${text}` } }],
  'a form': (text) => ['/orders', { method: 'POST', body: new URLSearchParams({ order_id: text }) }],
  JSON: (text) => [
    '/orders',
    { method: 'POST', body: JSON.stringify({ a: text }), headers: { 'content-type': 'application/json' } },
  ],
}

/** All that is shown of a sandbox's calls, a text each. */
async function shown(sandbox: Sandbox, logged: readonly Entry[]): Promise<Record<string, string>> {
  const { control } = sandbox
  const stream = new PassThrough({ encoding: 'utf8' })
  for (const format of ['json', 'pretty'] as const) for (const entry of logged) createLog(format, false, stream)(entry)
  const requests = await control.requests.get()
  const after = requests.cursor.replace(/\d+$/, '0')
  const streamed: unknown[] = []
  for await (const event of await control.requests.stream({ after })) {
    streamed.push(event)
    if (streamed.length === requests.total) break
  }
  return {
    log: stream.read() ?? '',
    journal: JSON.stringify(requests),
    stream: JSON.stringify(streamed),
    count: JSON.stringify(await control.requests.count({ path: 'none', header: { 'x-api-key': 'n', 'x-trace': 'n' } })),
    verdict: JSON.stringify(await control.verdict()),
    capsule: JSON.stringify(await control.merchant('acme').capsule()),
  }
}

test.each(['acme_test_key', 'test_acme_juicyway', 'globex_test_key'])(
  '%s is shown nowhere, with and without Authorization',
  async (key) => {
    const logged: Entry[] = []
    const onAnswered = (entry: Entry) => logged.push(entry)
    const options = resolveOptions({ scenario: 'instant', clock: FROZEN, ...SILENT })
    await using sandbox = await openSandbox(options, { onAnswered })
    for (const place of Object.values(PLACES))
      for (const form of FORMS(key)) {
        const [path, init] = place(form)
        for (const auth of [{}, basic('acme_test_key'), basic('nobodys')])
          await sandbox.fetch(`http://sandbox${path}`, { ...init, headers: { ...auth, ...init.headers } })
      }
    expect(logged).toHaveLength(Object.keys(PLACES).length * FORMS(key).length * 3)
    await every(Object.entries(await shown(sandbox, logged)), ([, text]) => {
      // The last characters of Base64 may be those of what is beside the key.
      for (const form of FORMS(key)) expect(text).not.toContain(form.slice(0, -2))
      expect(text.replace(/(%[\da-f]{2})+/gi, decoded)).not.toContain(key)
    })
  },
)

test('a text that is not a key is left alone, as is a key that was removed', () => {
  const keys = new KnownKeys()
  keys.add('long_secret_key')
  keys.add('k$y-7')
  keys.add('abc')
  const hide = (text: string) => keys.replace(text, () => '***')
  const before = ['long_secret_kex', 'xk$y-7', 'k$y-77', 'abc', 'long%zz_secret', '100% wool', btoa('long_secrex')]
  expect(before.map(hide)).toEqual(before)
  expect(hide('a=k$y-7&b=long_secret_keys')).toBe('a=***&b=***s')
  keys.remove('long_secret_key')
  expect(hide('long_secret_key')).toBe('long_secret_key')
  expect(keys.in('k$y-7')).toEqual(['k$y-7'])
})

test('a body full of keys is hidden in time that grows with its length', async () => {
  const keys = new KnownKeys()
  for (let i = 0; i < 2_000; i++) keys.add(`test_shop-${i}_juspay`)
  const body = `${btoa('test_shop-7_juspay:')} %74est_shop-8_juspay `
  await expectProportion((parts) =>
    expect(keys.replace(body.repeat(5_000 * parts), () => 'x')).toBe('x x '.repeat(5_000 * parts)),
  )
})

test('a scheme alone, or named again, is not taken for a key', async () => {
  await using sandbox = await openSandbox(resolveOptions({ scenario: 'instant' }))
  await every(
    [
      ['/wallets/all', 'Bearer', 'Send the header Authorization: Bearer test_acme_juicyway.'],
      ['/wallets/wlt_x', 'Basic', 'Send the key as Basic user name'],
      [
        '/wallets/wlt_x',
        'Basic eA==, Basic eQ==',
        'What follows "Basic" is not base64. Send the key as Basic user name',
      ],
    ] as const,
    async ([path, authorization, hint]) => {
      const { headers } = await sandbox.fetch(`http://sandbox${path}`, { headers: { authorization } })
      expect(headers.get('x-sandbox-reason')).toContain(hint)
    },
  )
})
