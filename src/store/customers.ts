import { toCustomer } from '../fixtures/convert.js'
import type { FixtureCustomer } from '../fixtures/schema.js'
import type { Customer } from '../wallets/model.js'

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
  readonly #all = new Map<string, Customer | Unread>()

  get size(): number {
    return this.#all.size
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
