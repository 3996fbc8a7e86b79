import type { Customer } from '../wallets/model.js'

/** Customers and the ways to find them. */
export class Index {
  readonly customers = new Map<string, Customer>()
  readonly #byReference = new Map<string, string>()
  readonly #byWallet = new Map<string, string>()
  readonly #byOrder = new Map<string, string>()
  readonly #byTopUp = new Map<string, string>()
  #over: Pick<Index, 'customers'> | undefined
  #count = 0

  /** Says what these customers replace, so that none is counted twice. */
  layOver(index: Pick<Index, 'customers'>): void {
    this.#over = index
    this.#count = 0
    for (const customer of this.customers.values()) if (this.#counts(customer)) this.#count++
  }

  put(customer: Customer): void {
    const before = this.customers.get(customer.id)
    this.#count += Number(this.#counts(customer)) - Number(before !== undefined && this.#counts(before))
    this.customers.set(customer.id, customer)
    if (customer.objectReferenceId !== null) this.#byReference.set(customer.objectReferenceId, customer.id)
    for (const { id, topUps } of customer.wallets) {
      this.#byWallet.set(id, customer.id)
      for (const topUp of topUps) this.#byTopUp.set(topUp.id, customer.id)
    }
    for (const { reference } of customer.orders) this.#byOrder.set(reference.toLowerCase(), customer.id)
    for (const { id } of customer.currencyWallets) this.#byWallet.set(id, customer.id)
  }

  delete(id: string): void {
    const customer = this.customers.get(id)
    if (customer === undefined) return
    if (this.#counts(customer)) this.#count--
    this.customers.delete(id)
    const forget = (names: Map<string, string>, name: string) => names.get(name) === id && names.delete(name)
    if (customer.objectReferenceId !== null) forget(this.#byReference, customer.objectReferenceId)
    for (const wallet of customer.wallets) {
      forget(this.#byWallet, wallet.id)
      for (const topUp of wallet.topUps) forget(this.#byTopUp, topUp.id)
    }
    for (const { reference } of customer.orders) forget(this.#byOrder, reference.toLowerCase())
    for (const wallet of customer.currencyWallets) forget(this.#byWallet, wallet.id)
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

  /** How many customers there are, guests apart, and apart from those that replace one of what this lies over. */
  get count(): number {
    return this.#count
  }

  #counts({ id, guest }: Customer): boolean {
    return !guest && !this.#over?.customers.has(id)
  }
}
