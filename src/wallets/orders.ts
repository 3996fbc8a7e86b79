import { KeyedList } from '../lib/keyed-list.js'
import { BalanceLimit, credit, debit, InsufficientBalance } from './ledger.js'
import { setProviderBalance, withWallet } from './linked-wallet.js'
import type { Customer, Order, Payment, PaymentStatus, Refund, Timestamp, Wallet } from './model.js'
import type { Minor } from './money.js'

/** The name in an order's metadata under which the merchant asks for its events at another address. */
export const WEBHOOK_URL = 'webhook_url'

const referenceOf = ({ reference }: Pick<Order, 'reference'>) => reference.toLowerCase()

export const ordersOf = (orders: readonly Order[]) => KeyedList.of(referenceOf, orders)

export const NO_ORDERS = ordersOf([])

/** The customer with an order added, or with the one of the same reference replaced. */
export function withOrder(customer: Customer, order: Order): Customer {
  return { ...customer, orders: customer.orders.with(order) }
}

/** What is true of an order unless more is given. */
const BLANK: Order = {
  id: '',
  reference: '',
  amount: 0,
  currency: 'INR',
  createdAt: '',
  customerName: null,
  email: null,
  phone: null,
  returnUrl: null,
  productId: null,
  description: null,
  pageExpiresAt: null,
  udf: {},
  metadata: {},
  payments: [],
  refunds: [],
}

type Given = Pick<Order, 'id' | 'reference' | 'amount' | 'createdAt'> & Partial<Order>

export const newOrder = (given: Given, more?: Partial<Order>): Order => ({ ...BLANK, ...given, ...more })

export const orderOf = (customer: Customer | undefined, reference: string): Order | undefined =>
  customer?.orders.get(reference.toLowerCase())

/** An attempt to pay an order, by either of its ids. */
export const paymentOf = (customer: Customer | undefined, reference: string, name: string): Payment | undefined =>
  orderOf(customer, reference)?.payments.find(({ id, uuid }) => id === name || uuid === name)

export const chargeOf = (order: Order): Payment | undefined => order.payments.find(({ status }) => status === 'CHARGED')

export const isCharged = (order: Order) => chargeOf(order) !== undefined

export type OrderStatus = 'NEW' | Exclude<PaymentStatus, 'PENDING'>

/** How an order stands: paid, or as its last attempt does. */
export function statusOf(order: Order): OrderStatus {
  if (isCharged(order)) return 'CHARGED'
  const status = order.payments.at(-1)?.status
  return status === undefined ? 'NEW' : status === 'PENDING' ? 'PENDING_VBV' : status
}

export const refundedOf = ({ refunds }: Order): Minor =>
  refunds.reduce((sum, { amount, failed }) => (failed ? sum : sum + amount), 0)

export interface Paid {
  readonly customer: Customer
  readonly payment: Payment
  /** What the wallet lacks for the order; 0 when it was charged. */
  readonly short: Minor
}

/** What a new attempt is known by. */
export type Attempt = Pick<Payment, 'id' | 'uuid'> & { readonly at: Timestamp }

const withPayment = (order: Order, payment: Payment): Order => {
  const index = order.payments.findIndex(({ id }) => id === payment.id)
  return { ...order, payments: index < 0 ? [...order.payments, payment] : order.payments.with(index, payment) }
}

/**
 * Pays an order from a linked wallet with its live token, which is used up either way. A provider that holds enough is
 * debited; with one that does not, the payment stays pending.
 */
export function pay(customer: Customer, order: Order, wallet: Wallet, { id, uuid, at }: Attempt): Paid {
  const balance = debit(wallet.provider.balance, order.amount)
  const covered = !(balance instanceof InsufficientBalance)
  const spent: Wallet = { ...wallet, token: { ...wallet.token!, used: true } }
  const payment: Payment = {
    id,
    uuid,
    walletId: wallet.id,
    gateway: wallet.gateway,
    flow: 'DIRECT_DEBIT',
    status: covered ? 'CHARGED' : 'PENDING',
    at,
    updatedAt: at,
  }
  const paid = withWallet(customer, covered ? setProviderBalance(spent, balance) : spent)
  return { customer: withOrder(paid, withPayment(order, payment)), payment, short: covered ? 0 : balance.short }
}

/** Begins to pay on a page, where the customer decides. @param chosen the wallet, or what kind of one pays */
export function beginRedirect(
  customer: Customer,
  order: Order,
  chosen: Wallet | string,
  { id, uuid, at }: Attempt,
): Paid {
  const wallet =
    typeof chosen === 'string' ? customer.wallets.find((candidate) => candidate.gateway === chosen) : chosen
  const gateway = typeof chosen === 'string' ? chosen : chosen.gateway
  const payment: Payment = {
    id,
    uuid,
    walletId: wallet?.id ?? null,
    gateway,
    flow: 'REDIRECT_DEBIT',
    status: 'PENDING_VBV',
    at,
    updatedAt: at,
  }
  return { customer: withOrder(customer, withPayment(order, payment)), payment, short: 0 }
}

/**
 * Ends an attempt as the customer decided on the provider's page. A wallet with too little money, and an order that
 * another attempt has paid, fail it.
 */
export function endRedirect(
  customer: Customer,
  order: Order,
  payment: Payment,
  { pays, at }: { readonly pays: boolean; readonly at: Timestamp },
): Customer {
  const end = (status: PaymentStatus, holder = customer) =>
    withOrder(holder, withPayment(order, { ...payment, status, updatedAt: at }))
  if (!pays) return end('AUTHENTICATION_FAILED')
  if (isCharged(order)) return end('AUTHORIZATION_FAILED')
  const wallet = customer.wallets.find(({ id }) => id === payment.walletId)
  if (wallet === undefined) return end('CHARGED')
  const balance = debit(wallet.provider.balance, order.amount)
  if (balance instanceof InsufficientBalance) return end('AUTHORIZATION_FAILED')
  return end('CHARGED', withWallet(customer, setProviderBalance(wallet, balance)))
}

/** Gives money back into the wallet that paid. A wallet that cannot hold it takes nothing, and the refund fails. */
export function refund(customer: Customer, order: Order, given: Refund): Customer {
  const withRefund = (holder: Customer, made: Refund) =>
    withOrder(holder, { ...order, refunds: [...order.refunds, made] })
  const wallet = customer.wallets.find(({ id }) => id === chargeOf(order)?.walletId)
  if (wallet === undefined) return withRefund(customer, given)
  const balance = credit(wallet.provider.balance, given.amount)
  if (balance instanceof BalanceLimit) return withRefund(customer, { ...given, failed: true })
  return withRefund(withWallet(customer, setProviderBalance(wallet, balance)), given)
}
