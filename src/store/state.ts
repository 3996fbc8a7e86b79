import { Low, Memory } from 'lowdb'
import type { Customer } from '../wallets/model.js'
import type { FixtureCustomer, FixtureMerchant } from './fixtures.js'
import { customersOf, fromCustomer } from './seed.js'

/** Customers and the ways to find them. */
export class Index {
  readonly customers = new Map<string, Customer>()
  readonly #byReference = new Map<string, string>()
  readonly #byWallet = new Map<string, string>()

  put(customer: Customer): void {
    this.customers.set(customer.id, customer)
    if (customer.objectReferenceId !== null) this.#byReference.set(customer.objectReferenceId, customer.id)
    for (const { id } of customer.wallets) this.#byWallet.set(id, customer.id)
    for (const { id } of customer.currencyWallets) this.#byWallet.set(id, customer.id)
  }

  /** The id behind an id or a merchant's own reference. */
  idOf(name: string): string | undefined {
    return this.customers.has(name) ? name : this.#byReference.get(name)
  }

  ownerOf(walletId: string): string | undefined {
    return this.#byWallet.get(walletId)
  }

  walletIds(): Iterable<string> {
    return this.#byWallet.keys()
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
    const id = this.#changed.data.idOf(name) ?? this.#seed.idOf(name)
    return id === undefined ? undefined : this.#byId(id)
  }

  /** The customer whose wallet it is. */
  ownerOf(walletId: string): Customer | undefined {
    const id = this.#changed.data.ownerOf(walletId) ?? this.#seed.ownerOf(walletId)
    return id === undefined ? undefined : this.#byId(id)
  }

  put(customer: Customer): void {
    if (this.#byId(customer.id) !== customer) this.#changed.data.put(customer)
  }

  *customers(): Generator<Customer> {
    const { customers: changed } = this.#changed.data
    for (const customer of this.#seed.customers.values()) yield changed.get(customer.id) ?? customer
    for (const customer of changed.values()) if (!this.#seed.customers.has(customer.id)) yield customer
  }

  *customerNames(): Generator<string> {
    for (const { id, objectReferenceId } of this.customers()) {
      yield id
      if (objectReferenceId !== null) yield objectReferenceId
    }
  }

  *walletIds(): Generator<string> {
    yield* this.#seed.walletIds()
    yield* this.#changed.data.walletIds()
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

  #byId(id: string): Customer | undefined {
    return this.#changed.data.customers.get(id) ?? this.#seed.customers.get(id)
  }
}
