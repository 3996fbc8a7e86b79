import { expect, test } from 'vitest'
import { commandFlow } from '../../src/cli/command-flow.js'
import { FAULTS } from '../../src/explore/schedules.js'
import {
  type ExploreFinding,
  type ExploreOptions,
  explore,
  type Fixtures,
  type Flow,
  type FlowContext,
} from '../../src/index.js'
import { every } from '../every.js'
import { CLIENTS, type ClientName, drawing, reconcile, Shop } from './clients.js'

/** All that does not wait for a Retry-After of a second, and one of each kind. */
const QUICK = FAULTS.filter((name) => name !== '429')
const KINDS = ['reset', 'truncate', '401', 'expired-token', 'status-unavailable', 'slow']
const DEBIT = 'juspay.debitWallet'
const REFUND = 'juspay.refundOrder'
const at = (operation: string, ...faults: string[]) => faults.map((fault) => `${operation}#1:${fault}`)
const LOST = ['reset:after-commit', 'truncate:after-commit', 'status-unavailable']

/** What an exploration of each client finds: the schedules by kind. */
const FOUND: readonly (readonly [ClientName, ExploreOptions, Partial<Record<ExploreFinding['kind'], string[]>>])[] = [
  ['right', { faults: KINDS, operations: ['juspay.createOrder', DEBIT, REFUND] }, {}],
  [
    'pays under a new order',
    { faults: QUICK, operations: [DEBIT] },
    {
      'charged twice': [
        ...at(DEBIT, 'reset:after-commit', 'hang:after-commit', '502:after-commit'),
        ...at(DEBIT, 'truncate:after-commit', 'status-unavailable'),
      ],
    },
  ],
  [
    'repeats the debit blindly',
    { faults: KINDS, operations: [DEBIT] },
    { 'breaks a rule': at(DEBIT, 'reset:before-commit', ...LOST) },
  ],
  [
    'takes a time-out for failure',
    { faults: KINDS, operations: [DEBIT] },
    { 'paid and told it failed': at(DEBIT, ...LOST) },
  ],
  [
    'refunds by another id',
    { faults: KINDS, operations: [REFUND] },
    { 'refunded twice': at(REFUND, ...LOST), 'breaks a rule': at(REFUND, ...LOST) },
  ],
  [
    'counts an event twice',
    { faults: ['duplicate', 'drop', 'late'] },
    { 'says something else': ['ORDER_SUCCEEDED#1:duplicate'] },
  ],
  ['gives up on 429', { faults: ['429', 'reset'], operations: [DEBIT] }, { 'gives up too early': at(DEBIT, '429') }],
]

async function kindsFound(name: ClientName, options: ExploreOptions = {}) {
  const { findings } = await explore(CLIENTS[name], { reconcile, ...options })
  const kinds: Partial<Record<ExploreFinding['kind'], string[]>> = {}
  for (const { kind, schedule } of findings) kinds[kind] = [...(kinds[kind] ?? []), schedule]
  return kinds
}

test('each client is found for what it is, and the right one is cleared', async () => {
  await every(FOUND, async ([name, options, found]) => expect(await kindsFound(name, options)).toEqual(found))
  await expect(kindsFound('differs from run to run')).rejects.toThrow(/differ at call 1: juspay\..* then juspay\./)
})

test('the same exploration has the same report, in another order, with other jobs and at another time', async () => {
  const options = { faults: ['reset', '502'] }
  const report = await explore(drawing, { ...options, jobs: 8 })
  const only = report.schedules.map(({ name }) => name).toReversed()
  const again = await explore(drawing, { only, jobs: 1, clock: '2030-01-01T00:00:00Z' })
  expect([again, String(again), JSON.stringify(again)]).toEqual([report, String(report), JSON.stringify(report)])
  expect(structuredClone(report)).toEqual(report)
  expect(report.findings[0]).toMatchObject({
    kind: 'charged twice',
    message: expect.stringMatching(
      /^answer of `POST \/txns` \(call 3\) lost after the commit \(reset\): charged twice, /,
    ),
    test: expect.stringContaining(`explore(flow, { only: ['juspay.debitWallet#1:reset:after-commit'] })`),
    capsule: { merchant: 'sandbox_explore_juspay.debitWallet-1-reset-after-commit' },
  })
  expect(`${report}${JSON.stringify(report)}`).not.toMatch(/0\.\d{6}|127\.0\.0\.1|20\d\d-/)
})

const PAIR = 'juspay.debitWallet#1:reset:before-commit+juspay.debitWallet#2:reset:after-commit'

test('at depth 2, pairs of what does no harm alone', async () => {
  const options = { depth: 2, faults: ['reset'], operations: [DEBIT, REFUND] } as const
  expect(await kindsFound('right', options)).toEqual({})
  const found = await kindsFound('pays under a new order', options)
  expect(found['charged twice']).toEqual(['juspay.debitWallet#1:reset:after-commit'])
  // The first debit is not made, the answer of the one of the other order is lost, and nobody asks for that.
  expect(found['paid and told it failed']).toContain(PAIR)
  expect(await kindsFound('pays under a new order', { only: [PAIR] })).toEqual({ 'paid and told it failed': [PAIR] })
})

const WALLET = '/wallets/wlt_q23xzki3pazgtezo'

