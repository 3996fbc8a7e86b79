import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Options } from '../../src/index.js'
import { replay } from '../../src/replay/replay.js'
import { basic, raw, sandboxFor } from '../control/helpers.js'
import { every } from '../every.js'
import { type Ask, addressesOf } from './addresses.js'

const KEY = 'sandbox_shop'
const PUBLIC = 'https://sandbox.example.com/wallets'

type Headers = Readonly<Record<string, string>>

async function open(options: Options, headers: Headers) {
  const sandbox = await sandboxFor(options)
  const own = await sandbox.listen()
  const ask: Ask = async (path, form) => {
    const answer = await raw(`${own}${path}`, {
      method: form ? 'POST' : 'GET',
      headers: { ...basic(KEY), 'content-type': 'application/x-www-form-urlencoded', ...headers },
      ...(form && { body: new URLSearchParams(form).toString() }),
    })
    return { text: answer.text, location: (answer.headers.location as string | undefined) ?? null }
  }
  return { sandbox, own, ask }
}

const FORWARDED = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'pay.example.com:8443' }

test('every address begins with the public URL, else with what the request was sent to', async () => {
  await every<readonly [Options, Headers, string | undefined]>(
    [
      [{}, {}, undefined],
      [{}, { host: 'shop.test:81' }, 'http://shop.test:81'],
      [{}, FORWARDED, undefined],
      [{ publicUrl: PUBLIC }, {}, PUBLIC],
      [{ publicUrl: `${PUBLIC}/` }, {}, PUBLIC],
      [{ publicUrl: PUBLIC, trustProxy: true }, FORWARDED, PUBLIC],
      [{ trustProxy: true }, {}, undefined],
      [{ trustProxy: true }, FORWARDED, 'https://pay.example.com:8443'],
      [{ trustProxy: true }, { 'x-forwarded-proto': 'https', host: 'shop.test' }, 'https://shop.test'],
      [{ trustProxy: true }, { 'x-forwarded-host': 'a.example, b.example' }, 'http://a.example'],
      [{ trustProxy: true }, { 'x-forwarded-host': '[fd00::2]:80' }, 'http://[fd00::2]'],
      [{ trustProxy: true }, { ...FORWARDED, 'x-forwarded-host': 'a.example/evil?' }, undefined],
      [{ trustProxy: true }, { ...FORWARDED, 'x-forwarded-host': 'me@evil.example' }, undefined],
      [{ trustProxy: true }, { ...FORWARDED, 'x-forwarded-proto': 'javascript' }, undefined],
    ],
    async ([options, headers, expected]) => {
      const { own, ask } = await open(options, headers)
      const base = expected ?? own
      const addresses = await addressesOf(ask)
      for (const [where, address] of Object.entries(addresses)) {
        expect([where, address.slice(0, base.length + 1)]).toEqual([where, `${base}/`])
        expect([where, address]).toEqual([where, expect.stringMatching(new RegExp(`(merchant=|/)${KEY}(&|/|$)`))])
        const opened = await raw(`${own}${address.slice(base.length)}`)
        expect([where, opened.status]).toEqual([where, expect.toBeOneOf([200, 302, 303])])
      }
    },
  )
})

