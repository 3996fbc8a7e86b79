import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { SnapshotMap } from '../../src/lib/snapshot-map.js'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

const KEY = fc.constantFrom('a', 'b', 'c', 'd')
const CHANGE = fc.oneof(
  fc.record({ name: fc.constant('set' as const), key: KEY, value: fc.nat() }),
  fc.record({ name: fc.constant('delete' as const), key: KEY }),
  fc.record({ name: fc.constant('clear' as const) }),
  fc.record({ name: fc.constant('snapshot' as const) }),
)

test('a snapshot shows the map as it was, whenever it is made', () => {
  fc.assert(
    fc.property(fc.array(CHANGE, { maxLength: 60 }), (changes) => {
      const map = new SnapshotMap<number>()
      const plain = new Map<string, number>()
      const taken: (readonly [then: () => Map<string, number>, expected: ReadonlyMap<string, number>])[] = []
      for (const change of changes) {
        if (change.name === 'set') for (const each of [map, plain]) each.set(change.key, change.value)
        else if (change.name === 'delete') for (const each of [map, plain]) each.delete(change.key)
        else if (change.name === 'clear') for (const each of [map, plain]) each.clear()
        else taken.push([map.snapshot(), new Map(plain)])
      }
      expect([...map]).toEqual([...plain])
      for (const [then, expected] of taken) expect(new Map(then())).toEqual(expected)
    }),
  )
})

test('what was there before keeps its order while values change', () => {
  const map = new SnapshotMap<number>()
  for (const key of ['b', 'a', 'c']) map.set(key, 0)
  const then = map.snapshot()
  for (const key of ['c', 'd', 'a']) map.set(key, 1)
  expect([...then()]).toEqual([
    ['b', 0],
    ['a', 0],
    ['c', 0],
  ])
})

test('it costs nothing to take one, however large the map is', () => {
  const map = new SnapshotMap<number>()
  map.set('a', 0)
  const ways = (['entries', 'keys', 'values', 'forEach', Symbol.iterator] as const).map((way) => vi.spyOn(map, way))
  const then = map.snapshot()
  for (const way of ways) expect(way).not.toHaveBeenCalled()
  expect(then().size).toBe(1)
  expect(ways.some(({ mock }) => mock.calls.length > 0)).toBe(true)
})

test('of what is replaced again and again, only what a snapshot shows is kept', async () => {
  const map = new SnapshotMap<object>()
  const changed = (n: number) => {
    const value = { n }
    map.set('a', value)
    return new WeakRef(value)
  }
  const shown = changed(0)
  const then = map.snapshot()
  const between = Array.from({ length: 100 }, (_, i) => changed(i + 1))
  map.set('a', {})
  await setImmediate()
  collect()
  expect(between.filter((value) => value.deref() !== undefined)).toEqual([])
  expect(then().get('a')).toBe(shown.deref())
})
