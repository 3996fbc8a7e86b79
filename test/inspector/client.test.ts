import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { addressIn, hashOf } from '../../src/inspector/client/address.js'
import { withoutCounts } from '../../src/inspector/client/again.js'
import type { Entry, Scenario } from '../../src/inspector/client/control-answers.js'
import { Journal, MAX_ROWS, NO_FILTER } from '../../src/inspector/client/journal.js'
import { locate } from '../../src/inspector/client/places.js'
import { readEvents, type ServerEvent } from '../../src/inspector/client/sse.js'
import { dateTimeOf, timeOf } from '../../src/inspector/client/text.js'
import { sandboxFor } from '../control/helpers.js'
import { every } from '../every.js'

/** What the page does without a browser. */

const THIRD = { name: 'third', match: { operation: 'juspay.refresh*' }, when: { nth: 3 } }

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

test('a time is written in UTC, or in the zone and the offset that hold then', () => {
  onTestFinished(() => void vi.unstubAllEnvs())
  return every(
    [
      ['Asia/Kolkata', false, '2023-09-11 08:30:00 UTC', '08:30:00.125'],
      ['Asia/Kolkata', true, '2023-09-11 14:00:00 +05:30', '14:00:00.125'],
      ['America/New_York', true, '2023-09-11 04:30:00 −04:00', '04:30:00.125'],
      ['UTC', true, '2023-09-11 08:30:00 +00:00', '08:30:00.125'],
    ] as const,
    ([zone, isLocal, dateTime, time]) => {
      vi.stubEnv('TZ', zone)
      const at = '2023-09-11T08:30:00.125Z'
      expect([dateTimeOf(at, isLocal), timeOf(at, isLocal)]).toEqual([dateTime, time])
    },
  )
})

test('an address keeps the zone, also where a link names a call', () => {
  for (const hash of ['#wallets?zone=local', '#requests?zone=local&call=acme%2F4', '#wallets']) {
    const { filter, ...address } = addressIn(hash)
    expect([hashOf(address, filter), address.isLocal]).toEqual([hash, hash.includes('zone')])
  }
})

describe('the list of calls', () => {
  const call = (id: number, more: Partial<Entry> = {}) =>
    ({
      id,
      merchant: 'acme',
      operation: 'juspay.getWallet',
      customer: null,
      wallet: null,
      reason: null,
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
