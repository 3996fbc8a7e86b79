import { inferred } from '../../../api/evidence.js'
import type { Operation } from '../../../api/vendor.js'
import { Refusal } from '../../../lib/errors.js'
import { quote } from '../../../lib/text.js'
import type { Order } from '../../../wallets/model.js'
import { guestWith, withOrder } from '../../../wallets/orders.js'
import { siblingDenied } from '../errors.js'
import { CLIENT_LIBRARIES, LIST_WALLETS_PAGE } from '../pages.js'
import { answer, requireOrder } from '../require.js'
import { orderBody } from '../wire/payments.js'
import { optionalText, optionalUrl, requiredAmount, requiredText } from './fields.js'
import { drawId } from './tokens.js'
import { listAnswer } from './wallets.js'

/** Only what the payment of an order from a wallet needs. */
const AS_CLIENTS_READ = inferred(`the fields that ${CLIENT_LIBRARIES} read`)

/** The vendor's older libraries know orders by the paths under `/order`. */
export const createOrder: Operation = {
  id: 'juspay.createOrder',
  names: { customer: 'customer_id', order: 'order_id' },
  changes: true,
  evidence: AS_CLIENTS_READ,
  errors: { invalid_authentication: siblingDenied },
  run: (call) => {
    const { merchant, customer } = call
    const reference = requiredText(call, 'order_id')
    const order: Order = {
      id: drawId(call, 'ordeh_', reference.toLowerCase()),
      reference,
      customerName: optionalText(call, 'customer_id') ?? null,
      amount: requiredAmount(call),
      currency: optionalText(call, 'currency') ?? 'INR',
      email: optionalText(call, 'customer_email') ?? null,
      phone: optionalText(call, 'customer_phone') ?? null,
      returnUrl: optionalUrl(call, 'return_url'),
      createdAt: merchant.clock.timestamp(),
      payments: [],
    }
    if (merchant.state.holderOf(reference))
      throw new Refusal(
        'conflict',
        `There is an order ${quote(reference)} already; read it, or send another order_id.`,
        {
          message: 'Order with given order id already exists.',
        },
      )
    const holder = customer === undefined ? guestWith(order) : withOrder(customer, order)
    merchant.state.put(holder)
    return answer(orderBody(order, holder, merchant.id))
  },
}

export const getOrder: Operation = {
  id: 'juspay.getOrder',
  names: { order: 'order_id' },
  changes: false,
  evidence: AS_CLIENTS_READ,
  errors: { invalid_authentication: siblingDenied },
  run: (call) => {
    const { holder, order } = requireOrder(call, call.nameOf('order') ?? '')
    return answer(orderBody(order, holder, call.merchant.id))
  },
}

export const listOrderWallets: Operation = {
  id: 'juspay.listOrderWallets',
  changes: false,
  evidence: inferred(`the call of ${CLIENT_LIBRARIES}; the body of ${LIST_WALLETS_PAGE}`),
  errors: { invalid_authentication: siblingDenied },
  run: (call) => listAnswer(call, requireOrder(call, call.nameOf('order') ?? '').holder.wallets),
}
