import { isDeepStrictEqual } from 'node:util'
import { customersOf, fromCustomer } from '../fixtures/convert.js'
import type { FixtureCustomer, FixtureMerchant } from '../fixtures/schema.js'
import type { CurrencyWallet, Customer, Transaction } from '../wallets/model.js'
import { Index, transactionEntry, walletEntry } from './customer-index.js'
import type { MerchantFiles } from './data/merchant.js'
import { compare, type Entry, merged, type Walk, walk } from './timeline.js'

/** A currency wallet and whose it is. */
export interface OwnedWallet {
  readonly customer: Customer
  readonly wallet: CurrencyWallet
}

export interface OwnedTransaction extends OwnedWallet {
  readonly transaction: Transaction
}

/** A merchant's customers as its fixtures have them. Never changed, so that any number of merchants can share one. */
export type Baseline = Readonly<Index>

function walletOf(customer: Customer | undefined, id: string): OwnedWallet | undefined {
  const wallet = customer?.currencyWallets.find((candidate) => candidate.id === id)
  return customer && wallet && { customer, wallet }
}

export function baselineOf(merchant: FixtureMerchant): Baseline {
  const seed = new Index()
  for (const customer of customersOf(merchant)) seed.enter(customer)
  return seed
}

/** What a state over nothing lies over. */
const NOTHING: Baseline = new Index()

/**
 * What one merchant holds now: its seed, and over it the customers that were changed since. Customers are immutable, so a
 * change is a replacement, and a fresh merchant costs nothing however large its seed is.
 */
export class State {
  #fixtures: Baseline
  #seed: Baseline
  #changed: Index
  readonly #files: MerchantFiles | undefined

  /** @param files keep what is changed on disk; without them it is kept in memory alone */
  constructor(fixtures: Baseline, files?: MerchantFiles) {
    this.#fixtures = fixtures
    this.#seed = files?.record.base === 'own' ? NOTHING : fixtures
    this.#changed = files?.index ?? new Index()
    this.#changed.layOver(this.#seed)
    this.#files = files
  }

  /**
   * Runs `act`, which does not await. Its outcome comes at once, or with a data folder when all that it changed or saw is
   * on disk; what could not be stored is undone.
   *
   * @throws Refusal when it could not be stored
   */
  committed<Outcome>(act: () => Outcome): Outcome | Promise<Outcome> {
    return this.#files === undefined ? act() : this.#files.committed(act)
  }

  /** What the state began with. */
  get fixtures(): Baseline {
    return this.#fixtures
  }

  /** By id or by the merchant's own reference. */
  customer(name: string): Customer | undefined {
    const found = this.#find((index) => index.idOf(name))
    return found?.guest ? undefined : found
  }

  /** The customer whose wallet it is. */
  ownerOf(walletId: string): Customer | undefined {
    return this.#find((index) => index.ownerOf(walletId))
  }

  /** The customer, or the guest, whose order it is, by the merchant's reference. */
  holderOf(orderReference: string): Customer | undefined {
    return this.#find((index) => index.holderOf(orderReference))
  }

  /** The customer into whose wallet a top-up brings money. */
  toppedUpBy(topUpId: string): Customer | undefined {
    return this.#find((index) => index.toppedUpBy(topUpId))
  }

