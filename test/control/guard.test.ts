import { describe, expect, test } from 'vitest'
import { refuseWebPages } from '../../src/control/guard.js'
import { isLoopback } from '../../src/lib/hosts.js'
import { basic, raw, sandboxFor, WALLET } from './helpers.js'

const JSON_TYPE = { 'content-type': 'application/json' }

describe('a request from a web page is refused', () => {
  test.each([
    ['a foreign Origin', { origin: 'https://evil.example' }],
    ['an Origin on another port', { origin: 'http://127.0.0.1:1' }],
    ['an opaque Origin', { origin: 'null' }],
    ['a foreign Host', { host: 'evil.example' }],
    ['a foreign Host with our port', { host: 'evil.example:8080' }],
    ['a Host that only begins like ours', { host: 'localhost.evil.example' }],
    ['a Host that only begins like our address', { host: '127.0.0.1.evil.example' }],
    ['another address as Host', { host: '10.0.0.1' }],
    ['a cross-site fetch', { 'sec-fetch-site': 'cross-site' }],
    ['a same-site fetch', { 'sec-fetch-site': 'same-site' }],
  ])('%s', async (_, headers) => {
    const sandbox = await sandboxFor()
    const url = await sandbox.listen()
    for (const path of ['/_sandbox/health', '/_sandbox/clock', '/_sandbox/nothing']) {
      const { status, text } = await raw(`${url}${path}`, { headers })
      expect([path, status, JSON.parse(text).error.code]).toEqual([path, 403, 'forbidden'])
      expect(JSON.parse(text).error.message).toMatch(/allowed: .+/)
    }
    const change = await raw(`${url}/_sandbox/clock`, {
      method: 'PUT',
      headers: { ...JSON_TYPE, ...headers },
      body: '{"mode":"real"}',
    })
    expect([change.status, (await sandbox.control.clock.get()).mode]).toEqual([403, 'frozen'])
  })

  test.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain'])(
    'a form that posts %s',
    async (type) => {
      const sandbox = await sandboxFor()
      const url = await sandbox.listen()
      const { status, text } = await raw(`${url}/_sandbox/clock/advance`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: '{"by":"1h"}',
      })
      expect([status, JSON.parse(text).error.code]).toEqual([415, 'unsupported_media_type'])
      expect((await sandbox.control.clock.get()).now).toBe('2023-09-11T08:30:00.000Z')
    },
  )

  test.each([
    ['no header of a browser', {}],
    ['localhost', { host: 'localhost:8080' }],
    ['the name with the root dot', { host: 'localhost.:8080' }],
    ['the address of IPv6', { host: '[::1]:8080' }],
    ['an address typed into a browser', { 'sec-fetch-site': 'none' }],
    ['a page of its own', { host: 'localhost:8080', origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' }],
  ])('but not %s', async (_, headers) => {
    const url = await (await sandboxFor()).listen()
    expect((await raw(`${url}/_sandbox/clock`, { headers })).status).toBe(200)
  })

  test('the vendors’ own paths are open to any Host and Origin', async () => {
    const url = await (await sandboxFor()).listen()
    const headers = { ...basic('acme_test_key'), host: 'sandbox.juspay.in', origin: 'https://shop.example' }
    expect((await raw(`${url}${WALLET}`, { headers })).status).toBe(200)
  })
})

describe('which Host a server answers to', () => {
  const letsThrough = (host: string, boundHost: string, token?: string) => {
    const headers: Record<string, string> = { host }
    try {
      refuseWebPages({ header: (name) => headers[name], boundHost, token, publicUrl: undefined, trustProxy: false })
      return true
    } catch {
      return false
    }
  }
  test.each([
    ['127.0.0.1', 'wallet-sandbox:8080', undefined, false],
    ['127.0.0.1', 'host.docker.internal', undefined, false],
    ['127.0.0.1', 'evil.example', 't', false],
    ['sandbox.corp.example', 'sandbox.corp.example:8080', undefined, true],
    ['::1', '[::1]:8080', undefined, true],
    ['0.0.0.0', 'localhost:8080', undefined, true],
    ['0.0.0.0', 'wallet-sandbox:8080', undefined, true],
    ['0.0.0.0', 'wallet_sandbox', undefined, true],
    ['0.0.0.0', '172.17.0.2:8080', undefined, true],
    ['0.0.0.0', '[fd00::2]:8080', undefined, true],
    ['0.0.0.0', 'host.docker.internal:8080', undefined, true],
    ['0.0.0.0', 'sandbox.ci.svc.cluster.local', undefined, true],
    ['0.0.0.0', 'evil.example', undefined, false],
    ['0.0.0.0', '1.2.3.4.evil.example', undefined, false],
    ['0.0.0.0', 'evil.example', 't', true],
    ['0.0.0.0', '', undefined, false],
  ])('bound to %s, Host "%s", token %s: %s', (boundHost, host, token, expected) => {
    expect(letsThrough(host, boundHost, token)).toBe(expected)
  })

  test.each([
    ['localhost', true],
    ['api.localhost', true],
    ['127.0.0.1', true],
    ['127.8.9.10', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['192.168.1.5', false],
    ['localhost.evil.example', false],
  ])('%s is loopback: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected)
  })
})

describe('with a control token', () => {
  const TOKEN = 'correct horse battery staple'

  test.each([
    ['none', undefined, 401],
    ['another', 'Bearer correct horse battery', 401],
    ['one that is longer', `Bearer ${TOKEN}s`, 401],
    ['an empty one', 'Bearer ', 401],
    ['another scheme', `Basic ${TOKEN}`, 401],
    ['the token', `Bearer ${TOKEN}`, 200],
  ])('a request with %s', async (_, authorization, status) => {
    const url = await (await sandboxFor({ controlToken: TOKEN })).listen()
    const headers = authorization === undefined ? {} : { authorization }
    for (const path of ['/clock', '/merchants/acme/state']) {
      const answer = await raw(`${url}/_sandbox${path}`, { headers })
      expect([path, answer.status]).toEqual([path, status])
      if (status === 401) expect(answer.headers['www-authenticate']).toBe('Bearer')
      expect(answer.text).not.toContain(TOKEN)
    }
    expect((await raw(`${url}/_sandbox/nothing`, { headers })).status).toBe(status === 200 ? 404 : 401)
    expect((await raw(`${url}/_sandbox/health`, { headers })).status).toBe(200)
    expect((await raw(`${url}${WALLET}`, { headers: basic('acme_test_key') })).status).toBe(200)
  })

  test('a web page is refused all the same', async () => {
    const url = await (await sandboxFor({ controlToken: TOKEN })).listen()
    const headers = { authorization: `Bearer ${TOKEN}`, origin: 'https://evil.example' }
    expect((await raw(`${url}/_sandbox/clock`, { headers })).status).toBe(403)
  })

  test('an in-process caller needs none', async () => {
    const sandbox = await sandboxFor({ controlToken: TOKEN })
    expect((await sandbox.fetch('http://x.example/_sandbox/clock')).status).toBe(200)
  })
})
