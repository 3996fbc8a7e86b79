import type { Call } from '../../../api/call.js'
import { inferred, published } from '../../../api/evidence.js'
import type { Outcome } from '../../../api/outcome.js'
import type { Operation } from '../../../api/vendor.js'
import { Refusal } from '../../../lib/errors.js'
import { isSpendable } from '../../../wallets/linked-wallet.js'
import type { Customer, Order, Wallet } from '../../../wallets/model.js'
import { isCharged, type Paid, pay } from '../../../wallets/orders.js'
import { siblingDenied } from '../errors.js'
import { DIRECT_DEBIT_PAGE, ERROR_CODES_PAGE } from '../pages.js'
import { answer, requireOrder, requireProvider } from '../require.js'
import { paymentBody } from '../wire/payments.js'
import { requiredText } from './fields.js'
import { beginTopUp } from './top-ups.js'

/** Runs in one go, so that of any number of debits with one token the first alone finds it unused. */
export const debitWallet: Operation = {
  id: 'juspay.debitWallet',
  names: { order: 'order_id' },
  changes: true,
  evidence: published(DIRECT_DEBIT_PAGE),
  errors: {
    invalid_authentication: siblingDenied,
    token_expired: { evidence: inferred(`the code EXPIRED of ${ERROR_CODES_PAGE}; the body by analogy`) },
  },
  run: (call, outcome) => {
    const { merchant } = call
    const { holder, order } = requireOrder(call, requiredText(call, 'order_id'))
    requireWalletPayment(call, outcome)
    const wallet = paidWith(call, holder)
    if (isCharged(order))
      throw new Refusal('bad_request', `The order ${order.reference} is charged already.`, {
        message: 'Order is already charged.',
      })
    requireProvider(wallet)
    const now = merchant.clock.timestamp()
    const id = `${merchant.id}-${order.reference}-${order.payments.length + 1}`
    const paid = pay(holder, order, wallet, id, now)
    merchant.state.put(paid.customer)
    return answer(paymentBody(order, paid.payment, nextUrl(call, order, wallet, paid)))
  },
}

function requireWalletPayment(call: Call, { warnings }: Outcome): void {
  const type = requiredText(call, 'payment_method_type')
  if (type !== 'WALLET')
    throw new Refusal('bad_request', `The payment_method_type is not WALLET; the sandbox pays from wallets alone.`, {
      message: 'Invalid payment_method_type.',
    })
  const merchantId = call.field('merchant_id')
  if (merchantId !== undefined && merchantId !== call.merchantId)
    warnings.push(`merchant_id names another merchant than the API key's, which is ${call.merchantId}.`)
}

/** The wallet whose live token is sent: one of the order's customer, and the one that payment_method names. */
function paidWith(call: Call, holder: Customer): Wallet {
  const method = requiredText(call, 'payment_method')
  const token = requiredText(call, 'direct_wallet_token')
  const now = call.merchant.clock.now()
  const wallet = holder.wallets.find((candidate) => candidate.token?.value === token)
  if (wallet === undefined)
    throw new Refusal(
      'token_expired',
      holder.guest
        ? 'The order names no customer of this merchant, so no wallet can pay it; create it with customer_id.'
        : `The direct_wallet_token is none of customer ${holder.id}'s last ones; read the wallet for a new one.`,
    )
  if (!isSpendable(wallet, now)) {
    const why = wallet.token?.used ? 'used already' : 'expired'
    throw new Refusal('token_expired', `The direct_wallet_token is ${why}; read the wallet for a new one.`)
  }
  if (wallet.gateway !== method)
    throw new Refusal(
      'bad_request',
      `The token is a ${wallet.gateway} wallet's; send payment_method=${wallet.gateway}.`,
      {
        message: 'Invalid payment_method.',
      },
    )
  return wallet
}

/** A charged order's customer goes back to the shop; one who lacks money goes to a page to bring it. */
function nextUrl(call: Call, order: Order, wallet: Wallet, { short, payment }: Paid): string {
  if (short > 0)
    return beginTopUp(call, wallet.id, { reference: payment.id, amount: short, returnUrl: order.returnUrl }).url
  if (order.returnUrl === null) return `${call.request.origin}/orders/${encodeURIComponent(order.reference)}`
  const url = new URL(order.returnUrl)
  url.searchParams.set('order_id', order.reference)
  url.searchParams.set('status', payment.status)
  return url.href
}
