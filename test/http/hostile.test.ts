import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, type Sandbox } from '../../src/index.js'

let sandbox: Sandbox
let port: number
const crashes: unknown[] = []
const crashed = (error: unknown) => crashes.push(error)

beforeAll(async () => {
  sandbox = await createSandbox({ scenario: 'instant' })
  port = Number(new URL(await sandbox.listen()).port)
  process.on('unhandledRejection', crashed)
  process.on('uncaughtException', crashed)
})

afterAll(async () => {
  await sandbox.close()
  process.off('unhandledRejection', crashed)
  process.off('uncaughtException', crashed)
  expect(crashes).toEqual([])
})

const AUTH = `Authorization: Basic ${btoa('acme_test_key:')}`
const LIST = '/customers/guest_user/wallets'

/** Sends bytes and collects what comes back until so many answers are there, or the server closes. */
async function call(pieces: readonly (string | Buffer)[], answers: number, pauseMs = 0): Promise<string> {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  const closed = once(socket, 'close')
  let answer = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    answer += text
    if (answers > 0 && statuses(answer).length >= answers) socket.destroy()
  })
  for (const piece of pieces) {
    socket.write(piece)
    if (pauseMs > 0) await sleep(pauseMs)
  }
  await closed
  return answer
}

const statuses = (answer: string) => [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))

/** The proof that nothing broke: the next request is served. */
async function nextIsServed(): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}${LIST}`, {
    headers: { authorization: `Basic ${btoa('acme_test_key:')}` },
  })
  expect(response.status).toBe(200)
  await response.arrayBuffer()
}

const get = (path: string, ...headers: string[]) =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\n${[AUTH, ...headers].join('\r\n')}\r\n\r\n`
const post = (body: string, ...headers: string[]) =>
  `POST ${LIST} HTTP/1.1\r\nHost: x\r\n${[AUTH, ...headers].join('\r\n')}\r\n\r\n${body}`

describe('bytes on a raw socket', () => {
  const cases: [string, (string | Buffer)[], number[]][] = [
    ['pipelined requests', [get(LIST) + get(LIST) + get(LIST)], [200, 200, 200]],
    ['a request in single bytes', [...get(LIST)], [200]],
    ['a NUL byte in the path', ['GET /wallets/a\0b HTTP/1.1\r\nHost: x\r\n\r\n'], [400]],
    ['a NUL byte in a header', [get(LIST, 'x-routing-id: a\0b')], [400]],
    ['headers of 100 kB', [get(LIST, `x-routing-id: ${'a'.repeat(100_000)}`)], [431]],
    ['a thousand headers', [get(LIST, ...Array.from({ length: 1000 }, (_, i) => `x-${i}: ${i}`))], [200]],
    ['no Host', [`GET ${LIST} HTTP/1.1\r\n${AUTH}\r\n\r\n`], [400]],
    ['a method that is none', [`FETCH ${LIST} HTTP/1.1\r\nHost: x\r\n\r\n`], [400]],
    ['not HTTP at all', ['\u0016\u0003\u0001 hello\r\n\r\n'], [400]],
    [
      'an absolute request target',
      [`GET http://sandbox.juspay.in${LIST} HTTP/1.1\r\nHost: x\r\n${AUTH}\r\n\r\n`],
      [200],
    ],
    ['OPTIONS *', [`OPTIONS * HTTP/1.1\r\nHost: x\r\n${AUTH}\r\n\r\n`], [400]],
    ['CONNECT', ['CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n'], [405]],
    [
      'Content-Length and Transfer-Encoding at once',
      [post('0\r\n\r\n', 'Content-Length: 5', 'Transfer-Encoding: chunked')],
      [400],
    ],
    ['two Content-Lengths that differ', [post('ab', 'Content-Length: 2', 'Content-Length: 3')], [400]],
    ['a Content-Length that is not a number', [post('ab', 'Content-Length: two')], [400]],
    ['a chunk size that is not a number', [post('zz\r\nab\r\n0\r\n\r\n', 'Transfer-Encoding: chunked')], [400]],
    [
      'bad UTF-8 in the path',
      [Buffer.from(`GET /wallets/\xff\xfe HTTP/1.1\r\nHost: x\r\n${AUTH}\r\n\r\n`, 'latin1')],
      [400],
    ],
    [
      'an unread body on a GET',
      [`GET ${LIST} HTTP/1.1\r\nHost: x\r\n${AUTH}\r\nContent-Length: 5\r\n\r\nhello${get(LIST)}`],
      [200, 200],
    ],
    ['Expect: 100-continue', [get(LIST, 'Expect: 100-continue')], [100, 200]],
    ['an upgrade nobody serves', [get(LIST, 'Connection: Upgrade', 'Upgrade: websocket')], [200]],
  ]
  test.each(cases)('%s', async (_, pieces, expected) => {
    expect(statuses(await call(pieces, expected.length))).toEqual(expected)
    await nextIsServed()
  })

  test('a head that never ends is answered 408, and a half-closed request is dropped', async () => {
    const slow = call([`GET ${LIST} HTTP/1.1\r\nHost: x\r\n`], 1)
    const half = connect(port, '127.0.0.1').on('error', () => {})
    half.end(`GET ${LIST} HTTP/1.1\r\nHost: x\r\n`)
    expect(statuses(await slow)).toEqual([408])
    await nextIsServed()
  })

  test('every refusal below HTTP says why', async () => {
    expect(await call([get(LIST, `x-routing-id: ${'a'.repeat(100_000)}`)], 1)).toMatch(
      /x-sandbox-reason: The headers are larger/,
    )
  })
})

