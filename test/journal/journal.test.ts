import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Arrival, type Ended, UNEVENTFUL } from '../../src/journal/entry.js'
import { Journal, JournalBudget } from '../../src/journal/journal.js'
import { KnownKeys } from '../../src/journal/known-keys.js'
import { ask, basic, sandboxFor } from '../control/helpers.js'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')
setFlagsFromString('--allow-natives-syntax')
const shareClass: (a: object, b: object) => boolean = runInNewContext('(a, b) => %HaveSameMap(a, b)')

test('memory stays flat however many requests there are', async () => {
  const sandbox = await sandboxFor({ journalSize: 100, scenario: 'published-latency', latency: 'virtual' })
  const heapAfter = async (requests: number) => {
    for (let i = 0; i < requests; i++) {
      const key = i % 10 === 0 ? 'nobodys_key' : 'acme_test_key'
      await ask(sandbox, '/wallets/wlt_q23xzki3pazgtezo', key, { 'x-routing-id': `r${i % 500}` })
    }
    collect()
    return process.memoryUsage().heapUsed
  }
  const before = await heapAfter(2_000)
  const after = await heapAfter(process.env.SOAK ? 100_000 : 6_000)
  expect(after - before).toBeLessThan(1_000_000)
  expect((await sandbox.control.requests.get()).total).toBe(200)
})

describe('a journal holds so many bytes', () => {
  const MB = 1_048_576
  const letters = Buffer.alloc(3 * MB, 'b').toString('latin1')
  const knownKeys = new KnownKeys()
  let now = 0
  const arrival = (headers: number): Arrival => ({
    about: { operation: null, customer: null, wallet: null },
    at: 0,
    arrivedAt: ++now,
    connection: null,
    vendor: null,
    knownKeys,
    merchant: 'm',
    authorization: null,
    key: undefined,
    request: { method: 'GET', path: '/', query: '', headers: letters.slice(0, headers) },
  })
  const ended = (body: number, answer: number): Ended => ({
    ...UNEVENTFUL,
    requestBody: letters.slice(0, body),
    response: { status: 200, headers: {}, body: letters.slice(0, answer) },
    measuredMs: 0,
  })
  const bytesOf = (journal: Journal) =>
    journal.entries().reduce((sum, { request, ended }) => {
      const bodies = (ended?.requestBody.length ?? 0) + (ended?.response.body.length ?? 0)
      return sum + request.headers.length + bodies
    }, 0)

  test('its entries share one hidden class, from their arrival to their end', () => {
    const journal = new Journal(1000)
    const entries = Array.from({ length: 1000 }, (_, i) => journal.begin(arrival(i)))
    for (const entry of entries) journal.finish(entry, ended(1, 2))
    expect(entries.filter((entry) => !shareClass(entry, entries[0]!))).toEqual([])
  })

  test('the oldest bodies go first, and the entry says so', () => {
    const journal = new Journal(2_000)
    for (let i = 0; i < 2_000; i++) journal.finish(journal.begin(arrival(100)), ended(65_536, 100))
    const entries = journal.entries()
    expect(entries).toHaveLength(2_000)
    expect(bytesOf(journal)).toBeLessThan(64 * MB)
    expect(bytesOf(journal)).toBeGreaterThan(50 * MB)
    const whole = entries.findIndex(({ ended }) => ended!.requestBody !== '')
    const shown = entries.map(({ ended }) => `${ended!.requestBody.length} ${ended!.warnings.length}`)
    expect(new Set(shown.slice(0, whole))).toEqual(new Set(['0 1']))
    expect(new Set(shown.slice(whole))).toEqual(new Set(['65536 0']))
    expect(entries[0]!.ended!.warnings).toEqual([expect.stringMatching(/64 MB .* bodies of this call were let go/)])
  })

  test('with large headers the oldest entries go', () => {
    const journal = new Journal(10_000)
    for (let i = 0; i < 5_000; i++) journal.finish(journal.begin(arrival(16_000)), ended(0, 50))
    expect(bytesOf(journal)).toBeLessThan(64 * MB)
    expect(journal.entries().length).toBeGreaterThan(1_000)
    expect(journal.entries().at(-1)!.id).toBe(5_000)
  })

  test('whatever comes in whatever order, the bounds hold, together too', () => {
    const step = fc.record({
      journal: fc.nat(7),
      kind: fc.constantFrom('call', 'begin', 'finish', 'clear'),
      headers: fc.nat(16_000),
      body: fc.nat(3 * MB),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 200, maxLength: 300 }), (steps) => {
        const budget = new JournalBudget()
        const journals = Array.from({ length: 8 }, () => new Journal(50, budget))
        const open = journals.map(() => [] as ReturnType<Journal['begin']>[])
        for (const { journal: index, kind, headers, body } of steps) {
          const journal = journals[index]!
          if (kind === 'clear') journal.clear()
          if (kind === 'begin') open[index]!.push(journal.begin(arrival(headers)))
          if (kind === 'call') journal.finish(journal.begin(arrival(headers)), ended(body, 10))
          const late = kind === 'finish' ? open[index]!.shift() : undefined
          if (late) journal.finish(late, ended(body, 10))
        }
        const held = journals.map(bytesOf)
        for (const bytes of held) expect(bytes).toBeLessThanOrEqual(64 * MB)
        expect(held.reduce((a, b) => a + b)).toBeLessThanOrEqual(256 * MB)
        for (const [i, journal] of journals.entries()) {
          const entries = journal.entries().length
          expect(entries).toBeLessThanOrEqual(50)
          expect(journal.bytes).toBe(held[i]! + entries * (1024 + 1))
        }
      }),
      { numRuns: process.env.SOAK ? 100 : 3 },
    )
  })

  test('a page of a full one can be printed', async () => {
    const sandbox = await sandboxFor({ scenario: 'instant' })
    const body = `filler=${'\u0001'.repeat(500_000)}`
    const send = () =>
      sandbox.fetch('http://x/wallets/wlt_a', { method: 'POST', headers: basic('acme_test_key'), body })
    for (let i = 0; i < 150; i++) await send()
    const response = await sandbox.fetch('http://x/_sandbox/requests')
    const { requests, total } = (await response.json()) as { requests: { id: number }[]; total: number }
    expect([total, requests.at(-1)!.id]).toEqual([150, 150])
    expect(requests.length).toBeLessThan(40)
  })
})
