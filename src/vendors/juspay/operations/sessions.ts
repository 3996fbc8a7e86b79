import { inferred, published } from '../../../api/evidence.js'
import { readAll } from '../../../api/request.js'
import type { ErrorForm, Operation } from '../../../api/vendor.js'
import { timestamp } from '../../../lib/clock.js'
import { withOrder } from '../../../wallets/orders.js'
import { issueClientToken } from '../client-token.js'
import { badRequest, errorInfo, invalidParams, siblingDenied } from '../errors.js'
import { required, text } from '../fields.js'
import { sample } from '../pages.js'
import { answer, shownOf } from '../require.js'
import { sessionBody } from '../wire/sessions.js'
import { orderPageUrl } from './order-pages.js'
import { NEW_ORDER, ORDER_FIELDS, openOrder, update } from './orders.js'

/** The form in which a session is refused; its words are the sandbox's own. */
const refused: ErrorForm = {
  ...inferred(`the form of ${sample('session, 400')}; its words for other faults by analogy`),
  answer: ({ details: { message = 'Invalid request' } }, call) =>
    badRequest({
      status: 'ERROR',
      error_code: 'invalid_request',
      error_message: message,
      error_info: errorInfo(call, 'refused', invalidParams(message)),
    }),
}

const SESSION = {
  ...NEW_ORDER,
  clientId: required(text('payment_page_client_id', "The client's name of the vendor's payment page")),
  action: required(text('action', 'What the page is for, such as paymentPage')),
}

export const createSession: Operation = {
  id: 'juspay.createSession',
  summary: 'Opens an order, or takes the open one of that id, and a page on which it is paid.',
  body: [...Object.values(SESSION), ...ORDER_FIELDS],
  names: { customer: 'customer_id', order: 'order_id' },
  changes: true,
  requiredHeaders: ['x-merchantid'],
  evidence: published(sample('session')),
  errors: { invalid_authentication: siblingDenied, bad_request: refused, unprocessable: refused },
  run: (call, outcome) => {
    const { reference, amount } = readAll(call, SESSION)
    const isOpen = call.merchant.state.find('order', reference) !== undefined
    const { holder, order } = isOpen ? update(call, outcome, reference) : openOrder(call, outcome, reference, amount)
    const auth = issueClientToken(call.merchant, holder.id)
    const next = { ...order, pageExpiresAt: timestamp(auth.expiresAt) }
    const kept = withOrder(holder, next)
    call.merchant.state.put(kept)
    return answer(sessionBody(shownOf(call, { holder: kept, order: next }), auth, call.body, orderPageUrl(call, next)))
  },
}
