import type { Call } from '../../../api/call.js'
import { inferred, published } from '../../../api/evidence.js'
import type { Outcome } from '../../../api/outcome.js'
import type { Operation } from '../../../api/vendor.js'
import { LONGEST } from '../../../lib/bounds.js'
import { Refusal } from '../../../lib/errors.js'
import { quote } from '../../../lib/text.js'
import type { Order } from '../../../wallets/model.js'
import { guestWith, isCharged, WEBHOOK_URL, withOrder } from '../../../wallets/orders.js'
import { errors, invalidInput, siblingDenied } from '../errors.js'
import { CLIENT_LIBRARIES, CREATE_ORDER_PAGE, LIST_WALLETS_PAGE, ORDER_STATUS_PAGE, sample } from '../pages.js'
import { answer, requireOrder, shownOf } from '../require.js'
import { createdBody, newBody, type Shown, statusBody, updatedBody } from '../wire/orders.js'
import {
  anyText,
  checkShort,
  optionalAmount,
  optionalText,
  optionalUrl,
  page,
  range,
  requiredAmount,
  requiredText,
} from './fields.js'
import { clientAuth, drawId } from './tokens.js'
import { listAnswer } from './wallets.js'

/** The vendor's older libraries know orders by the paths under `/order`, and update one by creating it again. */
export const createOrder: Operation = {
  id: 'juspay.createOrder',
  names: { customer: 'customer_id', order: 'order_id' },
  changes: true,
  evidence: published(sample('create-order')),
  errors: {
    invalid_authentication: siblingDenied,
    bad_request: { evidence: published(CREATE_ORDER_PAGE), answer: invalidInput },
    unprocessable: { evidence: published(CREATE_ORDER_PAGE), answer: invalidInput },
    conflict: { evidence: inferred('a second order of one order_id; the form by analogy') },
  },
  run: (call, outcome) => {
    const reference = requiredText(call, 'order_id')
    const holder = call.merchant.state.find('order', reference)
    if (holder !== undefined && isLegacy(call)) return answer(updatedBody(update(call, outcome, reference)))
    const shown = openOrder(call, outcome, reference, requiredAmount(call))
    const auth = clientAuth(call, shown.holder)
    return answer(auth ? newBody(shown, auth) : createdBody(shown))
  },
}

const isLegacy = ({ request }: Call) => /\/order\/create\/?$/.test(request.path)

export const updateOrder: Operation = {
  id: 'juspay.updateOrder',
  names: { order: 'order_id' },
  changes: true,
  evidence: published(sample('update-order')),
  errors: {
    invalid_authentication: siblingDenied,
    bad_request: {
      evidence: inferred(`a wrong field as on ${CREATE_ORDER_PAGE}; the update of a charged order by analogy`),
      answer: (refusal, call) => (refusal.details.fields ? invalidInput : errors.bad_request.answer)(refusal, call),
    },
    unprocessable: { evidence: inferred(`the wrong field of ${CREATE_ORDER_PAGE}`), answer: invalidInput },
  },
  run: (call, outcome) => answer(updatedBody(update(call, outcome, call.nameOf('order') ?? ''))),
}

export const getOrder: Operation = {
  id: 'juspay.getOrder',
  names: { order: 'order_id' },
  changes: false,
  credential: 'key or token',
  latency: {
    // The page prints "0.0198" under "(ms)", which are surely seconds.
    percentiles: { 50: 19.8, 90: 55.71, 99: 351.85, 99.9: 594.42, 99.99: 1431.42 },
    source: `${ORDER_STATUS_PAGE} (its TP50, printed as 0.0198, read as seconds)`,
  },
  evidence: published(`${sample('order-status, Wallet')}; before a payment ${sample('create-order, auth')}`),
  errors: { invalid_authentication: siblingDenied, order_not_found: { evidence: published(ORDER_STATUS_PAGE) } },
  run: (call) => {
    const { holder, order } = requireOrder(call, call.nameOf('order') ?? '')
    return answer(statusBody(shownOf(call, holder, order), clientAuth(call, holder)))
  },
}

/** Rows of a list when the client names no number. */
const DEFAULT_COUNT = 10

export const listOrders: Operation = {
  id: 'juspay.listOrders',
  changes: false,
  evidence: inferred(`the call of ${CLIENT_LIBRARIES}; rows as Order Status`),
  errors: { invalid_authentication: siblingDenied },
  run: (call) => {
    const { from, to } = range(call, DEFAULT_COUNT)
    const { state } = call.merchant
    const total = state.orderCount
    const list = page(state.orders(), from, Math.min(to, total)).map(({ holder, order }) =>
      statusBody(shownOf(call, holder, order), undefined),
    )
    return answer({ list, offset: from, count: list.length, total, object: 'list' })
  },
}

