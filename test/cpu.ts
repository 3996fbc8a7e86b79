import { expect } from 'vitest'

/** Milliseconds of CPU that a task takes: other work of the machine does not count. */
export async function cpuMs(task: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await task()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** The most rounds of a measurement: a compiler, a collector or a neighbour only adds, so the least of them counts. */
const ROUNDS = 5

/** Expects a measurement to be below that in one round of some. */
export async function expectBelow(most: number, measure: () => Promise<number>, what = 'ms of CPU'): Promise<void> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS && least >= most; round++) least = Math.min(least, await measure())
  expect(least, what).toBeLessThan(most)
}

/**
 * Expects the CPU that a task takes to grow with its input: for four parts of it about 4 times what one takes, where a
 * square would be 16. It holds on a machine of any speed; the first round loads what the task needs.
 */
export async function expectProportion(task: (parts: 1 | 4) => unknown): Promise<void> {
  let [one, four] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let round = 0; round < 2 || (round < ROUNDS && four / one >= 8); round++) {
    one = Math.min(one, await cpuMs(() => task(1)))
    four = Math.min(four, await cpuMs(() => task(4)))
  }
  expect(four / one, `${four} ms of CPU for four parts, ${one} for one`).toBeLessThan(8)
}
