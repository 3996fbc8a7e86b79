import { timestamp } from '../../../lib/clock.js'
import { DIGITS, drawText } from '../../../lib/random.js'
import type { OwnedOrder } from '../../../store/state.js'
import { acquirerOf } from '../../../wallets/gateways.js'
import type { Order, Payment, Refund } from '../../../wallets/model.js'
import { majorOf } from '../../../wallets/money.js'
import { chargeOf, refundedOf, statusOf } from '../../../wallets/orders.js'
import type { ClientAuth } from './customers.js'
import { wholeSeconds } from './times.js'

/** Bodies of orders as the vendor's samples print them. The order of the keys is part of the contract. */

export const STATUS_IDS = {
  CREATED: 1,
  NEW: 10,
  CHARGED: 21,
  PENDING_VBV: 23,
  AUTHENTICATION_FAILED: 26,
  AUTHORIZATION_FAILED: 27,
} as const

/** An order, and what its body takes from the merchant. */
export interface Shown extends OwnedOrder {
  readonly merchantId: string
  readonly seed: number
  /** Where the client reaches the sandbox, which the links lead to. */
  readonly baseUrl: string
  /** Epoch ms at which it is shown. */
  readonly now: number
}

/** Two merchants that began alike have orders of one id, so each address names its merchant. */
export function links({ order, baseUrl, merchantId }: Shown) {
  const at = (path: string) => `${baseUrl}/merchant/${path}/${order.id}?merchant=${encodeURIComponent(merchantId)}`
  const web = at('pay')
  return { web, mobile: `${web}&mobile=true`, iframe: at('ipay') }
}

const FIELDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => `udf${n}`)

export const udfOf = ({ order }: Shown): Readonly<Record<string, string>> =>
  Object.fromEntries(FIELDS.map((name) => [name, order.udf[name] ?? '']))

export const statusOfPayment = ({ status }: Payment) => (status === 'PENDING' ? 'PENDING_VBV' : status)

export const customerId = ({ order, holder }: Shown) => (holder.guest ? (order.customerName ?? '') : holder.id)
const isRefunded = ({ order }: Shown) => refundedOf(order) > 0 && refundedOf(order) === order.amount

/** The body of Create Order without a token. */
export const createdBody = (shown: Shown) => ({
  status: 'CREATED',
  status_id: STATUS_IDS.CREATED,
  id: shown.order.id,
  order_id: shown.order.reference,
  payment_links: links(shown),
})

/** How an updated and a failed order begin. What follows is assigned: a spread makes a hidden class for each body. */
function opening(shown: Shown) {
  const { order, merchantId } = shown
  const status = statusOf(order)
  return {
    customer_email: order.email ?? '',
    customer_phone: order.phone ?? '',
    customer_id: customerId(shown),
    status_id: STATUS_IDS[status],
    status,
    id: order.id,
    merchant_id: merchantId,
    amount: majorOf(order.amount),
    currency: order.currency,
    order_id: order.reference,
    date_created: wholeSeconds(order.createdAt),
  }
}

export function updatedBody(shown: Shown) {
  const { order } = shown
  const { web, mobile, iframe } = links(shown)
  const named = { return_url: order.returnUrl ?? '', product_id: order.productId ?? '' }
  const amounts = { refunded: false, amount_refunded: 0, effective_amount: majorOf(order.amount), offers: [] }
  return Object.assign(opening(shown), named, { payment_links: { iframe, web, mobile } }, udfOf(shown), amounts)
}

/** The gateway's message for each end. The words of a charge are the Wallet sample's, those of a refusal the failed sample's. */
const RESPONSES = {
  CHARGED: { code: '01', message: 'Txn Success' },
  PENDING: { code: '', message: '' },
  PENDING_VBV: { code: '', message: '' },
  AUTHENTICATION_FAILED: { code: 'CANCELLED', message: 'The customer cancelled the payment.' },
  AUTHORIZATION_FAILED: {
    code: '227',
    message:
      'Your payment has been declined by your bank. Please try again or use a different method to complete the payment.',
  },
} as const

const isFailed = ({ status }: Payment) => status === 'AUTHENTICATION_FAILED' || status === 'AUTHORIZATION_FAILED'

/** The code and the words of a payment that failed, empty for another. */
export const failureOf = (payment: Payment) => (isFailed(payment) ? RESPONSES[payment.status] : RESPONSES.PENDING)

const gatewayDigits = ({ seed, merchantId }: Shown, what: string, id: string, length: number) =>
  drawText(DIGITS, length, seed, what, merchantId, id)

const rrnOf = (shown: Shown, { id, rrn }: Payment) => rrn ?? gatewayDigits(shown, 'rrn', id, 17)
const epgTxnIdOf = (shown: Shown, { id, epgTxnId }: Payment) => epgTxnId ?? gatewayDigits(shown, 'epg', id, 23)
const refOf = (shown: Shown, { requestId, ref }: Refund) => ref ?? gatewayDigits(shown, 'refund', requestId, 22)

