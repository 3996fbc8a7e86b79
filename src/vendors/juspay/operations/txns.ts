import type { Call } from '../../../api/call.js'
import { published } from '../../../api/evidence.js'
import type { Outcome } from '../../../api/outcome.js'
import type { Operation } from '../../../api/vendor.js'
import { Refusal } from '../../../lib/errors.js'
import type { OwnedOrder } from '../../../store/state.js'
import { isSpendable } from '../../../wallets/linked-wallet.js'
import type { Customer, Order, Payment, Wallet } from '../../../wallets/model.js'
import { majorOf } from '../../../wallets/money.js'
import { beginRedirect, isCharged, NO_ORDERS, pay, withOrder } from '../../../wallets/orders.js'
import { checkNamedMerchant } from '../auth.js'
import { GATEWAY_NOT_FOUND, refusedPayment, siblingDenied } from '../errors.js'
import { putWithEvents } from '../events.js'
import { amount, choice, filled, gateway, missing, required, sentText, text } from '../fields.js'
import { PAGES } from '../pages.js'
import { answer, chargedAlready, requireOrder, requireProvider } from '../require.js'
import type { EventName } from '../wire/events.js'
import { type NextStep, paymentBody } from '../wire/payments.js'
import { ORDER_FIELDS, openOrder } from './orders.js'
import { finishUrl, startUrl } from './payment-pages.js'
import { newAttempt, TOKEN } from './tokens.js'
import { beginTopUp } from './top-ups.js'

const METHOD = required(text('payment_method', 'The wallet'))

const BODY = {
  order: text('order_id', 'The order, unless order.order_id opens one'),
  merchant: sentText('merchant_id', 'The merchant, as x-jp-merchant-id names it'),
  type: required(
    choice('payment_method_type', 'Wallets alone pay here', ['WALLET'], (type) => {
      filled(type, 'payment_method_type')
      const sentence = 'The payment_method_type is not WALLET; the sandbox pays from wallets alone.'
      return new Refusal('bad_request', sentence, GATEWAY_NOT_FOUND)
    }),
  ),
  gateway: required(gateway('payment_method', GATEWAY_NOT_FOUND)),
  token: text('direct_wallet_token', "The wallet's live token"),
  newOrder: text('order.order_id', 'The order, for a request that opens it'),
  amount: amount('order.amount', 'The amount, for a request that opens the order'),
}

/** Runs in one go, so that of any number of debits with one token the first alone finds it unused. */
export const debitWallet: Operation = {
  id: 'juspay.debitWallet',
  summary: 'Pays an order from a wallet: with its token at once, else on a page of the provider.',
  body: [...Object.values(BODY), ...ORDER_FIELDS.map((field) => ({ ...field, name: `order.${field.name}` })), TOKEN],
  names: { order: 'order_id', merchant: 'merchant_id' },
  changes: true,
  emits: true,
  // The redirect flow is the one call that a shop's page may make by itself.
  credential: (fields) => (fields.has('direct_wallet_token') ? 'key or token' : 'none'),
  evidence: published(PAGES.directDebit),
  errors: {
    invalid_authentication: siblingDenied,
    bad_request: { ...published(PAGES.payments), answer: refusedPayment },
  },
  walletOf: (call) => {
    const token = call.field('direct_wallet_token')
    return token === undefined ? undefined : holdingToken(call.merchant.state.find('token', token), token)?.id
  },
  run: (call, outcome) => {
    const { merchant } = call
    checkMerchant(call, outcome)
    const { holder, order } = requireOrOpen(call, outcome)
    BODY.type.read(call)
    const token = BODY.token.read(call)
    const wallet = token === undefined ? undefined : paidWith(call, holder, token)
    if (isCharged(order)) throw chargedAlready(`The order ${order.reference} is charged already.`)
    const attempt = newAttempt(call, outcome, order)
    const { id } = attempt
    if (wallet === undefined) {
      const begun = beginRedirect(holder, order, attempt, BODY.gateway.read(call))
      putWithEvents(call, outcome, begun, id, ['TXN_CREATED'])
      return answer(paymentBody(order, begun.payment, startOf(call, order, begun.payment)))
    }
    requireProvider(wallet)
    const paid = pay(withOrder(ownerOf(call, holder, wallet), order), order, wallet, attempt)
    if (holder.guest && paid.holder.id !== holder.id) merchant.state.put({ ...holder, orders: NO_ORDERS })
    const events: readonly EventName[] =
      paid.short > 0 ? ['TXN_CREATED'] : ['TXN_CREATED', 'TXN_CHARGED', 'ORDER_SUCCEEDED']
    putWithEvents(call, outcome, paid, id, events)
    return answer(paymentBody(order, paid.payment, nextStep(call, order, wallet, paid)))
  },
}

