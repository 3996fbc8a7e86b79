import { Low, Memory } from 'lowdb'
import type { Customer } from '../wallets/model.js'
import type { FixtureCustomer, FixtureMerchant } from './fixtures.js'
import { customersOf, fromCustomer } from './seed.js'

/** Customers and the ways to find them. */
export class Index {
  readonly customers = new Map<string, Customer>()
  readonly #byReference = new Map<string, string>()
  readonly #byWallet = new Map<string, string>()
  readonly #byOrder = new Map<string, string>()
  readonly #byTopUp = new Map<string, string>()
  readonly #guests = new Set<string>()

  put(customer: Customer): void {
    if (customer.guest) this.#guests.add(customer.id)
    this.customers.set(customer.id, customer)
    if (customer.objectReferenceId !== null) this.#byReference.set(customer.objectReferenceId, customer.id)
    for (const { id, topUps } of customer.wallets) {
      this.#byWallet.set(id, customer.id)
      for (const topUp of topUps) this.#byTopUp.set(topUp.id, customer.id)
    }
    for (const { reference } of customer.orders) this.#byOrder.set(reference.toLowerCase(), customer.id)
    for (const { id } of customer.currencyWallets) this.#byWallet.set(id, customer.id)
  }

  /** The id behind an id or a merchant's own reference. */
  idOf(name: string): string | undefined {
    return this.customers.has(name) ? name : this.#byReference.get(name)
  }

  ownerOf(walletId: string): string | undefined {
    return this.#byWallet.get(walletId)
  }

  /** Who an order is of, by the merchant's reference; its case does not matter. */
  holderOf(orderReference: string): string | undefined {
    return this.#byOrder.get(orderReference.toLowerCase())
  }

  toppedUpBy(topUpId: string): string | undefined {
    return this.#byTopUp.get(topUpId)
  }

  orderReferences(): Iterable<string> {
    return this.#byOrder.keys()
  }

  /** How many customers there are, guests apart. */
  get count(): number {
    return this.customers.size - this.#guests.size
  }
}

/** A merchant's customers as its fixtures have them. Never changed, so that any number of worlds can share one. */
export type Seed = Readonly<Index>

export function seedOf(merchant: FixtureMerchant): Seed {
  const seed = new Index()
  for (const customer of customersOf(merchant)) seed.put(customer)
  return seed
}

/**
 * What one merchant holds now: its seed, and over it the customers that were changed since. Customers are immutable, so a
 * change is a replacement, and a fresh world costs nothing however large its seed is.
 */
export class State {
  #seed: Seed
  #changed: Low<Index>

  constructor(seed: Seed) {
    this.#seed = seed
    this.#changed = new Low(new Memory<Index>(), new Index())
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
    if (this.#byId(customer.id) !== customer) this.#changed.data.put(customer)
  }

  /** How many customers there are, guests apart. */
  get count(): number {
    const { data } = this.#changed
    let both = 0
    for (const { id, guest } of data.customers.values()) if (!guest && this.#seed.customers.has(id)) both++
    return this.#seed.count + data.count - both
  }

  *customers(): Generator<Customer> {
    const { customers: changed } = this.#changed.data
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
    yield* this.#changed.data.orderReferences()
  }

  /** The whole state in the form of a fixture file. */
  export(): FixtureCustomer[] {
    return Array.from(this.customers(), fromCustomer)
  }

  /** Back to the seed, or on to another one. */
  reset(seed: Seed = this.#seed): void {
    this.#seed = seed
    this.#changed.data = new Index()
  }

  #find(lookUp: (index: Seed) => string | undefined): Customer | undefined {
    const id = lookUp(this.#changed.data) ?? lookUp(this.#seed)
    return id === undefined ? undefined : this.#byId(id)
  }

  #byId(id: string): Customer | undefined {
    return this.#changed.data.customers.get(id) ?? this.#seed.customers.get(id)
  }
}
