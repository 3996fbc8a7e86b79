import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { main } from '../../src/cli/main.js'
import { createSandbox, type Scenario } from '../../src/index.js'
import { covers, matcher } from '../../src/scenarios/pattern.js'
import { expectProportion } from '../cpu.js'
import { every } from '../every.js'

const folder = mkdtempSync(join(tmpdir(), 'scenarios-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs a command. What it writes of the file's path is cut down to `file`. */
async function command(...argv: string[]) {
  const written = { out: [] as string[], err: [] as string[] }
  const plain = (line: string) => line.replaceAll(join(folder, 'scenario.json'), 'file')
  const exit = await main(argv, {
    out: (line) => written.out.push(plain(line)),
    err: (line) => written.err.push(plain(line)),
    isTerminal: false,
  })
  return { exit, ...written }
}

function validate(scenario: unknown) {
  const file = join(folder, 'scenario.json')
  writeFileSync(file, typeof scenario === 'string' ? scenario : JSON.stringify(scenario))
  return command('validate', file)
}

const rule = (given: object) => ({ name: 'test', rules: [{ name: 'r', effect: { fault: 'reset' }, ...given }] })
const rules = (...given: object[]) => ({
  name: 'test',
  rules: given.map((one, i) => ({ name: `r${i}`, effect: { fault: 'reset' }, ...one })),
})
const latency = (model: unknown, operation = 'juspay.getWallet') => ({ name: 'test', latency: { [operation]: model } })
const changing = 'is "after-commit", but no operation matched changes anything; allowed: "before-auth", "before-commit"'

/** The sentence for each begins with the place in the file. */
const WRONG: readonly (readonly [string, unknown, string])[] = [
  ['no object', 5, '(top): is 5; allowed: an object'],
  ['no name', {}, 'name: is missing; required: a name'],
  ['unknown field', { name: 'x', ruels: [] }, '(top): has an unknown field "ruels". Did you mean "rules"?'],
  [
    'a rule without a name',
    { name: 'x', rules: [{ effect: { fault: 'reset' } }] },
    'rules[0].name: is missing; required',
  ],
  [
    'a rule without an effect',
    { name: 'x', rules: [{ name: 'r' }] },
    'rules[0].effect: is missing; required: an effect: one of {"error"}',
  ],
  [
    'probability of 5',
    rule({ when: { probability: 5 } }),
    'rules[0].when.probability: is 5; allowed: a number from 0 to 1',
  ],
  [
    'a applyBodyFault answer before the change',
    rule({ match: { operation: 'juspay.debitWallet' }, effect: { fault: 'truncate' }, phase: 'before-commit' }),
    'rules[0].phase: is "before-commit", but a fault that spoils the answer comes after the change',
  ],
  [
    'a wallet of an operation that names none',
    rule({ match: { operation: 'juspay.listCustomers', wallet: 'wlt_*' } }),
    'rules[0].match.wallet: is given, but no operation matched names a wallet',
  ],
  [
    'the balance of a provider where there is none',
    rule({ match: { operation: 'juicyway.*' }, effect: { state: 'provider-balance', balance: 5 } }),
    'rules[0].effect.state: is "provider-balance", but no operation matched is of wallets kept at a provider',
  ],
  [
    'probability of 0',
    rule({ when: { probability: 0 } }),
    'rules[0].when.probability: is 0, so the rule can never fire',
  ],
  ['nth of 0', rule({ when: { nth: [1, 0] } }), 'rules[0].when.nth[1]: is 0; allowed: a whole number from 1'],
  [
    'nth of text',
    rule({ when: { nth: 'third' } }),
    'rules[0].when.nth: is "third"; allowed: a whole number from 1, or a list',
  ],
  [
    'misspelt condition',
    rule({ when: { tims: 1 } }),
    'rules[0].when: has an unknown field "tims". Did you mean "times"?',
  ],
  [
    'misspelt match',
    rule({ match: { costumer: 'x' } }),
    'rules[0].match: has an unknown field "costumer". Did you mean "customer"?',
  ],
  ['per outside when', rule({ per: 'merchant' }), 'rules[0]: has an unknown field "per". It is a field of "when".'],
  [
    'unknown per',
    rule({ when: { per: 'wallet' } }),
    'rules[0].when.per: is "wallet"; allowed: "resource", "operation", "merchant"',
  ],
  [
    'window of words',
    rule({ when: { window: { from: 'soon' } } }),
    'rules[0].when.window.from: is "soon"; allowed: milliseconds',
  ],
  [
    'window turned round',
    rule({ when: { window: { from: '2s', to: '1s' } } }),
    'rules[0].when.window: ends at 1000 ms, not after its start at 2000 ms',
  ],
  [
    'counts that never meet',
    rule({ when: { first: 2, after: 5 } }),
    'rules[0].when: allows no call at all, so the rule can never fire',
  ],
  [
    'unknown operation',
    rule({ match: { operation: 'juspay.getWalet' } }),
    'rules[0].match.operation: is "juspay.getWalet", which names no operation. Did you mean "juspay.getWallet"?',
  ],
  [
    'unknown event',
    rule({ match: { event: 'ORDER_SUCEEDED' }, effect: { webhook: 'drop' } }),
    'rules[0].match.event: is "ORDER_SUCEEDED", which names no event. Did you mean "ORDER_SUCCEEDED"?',
  ],
  [
    'pattern of no event',
    rule({ match: { event: 'ORDER_D*' }, effect: { webhook: 'drop' } }),
    'rules[0].match.event: is "ORDER_D*", which names no event.',
  ],
  [
    'shadowed rule',
    rules({ match: { customer: 'c*' } }, { match: { customer: 'cst_*' } }),
    'rules[1]: can never fire, because rules[0] ("r0") takes every request first',
  ],
  [
    'shadowed by header, whatever its case',
    rules({ match: { header: { 'X-Any': 'a*c*e' } } }, { match: { header: { 'x-any': 'abcde' }, wallet: 'w' } }),
    'rules[1]: can never fire, because rules[0] ("r0") takes every request first',
  ],
  [
    'rule shadowed by a later one of an earlier phase',
    rules({}, { phase: 'before-auth' }),
    'rules[0]: can never fire, because rules[1] ("r1") takes every request first',
  ],
  ['empty effect', rule({ effect: {} }), 'rules[0].effect: is empty; required: an effect'],
  [
    'two effects',
    rule({ effect: { fault: 'reset', error: 'server_error' } }),
    'rules[0].effect: has "fault" and "error" together; allowed: an effect: one of',
  ],
  [
    'misspelt effect',
    rule({ effect: { eror: 'server_error' } }),
    'rules[0].effect: has an unknown field "eror". Did you mean "error"?',
  ],
  [
    'a field of an effect without the effect',
    rule({ effect: { status: 500, body: 'x' } }),
    'rules[0].effect: has an unknown field "status". It is a field of "response".',
  ],
  [
    'unknown error',
    rule({ effect: { error: 'rate_limit' } }),
    'rules[0].effect.error: is "rate_limit", which is not an error. Did you mean "rate_limited"?',
  ],
  [
    'an error the vendor has no form for',
    rule({ match: { operation: 'juicyway.*' }, effect: { error: 'provider_timeout' } }),
    'rules[0].effect.error: is "provider_timeout", for which juicyway has no form; allowed for the operations matched: invalid_authentication',
  ],
  [
    'unknown fault',
    rule({ effect: { fault: 'rest' } }),
    'rules[0].effect.fault: is "rest"; allowed: "reset", "close", "hang"',
  ],
  [
    'duration of a reset',
    rule({ effect: { fault: 'reset', duration: 5 } }),
    'rules[0].effect.duration: is given for "reset"; allowed: a duration for "dribble" alone',
  ],
  [
    'status of 99',
    rule({ effect: { response: { status: 99 } } }),
    'rules[0].effect.response.status: is 99; allowed: a status from 200 to 599',
  ],
  [
    'response without a status',
    rule({ effect: { response: { body: '' } } }),
    'rules[0].effect.response.status: is missing; required: a status',
  ],
  [
    'header with a space',
    rule({ effect: { response: { status: 200, headers: { 'a b': '' } } } }),
    'rules[0].effect.response.headers.a b: is "a b"; allowed: names of HTTP headers',
  ],
  [
    'header of two lines',
    rule({ effect: { response: { status: 200, headers: { a: 'b\n' } } } }),
    'rules[0].effect.response.headers.a: is "b\\n"; allowed: text of printable',
  ],
  [
    'length of its own',
    rule({ effect: { response: { status: 200, headers: { 'Content-Length': '9' } } } }),
    'rules[0].effect.response.headers.Content-Length: is "Content-Length"; allowed: names of HTTP headers other than',
  ],
  [
    'negative delay',
    rule({ effect: { delay: { fixed: -1 } } }),
    'rules[0].effect.delay.fixed: is -1; allowed: milliseconds',
  ],
  [
    'published delay',
    rule({ effect: { delay: 'published' } }),
    'rules[0].effect.delay: is "published"; allowed: a latency model: one of {"percentiles"}',
  ],
  [
    'delay of a table that falls',
    rule({ effect: { delay: { percentiles: { 50: 9, 90: 8 } } } }),
    'rules[0].effect.delay: has TP90 = 8 ms, not above TP50 = 9 ms',
  ],
  [
    'unknown state',
    rule({ effect: { state: 'explode' } }),
    'rules[0].effect.state: is "explode"; allowed: "expire-token", "delink"',
  ],
  [
    'balance left out',
    rule({ effect: { state: 'provider-balance' } }),
    'rules[0].effect.balance: is missing; required: an amount',
  ],
  [
    'balance of a third decimal',
    rule({ effect: { state: 'provider-balance', balance: 1.234 } }),
    'rules[0].effect.balance: is 1.234; allowed: an amount with at most two decimals',
  ],
  [
    'balance of a delink',
    rule({ effect: { state: 'delink', balance: 1 } }),
    'rules[0].effect.balance: is given for "delink"; allowed: a balance for "provider-balance" alone',
  ],
  [
    'unknown phase',
    rule({ phase: 'later' }),
    'rules[0].phase: is "later"; allowed: "before-auth", "before-commit", "after-commit"',
  ],
  [
    'after-commit of a read',
    rule({ match: { operation: 'juspay.getWallet' }, phase: 'after-commit' }),
    `rules[0].phase: ${changing}`,
  ],
  [
    'state after-commit',
    rule({ effect: { state: 'delink' }, phase: 'after-commit' }),
    'rules[0].phase: is "after-commit"; allowed for a state effect: "before-auth", "before-commit"',
  ],
  [
    'published for an operation without a table',
    latency('published', 'juspay.refreshAllWallets'),
    'latency.juspay.refreshAllWallets: is "published", but no table is published for juspay.refreshAllWallets; allowed: a model of your own, or one of juspay.getWallet',
  ],
  [
    'misspelt published',
    latency('publised'),
    'latency.juspay.getWallet: is "publised"; allowed: a list of {"window", "model"}, or a latency model: one of "published"',
  ],
  [
    'misspelt model',
    latency({ fixd: 5 }),
    'latency.juspay.getWallet: has an unknown field "fixd". Did you mean "fixed"?',
  ],
  [
    'latency of an unknown operation',
    latency({ fixed: 5 }, 'jusapy.getWallet'),
    'latency.jusapy.getWallet: is "jusapy.getWallet", which names no operation. Did you mean "juspay.getWallet"?',
  ],
  [
    'a table that falls',
    latency({ percentiles: { 50: 5, 90: 4 } }),
    'latency.juspay.getWallet: has TP90 = 4 ms, not above TP50 = 5 ms; allowed: a table that increases',
  ],
  [
    'a table that stands still',
    latency({ percentiles: { 50: 5, 90: 5 } }),
    'latency.juspay.getWallet: has TP90 = 5 ms, not above TP50 = 5 ms',
  ],
  [
    'min above the table',
    latency({ percentiles: { 50: 5 }, min: 6 }),
    'latency.juspay.getWallet: has TP50 = 5 ms, not above min = 6 ms',
  ],
  ['a percentage twice', latency({ percentiles: { 99: 5, '99.0': 6 } }), 'latency.juspay.getWallet: gives 99 % twice'],
  [
    'no percentage',
    latency({ percentiles: { p99: 5 } }),
    'latency.juspay.getWallet.percentiles.p99: is "p99"; allowed: a percentage above 0 and below 100',
  ],
  [
    'a table of nothing',
    latency({ percentiles: {} }),
    'latency.juspay.getWallet.percentiles: is {}; allowed: at least one percentile',
  ],
  [
    'uniform turned round',
    latency({ uniform: { min: 5, max: 2 } }),
    'latency.juspay.getWallet: has a min of 5 ms above its max of 2 ms',
  ],
  [
    'half a lognormal',
    latency({ lognormal: { median: 5 } }),
    'latency.juspay.getWallet.lognormal: is {"median":5}; allowed: the median and one percentile',
  ],
  [
    'a lognormal that falls',
    latency({ lognormal: { median: 5, 99: 4 } }),
    'latency.juspay.getWallet: has 4 ms at 99 % beside a median of 5 ms',
  ],
  [
    'a model twice in a list, the second wrong',
    latency([{ window: { to: '1m' }, model: { fixed: 5 } }, { model: { fixed: '5' } }]),
    'latency.juspay.getWallet[1].model.fixed: is "5"; allowed: milliseconds, or text such as "250ms"',
  ],
  [
    'no models',
    latency([]),
    'latency.juspay.getWallet: is []; allowed: a list of {"window", "model"}, or a latency model',
  ],
  [
    'a list with an unpublished table',
    latency([{ model: 'published' }], 'juspay.refreshAllWallets'),
    'latency.juspay.refreshAllWallets[0].model: is "published", but no table is published for juspay.refreshAllWallets',
  ],
  [
    'a model whose window never opens',
    latency([{ window: { daily: { from: '02:00', to: '02:00' } }, model: { fixed: 5 } }]),
    'latency.juspay.getWallet[0].window.daily: ends at the time at which it starts, so the model can never fire; allowed',
  ],
  [
    'a time of day that is none',
    rule({ when: { window: { daily: { from: '24:00', to: '04:00' } } } }),
    'rules[0].when.window.daily.from: is "24:00"; allowed: a time of day such as "02:00"',
  ],
  [
    'an offset that is none',
    rule({ when: { window: { daily: { from: '02:00', to: '04:00', offset: 'IST' } } } }),
    'rules[0].when.window.daily.offset: is "IST"; allowed: a distance from UTC such as "+05:30"',
  ],
  ['a burst of nothing', rule({ when: { for: 0 } }), 'rules[0].when.for: is 0; allowed: a whole number from 1'],
  [
    'two effects beside a delay',
    rule({ effect: { error: 'server_error', fault: 'reset', delay: { fixed: 5 } } }),
    'rules[0].effect: has "error" and "fault" and "delay" together; allowed: an effect',
  ],
  [
    'a delay beside an event',
    rule({ match: { operation: 'juspay.debitWallet' }, effect: { webhook: 'drop', delay: { fixed: 5 } } }),
    'rules[0].effect: has "webhook" and "delay" together; allowed: an effect',
  ],
  [
    'a wrong delay beside an error',
    rule({ effect: { error: 'server_error', delay: { fixed: 'soon' } } }),
    'rules[0].effect.delay.fixed: is "soon"; allowed: milliseconds',
  ],
  [
    'a path that an operation has',
    rule({ match: { path: '/wallets/*' } }),
    'rules[0].match.path: is "/wallets/*", where juspay.getWallet answers; allowed: a path and method that no operation has, or "operation": "juspay.getWallet"',
  ],
  [
    'a path that is none',
    rule({ match: { path: 'refunds' } }),
    'rules[0].match.path: is "refunds"; allowed: a path such as',
  ],
  ['a method alone', rule({ match: { method: 'GET' } }), 'rules[0].match.method: is given without a path; allowed'],
  [
    'a path and an operation',
    rule({ match: { path: '/x', operation: 'juspay.*' } }),
    'rules[0].match.operation: is given beside a path, which no operation has; allowed: one of both',
  ],
  [
    'an error at a path',
    rule({ match: { path: '/x' }, effect: { error: 'not_found' } }),
    'rules[0].effect: is {"error":"not_found"} for a path; allowed: response, fault, delay',
  ],
  [
    'a path after a change',
    rule({ match: { path: '/x' }, phase: 'after-commit' }),
    'rules[0].phase: is "after-commit" for a path; allowed: "before-auth", "before-commit"',
  ],
  [
    'a path that an earlier one takes',
    rules({ match: { path: '/x/*' } }, { match: { path: '/x/y' } }),
    'rules[1]: can never fire, because rules[0] ("r0") takes every request first',
  ],
  [
    'unknown sampling',
    latency({ fixed: 5, sampling: 'wild' }),
    'latency.juspay.getWallet.sampling: is "wild"; allowed: "scheduled", "independent"',
  ],
]

test('validate says in one sentence what is wrong and what is allowed', () =>
  every(WRONG, async ([, scenario, sentence]) => {
    const { exit, out, err } = await validate(scenario)
    expect(err).toEqual([expect.stringContaining(`file:${sentence}`)])
    expect(err[0]).toMatch(/allowed|required|Known|Did you mean|It is a field of/)
    expect(out).toEqual([])
    expect(exit).toBe(1)
  }))

test.each(['trailer', 'TE', 'Upgrade', 'keep-alive', 'connection', 'transfer-encoding'])(
  'the header %s is the server’s',
  async (name) => {
    const { err } = await validate(rule({ effect: { response: { status: 200, headers: { [name]: 'x' } } } }))
    expect(err).toEqual([
      expect.stringContaining(`headers.${name}: is "${name}"; allowed: names of HTTP headers other`),
    ])
  },
)

test('a rule hides another exactly if its pattern takes every text that the other takes', () => {
  const texts = fc.array(fc.constantFrom('a', 'b'), { maxLength: 5 }).map((letters) => letters.join(''))
  const forms = fc.array(fc.constantFrom('a', 'b', '*', '?'), { minLength: 1, maxLength: 5 }).map((of) => of.join(''))
  fc.assert(
    fc.property(forms, forms, fc.array(texts, { minLength: 60 }), (wide, narrow, samples) => {
      if (covers(wide)(narrow))
        for (const text of samples) expect(matcher(narrow)(text) && !matcher(wide)(text)).toBe(false)
      else if (!wide.includes('?')) expect(matcher(wide)(narrow)).toBe(false)
    }),
  )
})

/** What each of many rules binds, by turns; none hides another. */
const MANY: readonly ((n: number) => object)[] = [
  (n) => ({ customer: `c${n}` }),
  (n) => ({ customer: `c${n}x*` }),
  (n) => ({ customer: `*x${n}` }),
  (n) => ({ header: { 'x-any': `v${n}x*` }, query: { q: `*y${n}` } }),
]

test('10,000 rules are taken, one more is not', async () => {
  await using sandbox = await createSandbox()
  const matches = Array.from({ length: 10_000 }, (_, n) => ({ match: MANY[n % MANY.length]!(n) }))
  const scenario = rules(...matches) as Scenario
  await sandbox.control.scenario.put(scenario)
  expect((await sandbox.control.scenario.get())?.rules).toHaveLength(10_000)
  scenario.rules!.push(scenario.rules![0]!)
  await expect(sandbox.control.scenario.put(scenario)).rejects.toThrow(
    'scenario:rules: are 10,001; allowed: at most 10,000 rules',
  )
})

test('validate takes time for what rules do, not for each beside each', () =>
  expectProportion(async (parts) => {
    const given = Array.from({ length: 50 * parts }, (_, n) => ({
      match: { customer: `c${n}x*` },
      when: { nth: n + 1 },
    }))
    expect((await validate(rules(...given))).out).toHaveLength(1 + 50 * parts)
  }))

test('every fault is reported at once', async () => {
  const { err } = await validate(rules({ when: { first: 0 } }, { phase: 'never' }, { effect: { fault: 'x' } }))
  expect(err.map((line) => line.split(': ')[0])).toEqual([
    'file:rules[0].when.first',
    'file:rules[1].phase',
    'file:rules[2].effect.fault',
  ])
})

test('the same faults stop a sandbox', async () => {
  const scenario = rule({ when: { probability: 5 } }) as Scenario
  await expect(createSandbox({ scenario })).rejects.toThrow(
    'scenario:rules[0].when.probability: is 5; allowed: a number from 0 to 1',
  )
  await expect(createSandbox({ scenario: 'instnat' })).rejects.toThrow('Did you mean "instant"?')
  const { exit, err } = await command('--scenario', 'instnat', '--port', '0')
  expect([exit, err.length]).toEqual([2, 1])
})

test('validate counts how often each rule fires, earlier rules before it', async () => {
  const { exit, out, err } = await validate(
    rules(
      { when: { nth: [3, 5] } },
      { when: { every: 10 }, match: { operation: 'juspay.*', wallet: 'wlt_*', header: { 'X-Any': '?' } } },
      { when: { window: { from: '10s', to: '1m' } }, phase: 'before-auth' },
      { when: { probability: 0.5, times: 7 } },
      { when: { window: { from: '2h' } } },
      { match: { header: { 'X-Any': 'a', 'x-any': 'b' } } },
    ),
  )
  const times = out.slice(1).map((line) => /^file:rules\[\d\]: "r\d" (.*) in 1,000 calls/.exec(line)?.[1])
  expect(times).toEqual([
    'fires twice',
    'fires 94 times',
    'fires 50 times',
    'fires 7 times',
    'never fires',
    'never fires',
  ])
  expect([exit, err]).toEqual([0, []])
})

test('validate counts the calls of bursts, and those of a daily window from its start on', async () => {
  const { out } = await validate(
    rules(
      { when: { every: 100, for: 5 } },
      { when: { window: { daily: { from: '02:00', to: '02:05', offset: '+05:30' } } } },
    ),
  )
  expect(out.slice(1)).toEqual([
    'file:rules[0]: "r0" fires 46 times in 1,000 calls of one customer or wallet, one a second',
    'file:rules[1]: "r1" fires 289 times in 1,000 calls of one customer or wallet, one a second from 02:00 on',
  ])
})

test('a rule that others leave nothing to is told', async () => {
  const { out } = await validate(rules({ when: { first: 5 } }, { when: { after: 1 } }, { when: { first: 1 } }, {}))
  expect(out.slice(1).map((line) => /"r\d" (.*) in/.exec(line)?.[1])).toEqual([
    'fires 5 times',
    'fires 994 times',
    'fires once',
    'never fires',
  ])
})

test('scenarios lists the shipped ones with the first sentence of each description', async () => {
  const { exit, out } = await command('scenarios')
  expect(exit).toBe(0)
  expect(out).toContain('unauthorized              Every call is refused with 401.')
  expect((await command('scenarios', 'all')).exit).toBe(2)
})
