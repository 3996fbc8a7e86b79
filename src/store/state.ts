import { isDeepStrictEqual } from 'node:util'
import { customersOf, fromCustomer } from '../fixture-files/convert.js'
import type { FixtureCustomer, FixtureMerchant } from '../fixture-files/schema.js'
import type { Pair } from '../wallets/changes.js'
import type { CurrencyWallet, Customer, Order, Payment, Transaction, WebhookEvent } from '../wallets/model.js'
import { orderOf } from '../wallets/orders.js'
import {
  CustomerIndex,
  type Customers,
  type Named,
  type NameKind,
  transactionEntry,
  walletEntry,
} from './customer-index.js'
import type { Database } from './database.js'
import { compare, merge, type TimelineEntry, type Walk, walk } from './timeline.js'

export interface OwnedWallet {
  readonly customer: Customer
  readonly wallet: CurrencyWallet
}

/** An order, and the customer or the guest whose it is. */
export interface OwnedOrder {
  readonly holder: Customer
  readonly order: Order
}

export interface OwnedTransaction extends OwnedWallet {
  readonly transaction: Transaction
}

/** A merchant's customers as its fixtures have them. Never changed, so that any number of merchants can share one. */
export type Baseline = Readonly<CustomerIndex>

function walletOf(customer: Customer | undefined, id: string): OwnedWallet | undefined {
  const wallet = customer?.currencyWallets.find((candidate) => candidate.id === id)
  return customer && wallet && { customer, wallet }
}

export function baselineOf(merchant: FixtureMerchant): Baseline {
  const baseline = new CustomerIndex()
  for (const customer of customersOf(merchant)) baseline.enter(customer)
  return baseline
}

/** Each customer's id, and which of both has it. */
function* overlay(below: Customers, changed: Customers): Generator<[id: string, where: Customers]> {
  for (const id of below.keys()) yield [id, changed.has(id) ? changed : below]
  for (const id of changed.keys()) if (!below.has(id)) yield [id, changed]
}

/** The customers of a baseline in the form of a fixture file. */
export const exportBaseline = ({ customers }: Baseline): FixtureCustomer[] =>
  Array.from(customers.values(), fromCustomer)

function formOf({ customers }: Baseline, id: string): FixtureCustomer | undefined {
  const customer = customers.get(id)
  return customer && fromCustomer(customer)
}

/** Customers and guests looked through for a hint, which must not cost more than the request that it explains. */
const MAX_FOR_HINT = 500

/** What a state that replaced the first lies over. */
const NOTHING: Baseline = new CustomerIndex()

/**
 * One merchant's customers: its baseline, and over it those that were changed since. Customers are immutable, so a change is
 * a replacement, and a fresh merchant costs nothing however large its baseline is.
 */
export class State {
  #fixtures: Baseline
  readonly #database: Database
  /** Takes each customer that is replaced; nothing outside of a call. */
  #noted: Pair<Customer>[] | undefined

  constructor(fixtures: Baseline, database: Database) {
    this.#fixtures = fixtures
    this.#database = database
    this.#changed.layOver(this.#baseline)
  }

