import { KeyedList } from '../lib/keyed-list.js'
import { putById } from '../lib/put-by-id.js'
import { setProviderBalance, withWallet } from './linked-wallet.js'
import type { Customer, Order, Payment, PaymentStatus, Refund, Timestamp, Wallet } from './model.js'
import { credit, debit, type Minor } from './money.js'

/** The name in an order's metadata under which the merchant asks for its events at another address. */
export const WEBHOOK_URL = 'webhook_url'

const referenceOf = ({ reference }: Pick<Order, 'reference'>) => reference.toLowerCase()

export const ordersOf = (orders: readonly Order[]) => KeyedList.of(referenceOf, orders)

export const NO_ORDERS = ordersOf([])

export function withOrder(customer: Customer, order: Order): Customer {
  return { ...customer, orders: customer.orders.with(order) }
}

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

export type Attempt = Pick<Payment, 'id' | 'uuid'> & { readonly at: Timestamp }

/** The order with an attempt added or changed, and its holder with the order. */
function withPayment(customer: Customer, unpaid: Order, payment: Payment) {
  const order: Order = { ...unpaid, payments: putById(unpaid.payments, payment) }
  return { holder: withOrder(customer, order), order, payment }
}

const newPayment = (
  { id, uuid, at }: Attempt,
  walletId: string | null,
  gateway: string,
  flow: Payment['flow'],
  status: PaymentStatus,
): Payment => ({ id, uuid, walletId, gateway, flow, status, at, updatedAt: at })

/**
 * The wallet's token is used up either way: where its provider holds too little, the payment stays pending.
 *
 * @returns as `short` what the wallet lacks for the order; 0 when it was charged
 */
export function pay(customer: Customer, order: Order, wallet: Wallet, attempt: Attempt) {
  const { provider } = wallet
  const balance = debit(provider.balance, order.amount)
  const spent: Wallet = { ...wallet, token: { ...wallet.token!, used: true } }
  const status = balance === undefined ? 'PENDING' : 'CHARGED'
  const payment = newPayment(attempt, wallet.id, wallet.gateway, 'DIRECT_DEBIT', status)
  const payer = withWallet(customer, balance === undefined ? spent : setProviderBalance(spent, balance))
  const short = balance === undefined ? order.amount - provider.balance : 0
  return { short, ...withPayment(payer, order, payment) }
}

/** Begins to pay on a page, where the customer decides. @param wallet by default the customer's of that gateway */
export function beginRedirect(
  customer: Customer,
  order: Order,
  attempt: Attempt,
  gateway: string,
  wallet = customer.wallets.find((candidate) => candidate.gateway === gateway),
) {
  const payment = newPayment(attempt, wallet?.id ?? null, gateway, 'REDIRECT_DEBIT', 'PENDING_VBV')
  return withPayment(customer, order, payment)
}

/** Ends an attempt. A wallet with too little money, and an order that another attempt has paid, fail it. */
export function endRedirect(customer: Customer, order: Order, payment: Payment, pays: boolean, at: Timestamp) {
  const end = (status: PaymentStatus, holder = customer) =>
    withPayment(holder, order, { ...payment, status, updatedAt: at })
  if (!pays) return end('AUTHENTICATION_FAILED')
  if (isCharged(order)) return end('AUTHORIZATION_FAILED')
  const wallet = customer.wallets.find(({ id }) => id === payment.walletId)
  if (wallet === undefined) return end('CHARGED')
  const balance = debit(wallet.provider.balance, order.amount)
  if (balance === undefined) return end('AUTHORIZATION_FAILED')
  return end('CHARGED', withWallet(customer, setProviderBalance(wallet, balance)))
}

/** Gives money back into the wallet that paid. A wallet that cannot hold it takes nothing, and the refund fails. */
export function refund(customer: Customer, order: Order, given: Refund): Customer {
  const withRefund = (holder: Customer, made: Refund) =>
    withOrder(holder, { ...order, refunds: [...order.refunds, made] })
  const wallet = customer.wallets.find(({ id }) => id === chargeOf(order)?.walletId)
  if (wallet === undefined) return withRefund(customer, given)
  const balance = credit(wallet.provider.balance, given.amount)
  if (balance === undefined) return withRefund(customer, { ...given, failed: true })
  return withRefund(withWallet(customer, setProviderBalance(wallet, balance)), given)
}
