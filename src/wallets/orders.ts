import { debit, InsufficientBalance } from './ledger.js'
import { setProviderBalance, withWallet } from './linked-wallet.js'
import type { Customer, Order, Payment, Timestamp, Wallet } from './model.js'
import type { Minor } from './money.js'

/** The customer with an order added, or with the one of the same id replaced. */
export function withOrder(customer: Customer, order: Order): Customer {
  const index = customer.orders.findIndex(({ id }) => id === order.id)
  return { ...customer, orders: index < 0 ? [...customer.orders, order] : customer.orders.with(index, order) }
}

/** A document that holds one order of nobody known. */
export function guestWith(order: Order): Customer {
  const profile = { mobileCountryCode: null, mobileNumber: null, emailAddress: null, firstName: null, lastName: null }
  return {
    id: `guest_${order.id}`,
    objectReferenceId: null,
    guest: true,
    profile: { ...profile, dateCreated: null, lastUpdated: null },
    orders: [order],
    wallets: [],
    currencyWallets: [],
  }
}

export function orderOf(customer: Customer | undefined, reference: string): Order | undefined {
  const lower = reference.toLowerCase()
  return customer?.orders.find((order) => order.reference.toLowerCase() === lower)
}

export const isCharged = (order: Order) => order.payments.some(({ status }) => status === 'CHARGED')

export interface Paid {
  readonly customer: Customer
  readonly payment: Payment
  /** What the wallet lacks for the order; 0 when it was charged. */
  readonly short: Minor
}

/**
 * Pays an order from a linked wallet with its live token, which is used up either way. A provider that holds enough is
 * debited; with one that does not, the payment stays pending.
 */
export function pay(customer: Customer, order: Order, wallet: Wallet, id: string, at: Timestamp): Paid {
  const balance = debit(wallet.provider.balance, order.amount)
  const covered = !(balance instanceof InsufficientBalance)
  const spent: Wallet = { ...wallet, token: { ...wallet.token!, used: true } }
  const payment: Payment = {
    id,
    walletId: wallet.id,
    gateway: wallet.gateway,
    status: covered ? 'CHARGED' : 'PENDING',
    at,
  }
  return {
    customer: withOrder(withWallet(customer, covered ? setProviderBalance(spent, balance) : spent), {
      ...order,
      payments: [...order.payments, payment],
    }),
    payment,
    short: covered ? 0 : balance.short,
  }
}
