import { Refusal } from '../../errors.js'
import type { Exchange } from '../../exchange.js'
import { didYouMean, nearestOrSome } from '../../nearest.js'
import type { Answer } from '../../vendor.js'
import type { Customer, Order, Wallet } from '../../wallets/model.js'
import { orderOf } from '../../wallets/orders.js'

/** What a request asks for, or the refusal that it is not there. */

export const answer = (body: unknown): Answer => ({ status: 200, body })
export const answerText = (text: string): Answer => ({ status: 200, text })

export const quoted = (id: string) => `"${id.length > 60 ? `${id.slice(0, 60)}…` : id}"`

export function askedWallet(exchange: Exchange): { customer: Customer; wallet: Wallet } {
  const id = exchange.walletName ?? ''
  const { customer } = exchange
  const wallet = customer?.wallets.find((candidate) => candidate.id === id)
  if (customer && wallet) return { customer, wallet }
  throw new Refusal(
    'wallet_not_found',
    `${exchange.merchantTitle} has no wallet ${quoted(id)}.${nearestOrSome(id, () => exchange.world.state.walletIds('wallets'))}`,
  )
}

export function askedCustomer(exchange: Exchange): Customer {
  if (exchange.customer) return exchange.customer
  const id = exchange.nameOf('customer') ?? ''
  throw new Refusal(
    'customer_not_found',
    `${exchange.merchantTitle} has no customer ${quoted(id)}.${nearestOrSome(id, () => exchange.world.state.customerNames())}`,
  )
}

/** An order and the customer, or the guest, whose it is. */
export function askedOrder(exchange: Exchange, reference: string): { holder: Customer; order: Order } {
  const { state } = exchange.world
  const holder = state.holderOf(reference)
  const order = orderOf(holder, reference)
  if (holder && order) return { holder, order }
  throw new Refusal(
    'order_not_found',
    `${exchange.merchantTitle} has no order ${quoted(reference)}.${didYouMean(reference, state.orderReferences())}`,
  )
}

/** A wallet's provider has to answer for what follows. */
export function requireProvider({ gateway, provider }: Wallet): void {
  if (!provider.available)
    throw new Refusal('provider_unavailable', `The provider of this ${gateway} wallet is set not to answer.`)
}
