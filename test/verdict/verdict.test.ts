import { expect, onTestFinished, test, vi } from 'vitest'
import type { Scenario } from '../../src/index.js'
import { type Arrival, type Ended, NO_FACTS, UNEVENTFUL } from '../../src/journal/entry.js'
import { Journal } from '../../src/journal/journal.js'
import { KnownKeys } from '../../src/journal/known-keys.js'
import { Clock } from '../../src/lib/clock.js'
import { parseLatencyMode } from '../../src/scenarios/latency-mode.js'
import { VENDORS } from '../../src/vendors/index.js'
import { DEFAULT_STRICTNESS, parseStrictness, RULE_NAMES } from '../../src/verdict/levels.js'
import { RULES } from '../../src/verdict/rules/index.js'
import type { Judged } from '../../src/verdict/run.js'
import { judge, type Verdict } from '../../src/verdict/verdict.js'
import { control } from '../control/helpers.js'
import { expectProportion } from '../cpu.js'
import { every } from '../every.js'
import { PAIRS, type Pair, type Shop, shopAt } from './clients.js'

async function verdictOn(pair: Pair, act: 'right' | 'wrong'): Promise<Verdict> {
  const shop = await shopAt(pair.options)
  try {
    await pair[act](shop)
    return await shop.sandbox.control.verdict()
  } finally {
    vi.restoreAllMocks()
    await shop.sandbox.close()
  }
}

test('each rule finds the wrong client, and only what it did wrong', () =>
  every(
    PAIRS.map((pair) => [`${pair.rule}: ${pair.about}`, pair] as const),
    async ([, pair]) => {
      const { verdict, findings } = await verdictOn(pair, 'wrong')
      expect([verdict, ...new Set(findings.map(({ rule }) => rule))]).toEqual([
        DEFAULT_STRICTNESS.levels[pair.rule],
        pair.rule,
      ])
      for (const { merchant, requests } of findings) {
        expect(merchant).toBe('acme')
        expect(requests.length).toBeGreaterThan(0)
      }
    },
  ))

test('and none the right one', () =>
  every(
    PAIRS.map((pair) => [`${pair.rule}: ${pair.about}`, pair] as const),
    async ([, pair]) => {
      expect(await verdictOn(pair, 'right')).toEqual({ verdict: 'ok', findings: [] })
    },
  ))

test('each rule has a pair of clients, and says what it rests on', () => {
  expect(new Set(PAIRS.map(({ rule }) => rule))).toEqual(new Set(RULE_NAMES))
  for (const { evidence } of Object.values(RULES))
    expect(evidence.source).toMatch(evidence.grade === 'published' ? /“.+” \(.+\)/ : /./)
})

/** A client that breaks two rules. */
async function offender(verdict = 'default'): Promise<Shop> {
  const shop = await shopAt({ verdict })
  onTestFinished(() => shop.sandbox.close())
  await shop.client.get('/customers/guest_user/wallets?otp=123456')
  return shop
}

test('levels are set for the sandbox, and for one answer', async () => {
  const cases: [server: string, ask: string | undefined, verdict: string, levels: string[]][] = [
    ['default', undefined, 'fail', ['warn', 'fail']],
    ['secret-in-query=warn', undefined, 'warn', ['warn', 'warn']],
    ['all=off', undefined, 'ok', []],
    ['all=off,routing-id-missing=fail', undefined, 'fail', ['fail']],
    ['secret-in-query=off', 'routing-id-missing=fail', 'fail', ['fail']],
    ['all=off', 'default', 'ok', []],
    ['all=off', 'all=warn', 'warn', ['warn', 'warn']],
  ]
  await every(cases, async ([server, levels, verdict, found]) => {
    const { sandbox } = await offender(server)
    const given = levels === undefined ? {} : { levels }
    const judged = await sandbox.control.merchant('acme').verdict(given)
    expect([judged.verdict, judged.findings.map(({ level }) => level)]).toEqual([verdict, found])
    const query = levels === undefined ? '' : `?levels=${encodeURIComponent(levels)}`
    expect((await control(sandbox, 'GET', `/verdict${query}`)).body).toEqual(judged)
    expect((await control(sandbox, 'GET', `/merchants/globex/verdict${query}`)).body.findings).toEqual([])
  })
})

test('a finding names the rule, the calls and the sentence', async () => {
  const { sandbox } = await offender()
  const { findings } = await sandbox.control.verdict()
  expect(findings[1]).toEqual({
    rule: 'secret-in-query',
    level: 'fail',
    message: 'The parameter "otp" of a query holds a secret.',
    requests: [1],
    merchant: 'acme',
    grade: 'inferred',
    source: RULES['secret-in-query'].evidence.source,
  })
})

test('an error that a rule of the scenario made is not held against the client that tries again', () =>
  every(
    [
      [{ error: 'invalid_authentication' }, [401, 401, 401]],
      [{ error: 'bad_request' }, [400, 400, 400]],
      [{ error: 'server_error' }, [500, 500, 500]],
      [{ response: { status: 403, body: {} } }, [403, 403, 403]],
      [{ state: 'revoke-key' }, [401, 401, 401]],
      [{ state: 'revoke-key' }, [200, 401, 401], 'before-commit'],
    ] as const,
    async ([effect, statuses, phase = 'before-auth']) => {
      const rules = [{ name: 'made', when: { first: statuses.length }, effect, phase }]
      const { sandbox, get, sleep } = await shopAt({ scenario: { name: 'made', rules } as Scenario })
      onTestFinished(() => sandbox.close())
      const seen: number[] = []
      for (const pause of [100, 210, 390]) {
        seen.push((await get('/wallets/wlt_q23xzki3pazgtezo')).status)
        await sleep(pause)
      }
      expect([seen, await sandbox.control.verdict()]).toEqual([statuses, { verdict: 'ok', findings: [] }])
    },
  ))

