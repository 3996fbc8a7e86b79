import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createServer, request } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { COLUMNS, FAULTS } from '../../src/explore/schedules.js'
import { explore, type Flow } from '../../src/index.js'
import { WEBHOOK_EFFECTS } from '../../src/scenarios/terms.js'
import { ROOT } from '../build.js'
import { cpuMs, expectBelow } from '../cpu.js'
import { bundled } from '../spawn.js'
import { CLIENTS, drawing, reconcile } from './clients.js'

/** Puts names into an order that has nothing to do with theirs. */
const digest = (name: string) => createHash('sha256').update(name).digest('hex')

const CUSTOMER = 'cst_om2l6ctlptxwxuzj'

/** One request on a connection of its own. */
const ask = (url: string, key: string, path: string, fields?: Record<string, string>) =>
  new Promise<{ saw: string; body: Record<string, string> }>((resolve) => {
    const headers = { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/x-www-form-urlencoded' }
    const options = { method: fields ? 'POST' : 'GET', headers, agent: false, signal: AbortSignal.timeout(3000) }
    let isBegun = false
    const end = (saw: string, body = {}) => resolve({ saw, body })
    request(new URL(path, url), options, (response) => {
      isBegun = true
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece) => {
        text += piece
      })
      response.on('error', () => end('truncate'))
      response.on('end', () => {
        if (response.statusCode === 502) return end('502')
        const slow = response.headers['x-sandbox-latency-ms'] === undefined ? '' : ' slowly'
        const body = JSON.parse(text)
        const expired = String(body.error_message ?? '').includes('expired') || body.error_code === 'EXPIRED'
        return end(expired ? 'expired-token' : `${response.statusCode}${slow}`, body)
      })
    })
      .on('error', ({ name }) => {
        const lost = name === 'AbortError' || name === 'TimeoutError' ? 'hang' : 'reset'
        end(isBegun ? 'truncate' : lost)
      })
      .end(fields && new URLSearchParams(fields).toString())
  })

/** What a client saw of its calls, and its receiver of the events: with the answers, and half a minute later. */
interface Seen {
  readonly saw: readonly string[]
  readonly before: readonly string[]
  readonly told: readonly string[]
  readonly late: readonly string[]
}

/** A read, an order, a debit and its status, with events that go to a receiver. */
const watching =
  (seen: Map<string, Seen>): Flow =>
  async ({ url, key, control }) => {
    const told: string[] = []
    const server = createServer(async (incoming, response) => {
      let text = ''
      for await (const piece of incoming) text += piece
      told.push(JSON.parse(text).event_name)
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    await control.webhooks.put({ url: `http://127.0.0.1:${port}/` })
    const saw: string[] = []
    const call = async (path: string, fields?: Record<string, string>) => {
      const { saw: one, body } = await ask(url, key, path, fields)
      saw.push(one)
      return body
    }
    const { token } = await call('/wallets/wlt_q23xzki3pazgtezo')
    await call('/orders', { order_id: 'tea-1', amount: '10', customer_id: CUSTOMER })
    await call('/txns', {
      order_id: 'tea-1',
      payment_method_type: 'WALLET',
      payment_method: 'MOBIKWIK',
      direct_wallet_token: token ?? 'none',
    })
    const before = [...told]
    await call('/orders/tea-1')
    await control.clock.advance(0)
    const now = [...told]
    await control.clock.advance('31s')
    seen.set(key, { saw, before, told: now, late: told.slice(now.length) })
    server.close()
  }

const nameOf = (schedule: string) => `sandbox_explore_${schedule.replaceAll(/[^\w.-]+/g, '-')}`

/** What is wrong with the events that a receiver was sent, of the clean run and of one with a fault at one of them. */
function wrongIn(clean: Seen, { before, told, late }: Seen, event: string, fault: string): boolean {
  const others = clean.told.filter((one) => one !== event)
  const expected: Record<string, readonly (readonly string[])[]> = {
    drop: [others, []],
    late: [others, [event]],
    duplicate: [[...clean.told, event], []],
    reorder: [[...others, event], []],
    'before-answer': [clean.told, []],
  }
  const isEarly = before.includes(event)
  return !isDeepStrictEqual([told, late], expected[fault]) || (fault === 'before-answer' && !isEarly)
}

test('every fault is seen over a socket, at the call or event of its cell', async () => {
  const seen = new Map<string, Seen>()
  const { schedules, calls, events } = await explore(watching(seen), { timeout: '20s' })
  const clean = seen.get('sandbox_explore_clean-2')!
  expect(clean).toMatchObject({ saw: ['200', '200', '200', '200'], late: [] })
  expect(events).toEqual(clean.told.map((name) => `${name}#1`))
  const wrong = schedules.flatMap(({ name, cell: [row, column] = ['', ''], mark }) => {
    const run = seen.get(nameOf(name))
    const at = calls.findIndex((call) => call.name === row)
    if (run === undefined || mark === 'not reached') return [name]
    if (at < 0) return wrongIn(clean, run, row.slice(0, -2), column) ? [`${name}: ${JSON.stringify(run)}`] : []
    const { saw } = run
    const expected = { 'status-unavailable': 'reset', slow: '200 slowly' }[column] ?? column.split(':')[0]!
    const isFirst = saw.slice(0, at).every((one) => one.startsWith('200'))
    const isNext = column !== 'status-unavailable' || row === 'juspay.getOrder#1' || saw.includes('502')
    return isFirst && saw[at] === expected && isNext ? [] : [`${name}: ${saw.join()}`]
  })
  expect(wrong).toEqual([])
  // No column is empty.
  const columns = new Set(schedules.map(({ cell }) => cell?.[1]))
  expect([...columns].sort()).toEqual([...COLUMNS, ...WEBHOOK_EFFECTS].sort())
}, 60_000)

test('the same exploration has the same report in another process, in shuffled order and with eight jobs', async () => {
  const options = { faults: ['reset', '502', 'truncate'] }
  const report = await explore(drawing, { ...options, jobs: 1 })
  const only = report.schedules.map(({ name }) => name).sort((a, b) => (digest(a) < digest(b) ? -1 : 1))
  const program = bundled(fileURLToPath(new URL('exploring.ts', import.meta.url)))
  const given = JSON.stringify({ only, jobs: 8, clock: '2030-01-01T00:00:00Z' })
  const { stdout } = spawnSync(process.execPath, [program, join(ROOT, 'dist/index.js'), given], { encoding: 'utf8' })
  expect(stdout).toBe(`${report}\n${JSON.stringify(report)}\n`)
  expect(report.findings.map(({ kind }) => kind)).toContain('charged twice')
})

test('the right client is cleared of every fault and event, and of pairs', async () => {
  const { summary } = await explore(CLIENTS.right, { reconcile, depth: 2 })
  expect(summary).toMatch(/^no finding among \d{3,} schedules of depth 2$/)
})

test('nine calls take less than two seconds of CPU time in-process', () => {
  const faults = FAULTS.filter((name) => name !== '429')
  return expectBelow(2000, () => cpuMs(() => explore(CLIENTS.right, { reconcile, faults })))
})
