import type { Call } from '../../api/call.js'
import type { Answer } from '../../api/vendor.js'
import { didYouMean, nearestOrSome } from '../../lib/did-you-mean.js'
import { Refusal } from '../../lib/errors.js'
import { quote } from '../../lib/text.js'
import type { Customer, Order, Wallet } from '../../wallets/model.js'
import { orderOf } from '../../wallets/orders.js'
import type { Shown } from './wire/orders.js'

/** What a request asks for, or the refusal that it is not there. */

export const answer = (body: unknown): Answer => ({ status: 200, body })
export const answerText = (text: string): Answer => ({ status: 200, text })

export function requireWallet(call: Call): { customer: Customer; wallet: Wallet } {
  const id = call.walletName ?? ''
  const { customer } = call
  const wallet = customer?.wallets.find((candidate) => candidate.id === id)
  if (customer && wallet) return { customer, wallet }
  throw new Refusal(
    'wallet_not_found',
    `${call.merchantTitle} has no wallet ${quote(id)}.${nearestOrSome(id, () => call.merchant.state.walletIds('wallets'))}`,
  )
}

export function requireCustomer(call: Call): Customer {
  if (call.customer) return call.customer
  const id = call.nameOf('customer') ?? ''
  throw new Refusal(
    'customer_not_found',
    `${call.merchantTitle} has no customer ${quote(id)}.${nearestOrSome(id, () => call.merchant.state.customerNames())}`,
  )
}

/** An order and the customer, or the guest, whose it is. */
export function requireOrder(call: Call, reference: string): { holder: Customer; order: Order } {
  const { state } = call.merchant
  const holder = state.find('order', reference)
  const order = orderOf(holder, reference)
  if (holder && order) return { holder, order }
  throw new Refusal(
    'order_not_found',
    `${call.merchantTitle} has no order ${quote(reference)}.${didYouMean(reference, state.orderReferences())}`,
    { order: reference },
  )
}

/** A wallet's provider has to answer for what follows. */
export function requireProvider({ gateway, provider }: Wallet): void {
  if (!provider.available)
    throw new Refusal('provider_unavailable', `The provider of this ${gateway} wallet is set not to answer.`)
}

/** What the body of an order is made of. */
export function shownOf(
  { merchant, baseUrl }: Call,
  holder: Customer,
  order: Order,
  now = merchant.clock.now(),
): Shown {
  return { order, holder, merchantId: merchant.id, seed: merchant.seed, baseUrl, now }
}
