import { expect, test } from 'vitest'
import type { Fixtures, Sandbox, Scenario } from '../../src/index.js'
import { permutation } from '../../src/lib/random.js'
import { basic, sandboxWith } from './support.js'

const CUSTOMERS = 100
const EACH = 10
/** `npm run soak` has ten. */
const INTERLEAVINGS = Array.from({ length: process.env.SOAK ? 10 : 4 }, (_, i) => i)

const FIXTURES: Fixtures = {
  merchants: [
    {
      id: 'shop',
      juspayApiKeys: [{ key: 'shop_key' }],
      customers: Array.from({ length: CUSTOMERS }, (_, i) => ({
        id: `cst_${i}`,
        wallets: ['PAYTM', 'MOBIKWIK'].map((wallet) => ({
          id: `wlt_${i}${wallet.toLowerCase()}`,
          wallet,
          linked: true,
          balance: i + 0.25,
          lastRefreshed: '2023-01-01T00:00:00Z',
          provider: { balance: 2 * i },
        })),
      })),
    },
  ],
}

const INDEPENDENT: Scenario = {
  name: 'all at once',
  sampling: 'independent',
  latency: {
    'juspay.getWallet': 'published',
    'juspay.*': { percentiles: { 50: 20, 90: 60, 99: 300 } },
  },
  rules: [
    { name: 'nth', match: { operation: 'juspay.getWallet' }, when: { nth: [2, 5] }, effect: { error: 'maintenance' } },
    { name: 'every', match: { operation: 'juspay.refresh*' }, when: { every: 3 }, effect: { state: 'delink' } },
    { name: 'now and then', when: { probability: 0.2 }, effect: { error: 'server_error' } },
    {
      name: 'slower',
      when: { probability: 0.5 },
      effect: { delay: { percentiles: { 50: 5, 99: 50 } } },
    },
  ],
}

const SCHEDULED: Scenario = { name: 'tail', latency: { 'juspay.*': { percentiles: { 50: 20, 90: 60, 99: 300 } } } }

/** What customer `i` asks for in turn. */
const pathOf = (i: number, turn: number) =>
  [
    `/wallets/wlt_${i}paytm`,
    `/customers/cst_${i}/wallets`,
    `/customers/cst_${i}/wallets/refresh-balances`,
    `/wallets/wlt_${i}mobikwik`,
  ][(turn * turn + i) % 4]!

/** Whose turn it is, 1,000 times: each customer's own requests stay in order, whatever the seed. */
const interleaved = (seed: number) => permutation(CUSTOMERS * EACH, seed, 'interleaving').map((n) => n % CUSTOMERS)

type Ask = (path: string) => Promise<Response>

async function said(answer: Promise<Response>): Promise<string> {
  const response = await answer
  const { status, headers } = response
  const shown = ['x-sandbox-rule', 'x-sandbox-latency-ms', 'x-sandbox-fidelity', 'x-sandbox-seed', 'x-request-id']
  return JSON.stringify([status, ...shown.map((name) => headers.get(name)), await response.text()])
}

const headers = basic('shop_key')
const merchant = (scenario: Scenario) => sandboxWith(scenario, { fixtures: FIXTURES, seed: 7 })
const inProcess =
  (sandbox: Sandbox): Ask =>
  (path) =>
    sandbox.fetch(`http://sandbox${path}`, { headers })

/** All thousand requests at once, in one interleaving: each customer's transcript. */
async function transcripts(scenario: Scenario, interleaving: number): Promise<string[]> {
  await using sandbox = await merchant(scenario)
  const ask = inProcess(sandbox)
  const turns = Array.from({ length: CUSTOMERS }, () => 0)
  const answers: Promise<string>[][] = Array.from({ length: CUSTOMERS }, () => [])
  for (const i of interleaved(interleaving)) answers[i]!.push(said(ask(pathOf(i, turns[i]!++))))
  return await Promise.all(answers.map(async (mine) => (await Promise.all(mine)).join('\n')))
}

/** The same over a socket: a hundred customers at once, each asking when it has had its answer. */
async function socketTranscripts(scenario: Scenario): Promise<string[]> {
  await using sandbox = await merchant(scenario)
  const url = await sandbox.listen()
  return await Promise.all(
    Array.from({ length: CUSTOMERS }, async (_, i) => {
      const lines: string[] = []
      for (let turn = 0; turn < EACH; turn++) lines.push(await said(fetch(`${url}${pathOf(i, turn)}`, { headers })))
      return lines.join('\n')
    }),
  )
}

test(`${INTERLEAVINGS.length} interleavings of 1,000 requests, and a socket, give each customer the same answers to the byte`, async () => {
  const first = await transcripts(INDEPENDENT, 0)
  for (const rule of INDEPENDENT.rules!) expect(first.join()).toContain(`"${rule.name}"`)
  expect(new Set(first).size).toBe(CUSTOMERS)
  for (const interleaving of INTERLEAVINGS.slice(1)) expect(await transcripts(INDEPENDENT, interleaving)).toEqual(first)
  expect(await socketTranscripts(INDEPENDENT)).toEqual(first)
})

test('another seed gives others', async () => {
  await using one = await sandboxWith(INDEPENDENT, { fixtures: FIXTURES, seed: 1 })
  await using two = await sandboxWith(INDEPENDENT, { fixtures: FIXTURES, seed: 2 })
  const lines = (sandbox: Sandbox) => Promise.all([0, 1, 2].map((turn) => said(inProcess(sandbox)(pathOf(0, turn)))))
  expect(await lines(one)).not.toEqual(await lines(two))
})

test('on schedule, the k-th call of an operation draws the same delay in all of them, whoever makes it', async () => {
  const runs = INTERLEAVINGS.map(async (interleaving) => {
    await using sandbox = await merchant(SCHEDULED)
    const answers = interleaved(interleaving)
      .slice(0, 300)
      .map((i) => inProcess(sandbox)(`/customers/cst_${i}/wallets`))
    return (await Promise.all(answers)).map((answer) => answer.headers.get('x-sandbox-latency-ms'))
  })
  const [first, ...others] = await Promise.all(runs)
  expect(new Set(first).size).toBeGreaterThan(250)
  for (const other of others) expect(other).toEqual(first)
})
