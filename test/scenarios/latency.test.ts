import { describe, expect, test } from 'vitest'
import type { Scenario } from '../../src/index.js'
import { readJson } from '../../src/lib/files.js'
import { type Quantile, quantileOf, scheduledShares } from '../../src/scenarios/latency.js'
import { VENDORS } from '../../src/vendors/index.js'
import { ask, CUSTOMER, REFRESH, runOf, runsScore, sandboxWith, subjectOf, WALLET } from './support.js'

const PUBLISHED = readJson('scenarios/published-latency.json') as Scenario
const SEEDS = [1, 2, 3, 42, 987_654_321]
const N = 10_000

const tableOf = (id: string) => VENDORS.flatMap(({ operations }) => operations).find((one) => one.id === id)!.latency!

/** The first `N` delays of an operation. */
function delays(scenario: Scenario, seed: number, operation: string, n = N): number[] {
  const run = runOf(scenario, { seed })
  return Array.from({ length: n }, (_, i) => run.latency(subjectOf(operation, `c${i % 7}`), Math.floor(i / 7))!)
}

const above = (values: readonly number[], point: number) => values.filter((value) => value > point).length

const blocks = (values: readonly number[], size: number) =>
  Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size))

/** Per so many calls, how many may exceed the point. */
const SCHEDULE = [
  ['50', 100, 50],
  ['90', 100, 10],
  ['99', 100, 1],
  ['99.9', 1000, 1],
  ['99.99', 10_000, 1],
] as const

describe.each(['juspay.getWallet', 'juspay.listWallets'])('the published table of %s', (operation) => {
  const { percentiles } = tableOf(operation)

  test.each(SEEDS)('holds exactly at every point, seed %i', (seed) => {
    const drawn = delays(PUBLISHED, seed, operation)
    for (const [percent, per, exceeding] of SCHEDULE)
      for (const block of blocks(drawn, per)) expect(above(block, percentiles[percent]!)).toBe(exceeding)
  })

  test('is met in an order that looks random', () => {
    for (const seed of SEEDS) {
      const drawn = delays(PUBLISHED, seed, operation)
      expect(Math.abs(runsScore(drawn.map((value) => value > percentiles['50']!)))).toBeLessThan(4)
      const ranks = ranksOf(drawn)
      for (const lag of [1, 2, 3, 10, 100, 1000]) expect(Math.abs(correlation(ranks, lag))).toBeLessThan(0.05)
      // The slowest of every hundred stands anywhere: a chi-squared test over tenths, at 1 in 10,000.
      const places = blocks(drawn, 100).map((block) => block.findIndex((value) => value > percentiles['99']!))
      const tenths = Array.from({ length: 10 }, (_, i) => places.filter((at) => Math.floor(at / 10) === i).length)
      expect(tenths.reduce((sum, count) => sum + (count - 10) ** 2 / 10, 0)).toBeLessThan(33.7)
    }
    expect(delays(PUBLISHED, 1, operation, 100)).not.toEqual(delays(PUBLISHED, 2, operation, 100))
  })
})

test.each(['juspay.createCustomer', 'juspay.getCustomer'])('%s keeps to its table too', (operation) => {
  const { percentiles } = tableOf(operation)
  const drawn = delays(PUBLISHED, 1, operation)
  for (const [percent, per, exceeding] of SCHEDULE)
    for (const block of blocks(drawn, per)) expect(above(block, percentiles[percent]!)).toBe(exceeding)
})

test('the header reports what was drawn, and the pipeline keeps the schedule', async () => {
  await using sandbox = await sandboxWith('published-latency')
  for (const [path, id] of [
    [WALLET, 'juspay.getWallet'],
    [CUSTOMER, 'juspay.listWallets'],
  ] as const) {
    const reported: number[] = []
    for (let i = 0; i < 1000; i++) {
      const header = (await ask(sandbox, path)).headers.get('x-sandbox-latency-ms')!
      expect(header).toMatch(/^\d+(\.\d{1,3})?$/)
      reported.push(Number(header))
    }
    const { percentiles } = tableOf(id)
    expect(reported).toEqual(delays(PUBLISHED, 1, id, 1000).map((value) => Math.round(value * 1000) / 1000))
    expect(above(reported, percentiles['99']!)).toBe(10)
    expect(above(reported, percentiles['99.9']!)).toBe(1)
  }
})

