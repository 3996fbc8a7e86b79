import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Heap } from '../../src/lib/heap.js'

test('what is taken out is the first of what is in it, whatever comes in between', () => {
  // Null takes one out.
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(20)), { maxLength: 200 }), (acts) => {
      const heap = new Heap<number>((a, b) => a < b)
      const expected: number[] = []
      for (const number of acts) {
        if (number === null) expect(heap.take()).toBe(expected.shift())
        else {
          heap.add(number)
          expected.push(number)
          expected.sort((a, b) => a - b)
        }
        expect(heap.first).toBe(expected[0])
      }
    }),
  )
})
