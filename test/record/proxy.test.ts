import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, createServer, type IncomingMessage, type RequestListener, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { createSandbox, type RecordOptions, record } from '../../src/index.js'
import { every } from '../every.js'

const folder = mkdtempSync(join(tmpdir(), 'wallet-sandbox-proxy-'))
afterAll(() => rmSync(folder, { recursive: true }))

const WALLET = {
  id: 'wlt_q23xzki3pazgtezo',
  object: 'wallet_account',
  wallet: 'MOBIKWIK',
  token: 'tok_1234567890abcdefghij',
  current_balance: 250.5,
  linked: 'true',
  last_refreshed: '2016-08-02T08:07:52+0000',
}

/** Records calls to a server that answers as the listener says. */
async function between(listener: RequestListener, options: Partial<RecordOptions> = {}) {
  const upstream = createServer(listener).listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  const { port } = upstream.address() as AddressInfo
  const recorder = await record({ upstream: `http://127.0.0.1:${port}`, ...options })
  return {
    recorder,
    host: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      await recorder.stop()
      upstream.closeAllConnections()
      upstream.close()
    },
  }
}

interface Raw {
  readonly message: IncomingMessage
  readonly bytes: Buffer
}

/** Sends a request as it is, and gives what came as it came. */
async function send(
  url: string,
  path: string,
  init: { method?: string; headers?: string[]; body?: string; agent?: Agent } = {},
): Promise<Raw> {
  const { method = 'GET', headers = [], body, agent } = init
  const { host, hostname, port } = new URL(url)
  const sent = request({
    hostname,
    port,
    method,
    path,
    headers: ['Host', host, ...headers] as never,
    ...(agent && { agent }),
  })
  // Beside text, Node would write the head as UTF-8.
  sent.end(body && Buffer.from(body))
  const [message] = (await once(sent, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk)
  return { message, bytes: Buffer.concat(chunks) }
}

const ANSWER_HEADERS = ['X-CaSe', 'a', 'Set-Cookie', 'b=1', 'Set-Cookie', 'c=2', 'Content-Encoding', 'gzip']

test('a call goes through as it came, and its answer too', async () => {
  const seen: { method: string; url: string; rawHeaders: string[]; body: string }[] = []
  const sockets = new Set<unknown>()
  await using recording = await between(async (incoming, outgoing) => {
    sockets.add(incoming.socket)
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { method = '', url = '', rawHeaders } = incoming
    seen.push({ method, url, rawHeaders, body: Buffer.concat(chunks).toString() })
    outgoing.sendDate = false
    outgoing.writeHead(418, 'Short and stout', ANSWER_HEADERS)
    outgoing.write(gzipSync('{"a":'))
    outgoing.end('not gzip')
  })
  const agent = new Agent({ keepAlive: true })
  const headers = ['X-RoUtInG-Id', 'é', 'Content-Type', 'text/weird', 'X-Twice', '1', 'X-Twice', '2']
  const path = '/wallets/%2e%2e/a;b=1?x=%41&x=b+c&&'
  const chunked = [...headers, 'Transfer-Encoding', 'chunked']
  const sent = [
    { method: 'POST', headers: [...headers, 'Content-Length', '5'], body: 'a=b&c' },
    { method: 'DELETE', headers: chunked, body: 'in chunks' },
    { method: 'PATCH', headers: [...headers, 'Content-Length', '0'] },
    { method: 'GET', headers },
  ]
  for (const init of sent) {
    const { message, bytes } = await send(recording.recorder.url, path, { ...init, agent })
    expect([message.statusCode, message.statusMessage]).toEqual([418, 'Short and stout'])
    expect(message.rawHeaders.slice(0, 8)).toEqual(ANSWER_HEADERS)
    expect(bytes).toEqual(Buffer.concat([gzipSync('{"a":'), Buffer.from('not gzip')]))
    const { rawHeaders, ...arrived } = seen.at(-1)!
    expect(arrived).toEqual({ method: init.method, url: path, body: init.body ?? '' })
    expect(rawHeaders.slice(0, 2 + init.headers.length)).toEqual(['Host', recording.host, ...init.headers])
  }
  agent.destroy()
  expect(sockets.size).toBe(1)
})

test('a stream arrives piece by piece', async () => {
  let finish = () => {}
  await using recording = await between((_, outgoing) => {
    outgoing.write('first')
    finish = () => outgoing.end('last')
  })
  const { body } = await fetch(`${recording.recorder.url}/wallets/x`)
  const reader = body!.getReader()
  expect(Buffer.from((await reader.read()).value!).toString()).toBe('first')
  finish()
  expect(Buffer.from((await reader.read()).value!).toString()).toBe('last')
})

const json =
  (value: unknown): RequestListener =>
  (_, outgoing) =>
    outgoing
      .writeHead(200, { 'content-type': 'application/json' })
      .end(typeof value === 'string' ? value : JSON.stringify(value))

describe('a hostile upstream', () => {
  const LONG = `{"a":"${'x'.repeat(10_000_000)}"}`
  test.each<[what: string, listener: RequestListener, status: number | 'broken', told: RegExp]>([
    ['hangs', () => {}, 502, /gave no answer: it sent nothing for 150 ms/],
    ['resets', ({ socket }) => socket.resetAndDestroy(), 502, /gave no answer: /],
    [
      'breaks off',
      (_, outgoing) => outgoing.writeHead(200, { 'content-length': '9' }).write('abc', () => outgoing.destroy()),
      'broken',
      /gave no answer: /,
    ],
    ['sends 10 MB', json(LONG), 200, /its answer broke off or is too long/],
    [
      'sends HTML',
      (_, outgoing) => outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
      200,
      /juspay.getWallet: its answer is not a JSON object; its type is text\/html/,
    ],
    ['sends half of JSON', json('{"id":'), 200, /its answer is not a JSON object/],
    [
      'sends JSON that is deep',
      json(`{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`),
      200,
      /its answer is not a JSON object/,
    ],
    [
      'sends another object',
      json({ id: 7, object: 'surprise' }),
      200,
      /juspay.getWallet: a fixture has no place for its answer/,
    ],
    [
      'sends a wallet that none can have',
      json({ ...WALLET, current_balance: 'much' }),
      200,
      /left out: balance is missing/,
    ],
    [
      'sends a wallet with odd fields',
      json({ ...WALLET, wallet: [], last_refreshed: {}, sub_details: 5 }),
      200,
      /left out: wallet is missing/,
    ],
    ['sends an id too long', json({ ...WALLET, id: 'x'.repeat(999) }), 200, /left out: id is /],
    [
      'sends gzip that is none',
      (_, outgoing) => outgoing.writeHead(200, { 'content-encoding': 'gzip' }).end('abc'),
      200,
      /its answer is not a JSON object/,
    ],
  ])('%s', async (what, listener, status, told) => {
    await using recording = await between(listener, { timeout: what === 'hangs' ? 150 : 60_000 })
    const { recorder } = recording
    const answer = await fetch(`${recorder.url}/wallets/wlt_q23xzki3pazgtezo`, {
      headers: { 'accept-encoding': 'identity' },
    })
      .then(async (response) => ({
        status: response.status,
        length: response.headers.get('content-encoding') ? 0 : (await response.text()).length,
      }))
      .catch(() => ({ status: 'broken', length: 0 }))
    expect(answer.status).toBe(status)
    const { report, fixtures } = await recorder.stop()
    expect(report.join('\n')).toMatch(told)
    expect(fixtures.merchants[0]!.customers!.flatMap(({ wallets = [] }) => wallets)).toEqual([])
    if (answer.status === 200 && told.source.includes('too long')) expect(answer.length).toBe(LONG.length)
  })

  test('is not there', async () => {
    await using recorder = await record({ upstream: 'http://127.0.0.1:1' })
    const response = await fetch(`${recorder.url}/wallets/x`)
    expect(response.status).toBe(502)
    const message = expect.stringMatching(/^The upstream http:.*\.$/)
    expect(await response.json()).toEqual({ error: { code: 'bad_gateway', message } })
  })
})

test('what is compressed is learned from', async () => {
  await using recording = await between((_, outgoing) =>
    outgoing
      .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      .end(gzipSync(JSON.stringify(WALLET))),
  )
  expect(await (await fetch(`${recording.recorder.url}/wallets/${WALLET.id}`)).json()).toEqual(WALLET)
  const { fixtures, report } = await recording.recorder.stop()
  expect(fixtures.merchants[0]!.customers).toHaveLength(1)
  expect(report.join('\n')).toContain(`wallet ${WALLET.id}: no answer says whose it is`)
})

test('two clients at once do not mix: each merchant keeps its own', async () => {
  await using upstream = await createSandbox({ latency: 'off' })
  await using recorder = await record({ upstream: await upstream.listen(), redact: false })
  const ask = async (key: string, path: string) => {
    const response = await fetch(`${recorder.url}${path}`, { headers: { authorization: `Basic ${btoa(`${key}:`)}` } })
    expect(response.status).toBe(200)
    return response.text()
  }
  const paths = [
    ['acme_test_key', '/customers/guest_user/wallets'],
    ['globex_test_key', '/customers/cst_globexcustomer01/wallets'],
  ] as const
  const asked = Array.from({ length: 20 }, (_, i) => paths[i % 2]!)
  const answers = await Promise.all(asked.map(([key, path]) => ask(key, path)))
  const { fixtures, scenario } = await recorder.stop()
  expect(fixtures.merchants.map(({ id, customers }) => [id, customers!.length]).sort()).toEqual([
    ['acme', 1],
    ['globex', 1],
  ])
  expect(Object.keys(scenario.latency!)).toEqual(['juspay.listWallets'])
  await using sandbox = await createSandbox({ fixtures, scenario, latency: 'off' })
  await every(asked, async ([key, path]) => {
    const response = await sandbox.fetch(path.replace(/^/, 'http://sandbox'), {
      headers: { authorization: `Basic ${btoa(`${key}:`)}` },
    })
    expect(await response.text()).toBe(answers[asked.findIndex((each) => each[0] === key)])
  })
})

describe('files', () => {
  test('a file that is there is refused, and replaced where that is said', async () => {
    const out = join(folder, 'there.json')
    writeFileSync(out, 'mine')
    const upstream = 'http://127.0.0.1:1'
    await expect(record({ upstream, out })).rejects.toThrow(
      `${out}: is there already; allowed: another file, or --replace`,
    )
    expect(readFileSync(out, 'utf8')).toBe('mine')
    await using recorder = await record({ upstream, out, replace: true })
    await recorder.stop()
    expect(JSON.parse(readFileSync(out, 'utf8'))).toHaveProperty('merchants')
  })

  test('what cannot be written is refused before the first call', async () => {
    const upstream = 'http://127.0.0.1:1'
    const out = join(folder, 'both.json')
    await every(
      [
        [{ out: join(out, 'below') }, `${join(out, 'below')}: cannot be written: there is no such file or folder`],
        [{ out, scenarioOut: join(folder, '.', 'both.json') }, 'scenarioOut: is '],
        [
          { out, scenarioOut: out.replace('.json', '.report.txt') },
          'which the fixtures are written to; allowed: another',
        ],
      ] as const,
      async ([files, sentence]) => {
        await expect(record({ upstream, ...files })).rejects.toThrow(sentence)
      },
    )
  })

  test('what was learned is written while it runs', async () => {
    const out = join(folder, 'regular.json')
    await using recording = await between(json(WALLET), { out })
    await fetch(`${recording.recorder.url}/wallets/${WALLET.id}`)
    await vi.waitFor(() => expect(existsSync(out) && readFileSync(out, 'utf8')).toContain(WALLET.id), 60_000)
  })

  test.each([
    [{ upstream: 'ftp://x' }, 'upstream: is "ftp://x"; allowed: the URL of a server'],
    [{ upstream: 'http://a/?b' }, 'upstream: is "http://a/?b"; allowed: the URL of a server'],
    [{ upstream: 'http://a', redakt: true }, 'record.redakt: is unknown. Did you mean "redact"?'],
    [{ upstream: 'http://a', host: '192.0.2.1' }, '--host 192.0.2.1 is not an address of this machine; allowed:'],
  ])('%j is refused', async (options, sentence) => {
    await expect(record(options)).rejects.toThrow(sentence)
  })
})
