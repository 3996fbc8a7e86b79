import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { parseBody } from '../../src/api/body.js'
import { createSandbox } from '../../src/index.js'
import { replay } from '../../src/replay/replay.js'
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
const latin1Form = 'object_reference_id=asha.rao&first_name=%C5sa'
const MULTIPART = 'multipart/form-data; boundary="a b;c"; charset=utf-8'
const part = (head: string, value: string) => `--a b;c\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`
const mixed = Buffer.from(
  [
    part('name="photo"; filename="a.jpg"', '\xff\xd8--a b;c\xfe'),
    part('name="first_name"\r\nContent-Type: text/plain; charset=iso-8859-1', 'Åsa'),
    part('name="object_reference_id"', 'asha.rao'),
    '--a b;c--\r\n',
  ].join(''),
  'latin1',
)
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
  ['a form in x-gzip', gzipSync(urlEncoded), { ...FORM_TYPE, 'content-encoding': 'x-gzip' }],
  ['a form in two codings', gzipSync(deflateSync(urlEncoded)), { ...FORM_TYPE, 'content-encoding': 'deflate, gzip' }],
  ['JSON in ISO-8859-1', Buffer.from(json, 'latin1'), { 'content-type': 'application/json; charset=iso-8859-1' }],
  ['JSON in windows-1252', Buffer.from(json, 'latin1'), { 'content-type': 'application/json;charset="Windows-1252"' }],
  ['JSON in UTF-16', Buffer.from(json, 'utf16le'), { 'content-type': 'application/json; charset=utf-16' }],
  ['JSON in UTF-8 with its mark', `\uFEFF${json}`, { 'content-type': 'application/json; charset=UTF8' }],
  ['a form in ISO-8859-1', latin1Form, { 'content-type': `${FORM_TYPE['content-type']}; charset=iso-8859-1` }],
  [
    'a form of bytes in ISO-8859-1',
    Buffer.from('object_reference_id=asha.rao&first_name=Åsa', 'latin1'),
    { 'content-type': `${FORM_TYPE['content-type']}; charset=ISO-8859-1` },
  ],
  [
    'a multipart with parts in other charsets, and a file',
    mixed,
    { 'content-type': MULTIPART },
    /The file in the field photo/,
  ],
  [
    'JSON with what looks odd and is not',
    '{"object_reference_id":"asha.rao","first_name":"Åsa","a":"\\ud83d\\ude00 \\\\ud83d 12345678901234567890","b":100000000000000000000,"c":1e21,"d":0.5000000000000000000}',
    JSON_TYPE,
  ],
  ['a form as it is', urlEncoded, { ...FORM_TYPE, 'content-encoding': 'identity' }],
]

const REFUSED: readonly [string, BodyInit, Record<string, string>, number, RegExp][] = [
  ['no gzip', 'x=1', gzip, 400, /is not gzip, though its Content-Encoding says so/],
  ['another coding', 'x=1', { 'content-encoding': 'zstd' }, 400, /Content-Encoding "zstd" is not known here/],
  [
    'another charset',
    '{}',
    { 'content-type': 'application/json; charset=klingon' },
    400,
    /charset "klingon" .* not known/,
  ],
  ['JSON of bytes', Buffer.from(json, 'latin1'), JSON_TYPE, 400, /not UTF-8: byte 49 \(0xc5\) .* name the charset/],
  ['JSON in UTF-16 that is not named', Buffer.from(json, 'utf16le'), JSON_TYPE, 400, /is UTF-16LE, as byte 2/],
  ['a form of bytes', Buffer.from('a=Å', 'latin1'), FORM_TYPE, 400, /not UTF-8: byte 3 \(0xc5\)/],
  ['a form encoded otherwise', latin1Form, FORM_TYPE, 400, /field "first_name" is not UTF-8/],
  [
    'no UTF-16',
    Buffer.from([0x7b, 0x00, 0x7d]),
    { 'content-type': 'application/json; charset=utf-16le' },
    400,
    /is not utf-16le, though the Content-Type says so/,
  ],
  [
    'a part of bytes',
    Buffer.from(part('name="a"', 'Å'), 'latin1'),
    { 'content-type': MULTIPART },
    400,
    /field "a" is not UTF-8: byte 1/,
  ],
  ['a multipart without a boundary', 'x', { 'content-type': 'multipart/form-data' }, 400, /without a boundary/],
  [
    'a number that is read as another',
    '{"object_reference_id":9007199254740993}',
    JSON_TYPE,
    400,
    /number 9007199254740993/,
  ],
  ['digits beyond those of a number', '{"a":"1","b":[1.00000000000000000001]}', JSON_TYPE, 400, /more digits than/],
  ['a bomb', gzipSync(Buffer.alloc(3_000_000)), gzip, 413, /larger than 1048576 bytes/],
  [
    'a multipart without parts',
    '--b\r\nno head',
    { 'content-type': 'multipart/form-data; boundary=b' },
    400,
    /is not multipart/,
  ],
  ['a multipart of another boundary', '--a\r\n', { 'content-type': MULTIPART }, 400, /is not multipart/],
  ['broken JSON', '{"x":', JSON_TYPE, 400, /is not JSON/],
  ['a list', '[]', JSON_TYPE, 400, /JSON but not an object/],
  ['a lone surrogate', '{"object_reference_id":"asha.rao\\ud83d"}', JSON_TYPE, 400, /has a lone surrogate/],
  ['one in a name', '{"x":{"\\uDFFF":1}}', JSON_TYPE, 400, /has a lone surrogate/],
  [
    'a long number',
    '{"x":12345678901234567890}',
    JSON_TYPE,
    400,
    /The number 12345678901234567890 in the body has more digits/,
  ],
  [
    'a fine number',
    '{"x":[0.10000000000000000001]}',
    JSON_TYPE,
    400,
    /The number 0.10000000000000000001 in the body has more/,
  ],
  ['one of 16 digits', '{"x":9007199254740993}', JSON_TYPE, 400, /The number 9007199254740993 in the body/],
  ['a huge number', '{"x":1e999}', JSON_TYPE, 400, /The number 1e999 in the body has more/],
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

test('numbers that are read to their last digit are taken, and those of a text', () =>
  every(
    [
      '0.30000000000000004',
      '100.50000000000000000',
      '9007199254740991',
      '-12345678901234.25',
      '1e3',
      '"9007199254740993"',
    ],
    (number) => expect(parseBody(`{"a":${number}}`, 'application/json').fault?.reason).toBeUndefined(),
  ))

test('a call in another charset replays', async () => {
  await using sandbox = await createSandbox({ latency: 'off' })
  for (const [, body, headers] of [...CREATING, ...REFUSED])
    await sandbox.fetch('http://x/customers', { method: 'POST', headers: { ...KEY, ...headers }, body })
  const file = join(mkdtempSync(join(tmpdir(), 'body-')), 'capsule.json')
  writeFileSync(file, JSON.stringify(await sandbox.control.merchant('acme').capsule()))
  expect((await replay(file)).difference).toBeUndefined()
  rmSync(dirname(file), { recursive: true })
})
