import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { sharedSandbox, TARGETS } from '../contract/targets.js'
import { every } from '../every.js'

type BodyInit = NonNullable<RequestInit['body']>

const KEY = { authorization: `Basic ${btoa('acme_test_key:')}`, 'x-routing-id': 'r' }
const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }

const form = (fields: Record<string, string | Blob>) => {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.append(name, value)
  return data
}
const json = JSON.stringify({ object_reference_id: 'asha.rao', first_name: 'Åsa' })
const urlEncoded = 'object_reference_id=asha.rao&first_name=%C3%85sa'
const gzip = { 'content-encoding': 'gzip' }

/** The form of a body, its headers, and a warning that it leaves. Each creates a customer called Åsa. */
const CREATING: readonly [string, BodyInit, Record<string, string>, RegExp?][] = [
  ['a form', urlEncoded, FORM_TYPE],
  ['a form without a type', urlEncoded, {}],
  ['JSON', json, JSON_TYPE],
  ['JSON of another vendor type', json, { 'content-type': 'application/vnd.api+json' }],
  ['JSON as a form', json, FORM_TYPE, /is JSON and came with the Content-Type application\/x-www-form-urlencoded/],
  ['JSON as text', json, { 'content-type': 'text/plain' }, /is JSON and came with the Content-Type text\/plain/],
  ['multipart', form({ object_reference_id: 'asha.rao', first_name: 'Åsa' }), {}],
  [
    'multipart with a file',
    form({ object_reference_id: 'asha.rao', photo: new Blob(['\u0000']), first_name: 'Åsa' }),
    {},
    /The file in the field photo is ignored/,
  ],
  ['a gzipped form', gzipSync(urlEncoded), { ...FORM_TYPE, ...gzip }],
  ['gzipped JSON', gzipSync(json), { ...JSON_TYPE, ...gzip }],
  ['a deflated form', deflateSync(urlEncoded), { ...FORM_TYPE, 'content-encoding': 'deflate' }],
  ['a form in brotli', brotliCompressSync(urlEncoded), { ...FORM_TYPE, 'content-encoding': 'br' }],
  ['a form as it is', urlEncoded, { ...FORM_TYPE, 'content-encoding': 'identity' }],
]

const REFUSED: readonly [string, BodyInit, Record<string, string>, number, RegExp][] = [
  ['no gzip', 'x=1', gzip, 400, /is not gzip, though its Content-Encoding says so/],
  ['another coding', 'x=1', { 'content-encoding': 'zstd' }, 400, /Content-Encoding is not known here/],
  ['a bomb', gzipSync(Buffer.alloc(3_000_000)), gzip, 413, /larger than 1048576 bytes/],
  [
    'a multipart without parts',
    '--b\r\nno head',
    { 'content-type': 'multipart/form-data; boundary=b' },
    400,
    /is not multipart/,
  ],
  ['broken JSON', '{"x":', JSON_TYPE, 400, /is not JSON/],
  ['a list', '[]', JSON_TYPE, 400, /JSON but no object/],
  ['deep JSON', `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, JSON_TYPE, 400, /more than 64 levels/],
]

for (const target of TARGETS) {
  const send = sharedSandbox(target)
  let n = 0

  test(`${target.name}: each form of a body is read`, () =>
    every(CREATING, async ([, body, headers, warning]) => {
      const key = `sandbox_body_${target.name.replaceAll(/\W/g, '')}_${n++}`
      const authorization = `Basic ${btoa(`${key}:`)}`
      const response = await send('/customers', {
        method: 'POST',
        headers: { ...KEY, authorization, ...headers },
        body,
      })
      expect(await response.json()).toMatchObject({ object_reference_id: 'asha.rao', first_name: 'Åsa' })
      const journal = await send(`/_sandbox/merchants/${key}/requests`)
      const { requests } = (await journal.json()) as { requests: { warnings: string[] }[] }
      if (warning) expect(requests[0]!.warnings).toContainEqual(expect.stringMatching(warning))
      else expect(requests[0]!.warnings).toEqual([])
    }))

  test(`${target.name}: a body that cannot be read is refused with the reason`, () =>
    every(REFUSED, async ([, body, headers, status, reason]) => {
      const response = await send('/customers', { method: 'POST', headers: { ...KEY, ...headers }, body })
      expect([response.status, response.headers.get('x-sandbox-reason')]).toEqual([
        status,
        expect.stringMatching(reason),
      ])
    }))
}

test('a GET with a body is served by its query, with a warning', async () => {
  const { createSandbox } = await import('../../src/index.js')
  const { request } = await import('node:http')
  await using sandbox = await createSandbox({ latency: 'off' })
  const url = new URL('/wallets/wlt_q23xzki3pazgtezo', await sandbox.listen())
  const status = await new Promise((resolve) => {
    request(url, { method: 'GET', headers: { ...KEY, 'content-length': '3' } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).end('a=b')
  })
  expect(status).toBe(200)
  const { requests } = await sandbox.control.requests.get()
  expect(requests[0]!.warnings).toContainEqual(expect.stringMatching(/^The body of a GET is ignored/))
})
