import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { Feed } from '../../src/lib/feed.js'
import type { Sandbox } from '../../src/sandbox.js'
import { clientOf } from '../vendors/juspay/client.js'
import { order, pay } from '../webhooks/pay.js'
import { receiver } from '../webhooks/support.js'
import { ask, basic, control, raw, sandboxFor, WALLET } from './helpers.js'

interface Event {
  readonly event: string
  readonly id?: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads of an event what it likes
  readonly data: any
}

/** A client of a stream, over a socket. */
async function open(url: string, path: string, headers: Record<string, string> = {}) {
  const events: Event[] = []
  let wake = () => {}
  let isOver = false
  const outgoing = httpRequest(`${url}/_sandbox${path}`, { headers })
  outgoing.end()
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve).on('error', reject)
  })
  outgoing.on('error', () => {})
  onTestFinished(() => void outgoing.destroy())
  let text = ''
  response.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
    const frames = text.split('\n\n')
    text = frames.pop()!
    for (const frame of frames.filter((one) => !one.startsWith(':'))) {
      const lines = frame.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string])
      const { data, ...rest } = Object.fromEntries(lines) as Record<string, string>
      events.push({ ...rest, data: JSON.parse(data!) } as unknown as Event)
    }
    wake()
  })
  response.on('error', () => {})
  response.on('close', () => {
    isOver = true
    wake()
  })
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise<void>((resolve) => (wake = resolve))
  }
  return {
    headers: response.headers,
    status: response.statusCode,
    events,
    /** The first events. */
    async take(count: number) {
      await until(() => events.length >= count || isOver)
      return events.slice(0, count)
    },
    over: () => until(() => isOver),
    leave: () => outgoing.destroy(),
  }
}

const readersOf = async (sandbox: Sandbox, path = '/requests/stream') => {
  const url = await sandbox.listen()
  return { url, reader: await open(url, path) }
}

describe.each([
  ['every merchant', ''],
  ['one merchant', '/merchants/acme'],
])('the stream of %s', (_, at) => {
  test('has an event for each call, as the journal has it', async () => {
    const sandbox = await sandboxFor()
    const { reader } = await readersOf(sandbox, `${at}/requests/stream`)
    expect([reader.status, reader.headers['content-type']]).toEqual([200, 'text/event-stream'])
    expect(reader.headers['x-accel-buffering']).toBe('no')
    await ask(sandbox, WALLET)
    await ask(sandbox, '/wallets/wlt_none')
    const events = await reader.take(2)
    const { requests } = await sandbox.control.merchant('acme').requests.get()
    expect(events.map(({ event, data }) => [event, data])).toEqual(
      requests.map((entry) => ['request', JSON.parse(JSON.stringify(entry))]),
    )
  })

  test('goes on after the id of an event, by header or in the query', async () => {
    const sandbox = await sandboxFor()
    const { url, reader } = await readersOf(sandbox, `${at}/requests/stream`)
    for (const path of ['/wallets/wlt_1', '/wallets/wlt_2', '/wallets/wlt_3']) await ask(sandbox, path)
    const [first] = await reader.take(3)
    const byHeader = await open(url, `${at}/requests/stream`, { 'last-event-id': first!.id! })
    const byQuery = await open(url, `${at}/requests/stream?after=${first!.id}`)
    await ask(sandbox, '/wallets/wlt_4')
    for (const again of [byHeader, byQuery])
      expect((await again.take(3)).map(({ data }) => data.request.path)).toEqual(
        ['2', '3', '4'].map((n) => `/wallets/wlt_${n}`),
      )
  })

  test('goes on after the cursor of a page, and a page after that of an event', async () => {
    const sandbox = await sandboxFor()
    await ask(sandbox, '/wallets/wlt_1')
    const { body } = await control(sandbox, 'GET', `${at}/requests`)
    await ask(sandbox, '/wallets/wlt_2')
    const { reader } = await readersOf(sandbox, `${at}/requests/stream?after=${body.cursor}`)
    const [event] = await reader.take(1)
    expect(event!.data.request.path).toBe('/wallets/wlt_2')
    await ask(sandbox, '/wallets/wlt_3')
    await ask(sandbox, '/wallets/wlt_4')
    const page = (await control(sandbox, 'GET', `${at}/requests?after=${event!.id}&limit=1`)).body
    expect([page.requests[0].request.path, page.total]).toEqual(['/wallets/wlt_3', 4])
    const rest = (await control(sandbox, 'GET', `${at}/requests?after=${page.cursor}`)).body
    expect(rest.requests.map(({ request }: { request: { path: string } }) => request.path)).toEqual(['/wallets/wlt_4'])
    expect((await control(sandbox, 'GET', `${at}/requests?after=${rest.cursor}`)).body.requests).toEqual([])
  })
})

