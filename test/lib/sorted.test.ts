import fc from 'fast-check'
import { expect, test } from 'vitest'
import { firstIndex } from '../../src/lib/sorted.js'

test('what is put before the first that is greater keeps a list in order, equals as they came', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (numbers) => {
      const items: { number: number; turn: number }[] = []
      for (const [turn, number] of numbers.entries())
        items.splice(
          firstIndex(items.length, (i) => items[i]!.number > number),
          0,
          { number, turn },
        )
      expect(items).toEqual(numbers.map((number, turn) => ({ number, turn })).sort((a, b) => a.number - b.number))
    }),
  )
})
