import { expect, test } from 'vitest'
import { Histogram } from '../../src/journal/latencies.js'
import { modelOf } from '../../src/record/model.js'

test.each([
  [9, null],
  [10, ['50']],
  [20, ['50', '90']],
  [200, ['50', '90', '99']],
  [20_000, ['50', '90', '99', '99.9', '99.99']],
])('%d calls give the percentiles %j', (calls, points) => {
  const seen = new Histogram()
  for (let i = 1; i <= calls; i++) seen.add(i)
  const model = modelOf(seen)
  if (points === null) return expect(model).toBe('9 calls, too few for percentiles; 10 are needed')
  const { percentiles, max } = model as { percentiles: Record<string, number>; max: number }
  expect(max / calls).toBeCloseTo(1, 2)
  expect(Object.keys(percentiles).sort()).toEqual(points.toSorted())
  for (const [point, ms] of Object.entries(percentiles)) expect(ms / ((Number(point) / 100) * calls)).toBeCloseTo(1, 1)
})