describe('filters', () => {
  const CALLS: [path: string, key: string][] = [
    [WALLET, 'acme_test_key'],
    ['/wallets/wlt_none', 'acme_test_key'],
    ['/wallets/wlt_none', 'globex_test_key'],
    [`${WALLET}?note=Tea`, 'acme_test_key'],
  ]
  test.each([
    ['status=200', [0, 3]],
    ['status=4*', [1, 2]],
    ['merchant=glob*', [2]],
    ['merchant=acme&status=400', [1]],
    ['wallet=wlt_q*', [0, 3]],
    ['operation=juspay.get*', [0, 1, 2, 3]],
    ['text=tea', [3]],
    ['text=HAS%20NO%20WALLET', [1, 2]],
    ['text=TOK_WINYSTEEV', [0, 3]],
    ['text=*', []],
  ])('%s', async (query, expected) => {
    const sandbox = await sandboxFor()
    const { reader } = await readersOf(sandbox, `/requests/stream?${query}`)
    for (const [path, key] of CALLS) await ask(sandbox, path, key)
    const { requests } = (await control(sandbox, 'GET', `/requests?${query}`)).body
    const sent = expected.map((index) => [CALLS[index]![1].split('_')[0], CALLS[index]![0]])
    const seen = (entries: Event['data'][]) =>
      entries.map(({ merchant, request }) => [merchant, `${request.path}${request.query && `?${request.query}`}`])
    expect(seen(requests)).toEqual(sent)
    expect(seen((await reader.take(expected.length)).map(({ data }) => data))).toEqual(sent)
  })

  test.each([
    ['/requests/stream?limit=3', 400],
    ['/requests/stream?after=yesterday', 400],
    ['/requests/stream?after=7', 400],
    ['/merchants/none/requests/stream', 404],
    ['/merchants/none/events', 404],
  ])('%s is refused before a stream begins', async (path, status) => {
    const answer = await control(await sandboxFor(), 'GET', path)
    expect([answer.status, answer.body.error.message]).toEqual([status, expect.any(String)])
  })
})

test('events tell of scenario, clock and deliveries, by the merchant’s id', async () => {
  const sandbox = await sandboxFor()
  const { reader } = await readersOf(sandbox, '/merchants/acme/events')
  await sandbox.control.scenario.put('flaky')
  await sandbox.control.merchant('acme').clock.advance('16m')
  await sandbox.control.merchant('globex').clock.advance('1h')
  await sandbox.control.merchant('acme').clock.put({ mode: 'real' })
  const [scenario, clock, real] = await reader.take(3)
  expect([scenario, clock]).toEqual([
    { event: 'scenario', data: { merchant: 'acme', name: 'flaky' } },
    { event: 'clock', data: { merchant: 'acme', now: '2023-09-11T08:46:00.000Z', mode: 'frozen' } },
  ])
  expect(real!.data).toMatchObject({ merchant: 'acme', mode: 'real' })
})

test('events tell of each attempt to deliver a webhook', async () => {
  const { url: to } = await receiver((_, response) => response.writeHead(204).end())
  const sandbox = await sandboxFor()
  const { url, reader } = await readersOf(sandbox, '/merchants/acme/events')
  await sandbox.control.merchant('acme').webhooks.put({ url: to })
  const client = clientOf(sandbox, url, 'acme_test_key')
  await order(client)
  await pay(client)
  const [{ event, data }] = (await reader.take(1)) as [Event]
  expect([event, data]).toEqual([
    'delivery',
    expect.objectContaining({ merchant: 'acme', name: 'TXN_CREATED', url: to, attempt: 1, status: 204 }),
  ])
})

/** A sandbox that listens, and how many read what happens in it. */
async function watched() {
  const reads = vi.spyOn(Feed.prototype, 'read')
  onTestFinished(() => reads.mockRestore())
  const sandbox = await sandboxFor()
  const readers = () => new Set(reads.mock.contexts as Feed<unknown>[]).values().next().value?.readers ?? 0
  return { sandbox, url: await sandbox.listen(), readers }
}

