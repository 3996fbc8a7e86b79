import type { State } from '../store/state.js'
import type { Customer } from '../wallets/model.js'
import { isCharged, refundedOf } from '../wallets/orders.js'

export type Totals = ReturnType<typeof accountsOf>[number]

function* postingsOf({ orders, wallets, currencyWallets }: Customer) {
  for (const order of orders)
    yield [`order ${order.reference}`, isCharged(order) ? order.amount : 0, refundedOf(order)] as const
  for (const { reference, amount, status } of wallets.flatMap(({ topUps }) => topUps))
    yield [`top-up ${reference}`, status === 'SUCCESS' ? amount : 0, 0] as const
  for (const { id, transactions } of currencyWallets)
    for (const { type, amount } of transactions)
      yield [`wallet ${id}`, type === 'debit' ? amount : 0, type === 'credit' ? amount : 0] as const
}

/** What was charged and given back since the merchant was made: in all, then of each order, top-up or wallet by its name. */
export function accountsOf(state: State) {
  const accounts = new Map([['all', { name: 'all', charged: 0, refunded: 0 }]])
  const post = (customer: Customer, sign: 1 | -1) => {
    for (const [own, charged, refunded] of postingsOf(customer))
      for (const name of ['all', own]) {
        const sum = accounts.get(name) ?? { charged: 0, refunded: 0 }
        accounts.set(name, { name, charged: sum.charged + sign * charged, refunded: sum.refunded + sign * refunded })
      }
  }
  for (const [now, before] of state.changes()) {
    post(now, 1)
    if (before) post(before, -1)
  }
  return [...accounts.values()].filter(({ name, charged, refunded }) => name === 'all' || charged || refunded)
}
