import type { Call } from '../../../api/call.js'
import { inferred, observed, published } from '../../../api/evidence.js'
import type { Outcome } from '../../../api/outcome.js'
import { TEXT } from '../../../api/request.js'
import type { Operation } from '../../../api/vendor.js'
import { Refusal } from '../../../lib/errors.js'
import { quote } from '../../../lib/text.js'
import type { OwnedOrder } from '../../../store/state.js'
import type { Order } from '../../../wallets/model.js'
import { type Minor, majorOf } from '../../../wallets/money.js'
import { chargeOf, isCharged, orderOf, refund, refundedOf } from '../../../wallets/orders.js'
import { badRequest, errorInfo, invalidParams, MISSING_FIELD, orderAskedFor, siblingDenied } from '../errors.js'
import { putWithEvents } from '../events.js'
import { amount, checkLength, choice, orderText, required, sentText } from '../fields.js'
import { CLIENT_LIBRARIES, PAGES, sample } from '../pages.js'
import { answer, requireOrder, shownOf } from '../require.js'
import type { EventName } from '../wire/events.js'
import { refundBody, singleRefundBody } from '../wire/orders.js'
import { NAMED_ORDER } from './orders.js'

const PROCESSING = 'A refund call was already processing with this amount for the order.'

const MISSING = 'Mandatory fields are missing'
const OF_TESTS = observed(`the tests of ${CLIENT_LIBRARIES}, and no page`)
const lacking = () => badRequest({ status: 'Bad Request', error_message: MISSING, error_code: MISSING })

/** The forms in which a refund is refused, as the page prints them: each has its keys, and one its `status_id` as text. */
const errors: NonNullable<Operation['errors']> = {
  invalid_authentication: siblingDenied,
  order_not_found: {
    ...published(PAGES.refund),
    answer: ({ details }, call) =>
      badRequest({ status_id: 40, status: 'NOT_FOUND', order_id: orderAskedFor(details, call) }),
  },
  bad_request: {
    ...published(PAGES.refund),
    answer: ({ details: { code, message } }, call) => {
      if (code === undefined || code === MISSING_FIELD) return lacking()
      const status_id = message === PROCESSING ? '-1' : -1
      const body = { status_id, status: 'ERROR', error_message: message, error_code: code }
      if (call.options.errorBodies === 'published') return badRequest(body)
      const error_info = errorInfo(call, 'refused', { href: 'NA', ...invalidParams(message) })
      return { ...badRequest({ ...body, error_info }), evidence: OF_TESTS }
    },
  },
  unprocessable: { ...inferred(`the missing field of ${PAGES.refund}`), answer: lacking },
}

const REQUEST_ID = required({
  ...orderText('unique_request_id', "The merchant's own id of the refund; used once"),
  schema: TEXT,
})
const AMOUNT = amount('amount', 'How much; all that is left where it is left out', {
  code: 'invalid amount',
  message: 'Amount is invalid.',
})
const TYPES = ['STANDARD', 'INSTANT'] as const
const TYPE = choice('refund_type', 'How fast it is to be', TYPES, (type) => {
  return new Refusal('unprocessable', `The field refund_type is ${quote(type)}; allowed: ${TYPES.join(', ')}.`)
})
const REFUND = [REQUEST_ID, AMOUNT, TYPE]

const refunds = { changes: true, emits: true, isReviewed: true, errors } satisfies Partial<Operation>

export const refundOrder: Operation = {
  id: 'juspay.refundOrder',
  summary: 'Gives back a charged order, in whole or in part.',
  body: [NAMED_ORDER, ...REFUND],
  names: { order: 'order_id' },
  ...refunds,
  evidence: published(sample('refund-order')),
  run: (call, outcome) => {
    const refunded = makeRefund(call, outcome, requireOrder(call))
    return answer(refundBody(shownOf(call, refunded), refunded.made))
  },
}

export const refundPayment: Operation = {
  id: 'juspay.refundPayment',
  summary: 'Gives back a payment, in whole or in part, and answers with the refund alone.',
  body: [
    sentText('txn_id', 'The payment, where the path does not name it'),
    sentText('order_id', 'The order, in place of the payment'),
    ...REFUND,
  ],
  names: { order: 'order_id', payment: 'txn_id' },
  ...refunds,
  evidence: published(`${sample('refunds, txn-id')}, ${sample('refunds, instant')}`),
  run: (call, outcome) => {
    const refunded = makeRefund(call, outcome, requirePaidOrder(call))
    return answer(singleRefundBody(shownOf(call, refunded), chargeOf(refunded.order)!, refunded.made))
  },
}

