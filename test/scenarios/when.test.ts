import { describe, expect, test } from 'vitest'
import { Clock } from '../../src/lib/clock.js'
import { PERS, type Per } from '../../src/scenarios/program.js'
import {
  AUTHORIZED,
  ask,
  basic,
  type Rule,
  runOf,
  runsScore,
  sandboxWith,
  scenarioOf,
  subjectOf,
  WALLET,
} from './support.js'

type When = NonNullable<Rule['when']>

/** Together they still let calls through: the third and the sixth. */
const CONDITIONS = {
  nth: [3, 4, 6, 9],
  first: 8,
  after: 2,
  every: 3,
  times: 1,
  probability: 0.6,
  window: { from: '5s', to: '70s' },
} as const satisfies When

const NAMES = Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[]
const COMBINATIONS = Array.from({ length: 2 ** NAMES.length }, (_, bits) => NAMES.filter((_, i) => bits & (1 << i)))

/** Calls of two customers and two operations, mixed, one a second. */
const CALLS = Array.from({ length: 80 }, (_, second) => ({
  second,
  operation: second % 3 === 0 ? 'juspay.getWallet' : 'juspay.listWallets',
  resource: (second * 7) % 5 < 2 ? 'a' : 'b',
}))

const keyOf = (per: Per, { operation, resource }: (typeof CALLS)[number]) =>
  ({ resource, operation, merchant: 'all' })[per]

/** Which of the calls the rule fires on. */
function fired(when: When): boolean[] {
  const clock = new Clock(0)
  const run = runOf(scenarioOf({ when }), { clock })
  return CALLS.map(({ operation, resource }) => {
    const rule = run.claim('before-commit', subjectOf(operation, resource))
    clock.advance(1000)
    return rule !== undefined
  })
}

/** The same, said again in another way: each condition on its own, over the calls of one counter. */
function expected(when: When, coins: readonly boolean[]): boolean[] {
  const result = CALLS.map(() => false)
  for (const key of new Set(CALLS.map((call) => keyOf(when.per!, call)))) {
    const counted = CALLS.filter((call) => keyOf(when.per!, call) === key)
    const passing = counted.filter(({ second }, i) => {
      const n = i + 1
      if (when.nth && !(when.nth as number[]).includes(n)) return false
      if (when.first && n > when.first) return false
      if (when.after && n <= when.after) return false
      if (when.every && n % when.every > 0) return false
      if (when.window && (second < 5 || second >= 70)) return false
      return when.probability === undefined || coins[second]!
    })
    for (const { second } of passing.slice(0, when.times)) result[second] = true
  }
  return result
}

describe.each(PERS)('per %s', (per) => {
  const coins = fired({ probability: CONDITIONS.probability, per })

  test.each(COMBINATIONS.map((names) => [names.join(' + ') || 'nothing', names] as const))('%s', (_, names) => {
    const when: When = { ...Object.fromEntries(names.map((name) => [name, CONDITIONS[name]])), per }
    expect(fired(when)).toEqual(expected(when, coins))
  })
})

test('a rule that says no passes the request on, and what an earlier one takes is not counted by a later one', async () => {
  await using sandbox = await sandboxWith(
    scenarioOf(
      { when: { every: 3 } },
      { when: { nth: 2 }, effect: { error: 'maintenance' } },
      { effect: { error: 'rate_limited' }, when: { after: 3 } },
    ),
  )
  const statuses: number[] = []
  for (let i = 0; i < 9; i++) statuses.push((await ask(sandbox, WALLET)).status)
  // The last rule sees calls 1, 4, 5, 7 and 8: it lets three pass.
  expect(statuses).toEqual([200, 503, 500, 200, 200, 500, 429, 429, 500])
})

test('merchants and wallets share no counter', async () => {
  await using sandbox = await sandboxWith(scenarioOf({ when: { nth: 2 } }))
  const get = async (key: string, path: string) => (await ask(sandbox, path, { headers: basic(key) })).status
  const other = '/wallets/wlt_mu2xfwb4mr18flbs'
  const asked = [
    ['sandbox_a', WALLET, 200],
    ['sandbox_b', WALLET, 200],
    ['sandbox_a', other, 200],
    ['acme_test_key', WALLET, 200],
    ['sandbox_a', WALLET, 500],
    ['sandbox_b', other, 200],
    ['sandbox_b', WALLET, 500],
    ['sandbox_a', WALLET, 200],
    ['acme_test_key', WALLET, 500],
  ] as const
  for (const [key, path, status] of asked) expect(await get(key, path)).toBe(status)
})

