import type { Call } from '../../../api/call.js'
import { inferred, published } from '../../../api/evidence.js'
import { readAll } from '../../../api/request.js'
import type { Operation } from '../../../api/vendor.js'
import { Refusal } from '../../../lib/errors.js'
import { quote } from '../../../lib/text.js'
import { endTopUp, withTopUp, withWallet } from '../../../wallets/linked-wallet.js'
import type { Customer, TopUp, Wallet } from '../../../wallets/model.js'
import { amount, required, text, url } from '../fields.js'
import { sample } from '../pages.js'
import { answer, requireWallet } from '../require.js'
import { endPage, startPage } from '../wire/html-pages.js'
import { topUpBody } from '../wire/payments.js'
import { button, decisionOf, html, sendOn } from './html.js'
import { drawId } from './tokens.js'

const WANTED = {
  amount: required(amount('amount', 'How much')),
  reference: required(text('topup_txn_id', "The merchant's own id of the top-up")),
  returnUrl: url('return_url', 'Where the customer is sent at the end'),
}
const BUTTON = button(['succeed', 'fail'])

export const topUpWallet: Operation = {
  id: 'juspay.topUpWallet',
  summary: 'Begins to add money to a linked wallet; the answer names the page on which the customer pays.',
  body: Object.values(WANTED),
  changes: true,
  evidence: published(sample('topup')),
  errors: { bad_request: inferred('a wallet that is not linked; the form of the other errors') },
  run: (call) => {
    const { wallet } = requireWallet(call)
    const wanted = { returnUrl: null, ...readAll(call, WANTED) }
    if (!wallet.linked)
      throw new Refusal('bad_request', `The wallet ${wallet.id} is not linked; link it before a top-up.`, {
        message: 'Wallet is not linked.',
      })
    const before = wallet.topUps.find(({ reference }) => reference === wanted.reference)
    // A client that got no answer repeats the request, and its customer must not pay twice.
    if (before?.amount === wanted.amount) return answer(topUpBody(before, wallet, urlOf(call, before)))
    if (before)
      throw new Refusal(
        'conflict',
        `The top-up ${quote(wanted.reference)} of this wallet is for another amount; send another topup_txn_id.`,
        { message: 'Top-up with given topup_txn_id already exists.' },
      )
    const { topUp, url } = beginTopUp(call, wallet.id, wanted)
    return answer(topUpBody(topUp, wallet, url))
  },
}

const page = {
  belongsTo: ({ state }, { topUp = '' }) => state.find('topUp', topUp) !== undefined,
  evidence: inferred(`the address in ${sample('topup')}; the page itself is the sandbox's`),
} satisfies Partial<Operation>

export const openTopUp: Operation = {
  id: 'juspay.openTopUp',
  summary: 'The page on which a customer decides a top-up.',
  ...page,
  run: (call) => {
    const { wallet, topUp } = requireTopUp(call)
    return html(startPage(topUp, wallet))
  },
}

export const finishTopUp: Operation = {
  id: 'juspay.finishTopUp',
  summary: 'Ends a top-up, as the form of its page does.',
  body: [BUTTON],
  ...page,
  changes: true,
  run: (call) => {
    const { customer, wallet, topUp } = requireTopUp(call)
    const ended = endTopUp(wallet, topUp, decisionOf(call, BUTTON) === 'succeed')
    call.merchant.state.put(withWallet(customer, ended.wallet))
    const page = endPage(ended.topUp, wallet)
    return topUp.returnUrl === null ? html(page) : sendOn(303, topUp.returnUrl, page)
  },
}

export function beginTopUp(call: Call, walletId: string, wanted: Pick<TopUp, 'reference' | 'amount' | 'returnUrl'>) {
  const { state } = call.merchant
  const customer = state.find('wallet', walletId)!
  const wallet = customer.wallets.find(({ id }) => id === walletId)!
  const topUp: TopUp = { id: drawId(call, 'wtpup_', walletId, wallet.topUps.length), status: 'PENDING', ...wanted }
  state.put(withWallet(customer, withTopUp(wallet, topUp)))
  return { topUp, url: urlOf(call, topUp) }
}

const urlOf = ({ baseUrl, merchant }: Call, { id }: TopUp) =>
  `${baseUrl}/wallets/topup/start/${encodeURIComponent(id)}?merchant=${encodeURIComponent(merchant.id)}`

function requireTopUp(call: Call): { customer: Customer; wallet: Wallet; topUp: TopUp } {
  const name = call.nameOf('topUp') ?? ''
  for (const wallet of call.customer?.wallets ?? []) {
    const topUp = wallet.topUps.find(({ id }) => id === name)
    if (topUp?.status === 'PENDING') return { customer: call.customer!, wallet, topUp }
    if (topUp) throw notOpen(`The top-up ${quote(name)} is over: ${topUp.status}.`)
  }
  throw notOpen(`There is no top-up ${quote(name)} of this merchant; a payment_url is the address of one.`)
}

const notOpen = (reason: string) => new Refusal('not_found', reason, { message: 'No such top-up, or it is over.' })
