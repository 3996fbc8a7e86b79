import { perVendor } from '../fixture-files/key-lists.js'
import type {
  FixtureCurrencyWallet,
  FixtureCustomer,
  FixtureMerchant,
  FixtureOrder,
  FixtureSubDetail,
  FixtureTransaction,
  FixtureWallet,
} from '../fixture-files/schema.js'
import { getOrMake } from '../lib/get-or-make.js'

/** Balances of a wallet as an answer showed them. */
export interface Layer {
  readonly balance: number
  readonly at: string | undefined
  /** Undefined where the answer leaves it out. */
  readonly subDetails: readonly FixtureSubDetail[] | undefined
}

/** A Juspay wallet as far as answers showed it. */
export interface SeenWallet {
  readonly id: string
  customer?: string
  /** The sort order of its customer, in lower case. */
  order?: string
  wallet?: string
  linked?: boolean
  /** What Get and List showed last. */
  shown?: Layer | undefined
  /** What a refresh showed last. */
  provider?: Layer | undefined
  metadata?: Record<string, string>
  gatewayReferenceId?: string
  token?: string
}

/** An order of a customer, or of a guest where `customer` is empty. */
export type SeenOrder = Partial<FixtureOrder> & { customer?: string }

export type SeenCurrencyWallet = Partial<FixtureCurrencyWallet> & { readonly id: string; customer?: string }
export type SeenTransaction = Partial<FixtureTransaction> & { readonly id: string; wallet?: string }

type Note = (what: string, reason: string) => void

const valued = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null))

/** Adds what an answer held to what is known: what it left out stays. */
export const update = <Known extends object>(
  known: Known,
  told: { [Name in keyof Known]?: Known[Name] | null | undefined },
): Known => Object.assign(known, valued(told))

/** Everything seen of one merchant. */
export class Account {
  id: string | undefined
  readonly keys = perVendor(() => new Set<string>())
  readonly #customers = new Map<string, Partial<FixtureCustomer>>()
  /** Customers by the names that merchants gave them. */
  readonly #names = new Map<string, string>()
  readonly wallets = new Map<string, SeenWallet>()
  readonly orders = new Map<string, SeenOrder>()
  readonly currencyWallets = new Map<string, SeenCurrencyWallet>()
  readonly transactions = new Map<string, SeenTransaction>()
  /** The total of a list of customers. */
  total = 0