describe('what never becomes a call is in the journal', () => {
  const cases: [
    string,
    string | Buffer,
    { method: string; path: string; query?: string; status: number; reason: RegExp },
  ][] = [
    [
      'headers that are too large',
      get(LIST, `x-routing-id: ${'a'.repeat(100_000)}`),
      { method: 'GET', path: LIST, status: 431, reason: /headers are larger than 16384 bytes/ },
    ],
    [
      'bad syntax',
      `GET ${LIST}?a=b HTTP/1.1\r\nHost : x\r\n\r\n`,
      { method: 'GET', path: LIST, query: 'a=b', status: 400, reason: /not well-formed HTTP/ },
    ],
    [
      'a method that is none',
      `FETCH ${LIST} HTTP/1.1\r\n\r\n`,
      { method: 'FETCH', path: LIST, status: 400, reason: /not well-formed HTTP/ },
    ],
    [
      'a TLS hello',
      Buffer.from('160301020001000000', 'hex'),
      { method: '-', path: '-', status: 400, reason: /^The client speaks TLS, but the sandbox serves plain HTTP/ },
    ],
    [
      'CONNECT',
      'CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n',
      { method: 'CONNECT', path: 'example.com:443', status: 405, reason: /^The sandbox is not a proxy/ },
    ],
    [
      'an expectation that cannot be met',
      `GET ${LIST} HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n\r\n`,
      { method: 'GET', path: LIST, status: 417, reason: /^The header Expect is not 100-continue/ },
    ],
    [
      'a Host that is not an address',
      `GET ${LIST} HTTP/1.1\r\nHost: 127.999.1.1\r\n\r\n`,
      {
        method: 'GET',
        path: LIST,
        status: 400,
        reason: /^The request has no path that can be served: Invalid Host "127/,
      },
    ],
    [
      'no Host',
      `GET ${LIST} HTTP/1.1\r\nAccept: */*\r\n\r\n`,
      { method: 'GET', path: LIST, status: 400, reason: /^The request has no path that can be served: Missing host/ },
    ],
    [
      'the same for the control API',
      `GET /_sandbox/health HTTP/1.1\r\nHost: localhost:99999\r\n\r\n`,
      { method: 'GET', path: '/_sandbox/health', status: 400, reason: /^The request has no path that can be served/ },
    ],
    [
      'a target that is not a path',
      `OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n`,
      { method: 'OPTIONS', path: '*', status: 400, reason: /^The request has no path that can be served: Invalid URL/ },
    ],
  ]
  test.each(cases)('%s', async (_, sent, { reason, status, ...request }) => {
    await sandbox.control.requests.delete()
    expect(statuses(await call([sent], 1))).toEqual([status])
    const { requests } = await sandbox.control.requests.get()
    expect(requests).toMatchObject([
      {
        merchant: null,
        vendor: null,
        operation: null,
        request,
        response: { status },
        reason: expect.stringMatching(reason),
      },
    ])
  })

  test('a request that breaks off in its body is one call', async () => {
    await sandbox.control.requests.delete()
    await call([post('zz\r\nab\r\n0\r\n\r\n', 'Transfer-Encoding: chunked')], 1)
    await expect.poll(async () => (await sandbox.control.requests.get()).requests[0]?.response).toBeTruthy()
    expect((await sandbox.control.requests.get()).requests).toMatchObject([{ merchant: 'acme', vendor: 'juspay' }])
  })
})

