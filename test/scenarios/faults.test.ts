import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { get as secureGet } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Sandbox } from '../../src/index.js'
import { FAULTS, type FaultKind } from '../../src/scenarios/terms.js'
import { AUTHORIZED, ask, sandboxWith, scenarioOf, WALLET } from './support.js'

const DRIBBLE_MS = 200
/** How long a client of these tests waits: not long where no answer ever comes, and else for as long as it takes. */
const patienceFor = (fault: FaultKind) => (fault === 'hang' ? 250 : 60_000)

/** What a client got: an error, or an answer whose body may break off. */
interface Outcome {
  error?: string
  code?: string | undefined
  status?: number
  type?: string | undefined
  body?: string
  tookMs?: number
}

const WHOLE = await (await ask(await sandboxWith('instant'), WALLET)).text()
const JSON_TYPE = 'application/json'

const sandboxes: Sandbox[] = []
afterAll(() => Promise.all(sandboxes.map((sandbox) => sandbox.close())))

async function broken(fault: FaultKind): Promise<{ sandbox: Sandbox; url: string }> {
  const effect = fault === 'dribble' ? { fault, duration: DRIBBLE_MS } : { fault }
  const sandbox = await sandboxWith(scenarioOf({ effect }))
  sandboxes.push(sandbox)
  return { sandbox, url: await sandbox.listen() }
}

async function byFetch(fault: FaultKind, send: (init: RequestInit) => Promise<Response>): Promise<Outcome> {
  const start = performance.now()
  const outcome: Outcome = {}
  try {
    const response = await send({ headers: AUTHORIZED.juspay, signal: AbortSignal.timeout(patienceFor(fault)) })
    outcome.status = response.status
    outcome.type = response.headers.get('content-type') ?? undefined
    outcome.body = await response.text()
  } catch (error) {
    const { name, message, cause } = error as Error
    outcome.error = `${name}: ${message}`
    outcome.code = (cause as { code?: string } | undefined)?.code
  }
  outcome.tookMs = performance.now() - start
  return outcome
}

const byHttp = (fault: FaultKind, url: string) =>
  new Promise<Outcome>((resolve) => {
    const start = performance.now()
    const seen: Outcome = {}
    const done = (error?: NodeJS.ErrnoException) =>
      resolve({
        ...seen,
        ...(error ? { error: error.message, code: error.code } : {}),
        tookMs: performance.now() - start,
      })
    const request = get(`${url}${WALLET}`, { headers: AUTHORIZED.juspay, timeout: patienceFor(fault) }, (response) => {
      seen.status = response.statusCode!
      seen.type = response.headers['content-type']
      seen.body = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        seen.body += chunk
      })
      response.on('end', () => done())
      response.on('error', done)
    })
    request.on('timeout', () => request.destroy(new Error('no answer in time')))
    request.on('error', done)
  })

const byCurl = (fault: FaultKind, url: string) =>
  new Promise<{ exit: number; body: string }>((resolve) => {
    const { authorization } = AUTHORIZED.juspay
    const args = ['-s', '-S', '-m', String(patienceFor(fault) / 1000), '-H', `authorization: ${authorization}`]
    execFile('curl', [...args, `${url}${WALLET}`], (error, body) =>
      resolve({ exit: typeof error?.code === 'number' ? error.code : 0, body }),
    )
  })

const HALF = WHOLE.slice(0, Math.floor(WHOLE.length / 2))
const SERVED = { status: 200, type: JSON_TYPE }

/** What each client reports. `curl` says it by its exit status: 1 unsupported protocol, 28 timeout, 52 nothing, 56 reset. */
const EXPECTED: Record<FaultKind, { fetch: Outcome; http: Outcome; curl: { exit: number; body: string } }> = {
  reset: {
    fetch: { error: 'TypeError: fetch failed', code: 'ECONNRESET' },
    http: { error: 'read ECONNRESET', code: 'ECONNRESET' },
    curl: { exit: 56, body: '' },
  },
  close: {
    fetch: { error: 'TypeError: fetch failed', code: 'UND_ERR_SOCKET' },
    http: { error: 'socket hang up', code: 'ECONNRESET' },
    curl: { exit: 52, body: '' },
  },
  hang: {
    fetch: { error: 'TimeoutError: The operation was aborted due to timeout' },
    http: { error: 'no answer in time' },
    curl: { exit: 28, body: '' },
  },
  garbage: {
    fetch: { error: 'TypeError: fetch failed', code: 'HPE_INVALID_CONSTANT' },
    http: { error: expect.stringContaining('Parse Error') as string, code: 'HPE_INVALID_CONSTANT' },
    curl: { exit: 1, body: '' },
  },
  truncate: {
    fetch: { ...SERVED, error: 'TypeError: terminated', code: 'ECONNRESET' },
    http: { ...SERVED, body: HALF, error: expect.stringMatching(/ECONNRESET|aborted/) as string, code: 'ECONNRESET' },
    curl: { exit: 56, body: HALF },
  },
  'malformed-json': {
    fetch: { ...SERVED, body: WHOLE.slice(0, -1) },
    http: { ...SERVED, body: WHOLE.slice(0, -1) },
    curl: { exit: 0, body: WHOLE.slice(0, -1) },
  },
  'empty-body': { fetch: { ...SERVED, body: '' }, http: { ...SERVED, body: '' }, curl: { exit: 0, body: '' } },
  'wrong-content-type': {
    fetch: { status: 200, type: 'text/html; charset=utf-8', body: WHOLE },
    http: { status: 200, type: 'text/html; charset=utf-8', body: WHOLE },
    curl: { exit: 0, body: WHOLE },
  },
  dribble: {
    fetch: { ...SERVED, body: WHOLE },
    http: { ...SERVED, body: WHOLE },
    curl: { exit: 0, body: WHOLE },
  },
}

