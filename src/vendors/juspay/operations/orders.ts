import type { Call } from '../../../api/call.js'
import { inferred, published } from '../../../api/evidence.js'
import type { Outcome } from '../../../api/outcome.js'
import { readAll } from '../../../api/request.js'
import type { Operation } from '../../../api/vendor.js'
import { LONGEST } from '../../../lib/bounds.js'
import { Refusal } from '../../../lib/errors.js'
import { quote } from '../../../lib/text.js'
import { guestWith } from '../../../wallets/customers.js'
import type { Order } from '../../../wallets/model.js'
import { isCharged, newOrder, WEBHOOK_URL, withOrder } from '../../../wallets/orders.js'
import { invalidInput, siblingDenied } from '../errors.js'
import { amount, checkLength, listBody, orderText, orderUrl, PAGE, required, sentText, text, UDF } from '../fields.js'
import { CLIENT_LIBRARIES, PAGES, sample } from '../pages.js'
import { answer, chargedAlready, requireOrder, shownOf } from '../require.js'
import { createdBody, type Shown, statusBody, updatedBody } from '../wire/orders.js'
import { clientAuth, drawId, TOKEN, WANTS_TOKEN } from './tokens.js'
import { listAnswer } from './wallets.js'

export const NAMED_ORDER = sentText('order_id', 'The order, where the path does not name it')

export const NEW_ORDER = {
  reference: required(text('order_id', "The merchant's own id of the order")),
  amount: required(amount('amount', 'What is to be paid')),
}
const NEW_AMOUNT = amount('amount', 'The new amount')
const CUSTOMER = orderText('customer_id', 'The customer whose order it is: id or object_reference_id')

const DETAILS = {
  currency: orderText('currency', 'The currency, INR where it is left out'),
  email: orderText('customer_email', "The customer's e-mail address"),
  phone: orderText('customer_phone', "The customer's phone number"),
  returnUrl: orderUrl('return_url', 'Where the customer is sent after a payment, by http or https'),
  productId: orderText('product_id', 'What is sold'),
  description: orderText('description', 'Shown to the customer', LONGEST.note),
}
const OPENED = { customerName: CUSTOMER, ...DETAILS }
const CHANGED = { amount: NEW_AMOUNT, ...DETAILS }
const udfOf = (call: Call, prefix?: string) => readAll(call, UDF, prefix) as Order['udf']

const METADATA = 'metadata.'
const WEBHOOK = orderUrl(
  METADATA + WEBHOOK_URL,
  "Where the order's events are sent, in place of the merchant's webhook",
)

export const ORDER_FIELDS = [...Object.values(OPENED), ...Object.values(UDF), WEBHOOK]

/** The vendor's older libraries know orders by the paths under `/order`, and update one by creating it again. */
export const createOrder: Operation = {
  id: 'juspay.createOrder',
  summary: 'Creates an order.',
  body: [...Object.values(NEW_ORDER), ...ORDER_FIELDS, WANTS_TOKEN],
  names: { customer: 'customer_id', order: 'order_id' },
  changes: true,
  evidence: published(sample('create-order')),
  errors: {
    invalid_authentication: siblingDenied,
    bad_request: { ...published(PAGES.createOrder), answer: invalidInput },
    unprocessable: { ...published(PAGES.createOrder), answer: invalidInput },
    conflict: inferred('a second order of one order_id; the form by analogy'),
  },
  run: (call, outcome) => {
    const reference = NEW_ORDER.reference.read(call)
    if (isLegacy(call) && call.merchant.state.find('order', reference))
      return answer(updatedBody(update(call, outcome, reference)))
    const shown = openOrder(call, outcome, reference, NEW_ORDER.amount.read(call))
    const auth = clientAuth(call, shown.holder)
    return answer(auth ? statusBody(shown, auth) : createdBody(shown))
  },
}

const isLegacy = ({ request }: Call) => /\/order\/create\/?$/.test(request.path)

export const updateOrder: Operation = {
  id: 'juspay.updateOrder',
  summary: 'Changes an order that is not charged.',
  body: [NAMED_ORDER, NEW_AMOUNT, ...ORDER_FIELDS],
  names: { order: 'order_id' },
  changes: true,
  evidence: published(sample('update-order')),
  errors: {
    invalid_authentication: siblingDenied,
    bad_request: {
      ...inferred(`a wrong field as on ${PAGES.createOrder}; the update of a charged order by analogy`),
      answer: invalidInput,
    },
    unprocessable: { ...inferred(`the wrong field of ${PAGES.createOrder}`), answer: invalidInput },
  },
  run: (call, outcome) => answer(updatedBody(update(call, outcome, call.nameOf('order') ?? ''))),
}