describe('bodies', () => {
  const send = (body: string | ReadableStream, type: string) =>
    fetch(`http://127.0.0.1:${port}/wallets/wlt_q23xzki3pazgtezo`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('acme_test_key:')}`, 'content-type': type },
      body,
      duplex: 'half',
    } as RequestInit)
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  const chunked = () =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(65_536))
      },
    })
  const cases: [string, () => string, string, number[]][] = [
    ['10 MB', () => 'a'.repeat(10_000_000), 'application/x-www-form-urlencoded', [413]],
    ['deep JSON', () => deep, 'application/json', [400]],
    [
      '__proto__ in JSON',
      () => '{"__proto__":{"command":"link"},"constructor":{"prototype":{"x":1}}}',
      'application/json',
      [400],
    ],
    ['__proto__ in a form', () => '__proto__=x&constructor=y&toString=z', 'application/x-www-form-urlencoded', [400]],
    [
      'duplicate fields',
      () => 'command=refresh&command=link&command=refresh',
      'application/x-www-form-urlencoded',
      [200, 400],
    ],
    ['bad percent-encoding', () => 'command=%ZZ%', 'application/x-www-form-urlencoded', [400]],
    ['JSON that is a string', () => '"hello"', 'application/json', [400]],
    ['JSON that is cut', () => '{"command":', 'application/json', [400]],
    ['NUL bytes', () => '\0\0\0', 'application/x-www-form-urlencoded', [400]],
  ]
  test.each(cases)('%s', async (_, body, type, allowed) => {
    const response = await send(body(), type)
    await response.arrayBuffer()
    expect(allowed).toContain(response.status)
    expect(({} as Record<string, unknown>).command).toBeUndefined()
    await nextIsServed()
  })

  const wallet = '/wallets/wlt_q23xzki3pazgtezo'
  const text = 'command=refresh&note=\u20b9 \u00e4 \ud83d\ude00'

  test.each([1, 60, 1000])('several of a known length are read whole, %i bytes behind the head', async (behind) => {
    const bodies = ['', '&n=1', `&n=${'2'.repeat(50)}`, `&n=${'3'.repeat(5000)}`].map((more) => text + more)
    const pieces = bodies.flatMap((body) => {
      const bytes = Buffer.from(body)
      const head = `POST ${wallet} HTTP/1.1\r\nHost: x\r\n${AUTH}\r\nContent-Length: ${bytes.length}\r\n\r\n`
      return [Buffer.concat([Buffer.from(head), bytes.subarray(0, behind)]), bytes.subarray(behind)]
    })
    for (const [sent, pauseMs] of [[[Buffer.concat(pieces)], 0] as const, [pieces, 20] as const]) {
      expect(statuses(await call([...sent, get(LIST)], 5, pauseMs))).toEqual([200, 200, 200, 200, 200])
      const { requests } = await sandbox.control.merchant('acme').requests.get({ limit: 5 })
      expect(requests.map(({ request }) => request.body).filter((body) => body !== '')).toEqual(bodies)
    }
  })

  test.each([1, 2, 3, 7, 1000])('one that comes in chunks of %i bytes is read whole', async (size) => {
    const bytes = Buffer.from(text)
    const pieces: (string | Buffer)[] = [
      `POST ${wallet} HTTP/1.1\r\nHost: x\r\n${AUTH}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    ]
    for (let at = 0; at < bytes.length; at += size) {
      const piece = bytes.subarray(at, at + size)
      pieces.push(`${piece.length.toString(16)}\r\n`, piece, '\r\n')
    }
    expect(statuses(await call([...pieces, '0\r\n\r\n', get(LIST)], 2))).toEqual([200, 200])
    const { requests } = await sandbox.control.merchant('acme').requests.get({ limit: 2 })
    expect(requests.map(({ request }) => request.body)).toContain(text)
  })

  test('one that breaks off ends its request alone', async () => {
    const newest = async () => (await sandbox.control.merchant('acme').requests.get({ limit: 1 })).requests[0]!
    const before = await newest()
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    socket.write(`POST ${wallet} HTTP/1.1\r\nHost: x\r\n${AUTH}\r\nContent-Length: 100\r\n\r\n${text}`)
    await expect.poll(async () => (await newest()).id).toBe(before.id + 1)
    expect((await newest()).response).toBeNull()
    socket.destroy()
    await expect.poll(async () => (await newest()).response).toMatchObject({ status: null })
    await nextIsServed()
  })

  test('an endless body is refused as soon as it is too large', async () => {
    const response = await send(chunked(), 'application/x-www-form-urlencoded').catch((error: unknown) => error)
    if (response instanceof Response) expect(response.status).toBe(413)
    else expect(response).toBeInstanceOf(TypeError)
    await nextIsServed()
  })
})

