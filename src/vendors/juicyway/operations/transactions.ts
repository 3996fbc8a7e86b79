import type { Call } from '../../../api/call.js'
import { inferred, published } from '../../../api/evidence.js'
import { once } from '../../../api/idempotency.js'
import { notFound } from '../../../api/not-found.js'
import { readAll } from '../../../api/request.js'
import type { Operation } from '../../../api/vendor.js'
import { didYouMean } from '../../../lib/did-you-mean.js'
import { Refusal } from '../../../lib/errors.js'
import { DIGITS, drawText, drawUuid } from '../../../lib/random.js'
import { transactionEntry } from '../../../store/customer-index.js'
import type { OwnedTransaction } from '../../../store/state.js'
import { post, withCurrencyWallet } from '../../../wallets/currency-wallet.js'
import type { CurrencyWallet } from '../../../wallets/model.js'
import { MAX_MINOR, type Minor } from '../../../wallets/money.js'
import { amount, choice, filter, id, parameter, text } from '../fields.js'
import { PAGES } from '../pages.js'
import { requireWallet } from '../require.js'
import { newTransactionData, transactionData } from '../wire/index.js'
import { PAGE, readPage } from './paging.js'
import { notActive } from './wallets.js'

const TYPES = ['credit', 'debit'] as const

const POSTING = {
  wallet: id('wallet_id', 'The wallet'),
  amount: amount('amount', 'How much, in minor units such as cents'),
  description: text('description', 'What it is for'),
}
const DIRECTION = choice('type', 'The direction', TYPES, 'unprocessable')

const FILTERS = {
  customer: parameter('customer_id', 'Those of one customer'),
  wallet: parameter('wallet_id', 'Those of one wallet'),
  type: filter('type', 'Those of one direction', TYPES),
}

export const createTransaction: Operation = {
  id: 'juicyway.createTransaction',
  summary: 'Credits or debits a wallet.',
  body: [...Object.values(POSTING), DIRECTION],
  names: { wallet: 'wallet_id' },
  changes: true,
  evidence: published(PAGES.createTransaction),
  errors: {
    bad_request: inferred('an amount that is not a whole number above 0, by analogy with Create Wallet'),
    insufficient_balance: inferred(`the status of ${PAGES.createTransaction}; code and message by analogy`),
    unprocessable: inferred(`published for the type (${PAGES.createTransaction}); frozen and deleted by analogy`),
  },
  run: once((call) => {
    const { amount, description } = readAll(call, POSTING)
    const { customer, wallet } = requireWallet(call)
    const type = DIRECTION.read(call)
    if (wallet.status !== 'active') throw notActive(wallet)
    const { seed, id: merchant, clock, state } = call.merchant
    const key = [merchant, wallet.id, wallet.transactions.length] as const
    const posting = post(wallet, {
      id: drawUuid(seed, 'transaction', ...key),
      type,
      amount,
      description,
      correlationId: drawUuid(seed, 'correlation', ...key),
      reference: drawText(DIGITS, 16, seed, 'reference', ...key),
      at: clock.timestamp(),
      sequence: state.nextSequence(),
    })
    if (posting === undefined) throw type === 'debit' ? uncovered(wallet, amount) : beyondLimit(wallet, amount)
    return {
      customer: withCurrencyWallet(customer, posting.wallet),
      answer: { status: 200, body: { data: newTransactionData({ customer, ...posting }) } },
    }
  }),
}

const holdings = ({ id, balance, currency }: CurrencyWallet) =>
  `Wallet ${id} holds ${balance} ${currency} in minor units`

const uncovered = (wallet: CurrencyWallet, amount: Minor) =>
  new Refusal('insufficient_balance', `${holdings(wallet)}, less than the ${amount} to be debited; credit it first.`)

const beyondLimit = (wallet: CurrencyWallet, amount: Minor) =>
  new Refusal('unprocessable', `${holdings(wallet)} and can hold ${MAX_MINOR} at most; credit less than ${amount}.`, {
    message: 'Balance would be too large',
  })

export const listTransactions: Operation = {
  id: 'juicyway.listTransactions',
  summary: 'Lists transactions, the newest first.',
  query: [...Object.values(FILTERS), ...PAGE],
  names: { customer: 'customer_id', wallet: 'wallet_id' },
  evidence: published(`${PAGES.listTransactions}; filters and pages by analogy with List Wallets`),
  errors: { bad_request: inferred('limit, cursor and filters that cannot be used, by analogy with Create Wallet') },
  run: (call) => {
    const { state } = call.merchant
    const { customer, wallet, type } = readAll(call, FILTERS)
    const owner = customer ?? (wallet === undefined ? undefined : (state.find('wallet', wallet)?.id ?? ''))
    const { items, pagination } = readPage<OwnedTransaction>(call, {
      filters: { customer, wallet, type },
      admits: (owned) =>
        (wallet === undefined || owned.wallet.id === wallet) && (type === undefined || owned.transaction.type === type),
      find: (id) => state.transaction(id),
      place: ({ customer, transaction }) => transactionEntry(customer.id, transaction),
      walk: (way) => state.walkTransactions(way, owner),
    })
    return { status: 200, body: { data: items.map(transactionData), pagination } }
  },
}

export const retrieveTransaction: Operation = {
  id: 'juicyway.retrieveTransaction',
  summary: 'Shows a transaction.',
  evidence: published(PAGES.retrieveTransaction),
  errors: { not_found: inferred(`the status of ${PAGES.retrieveTransaction}; code and message by analogy`) },
  run: (call) => ({ status: 200, body: { data: transactionData(requireTransaction(call)) } }),
}

function requireTransaction(call: Call): OwnedTransaction {
  const { state } = call.merchant
  const id = call.identity.params.transaction ?? ''
  const owned = state.transaction(id)
  if (owned) return owned
  const hint = didYouMean(id, state.transactionIds())
  throw notFound(call, 'not_found', 'transaction', id, hint, { message: 'Transaction not found' })
}
