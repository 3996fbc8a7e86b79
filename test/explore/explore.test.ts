import { expect, test } from 'vitest'
import { FAULTS } from '../../src/explore/schedules.js'
import { type ExploreFinding, type ExploreOptions, explore, type Flow } from '../../src/index.js'
import { every } from '../every.js'
import { CLIENTS, type ClientName, drawing, reconcile, Shop } from './clients.js'

/** All that does not wait for a Retry-After of a second. */
const QUICK = FAULTS.map(({ name }) => name).filter((name) => name !== '429')
/** One of each kind. */
const KINDS = ['reset', 'truncate', '401', 'expired-token', 'status-unavailable', 'slow']
const AFTER = ['reset', 'hang', '502', 'truncate'].map((loss) => `${loss}:after-commit`)
const at = (call: string, ...faults: string[]) => faults.map((fault) => `${call}:${fault}`)

/** What an exploration at each depth finds: the schedules by kind. */
const FOUND: Readonly<Record<Exclude<ClientName, 'differs from run to run'>, Record<string, string[]>>> = {
  right: {},
  'pays under a new order': { 'charged twice': at('juspay.debitWallet#1', ...AFTER, 'status-unavailable') },
  'repeats the debit blindly': {
    'breaks a rule': at(
      'juspay.debitWallet#1',
      ...AFTER.slice(0, 3).flatMap((after) => [after.replace('after', 'before'), after]),
      ...['truncate:after-commit', 'status-unavailable'],
    ),
  },
  'takes a time-out for failure': {
    'paid and told it failed': at('juspay.debitWallet#1', ...AFTER, 'status-unavailable'),
  },
  'refunds by another id': {
    'refunded twice': at('juspay.refundOrder#1', ...AFTER, 'status-unavailable'),
    'breaks a rule': at('juspay.refundOrder#1', ...AFTER, 'status-unavailable'),
  },
  'counts an event twice': { 'says something else': ['ORDER_SUCCEEDED#1:duplicate'] },
  'gives up on 429': {},
}

async function kindsFound(name: ClientName, options: Parameters<typeof explore>[1] = {}) {
  const { findings } = await explore(CLIENTS[name], { reconcile, ...options })
  const kinds: Partial<Record<ExploreFinding['kind'], string[]>> = {}
  for (const { kind, schedule } of findings) kinds[kind] = [...(kinds[kind] ?? []), schedule]
  return kinds
}

/** Where the clients differ from the right one. */
const MONEY = ['juspay.debitWallet', 'juspay.refundOrder']

test('each client is found for what it is, and the right one is cleared', async () => {
  await every(Object.entries(FOUND), async ([given, kinds]) => {
    const name = given as ClientName
    const options: Partial<Record<ClientName, ExploreOptions>> = {
      // All of its calls, with every fault, are tried where a test may take longer.
      right: { faults: KINDS, operations: ['juspay.createOrder', ...MONEY] },
      'refunds by another id': { faults: QUICK, operations: ['juspay.refundOrder'] },
      'counts an event twice': { faults: ['duplicate', 'drop', 'late'] },
    }
    expect(await kindsFound(name, options[name] ?? { faults: QUICK, operations: ['juspay.debitWallet'] })).toEqual(
      kinds,
    )
  })
  expect(await kindsFound('gives up on 429', { faults: ['429'], operations: ['juspay.debitWallet'] })).toEqual({
    'gives up too early': ['juspay.debitWallet#1:429'],
  })
  await expect(kindsFound('differs from run to run')).rejects.toThrow(/differ at call 1: juspay\..* then juspay\./)
})

test('the same exploration has the same report, in another order, with other jobs and at another time', async () => {
  const options = { faults: ['reset', '502'] }
  const report = await explore(drawing, { ...options, jobs: 8 })
  const only = report.schedules.map(({ name }) => name).toReversed()
  const again = await explore(drawing, { only, jobs: 1, clock: '2030-01-01T00:00:00Z' })
  expect([String(again), JSON.stringify(again)]).toEqual([String(report), JSON.stringify(report)])
  expect(report.findings.map(({ kind }) => kind)).toContain('charged twice')
  expect(`${report}${JSON.stringify(report)}`).not.toMatch(/0\.\d{6}|127\.0\.0\.1|20\d\d-/)
})

const PAIR = 'juspay.debitWallet#1:reset:before-commit+juspay.debitWallet#2:reset:after-commit'

test('at depth 2, pairs of what does no harm alone', async () => {
  const options = { depth: 2, faults: ['reset'], operations: MONEY } as const
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
      [{ depth: 3 }, 'options.depth: is 3; allowed: 1 or 2'],
      [{ faults: ['rest'] }, 'Did you mean "reset"?'],
      [{ only: ['juspay.debitWallet#1:reset'] }, 'is not a schedule of this flow'],
      [{ sede: 1 }, 'options.sede: is unknown. Did you mean "seed"?'],
    ] as const,
    async ([options, sentence]) => {
      await expect(explore(CLIENTS.right, options as never)).rejects.toThrow(sentence)
    },
  )
  await expect(explore(() => {})).rejects.toThrow('WALLETS_URL')
})