test('no request, whatever it holds, is answered with a 500 or not at all', async () => {
  const word = fc.oneof(
    fc.constantFrom(
      'wallets',
      'customers',
      'guest_user',
      'refresh-balances',
      'orders',
      'txns',
      'juspay',
      'juicyway',
      'all',
      'topup',
    ),
    fc.constantFrom(
      'wlt_q23xzki3pazgtezo',
      '3d2e3f3e-3b3c-4907-a4fd-e241203440d7',
      '..',
      '%2e%2e',
      '%',
      '%ZZ',
      '%00',
      '__proto__',
      'constructor',
    ),
    fc.string({ unit: 'grapheme', maxLength: 20 }).map(encodeURIComponent),
  )
  const value = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.constantFrom('-1', '1e9', '__proto__', 'refresh', 'link', '0.005', 'NaN', '[]'),
  )
  const authorization = fc.constantFrom(
    `Basic ${btoa('acme_test_key:')}`,
    'Bearer test_acme_juicyway',
    'Basic',
    'Bearer',
    'Basic !!!',
    'test_acme_juicyway',
    undefined,
  )
  const request = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND'),
    path: fc.array(word, { maxLength: 6 }).map((words) => `/${words.join('/')}`),
    query: fc.dictionary(fc.constantFrom('offset', 'count', 'command', 'limit', 'after', 'version', 'x'), value),
    authorization,
    fields: fc.dictionary(fc.string({ maxLength: 12 }), fc.oneof(value, fc.jsonValue())),
    type: fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'text/plain', ''),
  })
  await fc.assert(
    fc.asyncProperty(request, async ({ method, path, query, authorization, fields, type }) => {
      const headers: Record<string, string> = {
        ...(authorization && { authorization }),
        ...(type && { 'content-type': type }),
      }
      const body = method === 'GET' || method === 'HEAD' ? null : JSON.stringify(fields)
      const response = await sandbox.fetch(`http://localhost${path}?${new URLSearchParams(query)}`, {
        method,
        headers,
        body,
      })
      await response.arrayBuffer()
      expect(response.status).toBeLessThan(500)
      if (response.status >= 400) expect(response.headers.get('x-sandbox-reason')).toBeTruthy()
    }),
    { numRuns: process.env.SOAK ? 100_000 : 1500 },
  )
})

test('idle and slow connections do not keep a normal request from its answer', async () => {
  const [idle, slow] = process.env.SOAK ? [2000, 500] : [400, 100]
  const sockets: Socket[] = []
  const open = async () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    sockets.push(socket)
    await once(socket, 'connect')
    return socket
  }
  const begin = async () => {
    const socket = await open()
    await new Promise((written) => socket.write(`GET ${LIST} HTTP/1.1\r\nHost: x\r\n`, written))
  }
  await Promise.all([...Array.from({ length: idle }, open), ...Array.from({ length: slow }, begin)])
  for (let i = 0; i < 200; i++) await nextIsServed()
  for (const socket of sockets) socket.destroy()
})
