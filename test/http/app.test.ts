import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { testClient } from 'hono/testing'
import { describe, expect, test } from 'vitest'
import { createSandbox } from '../../src/index.js'

const tls = (name: string) => fileURLToPath(new URL(`tls/${name}.pem`, import.meta.url))
const HEADERS = { authorization: `Basic ${btoa('acme_test_key:')}`, 'x-routing-id': 'r' }
const PATH = '/wallets/wlt_q23xzki3pazgtezo'
const BODY =
  '{"id":"wlt_q23xzki3pazgtezo","object":"wallet_account","wallet":"MOBIKWIK","token":"tok_winysteev9eftrwcv6me","current_balance":250,"linked":"true","last_refreshed":"2016-08-02T08:07:52+0000"}'

test('app.request answers as fetch does', async () => {
  await using sandbox = await createSandbox({ latency: 'off' })
  for (const path of [PATH, `/juspay${PATH}`, `http://sandbox.juspay.in${PATH}`]) {
    const response = await sandbox.app.request(path, { headers: HEADERS })
    expect([path, response.status, await response.text()]).toEqual([path, 200, BODY])
  }
})

test('hono/testing knows the app', async () => {
  await using sandbox = await createSandbox({ latency: 'off' })
  const client = testClient(sandbox.app) as never as Record<string, { $get(a: unknown, o: unknown): Promise<Response> }>
  expect((await client['_sandbox/health']!.$get({}, {})).status).toBe(200)
})

test('another Hono app mounts it, in-process and over a socket, faults and pages included', async () => {
  await using sandbox = await createSandbox({ latency: 'off' })
  const outer = new Hono().get('/own', (c) => c.text('own')).mount('/vendors', sandbox.app.fetch)
  const inside = await outer.request(`/vendors${PATH}`, { headers: HEADERS })
  expect([inside.status, await inside.text()]).toEqual([200, BODY])

  const server = createAdaptorServer({ fetch: outer.fetch, overrideGlobalObjects: false })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  try {
    expect(await (await fetch(`${url}/own`)).text()).toBe('own')
    const outside = await fetch(`${url}/vendors${PATH}`, { headers: HEADERS })
    expect([outside.status, await outside.text()]).toEqual([200, BODY])
    const body = new URLSearchParams({ object_reference_id: 'a_customer' })
    const posted = await fetch(`${url}/vendors/customers`, { method: 'POST', headers: HEADERS, body })
    expect(await posted.json()).toMatchObject({ object: 'customer', object_reference_id: 'a_customer' })
    const unknown = await fetch(`${url}/vendors/nowhere`, { headers: HEADERS })
    expect([unknown.status, unknown.headers.get('x-sandbox-reason')]).toEqual([
      404,
      expect.stringMatching(/^juspay has no path \/nowhere/),
    ])
    const rules = [{ name: 'broken', effect: { fault: 'reset' as const } }]
    await sandbox.control.scenario.put({ name: 'broken', rules })
    await expect(fetch(`${url}/vendors${PATH}`, { headers: HEADERS })).rejects.toThrow('fetch failed')
  } finally {
    server.close()
  }
})

test('a listening sandbox leaves the platform’s Request and Response alone', async () => {
  const before = [globalThis.Request, globalThis.Response]
  await using sandbox = await createSandbox({ latency: 'off' })
  await fetch(`${await sandbox.listen()}${PATH}`, { headers: HEADERS })
  expect([globalThis.Request, globalThis.Response]).toEqual(before)
})

test('a body whose stream fails, or whose call is given up, rejects as the platform’s fetch does', async () => {
  await using sandbox = await createSandbox({ latency: 'off' })
  const post = (body: ReadableStream, signal?: AbortSignal) =>
    sandbox.fetch(`http://x/customers`, {
      method: 'POST',
      headers: HEADERS,
      body,
      duplex: 'half',
      ...(signal && { signal }),
    } as RequestInit)
  const failing = new ReadableStream({ pull: (controller) => controller.error(new Error('no more')) })
  await expect(post(failing)).rejects.toThrow('no more')
  const abort = new AbortController()
  const given = post(new ReadableStream({}), abort.signal)
  abort.abort(new Error('given up'))
  await expect(given).rejects.toThrow('given up')
})

describe('listen()', () => {
  // An address of its own; elsewhere than here these ports may be another user's, or taken.
  const host = `127.0.${process.pid % 250}.80`
  test.runIf(process.getuid?.() === 0).each([
    [80, {}, 'http:'],
    [443, { tlsCert: tls('cert'), tlsKey: tls('key') }, 'https:'],
  ])('at port %i, which a URL leaves out', async (port, options, scheme) => {
    await using sandbox = await createSandbox(options)
    const url = `${scheme}//${host}:${port}`
    expect([await sandbox.listen({ port, host }), await sandbox.listen({ port }), sandbox.url]).toEqual([url, url, url])
    await expect(sandbox.listen({ port: 8080 })).rejects.toThrow(`listens at ${url} already`)
  })

  test('called again returns the same URL, also at once, and another port is refused', async () => {
    const sandbox = await createSandbox({ latency: 'off' })
    expect(sandbox.url).toBeUndefined()
    const urls = await Promise.all([sandbox.listen(), sandbox.listen()])
    const url = await sandbox.listen({ port: Number(new URL(urls[0]).port) })
    expect(new Set([...urls, url, sandbox.url]).size).toBe(1)
    await expect(sandbox.listen({ port: 1 })).rejects.toThrow(
      `listens at ${url} already; allowed: one port per sandbox`,
    )
    await sandbox.close()
    expect(sandbox.url).toBeUndefined()
  })

  test('can be tried again where the port was taken', async () => {
    await using other = await createSandbox()
    const taken = Number(new URL(await other.listen()).port)
    await using sandbox = await createSandbox()
    await expect(sandbox.listen({ port: taken })).rejects.toThrow('is taken by another process')
    expect(await sandbox.listen()).toMatch(/^http:/)
  })
})
