import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { Entry } from '../../src/journal/entry.js'
import { createLog } from '../../src/journal/log.js'

const HOSTILE = 'a\u001b[2Jb\r\nc\u009bd\u007fe\u202ef'

const entry = {
  id: 1,
  at: Date.UTC(2023, 8, 11),
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
  createLog(format, stream)(entry)
  const line = stream.read() as string
  expect(line.endsWith('\n')).toBe(true)
  const shown = format === 'json' ? JSON.stringify(Object.values(JSON.parse(line))) : line.slice(0, -1)
  expect(shown).not.toMatch(/[\p{Cc}\u2028-\u202e]|\\u00/u)
  expect(format === 'json' ? JSON.parse(line).path : shown).toContain(
    String.raw`/wallets/a\x1b[2Jb\x0d\x0ac\x9bd\x7fe\u202ef`,
  )
})