  get #baseline(): Baseline {
    return this.#database.record.base === 'own' ? NOTHING : this.#fixtures
  }

  get #changed(): CustomerIndex {
    return this.#database.customers
  }

  /**
   * Runs `act`, which does not await. Its outcome comes at once, or with a data folder when all that it changed or saw is
   * on disk; what could not be stored is undone.
   *
   * @throws Refusal when it could not be stored
   */
  committed<Result>(act: () => Result): Result | Promise<Result> {
    return this.#database.committed(act)
  }

  /** By id or by the merchant's own reference; guests apart. */
  customer(name: string): Customer | undefined {
    const found = this.find('customer', name)
    return found?.guest ? undefined : found
  }

  /** The customer, or the guest, of an id. */
  holder(id: string): Customer | undefined {
    this.#database.saw(id)
    return this.#changed.customers.get(id) ?? this.#baseline.customers.get(id)
  }

  /** The customer, or the guest, that something of this kind and name belongs to. */
  find(kind: NameKind, name: string): Customer | undefined {
    const id = this.#changed.find(kind, name) ?? this.#baseline.find(kind, name)
    return id === undefined ? undefined : this.holder(id)
  }

  /** The order of an attempt to pay by either of its ids, or the order that has this id at the vendor. */
  order(id: string): OwnedOrder | undefined {
    const reference = this.#changed.orderOf(id) ?? this.#baseline.orderOf(id)
    if (reference === undefined) return undefined
    const holder = this.find('order', reference)
    const order = orderOf(holder, reference)
    return holder && order && { holder, order }
  }

  /** An attempt to pay, by either of its ids. */
  payment(id: string): (OwnedOrder & { readonly payment: Payment }) | undefined {
    const owned = this.order(id)
    const payment = owned?.order.payments.find((one) => one.id === id || one.uuid === id)
    return owned && payment && { ...owned, payment }
  }

  *waitingEvents(): Generator<WebhookEvent> {
    for (const { outbox } of this.#changed.customers.values()) yield* outbox
  }

  /** Customers and guests that differ from the fixtures, with what they were there. */
  *changes(): Generator<readonly [now: Customer, before: Customer | undefined]> {
    for (const customer of this.#changed.customers.values()) yield [customer, this.#baseline.customers.get(customer.id)]
  }

  put(customer: Customer): void {
    const before = this.holder(customer.id)
    if (before === customer) return
    this.#noted?.push({ before, after: customer })
    this.#database.put(customer)
  }

  /** Runs `act`, which does not await, and notes each customer that it replaces. */
  noting<Result>(noted: Pair<Customer>[], act: () => Result): Result {
    this.#noted = noted
    try {
      return act()
    } finally {
      this.#noted = undefined
    }
  }

  /** How many customers there are, guests apart. */
  get count(): number {
    return this.#baseline.count + this.#changed.count
  }

  transaction(id: string): OwnedTransaction | undefined {
    const posted = this.#changed.posted(id) ?? this.#baseline.posted(id)
    const owned = posted && this.currencyWallet(posted.wallet)
    const transaction = posted && owned?.wallet.transactions[posted.index]
    return owned && transaction?.id === id ? { ...owned, transaction } : undefined
  }

  currencyWallet(id: string): OwnedWallet | undefined {
    return walletOf(this.find('wallet', id), id)
  }

  /** Currency wallets by time, nearest first: those of one customer, or all. */
  *walkWallets(way: Walk, customer?: string): Generator<OwnedWallet> {
    const own = (owner: Customer) => owner.currencyWallets.map((wallet) => walletEntry(owner.id, wallet))
    for (const entry of this.#walk('walletTimeline', way, customer, own)) {
      const owned = walletOf(this.holder(entry.customer), entry.id)
      if (owned?.wallet.sequence === entry.sequence) yield owned
    }
  }

  /** Transactions by time, nearest first: those of one customer, or all. */
  *walkTransactions(way: Walk, customer?: string): Generator<OwnedTransaction> {
    const own = (owner: Customer) =>
      owner.currencyWallets.flatMap(({ transactions }) => transactions.map((one) => transactionEntry(owner.id, one)))
    for (const entry of this.#walk('transactionTimeline', way, customer, own)) {
      const owned = this.transaction(entry.id)
      if (owned?.transaction.sequence === entry.sequence) yield owned
    }
  }

  /** @param own the entries of one customer. What a change that was taken back has left is among them. */
  *#walk(
    timeline: 'walletTimeline' | 'transactionTimeline',
    way: Walk,
    customer: string | undefined,
    own: (owner: Customer) => TimelineEntry[],
  ): Generator<TimelineEntry> {
    if (customer !== undefined) {
      const owner = this.customer(customer)
      if (owner) yield* walk(own(owner).sort(compare), way)
      return
    }
    let last: TimelineEntry | undefined
    const [seed, changed] = [this.#baseline[timeline], this.#changed[timeline]].map((each) => walk(each.entries(), way))
    for (const entry of merge(way.direction, seed!, changed!)) {
      // A customer that was changed is in both.
      if (entry.id !== last?.id || entry.sequence !== last.sequence) yield entry
      last = entry
    }
  }

  /** The account of the merchant's first currency wallet. */
  get accountId(): string | undefined {
    return this.#baseline.accountId ?? this.#changed.accountId
  }

  nextSequence(): number {
    return Math.max(this.#baseline.lastSequence, this.#changed.lastSequence) + 1
  }

  get orderCount(): number {
    return this.#baseline.orderCount + this.#changed.orderCount
  }

  *orders(): Generator<OwnedOrder> {
    for (const { id, orders } of this.named()) {
      if (!orders?.length) continue
      const holder = this.holder(id)!
      for (const order of holder.orders) yield { holder, order }
    }
  }

  /** What customers, and guests, are found by. None is read for it. */
  *named(): Generator<Named> {
    for (const [id, where] of overlay(this.#baseline.customers, this.#changed.customers)) yield where.named(id)!
  }

  /** The state of now in the form of a fixture file, made as it is read: until then only references are kept. */
  checkpoint(): Iterable<FixtureCustomer> {
    const below = this.#baseline.customers
    const changed = this.#changed.customers.snapshot()
    return {
      *[Symbol.iterator]() {
        for (const [id, where] of overlay(below, changed())) yield fromCustomer(where.get(id)!)
      },
    }
  }

  /** Ids of customers, guests apart. */
  *customerIds(): Generator<string> {
    for (const { id, guest } of this.named()) if (!guest) yield id
  }

  /** Names of customers, for a hint. */
  *customerNames(): Generator<string> {
    for (const { id, objectReferenceId, guest } of this.#some()) {
      if (guest) continue
      yield id
      if (objectReferenceId) yield objectReferenceId
    }
  }

  /** Ids of the wallets that an aggregator sees, or of those that hold money themselves, for a hint. */
  *walletIds(kind: 'wallets' | 'currencyWallets'): Generator<string> {
    for (const customer of this.#some()) for (const { id } of customer[kind] ?? []) yield id
  }

  /** Customers and guests up to a bound. */
  *#some(): Generator<Named> {
    let left = MAX_FOR_HINT
    for (const named of this.named()) {
      if (left-- === 0) return
      yield named
    }
  }

  *orderReferences(): Generator<string> {
    yield* this.#baseline.orderReferences()
    yield* this.#changed.orderReferences()
  }

  *transactionIds(): Generator<string> {
    yield* this.#baseline.transactionIds()
    yield* this.#changed.transactionIds()
  }

  /** Back to the fixtures, or on to another state, which then lies over nothing. */
  reset(to?: Baseline): void {
    const customers = (to as CustomerIndex | undefined) ?? new CustomerIndex()
    this.#database.replace(to ? 'own' : 'fixtures', customers)
    customers.layOver(this.#baseline)
  }

  /**
   * Puts other fixtures under the state. A customer that the new ones describe in another way than the old ones is theirs;
   * what was changed of all others stays.
   */
  rebase(fixtures: Baseline): void {
    const before = this.#fixtures
    this.#fixtures = fixtures
    if (this.#database.record.base === 'own') return
    for (const id of [...this.#changed.customers.keys()])
      if (!isDeepStrictEqual(formOf(before, id), formOf(fixtures, id))) this.#database.delete(id)
    this.#changed.layOver(fixtures)
  }
}
