import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSandbox } from '../../src/index.js'
import { matcher } from '../../src/scenarios/pattern.js'
import { expectProportion } from '../cpu.js'
import { every } from '../every.js'

/** The meaning of a pattern, in the engine's own words. */
const oracle = (pattern: string) => {
  const parts = pattern.split('').map((one) => (one === '*' ? '.*' : one === '?' ? '.' : `\\u${hex(one)}`))
  const form = new RegExp(`^${parts.join('').replaceAll(/(\.\*)+/g, '.*')}$`, 's')
  return (text: string) => form.test(text)
}
const hex = (one: string) => one.charCodeAt(0).toString(16).padStart(4, '0')

test('a pattern takes the texts that its form describes, and no others', () => {
  const of = (letters: string[], maxLength: number) => fc.string({ unit: fc.constantFrom(...letters), maxLength })
  const texts = fc.oneof(of(['a', 'b', '.', '\n'], 8), of(['a', 'b'], 70))
  const patterns = fc.oneof(of(['a', 'b', '.', '*', '?'], 6), of(['a', 'b', '*', '?'], 70))
  fc.assert(
    fc.property(patterns, texts, (pattern, text) => matcher(pattern)(text) === oracle(pattern)(text)),
    { numRuns: 5000 },
  )
})

test('a text is part of its own pattern at every length', () =>
  every([0, 1, 31, 32, 33, 63, 64, 65, 254, 255], (length) => {
    const text = Array.from({ length }, (_, i) => String.fromCharCode(97 + (i % 26))).join('')
    const holds = [`${text}*`, `*${text}`, `*${text}*`, '?'.repeat(length)].map((form) => matcher(form)(text))
    expect(holds).toEqual([true, true, true, true])
    expect(matcher(`?${text}*`)(text)).toBe(false)
  }))

test('a pattern takes time for the text alone, however it is made', () =>
  every(
    [
      [`*${'a'.repeat(126)}b*${'a'.repeat(126)}b`, false],
      [`*b${'a'.repeat(253)}*b`, false],
      [`*${'?'.repeat(252)}b*`, true],
      [`${'*a'.repeat(127)}*b`, true],
      [`${'*a'.repeat(126)}*c*b`, false],
      [`*${'a?'.repeat(126)}b*`, true],
    ] as const,
    async ([pattern, takesEnd]) => {
      const matches = matcher(pattern)
      // With the end of the pattern, it is its middle that is sought.
      for (const [end, takes] of [['', false] as const, ['b', takesEnd] as const])
        await expectProportion((parts) => expect(matches('a'.repeat(250_000 * parts) + end)).toBe(takes))
    },
  ))

test('every door of a pattern takes 256 characters of it, and no more', async () => {
  await using sandbox = await createSandbox()
  const { control } = sandbox
  const rule = (match: object) =>
    control.scenario.put({ name: 's', rules: [{ name: 'r', match, effect: { delay: { fixed: 1 } } }] } as never)
  const doors: Record<string, (pattern: string) => Promise<unknown>> = {
    'requests by status': (status) => control.requests.get({ status }),
    'requests by operation': (operation) => control.requests.get({ operation }),
    'a count by body': (order_id) => control.requests.count({ body: { order_id } }),
    wallets: (wallet) => control.wallets({ wallet }),
    'a rule by customer': (customer) => rule({ customer }),
    'a rule by path': (path) => rule({ path: path.replace('**', '/*') }),
    latency: (pattern) => control.scenario.put({ name: 's', latency: { [pattern]: { fixed: 1 } } }),
  }
  await every(Object.entries(doors), async ([, ask]) => {
    await ask('*'.repeat(256))
    await expect(ask('*'.repeat(257))).rejects.toThrow('allowed: ')
  })
})
