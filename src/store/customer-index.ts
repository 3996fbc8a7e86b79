import { toCustomer } from '../fixture-files/convert.js'
import type { FixtureCustomer } from '../fixture-files/schema.js'
import { NONE } from '../lib/none.js'
import { SnapshotMap } from '../lib/snapshot-map.js'
import { openedAt } from '../wallets/currency-wallet.js'
import type { AnsweredRequest, CurrencyWallet, Customer, Transaction } from '../wallets/model.js'
import { Timeline, type TimelineEntry } from './timeline.js'

export const walletEntry = (customer: string, wallet: CurrencyWallet): TimelineEntry => ({
  customer,
  id: wallet.id,
  at: openedAt(wallet),
  sequence: wallet.sequence,
})

export const transactionEntry = (customer: string, { id, at, sequence }: Transaction): TimelineEntry => ({
  customer,
  id,
  at: Date.parse(at),
  sequence,
})

/** Where a transaction is: its wallet, and its index there. */
interface Posted {
  readonly wallet: string
  readonly index: number
}

/** A customer as its fixture has it. */
class Unread {
  readonly fixture: FixtureCustomer

  constructor(fixture: FixtureCustomer) {
    this.fixture = fixture
  }
}

/**
 * Customers by id. One that comes from a fixture is read when it is first asked for: of a large fixture most never are, and
 * reading all of them took longer than the rest of a start.
 */
export class Customers {
  #all = new SnapshotMap<Customer | Unread>()

  get size(): number {
    return this.#all.size
  }

  /** Those there are now, when they are asked for; until then none is read. */
  snapshot(): () => Customers {
    const all = this.#all.snapshot()
    return () => {
      const then = new Customers()
      then.#all = all()
      return then
    }
  }

  has(id: string): boolean {
    return this.#all.has(id)
  }

  get(id: string): Customer | undefined {
    const found = this.#all.get(id)
    if (!(found instanceof Unread)) return found
    const customer = toCustomer(found.fixture)
    this.#all.set(id, customer)
    return customer
  }

  named(id: string): Named | undefined {
    const found = this.#all.get(id)
    return found instanceof Unread ? found.fixture : found
  }

  set(customer: Customer): void {
    this.#all.set(customer.id, customer)
  }

  setUnread(fixture: FixtureCustomer): void {
    this.#all.set(fixture.id, new Unread(fixture))
  }

  delete(id: string): void {
    this.#all.delete(id)
  }

  keys(): Iterable<string> {
    return this.#all.keys()
  }

  *values(): Generator<Customer> {
    for (const id of this.#all.keys()) yield this.get(id)!
  }
}

interface NamedWallet {
  readonly id: string
  readonly topUps?: readonly { readonly id: string }[] | undefined
  readonly token?: string | { readonly value: string } | null | undefined
}

const tokenOf = ({ token }: NamedWallet) => (typeof token === 'object' ? token?.value : token)

interface NamedOrder {
  /** The vendor's, by which it is found as by the ids of the attempts to pay it. */
  readonly id: string
  readonly reference: string
  readonly payments?: readonly { readonly id: string; readonly uuid?: string | undefined }[] | undefined
}

/** What a customer is found by, in its fixture's form and in the domain's. */
export interface Named {
  readonly id: string
  readonly objectReferenceId?: string | null | undefined
  readonly guest?: boolean | undefined
  readonly wallets?: readonly NamedWallet[] | undefined
  readonly currencyWallets?: readonly { readonly id: string }[] | undefined
  readonly orders?: (Iterable<NamedOrder> & { readonly length: number }) | undefined
}

/**
 * What a customer, or a guest, is found by: its id or the merchant's own reference; an id of a wallet or a top-up; a token; the
 * merchant's reference of an order, whose case does not matter; an id of an attempt to pay, or the vendor's id of an order; the
 * key of a request.
 */
export type NameKind = 'customer' | 'wallet' | 'topUp' | 'token' | 'order' | 'payment' | 'requestKey'

/** Each name but its id and keys of requests, with what it leads to: the customer, or from a payment's the order's reference. */
function eachName(
  { id, objectReferenceId, wallets = [], currencyWallets = [] }: Named,
  orders: Iterable<NamedOrder>,
  act: (kind: NameKind, name: string, to: string) => void,
): void {
  if (objectReferenceId !== null && objectReferenceId !== undefined) act('customer', objectReferenceId, id)
  for (const wallet of wallets) {
    act('wallet', wallet.id, id)
    for (const topUp of wallet.topUps ?? []) act('topUp', topUp.id, id)
    const token = tokenOf(wallet)
    if (token !== undefined) act('token', token, id)
  }
  for (const wallet of currencyWallets) act('wallet', wallet.id, id)
  for (const order of orders) {
    const reference = order.reference.toLowerCase()
    act('order', reference, id)
    act('payment', order.id, reference)
    for (const { id, uuid } of order.payments ?? []) {
      act('payment', id, reference)
      if (uuid !== undefined) act('payment', uuid, reference)
    }
  }
}

/** Customers and the ways to find them. */
export class CustomerIndex {
  readonly customers = new Customers()
  readonly #names: Readonly<Record<NameKind, Map<string, string>>> = {
    customer: new Map(),
    wallet: new Map(),
    topUp: new Map(),
    token: new Map(),
    order: new Map(),
    payment: new Map(),
    requestKey: new Map(),
  }
  readonly #byTransaction = new Map<string, Posted>()
  readonly walletTimeline = new Timeline()
  readonly transactionTimeline = new Timeline()
  /** The highest given to a wallet or transaction. */
  lastSequence = 0
  /** The account of the first currency wallet. */
  accountId: string | undefined
  /** How many customers there are, guests apart, and apart from those that replace one of what this lies over. */
  count = 0
  /** How many orders there are, apart from those of a customer that is replaced. */
  orderCount = 0
  #over: Pick<CustomerIndex, 'customers'> | undefined

