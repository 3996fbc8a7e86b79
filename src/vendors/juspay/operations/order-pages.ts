import type { Call } from '../../../api/call.js'
import { inferred } from '../../../api/evidence.js'
import type { Outcome } from '../../../api/outcome.js'
import type { Answer, Operation } from '../../../api/vendor.js'
import { Refusal } from '../../../lib/errors.js'
import { quote } from '../../../lib/text.js'
import { GATEWAYS, gatewayOf } from '../../../wallets/gateways.js'
import type { Customer, Order } from '../../../wallets/model.js'
import { beginRedirect, chargeOf } from '../../../wallets/orders.js'
import { sentText } from '../fields.js'
import { sample } from '../pages.js'
import { expiredPage, type Means, orderPage } from '../wire/html-pages.js'
import { button, decisionOf, html, noSuch, sendOn } from './html.js'
import { endPayment, page, toFinish } from './payment-pages.js'
import { newAttempt } from './tokens.js'

export const openOrderPage: Operation = {
  id: 'juspay.openOrderPage',
  summary: 'The page on which a customer pays an order.',
  ...page,
  evidence: inferred(`the address in ${sample('session')}; the page itself is the sandbox's`),
  run: (call, outcome) => {
    const { holder, order } = requireOpened(call)
    return ended(call, outcome, order) ?? html(orderPage(order, meansOf(holder, order)))
  },
}

/** The address that Create Order answers. */
export const followOrderLink: Operation = {
  id: 'juspay.followOrderLink',
  summary: 'Leads to the page on which an order is paid.',
  ...page,
  evidence: inferred(`the address in ${sample('create-order')}; where it leads is the sandbox's`),
  run: (call) => {
    const { holder, order } = requireOpened(call)
    return sendOn(302, orderPageUrl(call, order), orderPage(order, meansOf(holder, order)))
  },
}

const BUTTON = button(['pay', 'cancel'])
const WALLET = sentText('wallet', 'The wallet that the customer chose; the first of the page where it is left out')

export const decideOrderPage: Operation = {
  id: 'juspay.decideOrderPage',
  summary: 'Pays an order, or does not, as the form of its page does.',
  body: [BUTTON, WALLET],
  ...page,
  changes: true,
  emits: true,
  evidence: inferred("the sandbox's own page"),
  run: (call, outcome) => {
    const { holder, order } = requireOpened(call)
    const over = ended(call, outcome, order)
    if (over) return over
    const pays = decisionOf(call, BUTTON) === 'pay'
    const { value } = requireMeans(call, meansOf(holder, order))
    const wallet = holder.wallets.find(({ id }) => id === value)
    const attempt = newAttempt(call, outcome, order)
    const begun = beginRedirect(holder, order, attempt, wallet?.gateway ?? value, wallet)
    return endPayment(call, outcome, begun, pays, ['TXN_CREATED'])
  },
}

export const orderPageUrl = ({ baseUrl, merchant }: Call, { id }: Order) =>
  `${baseUrl}/orders/${id}/payment-page?merchant=${encodeURIComponent(merchant.id)}`

/** What is answered where there is nothing left to decide: the order is paid, or the page has expired. */
function ended(call: Call, outcome: Outcome, order: Order): Answer | undefined {
  const charge = chargeOf(order)
  if (charge) return toFinish(call, order, charge)
  const { pageExpiresAt } = order
  if (pageExpiresAt === null || call.merchant.clock.now() < Date.parse(pageExpiresAt)) return undefined
  outcome.reason = `The page expired at ${pageExpiresAt}; POST /session opens another one for the order.`
  return { ...html(expiredPage(order)), status: 410 }
}

/** The customer's linked wallets; one who has none, and a guest, pays with any. */
function meansOf({ guest, wallets }: Customer, order: Order): readonly Means[] {
  const linked = guest ? [] : wallets.filter((wallet) => wallet.linked)
  if (linked.length === 0)
    return GATEWAYS.map((name) => ({ value: name, title: gatewayOf(name)!.title, note: 'test wallet', isShort: false }))
  return linked.map(({ id, gateway, provider: { balance } }) => ({
    value: id,
    title: gatewayOf(gateway)?.title ?? gateway,
    balance,
    isShort: balance < order.amount,
  }))
}

function requireMeans(call: Call, means: readonly Means[]): Means {
  const name = WALLET.read(call) ?? means[0]!.value
  const chosen = means.find(({ value }) => value === name)
  if (chosen) return chosen
  const allowed = means.map(({ value }) => value).join(', ')
  throw new Refusal('bad_request', `The field wallet is ${quote(name)}; allowed: ${allowed}.`)
}

function requireOpened(call: Call) {
  const id = call.nameOf('payment') ?? ''
  const owned = call.merchant.state.order(id)
  if (owned?.order.id === id) return owned
  throw noSuch('order', id, 'a session answers the address of one')
}