describe('a table of the scenario', () => {
  const table = (model: object): Scenario => ({ name: 'test', latency: { 'juspay.refreshAllWallets': model as never } })
  const drawn = (model: object, n = N) => delays(table(model), 5, 'juspay.refreshAllWallets', n)

  test('may have any points, and holds at each of them', () => {
    const percentiles = { '2.5': '5ms', '25': 10, '75': 30, '97.5': 80, '99.5': '0.2s', '99.95': 500 }
    const values = drawn({ percentiles, synthetic: true })
    expect([5, 10, 30, 80, 200, 500].map((point) => above(values, point))).toEqual([9750, 7500, 2500, 250, 50, 5])
    for (const block of blocks(values, 1000)) expect(above(block, 80)).toBe(25)
  })

  test('stays within min and max', () => {
    const values = drawn({ percentiles: { '50': 10, '99': 100 }, min: 8, max: '120ms' })
    expect(Math.min(...values)).toBeGreaterThanOrEqual(8)
    expect(Math.min(...values)).toBeLessThan(8.01)
    expect(Math.max(...values)).toBeLessThanOrEqual(120)
    expect(Math.max(...values)).toBeGreaterThan(119)
  })

  test('reaches from half the lowest point to half again the highest where it does not say', () => {
    const values = drawn({ percentiles: { '50': 10, '99': 100 } })
    expect(Math.min(...values)).toBeCloseTo(5, 1)
    expect(Math.max(...values)).toBeCloseTo(150, -1)
    expect(Math.max(...values)).toBeLessThanOrEqual(150)
  })

  test('runs between its points without a step back', () => {
    const quantile = quantileOf({ percentiles: { 50: 0, 90: 36.85, 99: 102, 99.9: 232.14 } }) as Quantile
    const values = Array.from({ length: 100_000 }, (_, i) => quantile(i / 100_000))
    expect(values.every((value, i) => i === 0 || value >= values[i - 1]!)).toBe(true)
    expect(quantile(0.5)).toBe(0)
    expect(quantile(0.9)).toBeCloseTo(36.85, 9)
    expect(quantile(0.99)).toBeCloseTo(102, 9)
  })

  test('is drawn independently where it says so: about right, and not on schedule', () => {
    const { percentiles } = tableOf('juspay.getWallet')
    const values = drawn({ percentiles, sampling: 'independent' })
    expect(above(values, percentiles['50']!) / N).toBeCloseTo(0.5, 1)
    expect(above(values, percentiles['99']!)).toBeGreaterThan(60)
    expect(above(values, percentiles['99']!)).toBeLessThan(140)
    expect(blocks(values, 100).every((block) => above(block, percentiles['99']!) === 1)).toBe(false)
    const whole = delays({ ...table({ percentiles }), sampling: 'independent' }, 5, 'juspay.refreshAllWallets')
    expect(whole).toEqual(values)
  })
})

