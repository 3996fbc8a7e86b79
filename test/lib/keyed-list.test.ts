import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeyedList } from '../../src/lib/keyed-list.js'

interface Thing {
  readonly key: string
  readonly version: number
}

const keyOf = ({ key }: Thing) => key

test('a list is as a map would be, and so is every list that it was made of', () => {
  // Which list is changed, counted from the newest, and the key that it gets: also lists that others were made of.
  const change = fc.tuple(fc.nat(3), fc.nat(150))
  fc.assert(
    fc.property(fc.nat(130), fc.array(change, { minLength: 1, maxLength: 80 }), (size, changes) => {
      const first = Array.from({ length: size }, (_, i): Thing => ({ key: `k${i}`, version: -1 }))
      const all = [{ list: KeyedList.of(keyOf, first), map: new Map(first.map((thing) => [thing.key, thing])) }]
      for (const [version, [back, k]] of changes.entries()) {
        const { list, map } = all.at(-1 - Math.min(back, all.length - 1))!
        const thing: Thing = { key: `k${k}`, version }
        const made = { list: list.with(thing), map: new Map(map).set(thing.key, thing) }
        const lacked = [...made.list].filter((each) => map.get(each.key) !== each)
        expect(made.list.replacedSince(list).map(({ after }) => after)).toEqual(lacked)
        all.push(made)
      }
      for (const { list, map } of all.slice(-9)) {
        expect([...list]).toEqual([...map.values()])
        expect(list.length).toBe(map.size)
        for (let k = 0; k <= 150; k++) expect(list.get(`k${k}`)).toBe(map.get(`k${k}`))
      }
    }),
    { numRuns: 50 },
  )
})