  put(customer: Customer): void {
    if (this.#byId(customer.id) === customer) return
    this.#changed.put(customer)
    this.#files?.changed(customer.id)
  }

  /** How many customers there are, guests apart. */
  get count(): number {
    return this.#seed.count + this.#changed.count
  }

  /** A transaction and where it was posted. */
  transaction(id: string): OwnedTransaction | undefined {
    const posted = this.#changed.posted(id) ?? this.#seed.posted(id)
    const owned = posted && this.currencyWallet(posted.wallet)
    const transaction = posted && owned?.wallet.transactions[posted.index]
    return owned && transaction?.id === id ? { ...owned, transaction } : undefined
  }

  currencyWallet(id: string): OwnedWallet | undefined {
    return walletOf(this.ownerOf(id), id)
  }

  /** Currency wallets by time, nearest first: those of one customer, or all. */
  *walkWallets(way: Walk, customer?: string): Generator<OwnedWallet> {
    const own = (owner: Customer) => owner.currencyWallets.map((wallet) => walletEntry(owner.id, wallet))
    for (const entry of this.#walk('walletTimeline', way, customer, own)) {
      const owned = walletOf(this.#byId(entry.customer), entry.id)
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
    own: (owner: Customer) => Entry[],
  ): Generator<Entry> {
    if (customer !== undefined) {
      const owner = this.customer(customer)
      if (owner) yield* walk(own(owner).sort(compare), way)
      return
    }
    let last: Entry | undefined
    const [seed, changed] = [this.#seed[timeline], this.#changed[timeline]].map((each) => walk(each.entries(), way))
    for (const entry of merged(way.direction, seed!, changed!)) {
      // A customer that was changed is in both.
      if (entry.id !== last?.id || entry.sequence !== last.sequence) yield entry
      last = entry
    }
  }

  /** The customer whose request had a key of the client's. */
  requesterOf(key: string): Customer | undefined {
    return this.#find((index) => index.requesterOf(key))
  }

  /** The account of the merchant's first currency wallet. */
  get accountId(): string | undefined {
    return this.#seed.accountId ?? this.#changed.accountId
  }

  nextSequence(): number {
    return Math.max(this.#seed.lastSequence, this.#changed.lastSequence) + 1
  }

  *customers(): Generator<Customer> {
    const { customers: changed } = this.#changed
    for (const customer of this.#seed.customers.values()) yield changed.get(customer.id) ?? customer
    for (const customer of changed.values()) if (!this.#seed.customers.has(customer.id)) yield customer
  }

  *customerNames(): Generator<string> {
    for (const { id, objectReferenceId, guest } of this.customers()) {
      if (guest) continue
      yield id
      if (objectReferenceId !== null) yield objectReferenceId
    }
  }

  /** Ids of the wallets that an aggregator sees, or of those that hold money themselves. */
  *walletIds(kind: 'wallets' | 'currencyWallets'): Generator<string> {
    for (const customer of this.customers()) for (const { id } of customer[kind]) yield id
  }

  *orderReferences(): Generator<string> {
    yield* this.#seed.orderReferences()
    yield* this.#changed.orderReferences()
  }

  *transactionIds(): Generator<string> {
    yield* this.#seed.transactionIds()
    yield* this.#changed.transactionIds()
  }

  /** The whole state in the form of a fixture file. */
  export(): FixtureCustomer[] {
    return Array.from(this.customers(), fromCustomer)
  }

  /** Back to the fixtures, or on to another state, which then lies over nothing. */
  reset(to: Baseline = this.#fixtures): void {
    const [seed, changed] = [this.#seed, this.#changed]
    const own = to !== this.#fixtures
    this.#seed = own && this.#files ? NOTHING : to
    this.#changed = new Index()
    this.#changed.layOver(this.#seed)
    if (this.#files === undefined) return
    if (own) for (const customer of to.customers.values()) this.#changed.put(customer)
    this.#files.begin(own ? 'own' : 'fixtures', this.#changed, () => {
      this.#seed = seed
      this.#changed = changed
    })
  }

  /**
   * Puts other fixtures under the state. A customer that the new ones describe in another way than the old ones is theirs;
   * what was changed of all others stays.
   */
  rebase(fixtures: Baseline): void {
    const before = this.#fixtures
    this.#fixtures = fixtures
    if (this.#seed !== before) return
    this.#seed = fixtures
    for (const id of [...this.#changed.customers.keys()]) {
      if (isDeepStrictEqual(before.customers.get(id), fixtures.customers.get(id))) continue
      this.#changed.delete(id)
      this.#files?.changed(id)
    }
    this.#changed.layOver(fixtures)
  }

  #find(lookUp: (index: Baseline) => string | undefined): Customer | undefined {
    const id = lookUp(this.#changed) ?? lookUp(this.#seed)
    return id === undefined ? undefined : this.#byId(id)
  }

  #byId(id: string): Customer | undefined {
    this.#files?.saw(id)
    return this.#changed.customers.get(id) ?? this.#seed.customers.get(id)
  }
}
