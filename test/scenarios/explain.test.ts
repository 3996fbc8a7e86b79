import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSandbox } from '../../src/sandbox.js'
import { ask, CUSTOMER, FROZEN, REFRESH, sandboxFor, WALLET, WALLET_ID } from '../control/helpers.js'

const ERROR = { error: 'server_error' } as const
const STUB = { response: { status: 418 } }

/** What the journal says of the rule "r" about the last of some calls. */
async function reasonOf(rule: object, calls = 1, path = `${WALLET}?note=tea`) {
  const sandbox = await sandboxFor({ scenario: { name: 's', rules: [{ name: 'r', effect: ERROR, ...rule }] } })
  for (let call = 0; call < calls; call++) await ask(sandbox, path, 'acme_test_key', { 'x-kind': 'green' })
  const { requests } = await sandbox.control.merchant('acme').requests.get()
  return requests.at(-1)!.rules
}

describe('an entry says why a rule fired or did not', () => {
  test.each([
    [{}, 1, true, `fired on call 1 of ${WALLET_ID}`],
    [{ when: { per: 'merchant', nth: 2 } }, 2, true, 'fired on call 2'],
    [{ when: { per: 'operation' } }, 1, true, 'fired on call 1 of juspay.getWallet'],
    [{ when: { nth: 3 } }, 2, false, `fires on call 3; this was call 2 of ${WALLET_ID}`],
    [{ when: { nth: [3, 5] } }, 1, false, `fires on calls 3, 5; this was call 1 of ${WALLET_ID}`],
    [{ when: { first: 1 } }, 2, false, `fires on the first 1 call; this was call 2 of ${WALLET_ID}`],
    [
      { when: { after: 2, every: 2 } },
      2,
      false,
      `fires on every 2 calls and calls after 2; this was call 2 of ${WALLET_ID}`,
    ],
    [{ when: { times: 1 } }, 2, false, `fires 1 time of ${WALLET_ID} at most, and has`],
    [
      { when: { probability: 0.000001 } },
      1,
      false,
      `fires with probability 0.000001; call 1 of ${WALLET_ID} was not drawn`,
    ],
    [
      { when: { window: { from: '1m', to: '2m' } } },
      1,
      false,
      'fires from 1m until 2m after the scenario began; this call came outside',
    ],
    [{ match: { operation: 'juspay.refresh*' } }, 1, false, 'matches juspay.refresh*, this is juspay.getWallet'],
    [{ match: { wallet: 'wlt_other' } }, 1, false, `matches wallet wlt_other, this is ${WALLET_ID}`],
    [{ match: { customer: 'cst_other' } }, 1, false, `matches customer cst_other, this is ${CUSTOMER}`],
    [{ match: { apiKey: 'another_*' } }, 1, false, 'matches another API key'],
    [{ match: { merchant: 'globex' } }, 1, false, 'matches merchant globex, this is acme'],
    [{ match: { header: { 'X-Kind': 'r*' } } }, 1, false, 'matches header x-kind r*, this is green'],
    [{ match: { header: { 'x-none': '*' } } }, 1, false, 'matches header x-none *, this has none'],
    [{ match: { query: { note: 'coffee' } } }, 1, false, 'matches query note coffee, this is tea'],
    [{ match: { body: { amount: '5*' } } }, 1, false, 'matches body amount 5*, this has another'],
    [{ match: { path: '/v2/*' }, effect: STUB }, 1, false, 'matches paths of no operation, this is juspay.getWallet'],
  ])('%j', async (rule, calls, fired, why) => {
    expect(await reasonOf(rule, calls)).toEqual([{ name: 'r', fired, why }])
  })

  test.each([
    [{ path: '/v2/a' }, 'matches path /v2/a, this is /v2/b'],
    [{ path: '/v2/*', method: 'POST' as const }, 'matches method POST, this is GET'],
    [{ path: '/v2/*', header: { 'x-kind': 'red' } }, 'matches header x-kind red, this has none'],
    [{ operation: 'juspay.*' }, 'matches juspay.*, this is no operation'],
  ])('at a path that another rule answers: %j', async (match, why) => {
    const rules = [
      { name: 'r', match, effect: STUB },
      { name: 'all', match: { path: '/v2/*' }, effect: STUB },
    ]
    const sandbox = await sandboxFor({ scenario: { name: 's', rules } })
    await ask(sandbox, '/juspay/v2/b')
    const [entry] = (await sandbox.control.merchant('acme').requests.get()).requests
    expect(entry!.rules[0]).toEqual({ name: 'r', fired: false, why })
  })

  test('in their order, up to the one that fired', async () => {
    const rules = [
      { name: 'late', phase: 'before-commit' as const, effect: ERROR },
      { name: 'never asked', effect: ERROR, match: { header: { 'x-none': 'x' } } },
      { name: 'early', phase: 'before-auth' as const, match: { operation: 'juspay.list*' }, effect: ERROR },
    ]
    const sandbox = await sandboxFor({ scenario: { name: 's', rules: [rules[2]!, rules[0]!] } })
    await ask(sandbox, WALLET)
    await ask(sandbox, REFRESH, 'no_such_key')
    const { requests } = await sandbox.control.requests.get()
    expect(requests.map((entry) => entry.rules.map(({ name, fired }) => [name, fired]))).toEqual([
      [
        ['early', false],
        ['late', true],
      ],
      [['early', false]],
    ])
  })

  test('of the scenario that was in force, and with what the answer rests on', async () => {
    const sandbox = await sandboxFor({
      scenario: { name: 's', rules: [{ name: 'r', when: { nth: 2 }, effect: ERROR }] },
    })
    await ask(sandbox, WALLET)
    await sandbox.control.scenario.delete()
    await ask(sandbox, WALLET)
    const { requests } = await sandbox.control.requests.get()
    expect(requests.map(({ rules }) => rules.length)).toEqual([1, 0])
    expect(requests[0]).toMatchObject({ grade: 'published', source: expect.stringMatching(/\w/) })
  })
})

