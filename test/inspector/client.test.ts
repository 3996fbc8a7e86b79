import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { callsBefore, keyFor, toCurl, toTest, withoutCounts } from '../../src/inspector/client/again.js'
import type { Entry, Scenario } from '../../src/inspector/client/answers.js'
import { Journal, MAX_ROWS, NO_FILTER } from '../../src/inspector/client/journal.js'
import { locate } from '../../src/inspector/client/places.js'
import { readEvents, type ServerEvent } from '../../src/inspector/client/sse.js'
import type { Sandbox } from '../../src/sandbox.js'
import { ROOT } from '../build.js'
import { ask, basic, REFRESH, sandboxFor, WALLET } from '../control/helpers.js'

/** What the page does without a browser. */

const run = promisify(execFile)

async function journalOf(sandbox: Sandbox): Promise<Entry[]> {
  return (await sandbox.control.requests.get()).requests as Entry[]
}

/** The newest call as the page copies it. */
async function copied(sandbox: Sandbox): Promise<string> {
  const entries = await journalOf(sandbox)
  const entry = entries.at(-1)!
  const { merchants } = await sandbox.control.merchants.list()
  const scenario = (await sandbox.control.scenario.get()) as Scenario
  return toTest(entry, callsBefore(entry, entries), scenario, keyFor(entry, merchants))
}

const ORDER = 'order_id=tea-1&amount=109.55&customer_id=customer@gmail.com'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

const THIRD = { name: 'third', match: { operation: 'juspay.refresh*' }, when: { nth: 3 } }

const CALLS: Readonly<Record<string, (sandbox: Sandbox) => Promise<unknown>>> = {
  'a wallet': (sandbox) => ask(sandbox, WALLET),
  'a wallet that is not there': (sandbox) => ask(sandbox, `${WALLET}'x"`),
  'a revoked key': (sandbox) => ask(sandbox, WALLET, 'acme_revoked_key'),
  'an unknown key': (sandbox) => ask(sandbox, WALLET, 'nobody'),
  'no key': (sandbox) => sandbox.fetch(`http://sandbox${WALLET}`),
  'a key of its own': (sandbox) => ask(sandbox, WALLET, 'sandbox_mine'),
  'the other vendor': (sandbox) =>
    sandbox.fetch('http://sandbox/wallets/b1e0c2d4-6f7a-4b8c-9d0e-1f2a3b4c5d6e', {
      headers: { authorization: 'Bearer test_acme_juicyway' },
    }),
  'an order': async (sandbox) => {
    const headers = { ...basic('acme_test_key'), ...FORM }
    await fetch(`${await sandbox.listen()}/orders`, { method: 'POST', headers, body: ORDER })
  },
  'the third refresh': async (sandbox) => {
    await sandbox.control.scenario.put({
      name: 'third',
      rules: [{ ...THIRD, effect: { error: 'provider_unavailable' } }],
    })
    for (let i = 0; i < 3; i++) await ask(sandbox, REFRESH)
  },
  'a reset': async (sandbox) => {
    await sandbox.control.scenario.put({ name: 'reset', rules: [{ ...THIRD, effect: { fault: 'reset' } }] })
    for (let i = 0; i < 3; i++) await ask(sandbox, REFRESH).catch(() => {})
  },
  'a token that was renewed after its end': async (sandbox) => {
    await ask(sandbox, WALLET)
    await sandbox.control.clock.advance('16m')
    await ask(sandbox, WALLET)
  },
}

