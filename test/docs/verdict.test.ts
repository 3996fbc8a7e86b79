import { expect, test } from 'vitest'
import { DEFAULT_STRICTNESS } from '../../src/verdict/levels.js'
import { codes, section, tableRows } from './pages.js'

test('the table of rules is that of the code', () => {
  const rules = section('docs/verdict.md', 'Rules')
  const { levels, attempts } = DEFAULT_STRICTNESS
  expect(tableRows(rules).map(([rule, level]) => [codes(rule!)[0], level])).toEqual(Object.entries(levels))
  expect(rules).toContain(`more than ${['one', 'two', 'three', 'four', 'five'][attempts - 1]} times`)
})
