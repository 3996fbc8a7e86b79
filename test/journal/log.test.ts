import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { allowsColour } from '../../src/config.js'
import type { Entry } from '../../src/journal/entry.js'
import { KnownKeys } from '../../src/journal/known-keys.js'
import { createLog } from '../../src/journal/log.js'

const ESCAPE = '\u001b'
const HOSTILE = 'a\u001b[2Jb\r\nc\u009bd\u007fe\u202ef'

const entry = {
  id: 1,
  at: Date.UTC(2023, 8, 11),
  knownKeys: new KnownKeys(),
  merchant: 'acme',
  authorization: null,
  key: undefined,
  about: { operation: null, customer: null, wallet: null },
  request: { method: 'GET', path: `/wallets/${HOSTILE}`, query: '', headers: '' },
  ended: {
    response: { status: 400, headers: {}, body: '' },
    reason: `No wallet ${HOSTILE}.`,
    rule: null,
    fault: null,
    intendedMs: null,
    measuredMs: 1,
    warnings: [HOSTILE],
  },
} as unknown as Entry

test.each(['json', 'pretty'] as const)('%s prints what a client sent without control characters', (format) => {
  const stream = new PassThrough({ encoding: 'utf8' })
  createLog(format, false, stream)(entry)
  const line = stream.read() as string
  expect(line.endsWith('\n')).toBe(true)
  const shown =
    format === 'json' ? JSON.stringify(Object.values(JSON.parse(line))) : line.slice(0, -1).replace('\n  warning: ', '')
  expect(shown).not.toMatch(/[\p{Cc}\u2028-\u202e]|\\u00/u)
  expect(format === 'json' ? JSON.parse(line).path : shown).toContain(
    String.raw`/wallets/a\x1b[2Jb\x0d\x0ac\x9bd\x7fe\u202ef`,
  )
})

const call = (merchant: string, status: number | null, ...warnings: string[]) =>
  ({
    ...entry,
    merchant,
    request: { method: 'GET', path: '/x', query: '', headers: '' },
    ended: {
      ...entry.ended,
      response: { status, headers: {}, body: '' },
      fault: status === null ? 'reset' : null,
      reason: null,
      warnings,
    },
  }) as Entry

const logged = (entries: readonly Entry[], colour = false): string[] => {
  const stream = new PassThrough({ encoding: 'utf8' })
  const log = createLog('pretty', colour, stream)
  for (const one of entries) log(one)
  return (stream.read() as string).trimEnd().split('\n')
}

test('a warning is on a line of its own, each kind once per client', () => {
  const missing = 'The header x-routing-id is missing.'
  const lines = logged([
    call('acme', 200, missing, 'Customer cst_1 was asked for.'),
    call('acme', 200, missing, 'Customer cst_2 was asked for.'),
    call('globex', 200, missing),
  ])
  const line = '00:00:00.000  200  GET /x  1 ms'
  const warning = `  warning: ${missing}`
  expect(lines).toEqual([line, warning, '  warning: Customer cst_1 was asked for.', line, line, warning])
})

test('colours tell statuses apart, where they are asked for alone', () => {
  const statuses = [200, 302, 404, 500, null]
  const entries = statuses.map((status) => call('acme', status))
  const shown = logged([...entries, call('acme', 200, 'Late.')], true).map((line) =>
    [...line.matchAll(new RegExp(`${ESCAPE}\\[(\\d+)m([^${ESCAPE}]*)`, 'g'))]
      .filter(([, code]) => code !== '0' && code !== '2')
      .map(([, code, text]) => `${code} ${text}`)
      .join(),
  )
  expect(shown).toEqual(['32 200', '36 302', '33 404', '31 500', '31 reset', '32 200', '33   warning: Late.'])
  expect(logged(entries).join()).not.toContain(ESCAPE)
})

test('the environment can forbid colours', () => {
  expect([{}, { NO_COLOR: '' }, { NO_COLOR: '1' }, { TERM: 'dumb' }].map(allowsColour)).toEqual([
    true,
    true,
    false,
    false,
  ])
})