  /** Returns what these customers replace, so that none is counted twice. */
  layOver(index: Pick<CustomerIndex, 'customers'>): void {
    this.#over = index
    this.count = 0
    this.orderCount = 0
    for (const id of this.customers.keys()) this.#countIn(this.customers.named(id)!, 1)
  }

  /** @returns what it replaces */
  put(customer: Customer): Customer | undefined {
    const before = this.customers.get(customer.id)
    if (before) this.#countIn(before, -1)
    this.#countIn(customer, 1)
    this.customers.set(customer)
    // Tokens come and go with every payment.
    for (const wallet of before?.wallets ?? []) this.#forget('token', tokenOf(wallet), customer.id)
    const replaced = before && customer.orders.replacedSince(before.orders).map(({ after }) => after)
    eachName(customer, replaced ?? customer.orders, this.#name)
    for (const wallet of customer.currencyWallets) this.#putCurrencyWallet(customer.id, wallet, before)
    this.#putAnswered(customer, before?.answered ?? NONE)
    return before
  }

  /** Enters a customer that is not there yet. Where it is found by its names alone, the rest of it is not read. */
  enter(fixture: FixtureCustomer): void {
    if (fixture.currencyWallets || fixture.answered) {
      this.put(toCustomer(fixture))
      return
    }
    this.#countIn(fixture, 1)
    this.customers.setUnread(fixture)
    eachName(fixture, fixture.orders ?? [], this.#name)
  }

  readonly #name = (kind: NameKind, name: string, to: string): void => {
    this.#names[kind].set(name, to)
  }

  #forget(kind: NameKind, name: string | undefined, to: string): void {
    if (name !== undefined && this.#names[kind].get(name) === to) this.#names[kind].delete(name)
  }

  /** Takes a customer back. The timelines keep its entries: who reads them looks whether a thing is still there. */
  delete(id: string): void {
    const customer = this.customers.get(id)
    if (customer === undefined) return
    this.#countIn(customer, -1)
    this.customers.delete(id)
    eachName(customer, customer.orders, (kind, name, to) => this.#forget(kind, name, to))
    for (const { transactions } of customer.currencyWallets)
      for (const transaction of transactions) this.#byTransaction.delete(transaction.id)
    for (const { key } of customer.answered) this.#forget('requestKey', key, id)
  }

  /** Enters what is new: wallets and transactions come, and stay. */
  #putCurrencyWallet(customer: string, wallet: CurrencyWallet, before: Customer | undefined): void {
    const known = before?.currencyWallets.find(({ id }) => id === wallet.id)
    if (known === wallet) return
    this.accountId ??= wallet.accountId
    if (known === undefined) this.#enter(this.walletTimeline, walletEntry(customer, wallet))
    for (let index = known?.transactions.length ?? 0; index < wallet.transactions.length; index++) {
      const transaction = wallet.transactions[index]!
      this.#byTransaction.set(transaction.id, { wallet: wallet.id, index })
      this.#enter(this.transactionTimeline, transactionEntry(customer, transaction))
    }
  }

  #enter(timeline: Timeline, entry: TimelineEntry): void {
    timeline.add(entry)
    this.lastSequence = Math.max(this.lastSequence, entry.sequence)
  }

  /** Requests are forgotten at the front and added at the end. */
  #putAnswered({ id, answered }: Customer, before: readonly AnsweredRequest[]): void {
    if (answered === before) return
    for (const gone of before) {
      if (gone === answered[0]) break
      this.#forget('requestKey', gone.key, id)
    }
    const known = before.length === 0 ? -1 : answered.lastIndexOf(before.at(-1)!)
    for (const { key } of answered.slice(known + 1)) this.#name('requestKey', key, id)
  }

  /** The id of the customer, or of the guest. */
  find(kind: NameKind, name: string): string | undefined {
    if (kind === 'customer' && this.customers.has(name)) return name
    if (kind === 'order') return this.#names.order.get(name.toLowerCase())
    if (kind !== 'payment') return this.#names[kind].get(name)
    const reference = this.orderOf(name)
    return reference === undefined ? undefined : this.find('order', reference)
  }

  /** The reference of the order that has this name of a payment. */
  orderOf(payment: string): string | undefined {
    return this.#names.payment.get(payment)
  }

  orderReferences(): Iterable<string> {
    return this.#names.order.keys()
  }

  transactionIds(): Iterable<string> {
    return this.#byTransaction.keys()
  }

  posted(transactionId: string): Posted | undefined {
    return this.#byTransaction.get(transactionId)
  }

  /** Counts a customer that comes, or goes, and its orders. */
  #countIn({ id, guest, orders }: Named, sign: 1 | -1): void {
    const below = this.#over?.customers.named(id)
    if (!guest && below === undefined) this.count += sign
    this.orderCount += sign * ((orders?.length ?? 0) - (below?.orders?.length ?? 0))
  }
}
