import { expect, test } from 'vitest'
import { counted } from '../../src/lib/text.js'

test.each([
  [0, '0 calls'],
  [1, '1 call'],
  [2, '2 calls'],
])('%i is counted as %s', (number, text) => {
  expect(counted(number, 'call')).toBe(text)
})