/** The order of the payment that the request names; one that another payment paid has nothing to give back by this one. */
function requirePaidOrder(call: Call): OwnedOrder {
  const paymentId = call.nameOf('payment')
  if (paymentId === undefined) {
    const reference = call.nameOf('order')
    if (reference !== undefined) return requireOrder(call, reference)
    throw new Refusal('bad_request', `The fields txn_id and order_id are both missing; send one of them.`)
  }
  const attempt = call.merchant.state.payment(paymentId)
  if (attempt === undefined)
    throw new Refusal('order_not_found', `There is no payment ${quote(paymentId)} of this merchant.`, {
      order: paymentId,
    })
  if (attempt.payment.status !== 'CHARGED') throw notCharged(`The payment ${quote(paymentId)}`)
  return attempt
}

/** For how long a second refund of the same amount is taken for the first. Another print of the page has 2 s. */
const PROCESSING_MS = 5000

const refused = (reason: string, code: string, message: string) => new Refusal('bad_request', reason, { code, message })

const notCharged = (title: string) =>
  refused(
    `${title} is not charged, so it has nothing to refund.`,
    'invalid.order.not_successful',
    'Cannot process unsuccessful order.',
  )

/** How long a person looks at a refund (inferred). */
const REVIEW_MS = 60 * 60 * 1000

/** Gives money back. The checks are in the vendor's order, and the first fault wins. */
function makeRefund(call: Call, outcome: Outcome, { holder, order }: OwnedOrder) {
  const { reference } = order
  if (!isCharged(order)) throw notCharged(`The order ${quote(reference)}`)
  const requestId = REQUEST_ID.read(call)
  checkLength(call, outcome, 'unique_request_id', requestId)
  const before = order.refunds.find((known) => known.requestId === requestId)
  if (before)
    throw refused(
      `The refund ${quote(requestId)} was made at ${before.at}, of ${majorOf(before.amount)}: the money went back once, and GET /orders/${reference} shows it. For another refund, send another unique_request_id.`,
      'duplicate.call',
      'A refund call was already completed with this unique_request_id for the order.',
    )
  const amount = amountOf(call, order)
  refuseSecondAtOnce(call, order, amount)
  const now = call.merchant.clock.now()
  const endsAt = outcome.manualReview ? now + REVIEW_MS : now
  const refunded = refund(holder, order, {
    requestId,
    amount,
    at: new Date(now).toISOString(),
    ...(TYPE.read(call) === 'INSTANT' && { instant: true }),
    ...(outcome.manualReview && { reviewedUntil: new Date(endsAt).toISOString() }),
  })
  const made = orderOf(refunded, reference)!.refunds.at(-1)!
  const cause = `${order.id} ${requestId}`
  const tell = (name: EventName, at: number) =>
    putWithEvents(call, outcome, requireOrder(call, reference), cause, [name], at)
  call.merchant.state.put(refunded)
  if (outcome.manualReview) tell('REFUND_MANUAL_REVIEW_NEEDED', now)
  tell(made.failed ? 'ORDER_REFUND_FAILED' : 'ORDER_REFUNDED', endsAt)
  return { ...requireOrder(call, reference), made }
}

function amountOf(call: Call, order: Order): Minor {
  const left = order.amount - refundedOf(order)
  const amount = AMOUNT.read(call) ?? left
  if (amount <= left && left > 0) return amount
  throw refused(
    left > 0
      ? `The refund is of ${majorOf(amount)}, but of the order ${quote(order.reference)} ${majorOf(left)} are left; send at most that.`
      : `Nothing is left of the order ${quote(order.reference)}: all of it was refunded.`,
    'invalid.amount.exceeded',
    'Refund amount exceeds the refundable amount.',
  )
}

function refuseSecondAtOnce({ merchant: { clock } }: Call, { refunds }: Order, amount: Minor): void {
  const now = clock.now()
  const recent = refunds.find((one) => one.amount === amount && Math.abs(now - Date.parse(one.at)) < PROCESSING_MS)
  if (recent === undefined) return
  throw refused(
    `The refund ${quote(recent.requestId)} of the same amount was made less than 5 s before; ${clock.mode === 'frozen' ? 'advance the clock by 5 s' : 'wait 5 s'}, or send another amount.`,
    'duplicate.call',
    PROCESSING,
  )
}