export const getOrder: Operation = {
  id: 'juspay.getOrder',
  summary: 'Shows an order with its payment and refunds.',
  query: [NAMED_ORDER, WANTS_TOKEN, TOKEN],
  names: { order: 'order_id' },
  credential: 'key or token',
  latency: {
    // The page prints "0.0198" under "(ms)", which are surely seconds.
    percentiles: { 50: 19.8, 90: 55.71, 99: 351.85, 99.9: 594.42, 99.99: 1431.42 },
    source: `${PAGES.orderStatus} (its TP50, printed as 0.0198, read as seconds)`,
  },
  evidence: published(`${sample('order-status, Wallet')}; before a payment ${sample('create-order, auth')}`),
  errors: { invalid_authentication: siblingDenied, order_not_found: published(PAGES.orderStatus) },
  run: (call) => {
    const owned = requireOrder(call)
    return answer(statusBody(shownOf(call, owned), clientAuth(call, owned.holder)))
  },
}

export const listOrders: Operation = {
  id: 'juspay.listOrders',
  summary: 'Lists orders.',
  query: PAGE,
  evidence: inferred(`the call of ${CLIENT_LIBRARIES}; rows as Order Status`),
  errors: { invalid_authentication: siblingDenied },
  run: (call) => {
    const { state } = call.merchant
    return answer(listBody(call, state.orders(), state.orderCount, (owned) => statusBody(shownOf(call, owned))))
  },
}

export const listOrderWallets: Operation = {
  id: 'juspay.listOrderWallets',
  summary: "Lists the wallets of an order's customer.",
  query: PAGE,
  evidence: inferred(`the call of ${CLIENT_LIBRARIES}; the body of ${PAGES.listWallets}`),
  errors: { invalid_authentication: siblingDenied },
  run: (call, outcome) => listAnswer(call, outcome, requireOrder(call).holder.wallets),
}

/** Opens an order of the customer whom the request names, or of a guest. @param prefix of its fields */
export function openOrder(call: Call, outcome: Outcome, reference: string, amount: number, prefix = ''): Shown {
  const { merchant, customer } = call
  checkLength(call, outcome, `${prefix}order_id`, reference)
  const given = readAll(call, OPENED, prefix)
  const id = drawId(call, 'ordeh_', reference.toLowerCase())
  const createdAt = merchant.clock.timestamp()
  const metadata = withMetadata(NO_METADATA, call, prefix)
  const order = newOrder({ id, reference, amount, createdAt, udf: udfOf(call, prefix), metadata }, given)
  if (merchant.state.find('order', reference))
    throw new Refusal('conflict', `There is an order ${quote(reference)} already; read it, or send another order_id.`, {
      message: 'Order with given order id already exists.',
    })
  const holder = customer === undefined ? guestWith(order) : withOrder(customer, order)
  merchant.state.put(holder)
  return shownOf(call, { holder, order })
}

const NO_METADATA: Order['metadata'] = {}
const MAX_METADATA = 50

function withMetadata(before: Order['metadata'], call: Call, prefix = ''): Order['metadata'] {
  const start = prefix + METADATA
  let metadata: Record<string, string> | undefined
  for (const [name, value] of call.body.fields) {
    if (!name.startsWith(start) || name.length === start.length) continue
    metadata ??= { ...before }
    metadata[name.slice(start.length)] = value
  }
  if (metadata === undefined) return before
  WEBHOOK.read(call, prefix)
  const count = Object.keys(metadata).length
  if (count <= MAX_METADATA) return metadata
  throw new Refusal('unprocessable', `The order has ${count} fields of metadata; allowed: up to ${MAX_METADATA}.`, {
    fields: ['metadata'],
  })
}

export function update(call: Call, { warnings }: Outcome, reference: string): Shown {
  const { holder, order } = requireOrder(call, reference)
  if (isCharged(order)) throw chargedAlready(`The order ${quote(reference)} is charged, so it cannot be changed.`)
  const named = call.field(CUSTOMER.name)
  if (named !== undefined && named !== order.customerName && named !== holder.id)
    warnings.push('customer_id is not changed: an order stays with the customer it was created for.')
  const next: Order = {
    ...order,
    ...readAll(call, CHANGED),
    udf: { ...order.udf, ...udfOf(call) },
    metadata: withMetadata(order.metadata, call),
  }
  const after = withOrder(holder, next)
  call.merchant.state.put(after)
  return shownOf(call, { holder: after, order: next })
}
