import { expect, test } from 'vitest'
import { FAULTS } from '../../src/explore/schedules.js'
import { type ExploreFinding, explore } from '../../src/index.js'
import { every } from '../every.js'
import { CLIENTS, type ClientName, reconcile } from './clients.js'

/** All that does not wait for a Retry-After of a second. */
const QUICK = FAULTS.map(({ name }) => name).filter((name) => name !== '429')
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

test('each client is found for what it is, and the right one is cleared', async () => {
  await every(Object.entries(FOUND), async ([name, kinds]) => {
    const faults = name === 'counts an event twice' ? ['duplicate', 'drop', 'late'] : QUICK
    expect(await kindsFound(name as ClientName, { faults })).toEqual(kinds)
  })
  expect(
    Object.keys(await kindsFound('gives up on 429', { faults: ['429'], operations: ['juspay.debitWallet'] })),
  ).toEqual(['gives up too early'])
  await expect(kindsFound('differs from run to run')).rejects.toThrow(/differ at call 1: juspay\..* then juspay\./)
})
