import { createHmac } from 'node:crypto'
import type { Call } from '../../../api/call.js'
import { inferred, published } from '../../../api/evidence.js'
import type { Outcome } from '../../../api/outcome.js'
import type { Operation } from '../../../api/vendor.js'
import type { Order, Payment } from '../../../wallets/model.js'
import { endRedirect, statusOf } from '../../../wallets/orders.js'
import { putWithEvents } from '../events.js'
import { PAGES, sample } from '../pages.js'
import type { EventName } from '../wire/events.js'
import { paidPage, payPage } from '../wire/html-pages.js'
import { STATUS_IDS } from '../wire/orders.js'
import { button, decisionOf, html, noSuch, sendOn } from './html.js'

/** What a browser opens has no key: the merchant in its address, and the payment or the order in its path, say whose it is. */
export const page = {
  belongsTo: ({ state }, { payment = '' }) => state.find('payment', payment) !== undefined,
} satisfies Partial<Operation>

export const openPayment: Operation = {
  id: 'juspay.openPayment',
  summary: 'The page on which a customer decides a payment.',
  ...page,
  evidence: inferred(`the address in ${sample('Simpl, txn')}; the page itself is the sandbox's`),
  run: (call) => {
    const { order, payment } = requirePayment(call)
    return isOpen(payment) ? html(payPage(order, payment)) : toFinish(call, order, payment)
  },
}

const BUTTON = button(['pay', 'cancel'], false)

export const decidePayment: Operation = {
  id: 'juspay.decidePayment',
  summary: 'Decides a payment, as the form of its page does.',
  body: [BUTTON],
  ...page,
  changes: true,
  emits: true,
  evidence: inferred("the sandbox's own page"),
  run: (call, outcome) => {
    const begun = requirePayment(call)
    const { order, payment } = begun
    if (!isOpen(payment)) return toFinish(call, order, payment)
    // Some providers' pages are opened by POST.
    if (call.field(BUTTON.name) === undefined) return html(payPage(order, payment))
    return endPayment(call, outcome, begun, decisionOf(call, BUTTON) === 'pay')
  },
}

/** Ends a payment as the customer decided. @param before the events of its beginning, where that is now */
export function endPayment(
  call: Call,
  outcome: Outcome,
  begun: ReturnType<typeof requirePayment>,
  pays: boolean,
  before: readonly EventName[] = [],
) {
  const ended = endRedirect(begun.holder, begun.order, begun.payment, pays, call.merchant.clock.timestamp())
  const { order, payment } = ended
  const events: readonly EventName[] =
    payment.status === 'CHARGED' ? ['TXN_CHARGED', 'ORDER_SUCCEEDED'] : ['TXN_FAILED', 'ORDER_FAILED']
  putWithEvents(call, outcome, ended, payment.id, [...before, ...events])
  return toFinish(call, order, payment)
}

/** The address at which every payment ends. It sends the customer back to the shop, with a signed result. */
export const finishPayment: Operation = {
  id: 'juspay.finishPayment',
  summary: 'The end of a payment: sends the customer back to the shop with a signed result.',
  ...page,
  signs: true,
  evidence: published(`the address in ${PAGES.directDebit}; the signature of the vendor's return`),
  run: (call, outcome) => {
    const { order, payment } = requirePayment(call)
    const status = statusOf(order)
    const text = paidPage(order, payment, status)
    if (order.returnUrl === null) return html(text)
    const result = { order_id: order.reference, status, status_id: String(STATUS_IDS[status]) }
    return sendOn(302, signedUrl(order.returnUrl, result, call.merchant.responseKey, outcome.badSignature), text)
  },
}

export const startUrl = ({ baseUrl, merchant }: Call, { uuid }: Payment) =>
  `${baseUrl}/v2/pay/start/${encodeURIComponent(merchant.id)}/${encodeURIComponent(uuid)}`

export const finishUrl = ({ baseUrl, merchant }: Call, { id }: Payment) =>
  `${baseUrl}/pay/finish/${encodeURIComponent(merchant.id)}/${encodeURIComponent(id)}`

const isOpen = ({ status }: Payment) => status === 'PENDING_VBV'

export const toFinish = (call: Call, order: Order, payment: Payment) =>
  sendOn(303, finishUrl(call, payment), paidPage(order, payment, statusOf(order)))

function requirePayment(call: Call) {
  const name = call.nameOf('payment') ?? ''
  const found = call.merchant.state.payment(name)
  if (found) return found
  throw noSuch('payment', name, 'the answer to a debit has its address')
}

type Pairs = readonly (readonly [name: string, value: string])[]

const encode = (pairs: Pairs): Pairs =>
  pairs.map(([name, value]) => [encodeURIComponent(name), encodeURIComponent(value)])
const join = (pairs: Pairs) => pairs.map((pair) => pair.join('=')).join('&')

/**
 * The address of the shop with a result that its server can check: the parameters, percent-encoded, sorted and joined,
 * are encoded once more and signed with the merchant's Response Key.
 */
function signedUrl(returnUrl: string, result: Readonly<Record<string, string>>, key: string, isBad: boolean): string {
  const url = new URL(returnUrl)
  const parameters = encode([...url.searchParams, ...Object.entries(result)])
  const signed = encodeURIComponent(join(parameters.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))))
  const signature = createHmac('sha256', isBad ? `${key}.` : key)
    .update(signed)
    .digest('base64')
  const proof = { signature, signature_algorithm: 'HMAC-SHA256' }
  url.search = join([...parameters, ...encode(Object.entries(proof))])
  return url.href
}