export function gatewayResponse(shown: Shown, payment: Payment) {
  const { code, message } = RESPONSES[payment.status]
  return {
    txn_id: payment.id,
    rrn: rrnOf(shown, payment),
    resp_message: message,
    resp_code: code,
    epg_txn_id: epgTxnIdOf(shown, payment),
    created: wholeSeconds(payment.updatedAt),
    auth_id_code: '',
  }
}

function txnDetail({ order }: Shown, payment: Payment) {
  const { name, id } = acquirerOf(payment.gateway)
  const { code, message } = failureOf(payment)
  return {
    txn_uuid: payment.uuid,
    txn_id: payment.id,
    txn_amount: majorOf(order.amount),
    tax_amount: null,
    surcharge_amount: null,
    status: statusOfPayment(payment),
    redirect: payment.flow === 'REDIRECT_DEBIT',
    order_id: order.reference,
    net_amount: majorOf(order.amount),
    gateway_id: id,
    gateway: name,
    express_checkout: false,
    error_message: message,
    error_code: code,
    currency: order.currency,
    created: wholeSeconds(payment.at),
  }
}

/** How a refund stands once the gateway has it. */
function statusOfRefund({ now }: Shown, { failed, reviewedUntil }: Refund) {
  if (reviewedUntil !== undefined && now < Date.parse(reviewedUntil)) return 'MANUAL_REVIEW'
  return failed ? 'FAILURE' : 'SUCCESS'
}

/** A refund as Order Status shows it. */
function refundRow(shown: Shown, refund: Refund) {
  const status = statusOfRefund(shown, refund)
  const isMade = status === 'SUCCESS'
  return {
    unique_request_id: refund.requestId,
    status,
    sent_to_gateway: true,
    ref: isMade ? refOf(shown, refund) : null,
    initiated_by: 'API',
    id: null,
    error_message: isMade ? 'Refund Successfull' : '',
    created: wholeSeconds(refund.at),
    arn: isMade ? (refund.arn ?? gatewayDigits(shown, 'arn', refund.requestId, 10)) : null,
    amount: majorOf(refund.amount),
  }
}

/**
 * The body of the samples that have their keys backwards: before a payment the one of Create Order with a token, then Order
 * Status, Wallet. That of Refund Order has other rows of refunds, five keys more and one less.
 */
function orderBody(shown: Shown, payment?: Payment, rows?: ReturnType<typeof refundRows>, auth?: ClientAuth) {
  const { order, merchantId } = shown
  const isRefund = rows !== undefined
  const status = statusOf(order)
  const amount = majorOf(order.amount)
  const blank = payment && ''
  return {
    // Written out: keys behind a spread make a hidden class for each body.
    udf9: order.udf.udf9 ?? '',
    udf8: order.udf.udf8 ?? '',
    udf7: order.udf.udf7 ?? '',
    udf6: order.udf.udf6 ?? '',
    udf5: order.udf.udf5 ?? '',
    udf4: order.udf.udf4 ?? '',
    udf3: order.udf.udf3 ?? '',
    udf2: order.udf.udf2 ?? '',
    udf10: order.udf.udf10 ?? '',
    udf1: order.udf.udf1 ?? '',
    txn_uuid: payment?.uuid,
    txn_id: payment?.id,
    txn_detail: payment && txnDetail(shown, payment),
    status_id: STATUS_IDS[status],
    status,
    rewards_breakup: isRefund ? null : undefined,
    return_url: order.returnUrl ?? '',
    refunds: payment && (rows ?? order.refunds.map((refund) => refundRow(shown, refund))),
    refunded: isRefunded(shown),
    product_id: order.productId ?? '',
    payment_method_type: payment && 'WALLET',
    payment_method: payment?.gateway,
    payment_links: links(shown),
    payment_gateway_response: payment && gatewayResponse(shown, payment),
    payer_vpa: payment && !isRefund ? 'null' : undefined,
    order_id: order.reference,
    offers: isRefund ? [] : undefined,
    metadata: isRefund ? order.metadata : undefined,
    merchant_id: merchantId,
    juspay: auth && { client_auth_token_expiry: timestamp(auth.expiresAt), client_auth_token: auth.token },
    id: order.id,
    gateway_reference_id: blank,
    gateway_id: payment && acquirerOf(payment.gateway).id,
    effective_amount: isRefund ? amount : undefined,
    date_created: wholeSeconds(order.createdAt),
    customer_phone: order.phone ?? '',
    customer_id: customerId(shown),
    customer_email: order.email ?? '',
    currency: order.currency,
    bank_pg: isRefund ? null : undefined,
    bank_error_message: blank,
    bank_error_code: blank,
    auth_type: blank,
    amount_refunded: majorOf(refundedOf(order)),
    amount,
  }
}

/** The body of an order whose last attempt failed, with every attempt in `txn_list`. */
function failedBody(shown: Shown) {
  const { order } = shown
  const { web, mobile, iframe } = links(shown)
  const metadata = { ...order.metadata, payment_links: { iframe, mobile, web } }
  const named = {
    last_updated: wholeSeconds(order.payments.at(-1)!.updatedAt),
    return_url: order.returnUrl ?? '',
    product_id: order.productId ?? '',
    payment_links: { iframe, mobile, web },
  }
  return Object.assign(opening(shown), named, udfOf(shown), {
    amount_refunded: 0,
    effective_amount: majorOf(order.amount),
    metadata,
    txn_list: order.payments.map((payment) => attemptRow(shown, payment, metadata)),
    additional_info: {},
  })
}