describe('other models', () => {
  const quantiles = (model: Parameters<typeof quantileOf>[0]) =>
    [0.001, 0.25, 0.5, 0.9, 0.99].map(quantileOf(model) as Quantile)

  test('fixed', () => expect(quantiles({ fixed: 5 })).toEqual([5, 5, 5, 5, 5]))

  test('uniform', () => {
    const expected = [10.02, 15, 20, 28, 29.8]
    quantiles({ uniform: { min: 10, max: 30 } }).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 9)
    })
  })

  test('lognormal goes through its median and its percentile, and is a normal distribution of the logarithm', () => {
    const quantile = quantileOf({ lognormal: { median: 20, 99: 100 } }) as Quantile
    expect(quantile(0.5)).toBeCloseTo(20, 6)
    expect(quantile(0.99)).toBeCloseTo(100, 6)
    // Standard normal: 0.8413… lies at one deviation, 0.9772… at two.
    const deviation = Math.log(quantile(0.8413447460685429) / 20)
    expect(Math.log(quantile(0.9772498680518208) / 20)).toBeCloseTo(2 * deviation, 6)
    expect(Math.log(quantile(0.0227501319481792) / 20)).toBeCloseTo(-2 * deviation, 6)
    expect((quantileOf({ lognormal: { median: 20, 10: 5 } }) as Quantile)(0.1)).toBeCloseTo(5, 6)
  })
})

test('a schedule meets every ten-thousandth once in 10,000', () => {
  const shareOf = scheduledShares(3, 'any')
  const met = new Set(Array.from({ length: N }, (_, k) => Math.floor(shareOf(k) * N)))
  expect(met.size).toBe(N)
})

function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!)
  const ranks: number[] = []
  order.forEach((at, rank) => {
    ranks[at] = rank / values.length - 0.5
  })
  return ranks
}

function correlation(values: readonly number[], lag: number): number {
  const square = values.reduce((sum, value) => sum + value * value, 0)
  return values.slice(lag).reduce((sum, value, i) => sum + value * values[i]!, 0) / square
}

test('the first model whose window is open holds, each on a schedule of its own', async () => {
  const night = { daily: { from: '02:00', to: '04:00', offset: '+05:30' } }
  const scenario: Scenario = {
    name: 'test',
    latency: {
      'juspay.getWallet': [
        { window: night, model: { fixed: 900 } },
        { window: { to: '1d' }, model: 'published' },
      ],
    },
  }
  await using sandbox = await sandboxWith(scenario, { clock: '2023-09-11T20:00:00Z' })
  const { control } = sandbox
  const delay = async () => Number((await ask(sandbox, WALLET)).headers.get('x-sandbox-latency-ms') ?? Number.NaN)
  const configured = async () => (await control.latency()).operations['juspay.getWallet']!.configured
  const day = await Promise.all(Array.from({ length: 60 }, delay))
  expect(await configured()).toMatchObject({ source: 'published' })
  await control.clock.advance('30m')
  expect([await delay(), await configured()]).toMatchObject([900, { source: 'configured', percentiles: { 50: 900 } }])
  await control.clock.advance('2h')
  const later = await Promise.all(Array.from({ length: 40 }, delay))
  const { percentiles } = tableOf('juspay.getWallet')
  // The night between does not disturb the day's schedule.
  expect([...day, ...later].filter((ms) => ms > percentiles['99']!)).toHaveLength(1)
  await control.clock.advance('1d')
  expect(await delay()).toBeNaN()
})

test('a scenario has the published tables unless it says otherwise, and a pattern names those that have one', async () => {
  const drawn = async (scenario: Scenario, path: string) => {
    await using sandbox = await sandboxWith(scenario)
    return (await ask(sandbox, path)).headers.get('x-sandbox-latency-ms')
  }
  const rules: Scenario['rules'] = [{ name: 'third', when: { nth: 3 }, effect: { error: 'server_error' } }]
  const published = await drawn(PUBLISHED, WALLET)
  expect(Number(published)).toBeGreaterThan(10)
  expect(await drawn({ name: 'rules alone', rules }, WALLET)).toBe(published)
  expect(await drawn({ name: 'rules alone', rules }, REFRESH)).toBe(null)
  expect(await drawn({ name: 'none', latency: {}, rules }, WALLET)).toBe(null)
  const both = { name: 'both', latency: { '*': 'published', 'juspay.*': { fixed: 5 } } } as const
  expect(await drawn(both, WALLET)).toBe(published)
  expect(await drawn(both, REFRESH)).toBe('5')
})