  /** A customer by id or reference; it is known from then on. */
  customer(name: string): Partial<FixtureCustomer> {
    return getOrMake(this.#customers, this.#names.get(name) ?? name, () => ({}))
  }

  knows(name: string): boolean {
    return this.#customers.has(this.#names.get(name) ?? name)
  }

  /** What an answer holds about a customer, who may have been known by the reference alone. */
  identify(id: string, reference: string | undefined): Partial<FixtureCustomer> {
    if (reference === undefined || reference === id) return this.customer(id)
    const before = this.#customers.get(reference)
    this.#customers.delete(reference)
    this.#names.set(reference, id)
    return Object.assign(this.customer(id), before, { objectReferenceId: reference })
  }

  /** Puts things that an answer listed in its order, before all others. */
  static inOrder(all: Map<string, unknown>, ids: readonly string[]): void {
    const listed = ids.flatMap((id) => (all.has(id) ? [[id, all.get(id)] as const] : []))
    const rest = [...all].filter(([id]) => !ids.includes(id))
    all.clear()
    for (const [id, value] of [...listed, ...rest]) all.set(id, value)
  }

  listCustomers(ids: readonly string[], total: number): void {
    this.total = total
    Account.inOrder(this.#customers, ids)
  }

  /** The merchant as a fixture, without its keys. */
  toFixture(note: Note): FixtureMerchant {
    const customers = new Map<string, FixtureCustomer>()
    const holder = (name: string): FixtureCustomer => {
      const id = this.#names.get(name) ?? name
      return getOrMake(customers, id, () => ({ ...this.#customers.get(id), id }))
    }
    const guest = (id: string) => Object.assign(holder(id), { guest: true })
    /** Of orders, by their reference in lower case. */
    const holders = new Map<string, FixtureCustomer>()
    for (const id of this.#customers.keys()) holder(id)
    for (const [name, { customer, ...seen }] of this.orders) {
      if (seen.amount === undefined) note(`order ${seen.reference}`, 'no answer shows its amount; it is 1')
      const order = { id: `recorded_${name}`, amount: 1, ...seen } as FixtureOrder
      const owner = customer ? holder(customer) : guest(`guest_${order.id}`)
      owner.orders = [...(owner.orders ?? []), order]
      holders.set(name, owner)
    }
    for (const wallet of this.wallets.values()) {
      const known = wallet.customer === undefined ? holders.get(wallet.order ?? '') : holder(wallet.customer)
      if (known === undefined)
        note(`wallet ${wallet.id}`, 'no answer says whose it is; it stands with a customer that was made up')
      const owner = known ?? guest(`recorded_${wallet.id}`)
      owner.wallets = [...(owner.wallets ?? []), toWallet(wallet)]
    }
    for (const { customer, ...wallet } of this.currencyWallets.values()) {
      if (customer === undefined) note(`wallet ${wallet.id}`, 'no answer says whose it is')
      else {
        const owner = holder(customer)
        if (wallet.balance === undefined) note(`wallet ${wallet.id}`, 'no answer shows its balance; it is 0')
        const transactions = this.#transactionsOf(wallet, note)
        const full = {
          balance: 0,
          ...wallet,
          ...(transactions.length > 0 && { transactions }),
        } as FixtureCurrencyWallet
        owner.currencyWallets = [...(owner.currencyWallets ?? []), full]
      }
    }
    for (const { id, wallet } of this.transactions.values())
      if (wallet === undefined || !this.currencyWallets.has(wallet))
        note(`transaction ${id}`, 'no answer shows its wallet')
    const real = [...customers.values()].filter(({ guest }) => !guest).length
    if (this.total > real) note('customers', `a list says that there are ${this.total}, of which ${real} were seen`)
    return { id: this.id ?? 'recorded', customers: [...customers.values()] }
  }

  /** Oldest first. */
  #transactionsOf({ id, balance }: SeenCurrencyWallet, note: Note): FixtureTransaction[] {
    const own = [...this.transactions.values()].filter(({ wallet }) => wallet === id)
    return own
      .flatMap(({ wallet: _, ...transaction }) => {
        if (transaction.correlationId !== undefined && transaction.createdAt !== undefined)
          // Reads do not show the balance that a transaction left.
          return [{ balanceAfter: balance ?? 0, ...transaction } as FixtureTransaction]
        note(`transaction ${transaction.id}`, 'no read shows its reference and correlation id')
        return []
      })
      .sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt) || (a.sequence ?? 0) - (b.sequence ?? 0))
  }
}

/** A layer, with its accounts unless they contradict the wallet's own balance. @param name what its time is called */
function layerOf({ balance, at, subDetails = [] }: Layer, wallet: string | undefined, name: 'lastRefreshed' | 'asOf') {
  const own = subDetails.find(({ paymentMethod }) => paymentMethod === wallet)
  const isSound = subDetails.length > 0 && (own === undefined || own.balance === balance)
  return { balance, ...valued({ subDetails: isSound ? [...subDetails] : undefined, [name]: at }) }
}

const toWallet = ({ customer: _, order: __, shown, provider, wallet, linked, ...rest }: SeenWallet): FixtureWallet => {
  const seen = linked ? (shown ?? provider) : undefined
  return {
    ...rest,
    wallet: wallet!,
    ...valued({ linked }),
    ...(seen && layerOf(seen, wallet, 'lastRefreshed')),
    ...(provider && { provider: layerOf(provider, wallet, 'asOf') }),
  }
}