function attemptRow(shown: Shown, payment: Payment, metadata: object) {
  const amount = majorOf(shown.order.amount)
  const { name, id } = acquirerOf(payment.gateway)
  const { code, message } = RESPONSES[payment.status]
  const failed = isFailed(payment)
  const status = statusOfPayment(payment)
  return {
    txn_id: payment.id,
    payment_method_type: 'WALLET',
    auth_type: '',
    payment_method: payment.gateway,
    refunded: false,
    effective_amount: amount,
    resp_code: failed ? 'BANK_DECLINED' : null,
    resp_message: failed ? "Transaction failed at issuer Bank's end" : null,
    bank_error_code: failed ? code : '',
    bank_error_message: failed ? message : '',
    txn_uuid: payment.uuid,
    txn_detail: {
      txn_id: payment.id,
      order_id: shown.order.reference,
      status,
      error_code: failed ? code : null,
      net_amount: amount,
      surcharge_amount: null,
      tax_amount: null,
      txn_amount: amount,
      offer_deduction_amount: null,
      gateway_id: id,
      currency: shown.order.currency,
      express_checkout: false,
      redirect: payment.flow === 'REDIRECT_DEBIT',
      txn_uuid: payment.uuid,
      gateway: name,
      error_message: failed ? message : '',
      created: wholeSeconds(payment.at),
      last_updated: wholeSeconds(payment.updatedAt),
      txn_flow_type: payment.flow,
      txn_amount_breakup: [{ name: 'BASE', amount, sno: 1, method: 'ADD' }],
    },
    payment_gateway_response: {
      resp_code: code,
      rrn: rrnOf(shown, payment),
      created: wholeSeconds(payment.updatedAt),
      epg_txn_id: epgTxnIdOf(shown, payment),
      resp_message: message,
      auth_id_code: '',
      txn_id: payment.id,
    },
    gateway_id: id,
    gateway_reference_id: '',
    metadata,
    offers: [],
    status,
    resp_category: failed ? 'BUSINESS_ERROR' : null,
  }
}

const typeOfRefund = ({ instant }: Refund) => (instant ? 'INSTANT' : 'STANDARD')

/** The body of a refund alone, which has not reached the gateway yet. The two samples have their keys in two orders. */
export function singleRefundBody({ order }: Shown, payment: Payment, refund: Refund) {
  const { name } = acquirerOf(payment.gateway)
  const created = wholeSeconds(refund.at)
  const amount = majorOf(refund.amount)
  if (refund.instant)
    return {
      unique_request_id: refund.requestId,
      status: 'PENDING',
      sent_to_gateway: true,
      txn_id: payment.id,
      refund_type: typeOfRefund(refund),
      refund_source: name,
      reference_id: null,
      response_code: null,
      refund_arn: null,
      order_id: order.reference,
      initiated_by: 'API',
      error_message: null,
      gateway: name,
      epg_txn_id: null,
      created,
      amount,
      authorization_id: null,
    }
  return {
    unique_request_id: refund.requestId,
    txn_id: payment.id,
    status: 'PENDING',
    sent_to_gateway: false,
    response_code: null,
    refund_type: typeOfRefund(refund),
    refund_source: name,
    refund_arn: null,
    reference_id: null,
    order_id: order.reference,
    initiated_by: 'API',
    gateway: name,
    error_message: null,
    epg_txn_id: null,
    created,
    authorization_id: null,
    amount,
  }
}

/** @param latest one that has not reached the gateway yet */
export function refundRows(shown: Shown, refunds: Order['refunds'], latest?: Refund) {
  const { name } = acquirerOf(chargeOf(shown.order)!.gateway)
  return refunds.map((refund) => {
    const done = refund !== latest
    const status = done ? statusOfRefund(shown, refund) : 'PENDING'
    return {
      unique_request_id: refund.requestId,
      status,
      sent_to_gateway: done,
      refund_type: typeOfRefund(refund),
      refund_source: name,
      ref: status === 'SUCCESS' ? refOf(shown, refund) : null,
      initiated_by: 'API',
      id: null,
      error_message: '',
      error_code: null,
      created: wholeSeconds(refund.at),
      amount: majorOf(refund.amount),
    }
  })
}

/** The body of Refund Order. @param latest the refund that the call made, which has not reached the gateway yet */
export const refundBody = (shown: Shown, latest: Refund) =>
  orderBody(shown, chargeOf(shown.order), refundRows(shown, shown.order.refunds, latest))

/** An order as Order Status shows it, which depends on what became of it. @param auth shown before a payment alone */
export function statusBody(shown: Shown, auth?: ClientAuth) {
  const { order } = shown
  const last = chargeOf(order) ?? order.payments.at(-1)
  if (last === undefined) return orderBody(shown, undefined, undefined, auth)
  return isFailed(last) ? failedBody(shown) : orderBody(shown, last)
}
