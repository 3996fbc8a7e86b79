import type { Customer, Order, Payment, TopUp, Wallet } from '../../../wallets/model.js'
import { majorOf } from '../../../wallets/money.js'
import { isCharged } from '../../../wallets/orders.js'
import { wholeSeconds } from './times.js'

/** The vendor's numbers for what can become of an order here (published with its transaction statuses). */
const STATUS_IDS = { NEW: 10, CHARGED: 21, PENDING_VBV: 23 } as const

function orderStatus(order: Order): keyof typeof STATUS_IDS {
  if (isCharged(order)) return 'CHARGED'
  return order.payments.length > 0 ? 'PENDING_VBV' : 'NEW'
}

/** The body of Create and Get Order: of the published fields those that the payment of an order from a wallet touches. */
export function orderBody(order: Order, holder: Customer, merchantId: string) {
  const last = order.payments.at(-1)
  const status = orderStatus(order)
  return {
    id: order.id,
    order_id: order.reference,
    merchant_id: merchantId,
    customer_id: holder.guest ? order.customerName : holder.id,
    customer_email: order.email,
    customer_phone: order.phone,
    amount: majorOf(order.amount),
    currency: order.currency,
    date_created: wholeSeconds(order.createdAt),
    return_url: order.returnUrl,
    status,
    status_id: STATUS_IDS[status],
    refunded: false,
    amount_refunded: 0,
    ...(last ? { txn_id: last.id, payment_method_type: 'WALLET', payment_method: last.gateway } : {}),
  }
}

/** The body of a wallet debit. `url` is where the customer is to go next. */
export const paymentBody = (order: Order, payment: Payment, url: string) => ({
  order_id: order.reference,
  txn_id: payment.id,
  status: payment.status,
  payment: { authentication: { method: 'GET', url } },
})

/** The body of Top Up Wallet. */
export const topUpBody = (topUp: TopUp, wallet: Wallet, url: string) => ({
  topup_txn_id: topUp.reference,
  wallet_id: wallet.id,
  status: topUp.status,
  payment_url: url,
})
