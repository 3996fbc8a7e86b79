import { Refusal } from '../../errors.js'
import type { Exchange } from '../../exchange.js'
import { type Answer, inferred, type Operation, published } from '../../vendor.js'
import { withWallet } from '../../wallets/life.js'
import type { Customer, TopUp, Wallet } from '../../wallets/model.js'
import { finished, withTopUp } from '../../wallets/topups.js'
import { sample } from '../pages.js'
import { topUpBody } from '../wire/payments.js'
import { endPage, startPage } from '../wire/topup-page.js'
import { answer, askedWallet, quoted } from './asked.js'
import { optionalUrl, requiredAmount, requiredText } from './fields.js'
import { drawId } from './tokens.js'

const topUpWallet: Operation = {
  id: 'juspay.topUpWallet',
  method: 'POST',
  path: '/wallets/:wallet/topup',
  changes: true,
  evidence: {
    success: published(sample('topup')),
    bad_request: inferred('a wallet that is not linked; the form of the other errors'),
  },
  run: (exchange) => {
    const { wallet } = askedWallet(exchange)
    const wanted = {
      amount: requiredAmount(exchange),
      reference: requiredText(exchange, 'topup_txn_id'),
      returnUrl: optionalUrl(exchange, 'return_url'),
    }
    if (!wallet.linked)
      throw new Refusal('bad_request', `The wallet ${wallet.id} is not linked; link it before a top-up.`, {
        message: 'Wallet is not linked.',
      })
    const before = wallet.topUps.find(({ reference }) => reference === wanted.reference)
    // A client that saw no answer asks again, and must not be asked to pay twice.
    if (before?.amount === wanted.amount) return answer(topUpBody(before, wallet, urlOf(exchange, before)))
    if (before)
      throw new Refusal(
        'conflict',
        `The top-up ${quoted(wanted.reference)} of this wallet is for another amount; send another topup_txn_id.`,
        { message: 'Top-up with given topup_txn_id already exists.' },
      )
    const { topUp, url } = beginTopUp(exchange, wallet.id, wanted)
    return answer(topUpBody(topUp, wallet, url))
  },
}

/** What a browser opens has no key: the id alone says whose it is. */
const page = {
  path: '/wallets/topup/start/:topUp',
  heldBy: ({ state }, { topUp = '' }) => state.toppedUpBy(topUp) !== undefined,
  evidence: { success: inferred(`the address in ${sample('topup')}; the page itself is the sandbox's`) },
} satisfies Partial<Operation>

const openTopUp: Operation = {
  id: 'juspay.openTopUp',
  method: 'GET',
  ...page,
  changes: false,
  run: (exchange) => {
    const { wallet, topUp } = askedTopUp(exchange)
    return html(startPage(topUp, wallet))
  },
}

const finishTopUp: Operation = {
  id: 'juspay.finishTopUp',
  method: 'POST',
  ...page,
  changes: true,
  run: (exchange) => {
    const { customer, wallet, topUp } = askedTopUp(exchange)
    const from = exchange.header('sec-fetch-site')
    if (from !== null && from !== 'same-origin')
      throw new Refusal('bad_request', 'A form of another site sent this; a top-up is ended on its own page.')
    const outcome = exchange.field('outcome')
    if (outcome !== 'succeed' && outcome !== 'fail')
      throw new Refusal('bad_request', 'The field outcome is missing or unknown; allowed: succeed, fail.')
    const ended = finished(wallet, topUp, outcome === 'succeed')
    exchange.world.state.put(withWallet(customer, ended.wallet))
    if (topUp.returnUrl === null) return html(endPage(ended.topUp, wallet))
    return {
      ...html(endPage(ended.topUp, wallet)),
      status: 303,
      headers: { ...HTML_HEADERS, location: topUp.returnUrl },
    }
  },
}

export const topUpOperations = [topUpWallet, openTopUp, finishTopUp] as const

/** Begins a top-up and says where the customer pays it. */
export function beginTopUp(
  exchange: Exchange,
  walletId: string,
  wanted: Pick<TopUp, 'reference' | 'amount' | 'returnUrl'>,
): { topUp: TopUp; url: string } {
  const { state } = exchange.world
  const customer = state.ownerOf(walletId)!
  const wallet = customer.wallets.find(({ id }) => id === walletId)!
  const topUp: TopUp = { id: drawId(exchange, 'wtpup_', walletId, wallet.topUps.length), status: 'PENDING', ...wanted }
  state.put(withWallet(customer, withTopUp(wallet, topUp)))
  return { topUp, url: urlOf(exchange, topUp) }
}

const urlOf = ({ origin }: Exchange, { id }: TopUp) => `${origin}/wallets/topup/start/${id}`

/** A top-up that is still open, with the wallet it is for. */
function askedTopUp(exchange: Exchange): { customer: Customer; wallet: Wallet; topUp: TopUp } {
  const name = exchange.nameOf('topUp') ?? ''
  for (const wallet of exchange.customer?.wallets ?? []) {
    const topUp = wallet.topUps.find(({ id }) => id === name)
    if (topUp?.status === 'PENDING') return { customer: exchange.customer!, wallet, topUp }
    if (topUp) throw notOpen(`The top-up ${quoted(name)} is over: ${topUp.status}.`)
  }
  throw notOpen(`There is no top-up ${quoted(name)}; a payment_url is the address of one.`)
}

const notOpen = (reason: string) => new Refusal('not_found', reason, { message: 'No such top-up, or it is over.' })

/** No script, no frame, nothing from elsewhere. */
const HTML_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'same-origin',
}

const html = (text: string): Answer => ({ status: 200, text, headers: HTML_HEADERS })