export const listOrderWallets: Operation = {
  id: 'juspay.listOrderWallets',
  changes: false,
  evidence: inferred(`the call of ${CLIENT_LIBRARIES}; the body of ${LIST_WALLETS_PAGE}`),
  errors: { invalid_authentication: siblingDenied },
  run: (call, outcome) => listAnswer(call, outcome, requireOrder(call, call.nameOf('order') ?? '').holder.wallets),
}

/** Opens an order of the customer whom the request names, or of a guest. @param prefix of its fields */
export function openOrder(call: Call, outcome: Outcome, reference: string, amount: number, prefix = ''): Shown {
  const { merchant, customer } = call
  checkShort(call, outcome, `${prefix}order_id`, reference)
  const order: Order = {
    id: drawId(call, 'ordeh_', reference.toLowerCase()),
    reference,
    customerName: orderText(call, `${prefix}customer_id`) ?? null,
    amount,
    currency: orderText(call, `${prefix}currency`) ?? 'INR',
    email: orderText(call, `${prefix}customer_email`) ?? null,
    phone: orderText(call, `${prefix}customer_phone`) ?? null,
    returnUrl: orderUrl(call, `${prefix}return_url`),
    productId: orderText(call, `${prefix}product_id`) ?? null,
    description: orderText(call, `${prefix}description`, LONGEST.note) ?? null,
    udf: givenUdf(call, prefix),
    metadata: withMetadata({}, call, prefix),
    createdAt: merchant.clock.timestamp(),
    pageExpiresAt: null,
    payments: [],
    refunds: [],
  }
  if (merchant.state.find('order', reference))
    throw new Refusal('conflict', `There is an order ${quote(reference)} already; read it, or send another order_id.`, {
      message: 'Order with given order id already exists.',
    })
  const holder = customer === undefined ? guestWith(order) : withOrder(customer, order)
  merchant.state.put(holder)
  return shownOf(call, holder, order)
}

/** Clients send what an order has none of as empty text. */
const orderText: typeof optionalText = (call, name, longest) =>
  call.field(name) === '' ? undefined : optionalText(call, name, longest)
const orderUrl: typeof optionalUrl = (call, name) => (call.field(name) === '' ? null : optionalUrl(call, name))

const MAX_METADATA = 50

function givenUdf(call: Call, prefix: string): Record<string, string> {
  const given: Record<string, string> = {}
  for (let i = 1; i <= 10; i++) {
    const text = anyText(call, `${prefix}udf${i}`, LONGEST.note)
    if (text) given[`udf${i}`] = text
  }
  return given
}

function withMetadata(before: Order['metadata'], call: Call, prefix: string): Order['metadata'] {
  const start = `${prefix}metadata.`
  const { fields } = call.body
  const given = [...fields.keys()].filter((name) => name.startsWith(start) && name.length > start.length)
  if (given.length === 0) return before
  orderUrl(call, start + WEBHOOK_URL)
  const metadata = { ...before }
  for (const name of given) metadata[name.slice(start.length)] = fields.get(name)!
  const count = Object.keys(metadata).length
  if (count <= MAX_METADATA) return metadata
  throw new Refusal('unprocessable', `The order has ${count} fields of metadata; allowed: up to ${MAX_METADATA}.`, {
    fields: ['metadata'],
  })
}

/** Changes what the request names of an order that is not charged. */
export function update(call: Call, { warnings }: Outcome, reference: string): Shown {
  const { holder, order } = requireOrder(call, reference)
  if (isCharged(order))
    throw new Refusal('bad_request', `The order ${quote(reference)} is charged, so it cannot be changed.`, {
      message: 'Order is already charged.',
    })
  const named = call.field('customer_id')
  if (named !== undefined && named !== order.customerName && named !== holder.id)
    warnings.push('customer_id is not changed: an order stays with the customer it was created for.')
  const next: Order = {
    ...order,
    amount: optionalAmount(call) ?? order.amount,
    currency: orderText(call, 'currency') ?? order.currency,
    email: orderText(call, 'customer_email') ?? order.email,
    phone: orderText(call, 'customer_phone') ?? order.phone,
    returnUrl: orderUrl(call, 'return_url') ?? order.returnUrl,
    productId: orderText(call, 'product_id') ?? order.productId,
    description: orderText(call, 'description', LONGEST.note) ?? order.description,
    udf: { ...order.udf, ...givenUdf(call, '') },
    metadata: withMetadata(order.metadata, call, ''),
  }
  const after = withOrder(holder, next)
  call.merchant.state.put(after)
  return shownOf(call, after, next)
}
