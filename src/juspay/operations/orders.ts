import { Refusal } from '../../errors.js'
import { inferred, type Operation } from '../../vendor.js'
import type { Order } from '../../wallets/model.js'
import { guestWith, withOrder } from '../../wallets/orders.js'
import { CLIENT_LIBRARIES, LIST_WALLETS_PAGE } from '../pages.js'
import { orderBody } from '../wire/payments.js'
import { answer, askedOrder, quoted } from './asked.js'
import { optionalText, optionalUrl, requiredAmount, requiredText } from './fields.js'
import { drawId } from './tokens.js'
import { listAnswer } from './wallets.js'

/** Only what the payment of an order from a wallet needs. */
const AS_CLIENTS_READ = inferred(`the fields that ${CLIENT_LIBRARIES} read`)

/** The vendor's older libraries know orders by the paths under `/order`. */
const createOrder: Operation = {
  id: 'juspay.createOrder',
  method: 'POST',
  path: '/orders',
  also: [{ method: 'POST', path: '/order/create' }],
  names: { customer: 'customer_id', order: 'order_id' },
  changes: true,
  evidence: { success: AS_CLIENTS_READ },
  run: (exchange) => {
    const { world, customer } = exchange
    const reference = requiredText(exchange, 'order_id')
    const order: Order = {
      id: drawId(exchange, 'ordeh_', reference.toLowerCase()),
      reference,
      customerName: optionalText(exchange, 'customer_id') ?? null,
      amount: requiredAmount(exchange),
      currency: optionalText(exchange, 'currency') ?? 'INR',
      email: optionalText(exchange, 'customer_email') ?? null,
      phone: optionalText(exchange, 'customer_phone') ?? null,
      returnUrl: optionalUrl(exchange, 'return_url'),
      createdAt: world.clock.timestamp(),
      payments: [],
    }
    if (world.state.holderOf(reference))
      throw new Refusal(
        'conflict',
        `There is an order ${quoted(reference)} already; read it, or send another order_id.`,
        {
          message: 'Order with given order id already exists.',
        },
      )
    const holder = customer === undefined ? guestWith(order) : withOrder(customer, order)
    world.state.put(holder)
    return answer(orderBody(order, holder, world.id))
  },
}

const getOrder: Operation = {
  id: 'juspay.getOrder',
  method: 'GET',
  path: '/orders/:order',
  also: [
    { method: 'POST', path: '/order/status' },
    { method: 'GET', path: '/order/status' },
  ],
  names: { order: 'order_id' },
  changes: false,
  evidence: { success: AS_CLIENTS_READ },
  run: (exchange) => {
    const { holder, order } = askedOrder(exchange, exchange.nameOf('order') ?? '')
    return answer(orderBody(order, holder, exchange.world.id))
  },
}

const listOrderWallets: Operation = {
  id: 'juspay.listOrderWallets',
  method: 'GET',
  path: '/orders/:order/wallets',
  changes: false,
  evidence: { success: inferred(`the call of ${CLIENT_LIBRARIES}; the body of ${LIST_WALLETS_PAGE}`) },
  run: (exchange) => listAnswer(exchange, askedOrder(exchange, exchange.nameOf('order') ?? '').holder.wallets),
}

export const orderOperations = [createOrder, getOrder, listOrderWallets] as const
