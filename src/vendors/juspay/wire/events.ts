import { acquirerOf } from '../../../wallets/gateways.js'
import type { Order, Payment } from '../../../wallets/model.js'
import { majorOf } from '../../../wallets/money.js'
import { refundedOf } from '../../../wallets/orders.js'
import {
  customerId,
  failureOf,
  gatewayResponse,
  links,
  refundRows,
  type Shown,
  STATUS_IDS,
  statusOfPayment,
  udfOf,
} from './orders.js'
import { wholeSeconds } from './times.js'

/** The events of an order, in the forms of the vendor's samples; what only cards have is left out. */

export const EVENT_NAMES = [
  'TXN_CREATED',
  'TXN_CHARGED',
  'TXN_FAILED',
  'ORDER_SUCCEEDED',
  'ORDER_FAILED',
  'ORDER_REFUNDED',
  'ORDER_REFUND_FAILED',
  'REFUND_MANUAL_REVIEW_NEEDED',
] as const
export type EventName = (typeof EVENT_NAMES)[number]

/** The content of an envelope: the order, or for what became of a payment the payment. */
export function eventContent(shown: Shown, payment: Payment, name: EventName): object {
  if (name === 'TXN_CHARGED' || name === 'TXN_FAILED') return { txn: txnContent(shown, payment, true) }
  // A debit with a token is charged before anybody could see it begin.
  if (name === 'TXN_CREATED') return { order: orderContent(shown, { ...payment, status: 'PENDING_VBV' }, []) }
  return { order: orderContent(shown, payment, name.includes('REFUND') ? shown.order.refunds : []) }
}

/** A payment. @param isAlone with what an order says of its payment itself */
function txnContent(shown: Shown, payment: Payment, isAlone: boolean) {
  const { order } = shown
  const acquirer = acquirerOf(payment.gateway)
  const { code, message } = failureOf(payment)
  const status = statusOfPayment(payment)
  return {
    express_checkout: false,
    txn_id: payment.id,
    txn_amount: majorOf(order.amount),
    payment_method: isAlone ? payment.gateway : undefined,
    error_message: message,
    txn_uuid: payment.uuid,
    created: wholeSeconds(payment.at),
    gateway: acquirer.name,
    status_id: isAlone ? STATUS_IDS[status] : undefined,
    status,
    net_amount: majorOf(order.amount),
    order_id: order.reference,
    payment_gateway_response: isAlone ? response(shown, payment) : undefined,
    currency: order.currency,
    error_code: status === 'PENDING_VBV' ? null : code,
    gateway_id: acquirer.id,
    surcharge_amount: null,
    txn_flow_type: payment.flow,
    payment_method_type: isAlone ? 'WALLET' : undefined,
    tax_amount: null,
    redirect: payment.flow === 'REDIRECT_DEBIT',
  }
}

function response(shown: Shown, payment: Payment) {
  const { txn_id, created, resp_message, resp_code, auth_id_code, epg_txn_id, rrn } = gatewayResponse(shown, payment)
  return { txn_id, created, resp_message, resp_code, auth_id_code, epg_txn_id, rrn }
}

function orderContent(shown: Shown, payment: Payment, refunds: Order['refunds']) {
  const { order } = shown
  const udf = udfOf(shown)
  const { code, message } = failureOf(payment)
  const status = statusOfPayment(payment)
  const { web, iframe, mobile } = links(shown)
  const payment_links = { web, iframe, mobile }
  const refunded = refunds.length === 0 ? 0 : refundedOf(order)
  return {
    offers: [],
    txn_id: payment.id,
    udf7: udf.udf7,
    payment_method: payment.gateway,
    txn_uuid: payment.uuid,
    metadata: { ...order.metadata, payment_links },
    udf5: udf.udf5,
    status_id: STATUS_IDS[status],
    amount_refunded: majorOf(refunded),
    udf9: udf.udf9,
    gateway_reference_id: null,
    status,
    bank_error_message: message,
    id: order.id,
    auth_type: '',
    udf3: udf.udf3,
    udf6: udf.udf6,
    udf10: udf.udf10,
    effective_amount: majorOf(order.amount),
    product_id: order.productId ?? '',
    bank_pg: null,
    order_id: order.reference,
    return_url: order.returnUrl ?? '',
    payment_gateway_response: status === 'PENDING_VBV' ? undefined : response(shown, payment),
    udf1: udf.udf1,
    currency: order.currency,
    udf4: udf.udf4,
    customer_id: customerId(shown),
    date_created: wholeSeconds(order.createdAt),
    gateway_id: acquirerOf(payment.gateway).id,
    payment_links,
    maximum_eligible_refund_amount: status === 'CHARGED' ? majorOf(order.amount - refunded) : undefined,
    txn_detail: txnContent(shown, payment, false),
    bank_error_code: code,
    udf8: udf.udf8,
    payment_method_type: 'WALLET',
    rewards_breakup: null,
    customer_phone: order.phone ?? '',
    merchant_id: shown.merchantId,
    customer_email: order.email ?? '',
    udf2: udf.udf2,
    amount: majorOf(order.amount),
    refunded: refunded === order.amount,
    refunds: refunds.length === 0 ? undefined : refundRows(shown, refunds),
  }
}