test('bad levels are refused with what is allowed', async () => {
  const { sandbox } = await offender()
  const cases: [string, RegExp][] = [
    [
      'retries-in-stp=fail',
      /^levels: unknown rule "retries-in-stp"\. Did you mean "retries-in-step"\?; allowed: .*rule=off/,
    ],
    ['all=loud', /^levels: "all=loud" sets nothing that is known; allowed: /],
    ['attempts=0', /^levels: "attempts=0" sets nothing/],
    ['attempts', /^levels: "attempts" sets nothing/],
    ['all=fail=off', /^levels: "all=fail=off" sets nothing/],
    ['', /^levels: unknown rule ""; allowed: /],
  ]
  await every(cases, async ([levels, said]) => {
    const { status, body } = await control(sandbox, 'GET', `/verdict?levels=${encodeURIComponent(levels)}`)
    expect([status, body.error.code]).toEqual([400, 'invalid_request'])
    expect(body.error.message).toMatch(said)
  })
  await expect(shopAt({ verdict: 'x=y' })).rejects.toThrow(/^options\.verdict: is "x=y"; allowed: "default", or rule=/)
  expect(parseStrictness('attempts=3, secret-in-query=off')).toMatchObject({ attempts: 3 })
})

test('a call that is not a merchant’s is judged among all, and its key is not repeated', async () => {
  const { client, sandbox } = await shopAt()
  onTestFinished(() => sandbox.close())
  await sandbox.fetch(`${client.origin}/wallets/wlt_a?k=acme_test_key&key2=nobodys`)
  const { findings } = await sandbox.control.verdict()
  expect(findings).toMatchObject([{ rule: 'secret-in-query', merchant: null }])
  expect(JSON.stringify(findings)).not.toContain('acme_test_key')
})

test('a restored state brings a token back, and merchants and customers are apart', async () => {
  const { sandbox, order, token, pay, get } = await shopAt()
  onTestFinished(() => sandbox.close())
  for (let i = 0; i < 2; i++) {
    await order('tea-1')
    await pay('tea-1', await token())
    await sandbox.control.reset({ only: ['state', 'counters'] })
  }
  for (const id of ['a', 'b']) await get(`/customers/guest_user`, { 'x-routing-id': 'guest_user', 'x-test': id })
  const other = { authorization: `Basic ${btoa('globex_test_key:')}`, 'x-routing-id': 'another' }
  await sandbox.fetch('http://x/customers/guest_user/wallets', { headers: other })
  expect(await sandbox.control.verdict()).toEqual({ verdict: 'ok', findings: [] })
})

/** A journal of that many calls, each of which fails and looks into a wallet. */
function crowd(journal: Journal, calls: number): void {
  const row = { id: 'wlt_1', token: 'tok_1', linked: true, current_balance: 1 }
  const knownKeys = new KnownKeys()
  for (let i = 0; i < calls; i++) {
    const arrival: Arrival = {
      knownKeys,
      about: { operation: i % 3 ? 'juspay.getWallet' : 'juspay.debitWallet', customer: `c${i % 50}`, wallet: 'wlt_1' },
      ...{
        at: i,
        arrivedAt: i,
        connection: i,
        vendor: 'juspay',
        merchant: 'acme',
        authorization: 'Basic eA==',
        key: 'x',
      },
      request: {
        method: i % 3 ? 'GET' : 'POST',
        path: `/wallets/wlt_${i % 7}`,
        query: 'otp=1',
        headers: `x-routing-id\nr${i}\nuser-agent\nshop`,
      },
    }
    const ended: Ended = {
      ...UNEVENTFUL,
      measuredMs: 0,
      requestBody: i % 3 ? '' : `order_id=o${i % 9}&direct_wallet_token=tok_1`,
      response: { status: i % 5 ? 200 : 502, headers: {}, body: JSON.stringify({ list: [row, row] }) },
      facts: { ...NO_FACTS, outdated: ['wlt_1'] },
    }
    journal.finish(journal.begin(arrival), ended)
  }
}

test('ten thousand entries, whatever they hold, are judged in one pass and a bounded answer', async () => {
  const crowded = (calls: number): Judged => {
    const journal = new Journal(calls)
    crowd(journal, calls)
    return {
      id: 'acme',
      journal,
      clock: new Clock(),
      latency: parseLatencyMode('off')!,
      webhooks: { deliveries: [], sentAt: new WeakMap() } as never,
    }
  }
  const merchants = { 1: crowded(2_500), 4: crowded(10_000) }
  const facts = { vendors: VENDORS, tokenTtl: 900_000, keys: new Set<string>() }
  await expectProportion((parts) => {
    const { findings } = judge([merchants[parts]], DEFAULT_STRICTNESS, facts)
    expect(new Set(findings.map(({ rule }) => rule)).size).toBeGreaterThan(3)
    expect(JSON.stringify(findings).length).toBeLessThan(1_000_000)
  })
})