test('next is the call on which a rule fires, until it never does again', async () => {
  const whole = (max: number) => fc.integer({ min: 1, max })
  const when = fc.record(
    {
      nth: fc.uniqueArray(whole(8), { minLength: 1, maxLength: 3 }),
      first: whole(9),
      after: whole(4),
      every: whole(3),
      times: whole(3),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(when, async (when) => {
      const scenario = { name: 's', rules: [{ name: 'r', when, effect: ERROR }] }
      await using sandbox = await createSandbox({ scenario, clock: FROZEN, latency: 'off' }).catch((error) => {
        // One that can never fire is refused.
        fc.pre(!/never/.test(String(error)))
        throw error
      })
      const { scenario: run } = sandbox.control.merchant('acme')
      let promised = (await run.get()).rules[0]!.next
      for (let call = 1; call <= 14; call++) {
        const { status } = await ask(sandbox, WALLET)
        expect([call, status]).toEqual([call, promised?.call === call ? 500 : 200])
        promised = (await run.get()).rules[0]!.next
        if (promised) expect(promised).toEqual({ call: expect.any(Number), resource: WALLET_ID })
      }
    }),
    { numRuns: 25 },
  )
})

test.each([
  [{ probability: 0.5 }, null],
  [{ window: { from: '1m' } }, null],
  [
    { window: { to: '1m' }, nth: 4 },
    { call: 4, resource: '*' },
  ],
])('next of %j before any call', async (when, next) => {
  const sandbox = await sandboxFor({ scenario: { name: 's', rules: [{ name: 'r', when, effect: ERROR }] } })
  const report = await sandbox.control.merchant('acme').scenario.get()
  expect(report.rules[0]!.next).toEqual(next)
  expect((await sandbox.control.scenario.put(report as never)).rules[0]!.next).toEqual(next)
})
