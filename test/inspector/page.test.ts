import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT } from '../build.js'
import { raw, sandboxFor } from '../control/helpers.js'

const PAGE = '/_sandbox/'
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:"

test.each([
  ['/_sandbox', '_sandbox/assets'],
  [PAGE, 'assets'],
])('the page is at %s, under its policy', async (path, assets) => {
  const { status, headers, text } = await raw(`${await (await sandboxFor()).listen()}${path}`)
  expect(status).toBe(200)
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=UTF-8',
    'content-security-policy': POLICY,
    'x-frame-options': 'DENY',
  })
  expect(text).toContain(`<link rel="stylesheet" href="${assets}/inspector.css">`)
  expect(text).toContain(`<script type="module" src="${assets}/inspector.js"></script>`)
  expect(text).not.toMatch(/<(style|script)>|\son\w+=|\sstyle=/)
})

test.each([
  ['inspector.js', 'text/javascript; charset=utf-8'],
  ['inspector.css', 'text/css; charset=utf-8'],
])('%s is sent once, and again when it has changed', async (name, type) => {
  const url = `${await (await sandboxFor()).listen()}/_sandbox/assets/${name}`
  const { status, headers, text } = await raw(url)
  expect([status, headers['content-type'], headers['cache-control']]).toEqual([200, type, 'no-cache'])
  expect(text.length).toBeGreaterThan(50)
  const again = await raw(url, { headers: { 'if-none-match': String(headers.etag) } })
  expect([again.status, again.text]).toEqual([304, ''])
})

test.each(['nothing.js', '..%2f..%2fpackage.json', 'toString', ''])('there is no asset %s', async (name) => {
  const { status, text } = await raw(`${await (await sandboxFor()).listen()}/_sandbox/assets/${name}`)
  expect([status, JSON.parse(text).error.code]).toEqual([404, 'not_found'])
})

test('the page has GET alone', async () => {
  const { status, text } = await raw(`${await (await sandboxFor()).listen()}${PAGE}`, { method: 'POST' })
  expect([status, JSON.parse(text).error.code]).toEqual([404, 'not_found'])
})

describe('who may open the page', () => {
  test.each([
    ['this machine', {}, {}, 200],
    ['this machine, with a token set', { controlToken: 't' }, {}, 200],
    ['a page of another site', {}, { 'sec-fetch-site': 'cross-site' }, 403],
    ['a page of another origin', {}, { origin: 'https://evil.example' }, 403],
    ['a name that leads here', {}, { host: 'evil.example' }, 403],
  ])('%s', async (_, options, headers, expected) => {
    const url = await (await sandboxFor(options)).listen()
    for (const path of [PAGE, '/_sandbox/assets/inspector.js'])
      expect([path, (await raw(`${url}${path}`, { headers })).status]).toEqual([path, expected])
  })

  test('nobody, where others can reach the server, unless a token is set', async () => {
    const [open, closed] = [await sandboxFor({ controlToken: 't' }), await sandboxFor()]
    const at = async (sandbox: typeof open) =>
      (await sandbox.listen({ host: '0.0.0.0' })).replace('0.0.0.0', '127.0.0.1')
    expect((await raw(`${await at(open)}${PAGE}`)).status).toBe(200)
    const { status, text } = await raw(`${await at(closed)}${PAGE}`)
    expect([status, JSON.parse(text).error.message]).toEqual([404, expect.stringContaining('--control-token')])
  })
})

describe('GET /', () => {
  const BROWSER = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' }

  test('names the page to a browser', async () => {
    const { status, text } = await raw(`${await (await sandboxFor()).listen()}/`, { headers: BROWSER })
    expect([status, text]).toEqual([200, expect.stringContaining('href="_sandbox/"')])
  })

  test.each([
    ['a client that takes anything', 'GET', { accept: '*/*' }],
    ['a client that takes JSON', 'GET', { accept: 'application/json' }],
    ['a POST', 'POST', BROWSER],
  ])('and is the vendor’s own to %s', async (_, method, headers) => {
    const sandbox = await sandboxFor()
    const { headers: sent, text } = await raw(`${await sandbox.listen()}/`, { method, headers })
    expect([sent['x-sandbox-seed'], text]).toEqual(['1', expect.not.stringContaining('_sandbox')])
    expect((await sandbox.control.requests.get()).total).toBe(1)
  })
})

/** The bundled modules that a module loads at once, itself and the sandbox included, by their texts. */
function loadedWith(file: string, loaded = new Map<string, string>()): ReadonlyMap<string, string> {
  if (loaded.has(file)) return loaded
  loaded.set(file, readFileSync(join(ROOT, 'dist', file), 'utf8'))
  const imports = /(?:\bfrom|\bimport) ?"(\.\/[^"]+)"|import\("(\.\/sandbox-[^"]+)"\)/g
  for (const [, name, sandbox] of loaded.get(file)!.matchAll(imports)) loadedWith((name ?? sandbox)!, loaded)
  return loaded
}

test('nothing of the page is loaded with the package, or by its start', () => {
  const texts = [...loadedWith('index.js').values()]
  expect(texts.some((text) => text.includes('This is wallet-sandbox.'))).toBe(true)
  expect(texts.filter((text) => text.includes('inspector.css') || text.includes('hono/etag'))).toEqual([])
})

test('the scenarios that ship are listed for the page to offer', async () => {
  const { scenarios } = await (await sandboxFor()).control.scenarios()
  expect(scenarios).toContainEqual({ name: 'flaky', description: expect.stringContaining('A client should') })
})