describe('a reader that goes', () => {
  test.each(['/requests/stream', '/events'])('leaves nothing behind of %s', async (path) => {
    const { readers, url } = await watched()
    const opened = await Promise.all(Array.from({ length: 5 }, () => open(url, path)))
    expect(readers()).toBe(5)
    for (const reader of opened) reader.leave()
    await expect.poll(readers).toBe(0)
  })

  test('in the library ends its reading', async () => {
    const sandbox = await sandboxFor()
    const stream = await sandbox.control.requests.stream()
    const waiting = stream.next()
    await stream.return!()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  test('is told when the sandbox closes, at once', { retry: 4 }, async () => {
    const sandbox = await sandboxFor()
    const { url, reader } = await readersOf(sandbox)
    const events = await open(url, '/events')
    const begun = performance.now()
    await sandbox.close()
    expect(performance.now() - begun).toBeLessThan(1000)
    await Promise.all([reader.over(), events.over()])
  })
})

/** A call whose entry is large. */
const LARGE: Parameters<Sandbox['fetch']> = [
  'http://x/wallets/wlt_none',
  {
    method: 'POST',
    headers: { ...basic('acme_test_key'), 'content-type': 'application/x-www-form-urlencoded' },
    body: `note=${'x'.repeat(400_000)}`,
  },
]

test('a reader that does not read is cut off, and nobody waits for it', async () => {
  const { readers, url, sandbox } = await watched()
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  socket.write('GET /_sandbox/requests/stream HTTP/1.1\r\nHost: localhost\r\n\r\n')
  socket.pause()
  const closed = new Promise((resolve) => socket.on('close', resolve))
  await expect.poll(readers).toBe(1)
  let calls = 0
  while (readers() > 0 && calls < 200) {
    expect((await sandbox.fetch(...LARGE)).status).toBe(400)
    calls++
  }
  expect([readers(), calls < 200]).toEqual([0, true])
  socket.resume()
  await closed
  expect((await ask(sandbox, WALLET)).status).toBe(200)
})

test('a reader that reads, but for which calls come too fast, is told so and can read on', async () => {
  const sandbox = await sandboxFor()
  const { url, reader } = await readersOf(sandbox)
  await ask(sandbox, '/wallets/wlt_first')
  const [first] = await reader.take(1)
  // In one turn, so that none can be told before there are too many.
  await Promise.all(Array.from({ length: 44 }, () => sandbox.fetch(...LARGE)))
  await reader.over()
  expect(reader.events.at(-1)).toEqual({ event: 'behind', data: { message: expect.stringContaining('last cursor') } })
  let again = await open(url, `/requests/stream?after=${first!.id}`)
  await ask(sandbox, '/wallets/wlt_last')
  const read: Event[] = []
  for (;;) {
    const events = await again.take(45 - read.length)
    read.push(...events.filter(({ event }) => event === 'request'))
    if (read.length === 45) break
    // A busy machine may leave it behind once more.
    again = await open(url, `/requests/stream?after=${(read.at(-1) ?? first)!.id}`)
  }
  expect(read.at(-1)!.data.request.path).toBe('/wallets/wlt_last')
})

test('calls that keep the sandbox busy are told later, each once and in order', async () => {
  const sandbox = await sandboxFor({ latency: 'off' })
  const { reader } = await readersOf(sandbox)
  for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 100 }, () => ask(sandbox, WALLET)))
  expect(reader.events.length).toBeLessThan(2000)
  const ids = (await reader.take(2000)).map(({ id }) => Number(id!.split('-')[1]))
  expect(ids).toEqual(Array.from({ length: 2000 }, (_, i) => i + 1))
})

describe('a feed', () => {
  const ALL = { wanted: () => true, size: () => 1_048_576, shown: (n: number) => n }

  test('keeps for each reader what it has not read, and no more than it may', async () => {
    const feed = new Feed<number>()
    const [quick, slow] = [feed.read(ALL), feed.read(ALL)]
    for (let n = 0; n < 20; n++) {
      feed.publish(n)
      expect((await quick.next()).value).toBe(n)
    }
    await expect(slow.next()).rejects.toThrow('cut off; allowed: to read on')
    expect([feed.readers, (await slow.next().catch(String)).toString()]).toEqual([1, expect.any(String)])
  })

  test('begins with what has been, and ends when it closes', async () => {
    const feed = new Feed<number>()
    const reader = feed.read(ALL, [1, 2])
    feed.publish(3)
    feed.close()
    const read: number[] = []
    for await (const n of reader) read.push(n)
    expect([read, feed.readers, (await feed.read(ALL).next()).done]).toEqual([[1, 2, 3], 0, true])
  })
})

test.each(['/requests/stream', '/events', '/merchants/acme/requests/stream'])(
  'no web page of another site, and nobody without the token, opens %s',
  async (path) => {
    const url = await (await sandboxFor({ controlToken: 'a-token' })).listen()
    const ask = async (headers: Record<string, string>) => (await raw(`${url}/_sandbox${path}`, { headers })).status
    const authorization = 'Bearer a-token'
    expect(await ask({ authorization, origin: 'https://evil.example' })).toBe(403)
    expect(await ask({ authorization, 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await ask({})).toBe(401)
    expect(await ask({ authorization: 'Bearer another' })).toBe(401)
    expect((await open(url, path, { authorization })).status).toBe(200)
  },
)
