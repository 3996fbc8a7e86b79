import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSandbox } from '../../src/index.js'
import { every } from '../every.js'
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

interface Call {
  readonly customer: string
  readonly operation: string
  /** Seconds of sandbox time since the scenario was set. */
  readonly at: number
}

/** What a rule should do, said without counters: which of the calls that reach it fire, looked at key by key. */
function firing(when: When, calls: readonly Call[], coins: ReadonlyMap<Call, boolean>): Set<Call> {
  const keyOf = ({ customer, operation }: Call) =>
    ({ resource: customer, operation, merchant: '' })[when.per ?? 'resource']
  const fired = new Set<Call>()
  for (const key of new Set(calls.map(keyOf))) {
    const own = calls.filter((call) => keyOf(call) === key)
    let [bursts, end] = [0, 0]
    for (const [i, call] of own.entries()) {
      if (!isWithin(when, call)) continue
      const begins = counts(when, i + 1) && (when.probability === undefined || coins.get(call) === true)
      if (i >= end && begins && bursts < (when.times ?? Number.POSITIVE_INFINITY)) {
        bursts++
        end = i + (when.for ?? 1)
      }
      if (i < end) fired.add(call)
    }
  }
  return fired
}

const isWithin = ({ window }: When, { at }: Call) =>
  at >= seconds(window?.from, 0) && at < seconds(window?.to, Number.POSITIVE_INFINITY)

const seconds = (duration: string | number | undefined, fallback: number) =>
  duration === undefined ? fallback : Number.parseInt(String(duration), 10)

function counts({ nth, first, after, every }: When, n: number): boolean {
  if (nth !== undefined && ![nth].flat().includes(n)) return false
  return (
    (first === undefined || n <= first) &&
    (after === undefined || n > after) &&
    (every === undefined || n % every === 0)
  )
}

/** Whether no call ever could fire it. */
const isImpossible = (when: When) =>
  !Array.from({ length: 100 }, (_, i) => counts(when, i + 1)).includes(true) ||
  seconds(when.window?.from, 0) >= seconds(when.window?.to, Number.POSITIVE_INFINITY)

const takesAll = ({ per: _, for: __, ...conditions }: When) => Object.keys(conditions).length === 0

const number = (max: number) => fc.integer({ min: 1, max })
const duration = fc.nat({ max: 90 }).map((s) => `${s}s`)
const conditions = {
  nth: fc.oneof(number(8), fc.uniqueArray(number(12), { minLength: 1, maxLength: 5 })),
  first: number(12),
  after: number(6),
  every: number(4),
  times: number(4),
  for: number(5),
  window: fc.record({ from: duration, to: duration }, { requiredKeys: [] }),
  per: fc.constantFrom('resource', 'operation', 'merchant'),
} as const
const certain = fc.record(conditions, { requiredKeys: [] })
const chancy = fc.record({ ...conditions, probability: fc.constantFrom(0.3, 0.6, 0.9) }, { requiredKeys: [] })
/** Few keys, so that each is counted far; and two operations of the same customers. */
const calls = fc.array(
  fc.record({
    customer: fc.constantFrom('guest_user', 'cust19374'),
    operation: fc.constantFrom('juspay.listWallets', 'juspay.refreshAllWallets'),
    gap: fc.constantFrom(0, 1, 1, 2, 9),
  }),
  { minLength: 12, maxLength: 40 },
)

test('two rules fire on the calls that a plain model says, whatever their conditions, and count what they saw', async () => {
  await using sandbox = await sandboxWith('instant')
  const { control } = sandbox
  /** The name of the rule that each call meets. */
  const meet = async (whens: readonly When[], asked: readonly Call[]) => {
    await control.scenario.put(scenarioOf(...whens.map((when) => ({ when }))))
    const met: (string | null)[] = []
    let now = 0
    for (const { customer, operation, at } of asked) {
      if (at > now) await control.clock.advance((at - now) * 1000)
      now = at
      const tail = operation === 'juspay.listWallets' ? '' : '/refresh-balances'
      met.push((await ask(sandbox, `/customers/${customer}/wallets${tail}`)).headers.get('x-sandbox-rule'))
    }
    return met
  }

  await fc.assert(
    fc.asyncProperty(chancy, certain, calls, async (first, second, gaps) => {
      let now = 0
      const asked = gaps.map(({ gap, ...call }): Call => {
        now += gap
        return { ...call, at: now }
      })
      if (isImpossible(first) || isImpossible(second) || takesAll(first)) {
        await expect(meet([first, second], [])).rejects.toThrow(/can never fire/)
        return
      }
      const { probability, per } = first
      // Which way a call's coin falls does not depend on the other conditions.
      const coins = probability === undefined ? [] : await meet([{ probability, ...(per && { per }) }], asked)
      const byFirst = firing(first, asked, new Map(asked.map((call, i) => [call, coins[i] === 'rule 0'])))
      const left = asked.filter((call) => !byFirst.has(call))
      const bySecond = firing(second, left, new Map())
      const expected = asked.map((call) => (byFirst.has(call) ? 'rule 0' : bySecond.has(call) ? 'rule 1' : null))
      expect(await meet([first, second], asked)).toEqual(expected)
      expect((await control.scenario.get()).rules).toMatchObject([
        { matched: asked.length, fired: byFirst.size },
        { matched: left.length, fired: bySecond.size },
      ])
    }),
    { numRuns: 400 },
  )
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
  const MATCHES: readonly (readonly [NonNullable<Rule['match']>, boolean])[] = [
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
  ]
  test('each field holds for the requests that its pattern describes, and all of them together', () =>
    every(MATCHES, async ([match, holds]) => {
      expect(await matches(match, LIST, { headers: { ...AUTHORIZED.juspay, 'x-test': 'on' } })).toBe(holds)
    }))

  test('a wallet is matched by its id, and by its owner', async () => {
    expect(await matches({ wallet: 'wlt_q23*' }, WALLET)).toBe(true)
    expect(await matches({ wallet: 'wlm_*' }, WALLET)).toBe(false)
    expect(await matches({ customer: 'cst_om2l6ctlptxwxuzj' }, WALLET)).toBe(true)
  })
})

