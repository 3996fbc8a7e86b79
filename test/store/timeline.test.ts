import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toCustomer } from '../../src/fixture-files/convert.js'
import { baselineOf, type State } from '../../src/store/state.js'
import { compare, merge, Timeline, type TimelineEntry, walk } from '../../src/store/timeline.js'
import { openWallet, post, withCurrencyWallet } from '../../src/wallets/currency-wallet.js'
import type { CurrencyWallet, Customer } from '../../src/wallets/model.js'
import { stateInMemory } from './customers.js'

const place = fc.record({
  id: fc.stringMatching(/^[a-f]{3}$/),
  at: fc.nat(3),
  sequence: fc.nat(3),
  customer: fc.constant('ada'),
})
const places = fc.uniqueArray(place, { selector: ({ id }) => id, maxLength: 30 })

const timelineOf = (entries: readonly TimelineEntry[]) => {
  const timeline = new Timeline()
  for (const entry of entries) timeline.add(entry)
  return timeline.entries()
}

test('two timelines walked as one, from anywhere and both ways, are one sorted list', () => {
  fc.assert(
    fc.property(places, fc.nat(), fc.option(fc.nat(), { nil: undefined }), (all, cut, start) => {
      const [a, b] = [all.slice(0, cut % (all.length + 1)), all.slice(cut % (all.length + 1))]
      const sorted = [...all].sort(compare)
      const index = start === undefined || all.length === 0 ? undefined : start % all.length
      const from = index === undefined ? undefined : sorted[index]
      const both = (direction: 'older' | 'newer') => [
        ...merge(direction, walk(timelineOf(a), { direction, from }), walk(timelineOf(b), { direction, from })),
      ]
      expect(both('older')).toEqual(sorted.slice(0, index ?? all.length).reverse())
      expect(both('newer')).toEqual(index === undefined ? sorted : sorted.slice(index + 1))
    }),
  )
})

describe('a state', () => {
  const wallet = (id: string, second: number, sequence: number): CurrencyWallet =>
    openWallet(
      { id, accountId: 'account', currency: 'USD', sequence },
      { id: `event of ${id}`, reason: null, at: `2025-08-01T10:00:0${second}Z` },
    )
  const owner = (id: string, ...wallets: CurrencyWallet[]): Customer => ({
    ...toCustomer({ id }),
    currencyWallets: wallets,
  })
  const credited = (given: CurrencyWallet, id: string, sequence: number): CurrencyWallet => {
    const posting = post(given, {
      id,
      type: 'credit',
      amount: 1,
      description: null,
      correlationId: id,
      reference: id,
      at: '2025-08-01T10:00:05Z',
      sequence,
    })
    return posting!.wallet
  }
  const ids = (state: State) => Array.from(state.walkWallets({ direction: 'older' }), (owned) => owned.wallet.id)
  const transactionIds = (state: State, customer?: string) =>
    Array.from(state.walkTransactions({ direction: 'older' }, customer), ({ transaction }) => transaction.id)

  const seed = () => {
    const state = stateInMemory(baselineOf({ id: 'acme' }))
    state.put(owner('ada', wallet('a1', 1, 1), wallet('a2', 1, 2)))
    state.put(owner('bob', wallet('b1', 0, 0)))
    return baselineOf({ id: 'acme', customers: [...state.checkpoint()] })
  }

  test('lists what its seed has and what came later once each', () => {
    const state = stateInMemory(seed())
    expect(ids(state)).toEqual(['a2', 'a1', 'b1'])
    state.put({ ...state.customer('bob')!, objectReferenceId: 'bob@example.com' })
    state.put(withCurrencyWallet(state.customer('bob')!, wallet('b2', 3, state.nextSequence())))
    expect(ids(state)).toEqual(['b2', 'a2', 'a1', 'b1'])
    expect(Array.from(state.walkWallets({ direction: 'newer' }, 'bob'), (owned) => owned.wallet.id)).toEqual([
      'b1',
      'b2',
    ])
  })

  test('exported and openWallet again is the same in everything that a list or a draw depends on', () => {
    const state = stateInMemory(seed())
    for (const [id, walletId] of Object.entries({ t1: 'a1', t2: 'b1', t3: 'a1' })) {
      const { customer, wallet } = state.currencyWallet(walletId)!
      state.put(withCurrencyWallet(customer, credited(wallet, id, state.nextSequence())))
    }
    const answered = [{ key: 'k', request: 'digest', at: 0, outcome: { status: 200, body: '{}' } }]
    state.put({ ...state.customer('ada')!, answered })
    const again = stateInMemory(baselineOf({ id: 'acme', customers: [...state.checkpoint()] }))
    for (const each of [state, again]) {
      expect(ids(each)).toEqual(['a2', 'a1', 'b1'])
      expect(transactionIds(each)).toEqual(['t3', 't2', 't1'])
      expect(transactionIds(each, 'ada')).toEqual(['t3', 't1'])
      expect(each.transaction('t2')).toMatchObject({ customer: { id: 'bob' }, wallet: { balance: 1 } })
      expect(each.find('requestKey', 'k')?.answered).toEqual(answered)
      expect([each.nextSequence(), each.accountId]).toEqual([6, 'account'])
    }
    expect([...again.checkpoint()]).toEqual([...state.checkpoint()])
  })

  test('a change that was taken back leaves no trace in its lists', () => {
    const state = stateInMemory(seed())
    const before = state.customer('ada')!
    state.put(withCurrencyWallet(before, credited(before.currencyWallets[0]!, 't1', 3)))
    state.put(before)
    expect([transactionIds(state), state.transaction('t1')]).toEqual([[], undefined])
    state.put(withCurrencyWallet(before, credited(before.currencyWallets[0]!, 't1', 4)))
    expect(transactionIds(state)).toEqual(['t1'])
  })

  test('requests that were forgotten are found no more', () => {
    const state = stateInMemory(seed())
    const request = (key: string) => ({ key, request: '', at: 0, outcome: { status: 200, body: '' } })
    const [a, b, c] = [request('a'), request('b'), request('c')]
    const ada = state.customer('ada')!
    state.put({ ...ada, answered: [a, b] })
    state.put({ ...ada, answered: [b, c] })
    expect(['a', 'b', 'c'].map((key) => state.find('requestKey', key)?.id)).toEqual([undefined, 'ada', 'ada'])
  })
})