test('a call copied as a test passes in a project', async () => {
  const folder = mkdtempSync(join(ROOT, 'dist', 'copied-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'vitest.config.mjs'), 'export default {}')
  for (const [name, call] of Object.entries(CALLS)) {
    const sandbox = await sandboxFor()
    await call(sandbox)
    writeFileSync(join(folder, `${name.replaceAll(' ', '-')}.test.ts`), await copied(sandbox))
  }
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const argv = [vitest, 'run', '--root', folder, '--reporter=json', '--no-isolate', '--no-file-parallelism']
  // It fails with the status of the tests that failed, and says which.
  const { stdout } = await run(process.execPath, argv).catch((failed: { stdout: string }) => failed)
  const { testResults } = JSON.parse(stdout) as { testResults: { name: string; status: string; message: string }[] }
  expect(testResults.filter(({ status }) => status !== 'passed')).toEqual([])
  expect(testResults.length).toBe(Object.keys(CALLS).length)
}, 60_000)

test('a call copied as curl is the same call', async () => {
  const sandbox = await sandboxFor()
  const url = await sandbox.listen()
  const { merchants } = await sandbox.control.merchants.list()
  for (const name of [
    'a wallet that is not there',
    'a revoked key',
    'no key',
    'the other vendor',
    'an order',
  ] as const) {
    await CALLS[name]!(sandbox)
    const entry = (await journalOf(sandbox)).at(-1)!
    const line = toCurl(entry, keyFor(entry, merchants), url)
    await run('sh', ['-c', `${line} -s`])
    const again = (await journalOf(sandbox)).at(-1)!
    expect(again.id).toBeGreaterThan(entry.id)
    const asked = ({ request: { method, path, body }, reason }: Entry) => [method, path, body, reason]
    // An order is made once.
    if (name === 'an order') expect(asked(again).slice(0, 3)).toEqual(asked(entry).slice(0, 3))
    else expect(asked(again)).toEqual(asked(entry))
  }
})

test('a scenario is put back without what a report adds', async () => {
  const sandbox = await sandboxFor()
  const given = { name: 'third', rules: [{ ...THIRD, effect: { error: 'rate_limited' as const } }] }
  expect(withoutCounts((await sandbox.control.scenario.put(given)) as Scenario)).toEqual(given)
})

describe('the place of a fault', () => {
  const TEXT = JSON.stringify({ name: 'a', rules: [{ name: 'b' }, { name: 'c', when: { nth: 'x' } }] }, null, 2)

  test.each([
    ['scenario:rules[1].when.nth: is "x"', TEXT, '"nth"'],
    ['scenario:rules[1].effect: is missing', TEXT, /\{\n {6}"name": "c"/],
    ['scenario:rules[0].name: is "b"', TEXT, '"name": "b"'],
    ['scenario:nothing.of.it: is 1', TEXT, '{'],
    ['scenario:a.c: is 1', '{"a": {"b": "}]\\"",\n"c": 1}}', '"c"'],
  ])('of %s', (sentence, text, at) => {
    expect(locate(text, [sentence])[0]!.line).toBe(text.slice(0, text.search(at)).split('\n').length - 1)
  })

  test.each([
    ['body:3:1: is no JSON', { line: 2, sentence: 'is no JSON' }],
    ['the disk is full', { line: undefined, sentence: 'the disk is full' }],
  ])('of %s', (sentence, expected) => {
    expect(locate('{', [sentence])).toEqual([expected])
  })
})

test('events are read whole, however they are cut', async () => {
  const text = ':\n\nevent: request\nid: 7\ndata: {"a":"₹"}\n\n:\n\nevent: clock\ndata: {}\n\nevent: half\ndata: lost'
  const bytes = new TextEncoder().encode(text)
  const taken: ServerEvent[] = []
  await readEvents(ReadableStream.from(Array.from(bytes, (byte) => Uint8Array.of(byte))), (event) => taken.push(event))
  expect(taken).toEqual([
    { name: 'request', id: '7', data: '{"a":"₹"}' },
    { name: 'clock', id: '', data: '{}' },
  ])
})

describe('the list of calls', () => {
  const call = (id: number, more: Partial<Entry> = {}) =>
    ({
      ...{ id, merchant: 'acme', operation: 'juspay.getWallet', customer: null, wallet: null, reason: null },
      ...{
        rule: null,
        fault: null,
        warnings: [],
        measuredMs: 1,
        request: { method: 'GET', path: '/', query: '', body: '' },
      },
      response: { status: 200, headers: {}, body: '' },
      ...more,
    }) as unknown as Entry

  test('shows the newest first, and lets the oldest go', () => {
    const journal = new Journal()
    journal.add(Array.from({ length: MAX_ROWS + 5 }, (_, i) => call(i + 1)))
    expect([journal.rows.length, journal.shown.length]).toEqual([MAX_ROWS, MAX_ROWS])
    expect([journal.shown[0]!.entry.id, journal.shown.at(-1)!.entry.id]).toEqual([MAX_ROWS + 5, 6])
  })

  test('shows a call under way once, and ids that begin anew as calls of their own', () => {
    const journal = new Journal()
    journal.add([call(1, { response: null }), call(2)])
    journal.add([call(1), call(2)])
    expect(journal.shown.map(({ entry }) => [entry.id, entry.response?.status])).toEqual([
      [2, 200],
      [2, 200],
      [1, 200],
    ])
  })

  test('is filtered as calls come', () => {
    const journal = new Journal()
    journal.narrow({ ...NO_FILTER, text: 'ROUTING', status: 'failed' })
    const warned = { warnings: ['The header x-routing-id is missing'] }
    journal.add([call(1, warned), call(2, { ...warned, response: { status: null, headers: {}, body: '' } })])
    expect(journal.shown.map(({ entry }) => entry.id)).toEqual([2])
    journal.narrow(NO_FILTER)
    expect(journal.shown.length).toBe(2)
    journal.remove('acme')
    expect([journal.rows.length, journal.shown.length]).toEqual([0, 0])
  })
})