test('a probability of 0.05 fires between 4 % and 6 %, and not in bursts, whatever the seed', () =>
  every([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], (seed) => {
    const run = runOf(scenarioOf({ when: { probability: 0.05 } }), { seed })
    const fires = (resource?: string) =>
      run.claim('before-commit', subjectOf('juspay.getWallet', resource)) !== undefined
    for (const flags of [
      // One resource asked 20,000 times, and 2,000 asked ten times each.
      Array.from({ length: 20_000 }, () => fires()),
      Array.from({ length: 20_000 }, (_, i) => fires(`w${i % 2000}`)),
    ]) {
      const share = flags.filter(Boolean).length / flags.length
      expect(share).toBeGreaterThan(0.04)
      expect(share).toBeLessThan(0.06)
      expect(Math.abs(runsScore(flags))).toBeLessThan(4)
    }
  }))

test('a window is sandbox time since the scenario was set', async () => {
  await using sandbox = await sandboxWith(scenarioOf({ when: { window: { from: '1s', to: '2s' } } }))
  const fires = async () => (await ask(sandbox, WALLET)).status === 500
  expect(await fires()).toBe(false)
  await sandbox.control.clock.advance(1000)
  expect(await fires()).toBe(true)
  await sandbox.control.clock.advance(999)
  expect(await fires()).toBe(true)
  await sandbox.control.clock.advance(1)
  expect(await fires()).toBe(false)
})

test('a burst takes so many calls in a row, and counts once', async () => {
  const fired = async (when: When, calls = 12) => {
    await using sandbox = await sandboxWith(scenarioOf({ when }))
    const numbers: number[] = []
    for (let n = 1; n <= calls; n++) if ((await ask(sandbox, WALLET)).status === 500) numbers.push(n)
    return numbers
  }
  const BURSTS: readonly (readonly [When, number[]])[] = [
    [{ nth: 3, for: 5 }, [3, 4, 5, 6, 7]],
    [{ nth: [2, 3, 9], for: 2 }, [2, 3, 9, 10]],
    [{ every: 5, for: 2 }, [5, 6, 10, 11]],
    [{ every: 4, for: 3, times: 2 }, [4, 5, 6, 8, 9, 10]],
    [{ first: 1, for: 3 }, [1, 2, 3]],
    [{ after: 4, for: 2, times: 1 }, [5, 6]],
  ]
  await every(BURSTS, async ([when, numbers]) => expect(await fired(when)).toEqual(numbers))
})

test('a daily window opens by the time of day, over midnight too, and tells how long to wait', () => {
  type Daily = NonNullable<NonNullable<When['window']>['daily']>
  const NIGHTS: readonly (readonly [Daily, string, string, boolean])[] = [
    [{ from: '02:00', to: '04:00' }, '01:59:59', '', false],
    [{ from: '02:00', to: '04:00' }, '02:00:00', '7200', true],
    [{ from: '02:00', to: '04:00' }, '03:59:59', '1', true],
    [{ from: '02:00', to: '04:00' }, '04:00:00', '', false],
    [{ from: '23:30', to: '00:30' }, '23:45:00', '2700', true],
    [{ from: '23:30', to: '00:30' }, '00:15:00', '900', true],
    [{ from: '23:30', to: '00:30' }, '12:00:00', '', false],
    [{ from: '02:00', to: '04:00', offset: '+05:30' }, '20:30:00', '7200', true],
    [{ from: '02:00', to: '04:00', offset: '+05:30' }, '02:30:00', '', false],
    [{ from: '22:00', to: '23:00', offset: '-08:00' }, '06:59:00', '60', true],
  ]
  return every(NIGHTS, async ([daily, time, wait, fires]) => {
    const rule: Partial<Rule> = { when: { window: { daily } }, effect: { error: 'rate_limited' } }
    await using sandbox = await sandboxWith(scenarioOf(rule), { clock: `2023-09-11T${time}Z` })
    const { status, headers } = await ask(sandbox, WALLET)
    expect([status, headers.get('retry-after') ?? '']).toEqual([fires ? 429 : 200, wait])
    // The same on the next day.
    await sandbox.control.clock.advance('1d')
    expect((await ask(sandbox, WALLET)).status).toBe(status)
  })
})

test('a delay comes before the effect beside it, also before a change whose answer is lost', async () => {
  const delay = { fixed: '2s' } as const
  const EFFECTS: readonly Rule['effect'][] = [
    { error: 'provider_timeout', delay },
    { response: { status: 504 }, delay },
    { fault: 'malformed-json', delay },
    { state: 'expire-token', delay },
  ]
  await every(EFFECTS, async (effect) => {
    await using sandbox = await sandboxWith(scenarioOf({ match: { operation: 'juspay.*' }, effect }))
    const { status, headers } = await ask(sandbox, WALLET)
    expect([status, headers.get('x-sandbox-latency-ms')]).toEqual([
      'error' in effect || 'response' in effect ? 504 : 200,
      '2000',
    ])
  })
  await using sandbox = await createSandbox({
    scenario: scenarioOf({ effect: { fault: 'reset', delay: { fixed: 60 } } }),
  })
  const start = performance.now()
  await expect(ask(sandbox, WALLET)).rejects.toThrow('fetch failed')
  expect(performance.now() - start).toBeGreaterThanOrEqual(59)
})
