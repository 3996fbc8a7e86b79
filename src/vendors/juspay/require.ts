import type { Call } from '../../api/call.js'
import { notFound } from '../../api/not-found.js'
import type { Answer } from '../../api/vendor.js'
import { didYouMean, nearestOrSome } from '../../lib/did-you-mean.js'
import { Refusal } from '../../lib/errors.js'
import type { OwnedOrder } from '../../store/state.js'
import type { Customer, Wallet } from '../../wallets/model.js'
import { orderOf } from '../../wallets/orders.js'

export const answer = (body: unknown): Answer => ({ status: 200, body })
export const answerText = (text: string): Answer => ({ status: 200, text })

export function requireWallet(call: Call): { customer: Customer; wallet: Wallet } {
  const id = call.walletName ?? ''
  const { customer, merchant } = call
  const wallet = customer?.wallets.find((candidate) => candidate.id === id)
  if (customer && wallet) return { customer, wallet }
  const hint = nearestOrSome(id, () => merchant.state.walletIds('wallets'))
  throw notFound(call, 'wallet_not_found', 'wallet', id, hint)
}

export function requireCustomer(call: Call): Customer {
  const { customer, merchant } = call
  if (customer) return customer
  const id = call.nameOf('customer') ?? ''
  const hint = nearestOrSome(id, () => merchant.state.customerNames())
  throw notFound(call, 'customer_not_found', 'customer', id, hint)
}

export function requireOrder(call: Call, reference = call.nameOf('order') ?? ''): OwnedOrder {
  const { state } = call.merchant
  const holder = state.find('order', reference)
  const order = orderOf(holder, reference)
  if (holder && order) return { holder, order }
  if (reference === '') throw new Refusal('order_not_found', 'The field order_id is missing; send the id of an order.')
  const hint = didYouMean(reference, state.orderReferences())
  throw notFound(call, 'order_not_found', 'order', reference, hint, { order: reference })
}

export const chargedAlready = (sentence: string) =>
  new Refusal('bad_request', sentence, { message: 'Order is already charged.' })

export function requireProvider({ gateway, provider }: Wallet): void {
  if (!provider.available)
    throw new Refusal('provider_unavailable', `The provider of this ${gateway} wallet is set not to answer.`)
}

export function shownOf({ merchant, baseUrl }: Call, { holder, order }: OwnedOrder, now = merchant.clock.now()) {
  return { order, holder, merchantId: merchant.id, seed: merchant.seed, baseUrl, now }
}