/** The order that the request names, opened now where it brings the fields of one. */
function requireOrOpen(call: Call, outcome: Outcome): OwnedOrder {
  const named = BODY.order.read(call) ?? BODY.newOrder.read(call)
  if (named === undefined) throw missing('order_id', call)
  const amount = BODY.amount.read(call)
  // A call without a key changes an order that is there, and opens none.
  if (amount === undefined || isKeyless(call) || call.merchant.state.find('order', named))
    return requireOrder(call, named)
  return openOrder(call, outcome, named, amount, 'order.')
}

const isKeyless = ({ key, identity }: Call) => key === undefined && identity.tokenHolder === undefined

/** Whose document the order is paid from: that of a guest's order becomes the wallet's customer's. */
const ownerOf = ({ merchant }: Call, holder: Customer, wallet: Wallet): Customer =>
  holder.guest ? merchant.state.find('wallet', wallet.id)! : holder

function checkMerchant(call: Call, outcome: Outcome): void {
  const named = BODY.merchant.read(call)
  if (named) checkNamedMerchant(call, outcome, 'The field merchant_id', named)
  else if (call.options.strict) throw missing('merchant_id', call)
  else
    outcome.warnings.push(`The field merchant_id is missing; the vendor wants it: send merchant_id=${call.merchantId}.`)
}

const holdingToken = (customer: Customer | undefined, token: string): Wallet | undefined =>
  customer?.wallets.find((candidate) => candidate.token?.value === token)

/** The wallet whose live token is sent: one of the order's customer, and the one that payment_method names. */
function paidWith(call: Call, holder: Customer, token: string): Wallet {
  // A fixture's wallet may be of a gateway that none is opened for.
  const method = METHOD.read(call)
  const now = call.merchant.clock.now()
  // An order that names no customer is the token's customer's.
  const payer = holder.guest ? call.merchant.state.find('token', token) : holder
  const wallet = holdingToken(payer, token)
  if (wallet === undefined)
    throw ended(holder.guest ? 'none of the last ones of this merchant' : `none of customer ${holder.id}'s last ones`)
  if (!isSpendable(wallet, now)) throw ended(wallet.token?.used ? 'used already' : 'expired')
  const { gateway } = wallet
  if (gateway === method) return wallet
  throw new Refusal('bad_request', `The token is a ${gateway} wallet's; send payment_method=${gateway}.`, {
    message: 'Invalid payment_method.',
  })
}

const ended = (why: string) =>
  new Refusal('token_expired', `The direct_wallet_token is ${why}; read the wallet for a new one.`)

/** A charged order's customer goes back to the shop; one who lacks money goes to a page to bring it. */
function nextStep(call: Call, order: Order, wallet: Wallet, { short, payment }: ReturnType<typeof pay>): NextStep {
  const topUp = { reference: payment.id, amount: short, returnUrl: order.returnUrl }
  return { method: 'GET', url: short > 0 ? beginTopUp(call, wallet.id, topUp).url : finishUrl(call, payment) }
}

/** The page on which the customer decides. */
function startOf(call: Call, order: Order, payment: Payment): NextStep {
  const url = startUrl(call, payment)
  if (!call.merchant.redirectsByPost(payment.gateway)) return { method: 'GET', url }
  const params = { order_id: order.reference, txn_id: payment.id, amount: majorOf(order.amount).toFixed(2) }
  return { method: 'POST', url, params }
}