describe('match', () => {
  const matches = async (match: NonNullable<Rule['match']>, path: string, init: RequestInit = {}) => {
    await using sandbox = await sandboxWith(scenarioOf({ match }))
    return (await ask(sandbox, path, init)).status === 500
  }
  const LIST = '/customers/cst_om2l6ctlptxwxuzj/wallets?offset=0'
  test.each<[NonNullable<Rule['match']>, boolean]>([
    [{}, true],
    [{ operation: 'juspay.listWallets' }, true],
    [{ operation: 'juspay.*' }, true],
    [{ operation: '*.list*' }, true],
    [{ operation: 'juspay.getWallet' }, false],
    [{ customer: 'cst_*' }, true],
    [{ customer: 'cst_om2l6ctlptxwxuz?' }, true],
    [{ customer: 'customer@gmail.com' }, true],
    [{ customer: 'cth_*' }, false],
    [{ wallet: '*' }, false],
    [{ apiKey: 'acme_*' }, true],
    [{ apiKey: 'globex_*' }, false],
    [{ merchant: 'acme' }, true],
    [{ merchant: 'glob*' }, false],
    [{ header: { 'X-Test': 'on*' } }, true],
    [{ header: { 'x-test': 'off' } }, false],
    [{ header: { 'x-other': '*' } }, false],
    [{ query: { offset: '0' } }, true],
    [{ query: { offset: '1' } }, false],
    [{ query: { count: '*' } }, false],
    [{ body: { amount: '*' } }, false],
    [{ customer: 'cst_*', header: { 'x-test': 'on' }, query: { offset: '?' } }, true],
    [{ customer: 'cst_*', header: { 'x-test': 'on' }, query: { offset: '??' } }, false],
  ])('%j', async (match, holds) => {
    expect(await matches(match, LIST, { headers: { ...AUTHORIZED.juspay, 'x-test': 'on' } })).toBe(holds)
  })

  test('a wallet is matched by its id, and by its owner', async () => {
    expect(await matches({ wallet: 'wlt_q23*' }, WALLET)).toBe(true)
    expect(await matches({ wallet: 'wlm_*' }, WALLET)).toBe(false)
    expect(await matches({ customer: 'cst_om2l6ctlptxwxuzj' }, WALLET)).toBe(true)
  })

  test('a pattern made to be slow is not', () => {
    const run = runOf(scenarioOf({ match: { customer: `${'*a'.repeat(40)}*b` } }))
    const start = performance.now()
    expect(run.claim('before-commit', subjectOf('juspay.getWallet', 'a'.repeat(5000)))).toBeUndefined()
    expect(performance.now() - start).toBeLessThan(1000)
  })
})

describe('a probability of 0.05', () => {
  test.each(Array.from({ length: 10 }, (_, i) => i + 1))(
    'fires between 4 %% and 6 %% and not in bursts, seed %i',
    (seed) => {
      const run = runOf(scenarioOf({ when: { probability: 0.05 } }), { seed })
      for (const flags of [
        // One resource asked 20,000 times, and 2,000 asked ten times each.
        Array.from({ length: 20_000 }, () => run.claim('before-commit', subjectOf('juspay.getWallet')) !== undefined),
        Array.from(
          { length: 20_000 },
          (_, i) => run.claim('before-commit', subjectOf('juspay.getWallet', `w${i % 2000}`)) !== undefined,
        ),
      ]) {
        const share = flags.filter(Boolean).length / flags.length
        expect(share).toBeGreaterThan(0.04)
        expect(share).toBeLessThan(0.06)
        expect(Math.abs(runsScore(flags))).toBeLessThan(4)
      }
    },
  )
})

test('a window is sandbox time since the scenario was set', async () => {
  const clock = new Clock(Date.parse('2023-09-11T08:30:00Z'))
  const run = runOf(scenarioOf({ when: { window: { from: '1s', to: '2s' } } }), { clock })
  const fires = () => run.claim('before-commit', subjectOf('juspay.getWallet')) !== undefined
  expect(fires()).toBe(false)
  clock.advance(1000)
  expect(fires()).toBe(true)
  clock.advance(999)
  expect(fires()).toBe(true)
  clock.advance(1)
  expect(fires()).toBe(false)
})