test('calls that overlap pass both ways round, and a double click', async () => {
  const racing: Flow = async (context) => {
    // Calls take a moment in the run that shows which overlap.
    const shop = new Shop(context, 5000)
    await shop.open('tea-1')
    const [seen] = await Promise.all([shop.read('/orders/tea-1'), shop.debit('tea-1')])
    return seen.body.status
  }
  const races = await explore(racing, { races: true, faults: ['truncate'], operations: ['juspay.createOrder'] })
  expect((await explore(CLIENTS.right, { reconcile, races: true, faults: ['expired-token'] })).notes).toEqual([
    'no two calls of the flow overlap, so there is no race',
  ])
  const turned = races.schedules.filter(({ name }) => name.includes('>'))
  expect(turned.map(({ name }) => name)).toContain('juspay.getWallet#1>juspay.getOrder#1')
  expect(turned.every(({ mark }) => mark !== 'not reached')).toBe(true)

  const clicked = async (order: () => string) => {
    const flow: Flow = async (context) => {
      const shop = new Shop(context)
      const name = order()
      await shop.open(name)
      if ((await shop.debit(name)).status !== 200 && (await shop.debit(name)).status !== 200)
        throw new Error('not paid')
    }
    return (await explore(flow, { only: ['twice'] })).findings.map(({ message }) => message)
  }
  expect(await clicked(() => 'tea-1')).toEqual([])
  let n = 0
  expect(await clicked(() => `tea-${++n}`)).toEqual([
    'the flow started twice at once: charged twice, 219.10 for 109.55',
  ])
})

test('a wallet apart from its customer is there once, and its provider holds enough for a second payment', async () => {
  const fixtures: Fixtures = {
    merchants: [
      {
        id: 'shop',
        customers: [{ id: 'cst_om2l6ctlptxwxuzj' }],
        wallets: [
          {
            customer: 'cst_om2l6ctlptxwxuzj',
            id: 'wlt_q23xzki3pazgtezo',
            wallet: 'MOBIKWIK',
            linked: true,
            balance: 120,
            lastRefreshed: '2023-09-11T08:29:47Z',
          },
        ],
      },
    ],
  }
  const seen: unknown[] = []
  const flow: Flow = async (context) => {
    const shop = new Shop(context)
    await shop.open('tea-1')
    await shop.debit('tea-1')
    const [state] = (await context.control.state.get()).merchants
    seen.push(state!.customers![0]!.wallets?.map(({ provider }) => provider?.balance))
  }
  await explore(flow, { fixtures, faults: ['drop'] })
  expect(seen).toEqual([[10.45], [985.95]])
})

test('a flow without a time-out, one that is left pending, and what is refused', async () => {
  const endless: Flow = async ({ fetch }) => (await fetch(WALLET)).status
  const late = await explore(endless, { faults: ['hang'], timeout: 100 })
  expect(late.findings.map(({ kind }) => kind)).toEqual(['no time-out'])

  const { reconcile: _, ...alone } = { reconcile, only: ['juspay.debitWallet#1:status-unavailable'] }
  const pending = await explore(CLIENTS.right, alone)
  expect(pending.findings.map(({ kind }) => kind)).toEqual(['paid and left pending'])
  expect(pending.summary).toBe('9 calls, 1 schedule, depth 1: 1 leaves a payment pending')
  expect((await explore(CLIENTS.right, { max: 1, reconcile })).notes).toEqual([
    expect.stringMatching(/left out: at most 1/),
  ])

  await every(
    [
      [{ depth: 3 }, 'options.depth: is 3; allowed: a whole number from 1 to 2'],
      [{ faults: ['rest'] }, 'Did you mean "reset"?'],
      [{ only: ['juspay.debitWallet#1:reset'] }, 'is not a schedule of this flow'],
      [
        { operations: ['juspay.*', 'juspay.debitWalet'] },
        'operations: "juspay.debitWalet" names no call of this flow. Did you mean "juspay.debitWallet"? Its calls: ',
      ],
      [{ sede: 1 }, 'options.sede: is unknown. Did you mean "seed"?'],
    ] as const,
    async ([options, sentence]) => {
      await expect(explore(CLIENTS.right, options as never)).rejects.toThrow(sentence)
    },
  )
  await expect(explore(() => {})).rejects.toThrow('WALLETS_URL')
})

test('a command finds its merchant in its environment, and its end and its last line are what it says', async () => {
  const { signal } = new AbortController()
  const given = { url: 'http://sandbox', key: 'k', merchantId: 'm', responseKey: 'r', job: 3, signal } as FlowContext
  const own = ['URL', 'MERCHANT', 'RESPONSE_KEY', 'JOB'].map((name) => `\\"$WALLETS_${name}\\"`)
  await every(
    [
      [`echo first; echo "[${own},\\"$WALLET_SANDBOX_KEY\\"]"`, ['http://sandbox', 'm', 'r', '3', 'k']],
      ['echo paid', undefined],
      ['echo {}; exit 75', { outcome: 'pending' }],
      ['echo "TypeError: no"; echo "at all" >&2; exit 3', new Error('exit 3: TypeError: no')],
      ['kill -9 $$', new Error('exit by a signal: no output')],
    ] as const,
    async ([command, said]) => {
      const outcome = await Promise.resolve(commandFlow(command)(given)).catch((error: unknown) => error)
      expect(outcome).toEqual(said)
    },
  )
})

test('no two flows that run at once have the same job, and the signal of each aborts at its end', async () => {
  const signals = new Set<AbortSignal>()
  const underWay = new Set<number>()
  const seen = new Set<number>()
  const flow: Flow = async (context) => {
    expect(underWay.has(context.job)).toBe(false)
    seen.add(context.job)
    signals.add(context.signal)
    underWay.add(context.job)
    await new Shop(context).read(WALLET).finally(() => underWay.delete(context.job))
  }
  const { schedules, findings } = await explore(flow, { jobs: 2, twice: true, faults: ['401', 'slow', 'reset'] })
  expect([schedules.length, findings]).toEqual([4, []])
  expect([...seen].sort()).toEqual([0, 1, 2])
  expect([...signals].every(({ aborted }) => aborted)).toBe(true)
})
