import { NONE } from '../lib/none.js'
import type { CurrencyWallet, Customer, Order, Wallet } from './model.js'
import { majorOf } from './money.js'
import { NO_ORDERS, refundedOf, statusOf } from './orders.js'

/** Something as it was, undefined where it was not there, and as it became. */
export interface Pair<Thing> {
  readonly before: Thing | undefined
  readonly after: Thing
}

/** What of a currency wallet changes; the rest grows with its transactions. */
type Balance = Pick<CurrencyWallet, 'id' | 'balance' | 'status'>

/** What a call changed, by reference to what the state holds anyway. */
export interface Changes {
  readonly orders: readonly Pair<Order>[]
  readonly wallets: readonly Pair<Wallet>[]
  readonly currencyWallets: readonly Pair<Balance>[]
  /** Names of the events that it queued. */
  readonly events: readonly string[]
}

export interface Change {
  /** Such as `wallet wlt_q23xzki3pazgtezo`. */
  readonly of: string
  readonly field: string
  /** Money in major units; null for nothing. */
  readonly before: string | number | boolean | null
  readonly after: string | number | boolean | null
}

/** @param puts customers in the order in which they were replaced */
export function changesOf(puts: readonly Pair<Customer>[]): Changes | null {
  let orders: readonly Pair<Order>[] = NONE
  let wallets: readonly Pair<Wallet>[] = NONE
  let currencyWallets: readonly Pair<Balance>[] = NONE
  let events: readonly string[] = NONE
  for (const { before, after } of byCustomer(puts)) {
    orders = joined(orders, after.orders.replacedSince(before?.orders ?? NO_ORDERS))
    wallets = joined(wallets, replacedIn(before?.wallets, after.wallets))
    currencyWallets = joined(currencyWallets, replacedIn(before?.currencyWallets, after.currencyWallets).map(ofBalance))
    if ((before?.outbox ?? NONE) === after.outbox) continue
    const known = new Set(before?.outbox?.map(({ id }) => id))
    events = joined(
      events,
      after.outbox.filter(({ id }) => !known.has(id)).map(({ name }) => name),
    )
  }
  const changes = { orders, wallets, currencyWallets, events }
  return countOf(changes) === 0 ? null : changes
}

export const countOf = ({ orders, wallets, currencyWallets, events }: Changes): number =>
  orders.length + wallets.length + currencyWallets.length + events.length

/** An entry keeps the lists for long, and most are empty: those share one. */
const joined = <Thing>(first: readonly Thing[], then: readonly Thing[]): readonly Thing[] =>
  then.length === 0 ? first : first.concat(then)

/** Each customer as it was first and as it became at last. Most calls replace one, once. */
function byCustomer(puts: readonly Pair<Customer>[]): Iterable<Pair<Customer>> {
  if (puts.length === 1) return puts
  const replaced = new Map<string, Pair<Customer>>()
  for (const { before, after } of puts) {
    const first = replaced.get(after.id)
    replaced.set(after.id, { before: first ? first.before : before, after })
  }
  return replaced.values()
}

function replacedIn<Thing extends { readonly id: string }>(before: readonly Thing[] = NONE, after: readonly Thing[]) {
  if (before === after) return NONE
  return after.flatMap((thing, i): Pair<Thing>[] => {
    // Mostly it has kept its place.
    const earlier = before[i]?.id === thing.id ? before[i] : before.find(({ id }) => id === thing.id)
    return earlier === thing ? [] : [{ before: earlier, after: thing }]
  })
}

const balanceOf = ({ id, balance, status }: CurrencyWallet): Balance => ({ id, balance, status })

const ofBalance = ({ before, after }: Pair<CurrencyWallet>): Pair<Balance> => ({
  before: before && balanceOf(before),
  after: balanceOf(after),
})

export const shownChanges = ({ orders, wallets, currencyWallets, events }: Changes): Change[] => [
  ...orders.flatMap((pair) => changed(`order ${pair.after.reference}`, pair, fieldsOfOrder)),
  ...wallets.flatMap((pair) => changed(`wallet ${pair.after.id}`, pair, fieldsOfWallet)),
  ...currencyWallets.flatMap((pair) => changed(`wallet ${pair.after.id}`, pair, fieldsOfBalance)),
  ...events.map((field) => ({ of: 'event', field, before: null, after: 'queued' })),
]

type Fields = Readonly<Record<string, Change['before'] | undefined>>

function changed<Thing>(of: string, { before, after }: Pair<Thing>, fieldsOf: (thing: Thing) => Fields): Change[] {
  const earlier = before === undefined ? {} : fieldsOf(before)
  const later = fieldsOf(after)
  return Object.keys({ ...earlier, ...later }).flatMap((field) => {
    const [from, to] = [earlier[field] ?? null, later[field] ?? null]
    return from === to ? [] : [{ of, field, before: from, after: to }]
  })
}

const fieldsOfOrder = (order: Order): Fields => ({
  status: statusOf(order),
  amount: majorOf(order.amount),
  ...Object.fromEntries(order.payments.map(({ id, status }) => [`payment ${id}`, status])),
  refunded: order.refunds.length === 0 ? null : majorOf(refundedOf(order)),
})

const fieldsOfWallet = ({ linked, seen, provider, token, topUps }: Wallet): Fields => ({
  linked,
  'balance seen': seen && majorOf(seen.balance),
  "provider's balance": majorOf(provider.balance),
  token: token && `${token.value}${token.used ? ', used' : ''}`,
  ...Object.fromEntries(topUps.map(({ reference, status }) => [`top-up ${reference}`, status])),
})

const fieldsOfBalance = ({ balance, status }: Balance): Fields => ({ status, balance: majorOf(balance) })