const withoutTime = ({ tookMs: _, ...outcome }: Outcome) => outcome

describe.each(FAULTS)('%s', (fault) => {
  const expected = EXPECTED[fault]

  test("as Node's fetch sees it, over a socket and in-process alike", async () => {
    const { sandbox, url } = await broken(fault)
    const overSocket = await byFetch(fault, (init) => fetch(`${url}${WALLET}`, init))
    const inProcess = await byFetch(fault, (init) => sandbox.fetch(`http://sandbox${WALLET}`, init))
    for (const outcome of [overSocket, inProcess]) {
      // A client that is late to read finds the connection closed and no more; undici has another word for that.
      if (fault === 'truncate' && outcome.code === 'UND_ERR_SOCKET') outcome.code = 'ECONNRESET'
      expect(withoutTime(outcome)).toEqual(expected.fetch)
      if (fault === 'dribble') expect(outcome.tookMs).toBeGreaterThan(DRIBBLE_MS * 0.9)
    }
  })

  test('as node:http sees it', async () => {
    const { url } = await broken(fault)
    const outcome = await byHttp(fault, url)
    expect(withoutTime(outcome)).toEqual(expected.http)
    if (fault === 'dribble') expect(outcome.tookMs).toBeGreaterThan(DRIBBLE_MS * 0.9)
  })
})

function isInstalled(program: string, argument: string): boolean {
  try {
    return execFileSync(program, [argument]).length > 0
  } catch {
    return false
  }
}

describe.runIf(isInstalled('curl', '--version'))('curl', () => {
  test.each(FAULTS)('sees %s', async (fault) => {
    const { url } = await broken(fault)
    expect(await byCurl(fault, url)).toEqual(EXPECTED[fault].curl)
  })
})

/** What comes in on a bare connection: bytes, and how it ends. */
async function wire(fault: FaultKind): Promise<{ bytes: string; end: string }> {
  const { url } = await broken(fault)
  return new Promise((resolve) => {
    let bytes = ''
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () =>
      socket.write(`GET ${WALLET} HTTP/1.1\r\nHost: x\r\nAuthorization: ${AUTHORIZED.juspay.authorization}\r\n\r\n`),
    )
    socket.setTimeout(patienceFor(fault), () => {
      socket.destroy()
      resolve({ bytes, end: 'open' })
    })
    socket.on('data', (chunk) => {
      bytes += chunk
    })
    socket.on('end', () => resolve({ bytes, end: 'FIN' }))
    socket.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve({ bytes, end: code === 'ECONNRESET' ? 'RST' : code! }),
    )
  })
}

describe('on the wire', () => {
  test('reset is an RST before any byte', async () => expect(await wire('reset')).toEqual({ bytes: '', end: 'RST' }))
  test('close is a FIN before any byte', async () => expect(await wire('close')).toEqual({ bytes: '', end: 'FIN' }))
  test('hang says nothing and stays', async () => expect(await wire('hang')).toEqual({ bytes: '', end: 'open' }))
  test('truncate is a head that promises more, part of the body, an RST', async () => {
    const { bytes, end } = await wire('truncate')
    expect(end).toBe('RST')
    expect(bytes).toContain(`content-length: ${WHOLE.length}`)
    expect(bytes.endsWith(`\r\n\r\n${HALF}`)).toBe(true)
  })
  test('garbage is no HTTP', async () => expect((await wire('garbage')).bytes).not.toMatch(/^HTTP/))
})

test('a fault spares the sandbox: the next request on the same server is answered', async () => {
  const sandbox = await sandboxWith(scenarioOf(...FAULTS.map((fault) => ({ when: { first: 1 }, effect: { fault } }))))
  sandboxes.push(sandbox)
  const url = await sandbox.listen()
  for (const fault of FAULTS) {
    const signal = AbortSignal.timeout(patienceFor(fault))
    await fetch(`${url}${WALLET}`, { headers: AUTHORIZED.juspay, signal }).catch(() => {})
  }
  const response = await fetch(`${url}${WALLET}`, { headers: AUTHORIZED.juspay })
  expect(await response.text()).toBe(WHOLE)
})

describe.runIf(isInstalled('openssl', 'version'))('below TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  // A client that reads the part and the RST at once reports neither.
  test.each(['reset', 'truncate'] as const)('%s is an RST too', { retry: 4 }, async (kind) => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = ['-nodes', '-days', '1', '-subj', '/CN=localhost']
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-keyout', key, '-out', cert, ...subject], {
      stdio: 'ignore',
    })
    const sandbox = await sandboxWith(scenarioOf({ effect: { fault: kind } }), { tlsCert: cert, tlsKey: key })
    sandboxes.push(sandbox)
    const url = `${await sandbox.listen()}${WALLET}`
    const error = await new Promise<NodeJS.ErrnoException>((resolve) =>
      secureGet(url, { headers: AUTHORIZED.juspay, rejectUnauthorized: false }, (response) =>
        response.on('error', resolve).resume(),
      ).on('error', resolve),
    )
    // A plain close has the same code.
    expect(error).toMatchObject({ code: 'ECONNRESET', syscall: 'read' })
  })
})