test('so do those of an event', async () => {
  const bodies: string[] = []
  const receiver = createServer((incoming, outgoing) => {
    incoming.setEncoding('utf8').on('data', (piece: string) => bodies.push(piece))
    incoming.on('end', () => outgoing.end())
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void receiver.close())
  const { sandbox, ask } = await open({ publicUrl: PUBLIC }, {})
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/events`
  await sandbox.control.merchant(KEY).webhooks.put({ url })
  await addressesOf(ask)
  await expect.poll(() => bodies.join('')).toContain('ORDER_SUCCEEDED')
  const links = bodies.join('').match(/https?:[^"]+payment-page[^"]*|https?:[^"]+\/merchant\/i?pay[^"]*/g)
  expect(links).not.toBeNull()
  expect(links!.filter((link) => !link.startsWith(`${PUBLIC}/`))).toEqual([])
})

test('a capsule keeps where its clients reached the sandbox', async () => {
  await every<readonly [Options, Headers]>(
    [
      [{ publicUrl: PUBLIC }, {}],
      [{ publicUrl: PUBLIC }, { origin: 'https://sandbox.example.com' }],
      [{ trustProxy: true }, FORWARDED],
    ],
    async ([options, headers]) => {
      const { sandbox, ask } = await open(options, headers)
      await addressesOf(ask)
      const file = join(mkdtempSync(join(tmpdir(), 'capsule-')), 'session.json')
      writeFileSync(file, JSON.stringify(await sandbox.control.merchant(KEY).capsule()))
      expect(await replay(file)).toMatchObject({ difference: undefined, requests: 11 })
    },
  )
})

test('the control API and its page let the public host through, and no other', async () => {
  const public_ = { publicUrl: PUBLIC }
  const proxy = { trustProxy: true }
  const own = { 'sec-fetch-site': 'same-origin' }
  await every<readonly [Options, Headers, number]>(
    [
      [{}, { host: 'sandbox.example.com' }, 403],
      [{}, { host: 'sandbox.example.com', ...FORWARDED }, 403],
      [public_, { host: 'sandbox.example.com' }, 200],
      [public_, { host: 'sandbox.example.com:443' }, 200],
      [public_, { host: 'sandbox.example.com', origin: 'https://sandbox.example.com', ...own }, 200],
      [public_, { origin: 'https://sandbox.example.com', ...own }, 200],
      [public_, { host: 'localhost', origin: 'http://localhost', ...own }, 200],
      [public_, { host: 'evil.example' }, 403],
      [public_, { host: 'evil.example', 'x-forwarded-host': 'sandbox.example.com' }, 403],
      [public_, { origin: 'https://evil.example' }, 403],
      [public_, { origin: 'https://sandbox.example.com:8443' }, 403],
      [public_, { origin: 'https://sandbox.example.com', 'sec-fetch-site': 'cross-site' }, 403],
      [proxy, { host: 'pay.example.com' }, 403],
      [proxy, { host: 'pay.example.com:8443', ...FORWARDED }, 200],
      [proxy, { host: 'upstream.example', ...FORWARDED }, 200],
      [proxy, { origin: 'https://pay.example.com:8443', ...FORWARDED, ...own }, 200],
      [proxy, { origin: 'https://evil.example', ...FORWARDED }, 403],
    ],
    async ([options, headers, expected]) => {
      const url = await (await sandboxFor(options)).listen()
      for (const path of ['/_sandbox/clock', '/_sandbox/'])
        expect([path, (await raw(`${url}${path}`, { headers })).status]).toEqual([path, expected])
    },
  )
})

test('"Pay" is pressed on the page at its public address, or at its own', async () => {
  const press = async (options: Options, origin: string | undefined, headers: Headers = {}) => {
    const { own, ask } = await open(options, {})
    const address = (await addressesOf(ask))['payment_links of a session']!
    const path = address.slice((options.publicUrl ?? own).length)
    const sent = { 'content-type': 'application/x-www-form-urlencoded', origin: origin ?? own, ...headers }
    return (await raw(`${own}${path}`, { method: 'POST', headers: sent, body: 'outcome=cancel' })).status
  }
  await every<readonly [Options, string | undefined, Headers, number]>(
    [
      [{}, 'https://sandbox.example.com', {}, 400],
      [{ publicUrl: PUBLIC }, 'https://sandbox.example.com', {}, 303],
      [{ publicUrl: PUBLIC }, undefined, {}, 303],
      [{ publicUrl: PUBLIC }, 'https://evil.example', {}, 400],
      [{ trustProxy: true }, 'https://pay.example.com:8443', FORWARDED, 303],
    ],
    async ([options, origin, headers, status]) => expect(await press(options, origin, headers)).toBe(status),
  )
})

test('a public URL is that of a server', async () => {
  const refused = /^options\.publicUrl: is .+; allowed: the URL of a server, such as https:/
  await every(
    [
      '',
      'sandbox.example.com',
      'ftp://a.example',
      'https://a.example?x',
      'https://a.example/#x',
      'https://me@a.example',
    ],
    async (publicUrl) => expect(() => open({ publicUrl }, {})).rejects.toThrow(refused),
  )
})
