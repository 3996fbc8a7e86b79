import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { BoundedMap } from '../../src/lib/bounded-map.js'

test('the newest keys stay, in the order in which they came', () => {
  const change = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), gone: fc.boolean() })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(change, { maxLength: 60 }), (max, changes) => {
      const map = new BoundedMap<number>(max)
      const plain = new Map<string, number>()
      for (const [n, { key, gone }] of changes.entries()) {
        if (gone) {
          for (const each of [map, plain]) each.delete(key)
          continue
        }
        if (plain.size === max && !plain.has(key)) plain.delete([...plain.keys()][0]!)
        for (const each of [map, plain]) each.set(key, n)
      }
      expect([...map]).toEqual([...plain])
    }),
  )
})

test('the next to go is found where the last one went, not from the front', () => {
  const map = new BoundedMap<number>(2)
  const keys = vi.spyOn(map, 'keys')
  for (let n = 0; n < 100; n++) map.set(`k${n}`, n)
  expect(keys).toHaveBeenCalledTimes(1)
  map.clear()
  for (let n = 0; n < 100; n++) map.set(`k${n}`, n)
  expect([...map.values()]).toEqual([98, 99])
})
