import type { Call } from '../../../api/call.js'
import { inferred, published } from '../../../api/evidence.js'
import { once } from '../../../api/idempotency.js'
import { readAll, TEXT } from '../../../api/request.js'
import type { Operation } from '../../../api/vendor.js'
import { Refusal } from '../../../lib/errors.js'
import { drawUuid } from '../../../lib/random.js'
import { walletEntry } from '../../../store/customer-index.js'
import type { OwnedWallet } from '../../../store/state.js'
import {
  changeStatus,
  type Occasion,
  openWallet,
  STATUSES,
  TRANSITIONS,
  withAccount,
  withCurrencyWallet,
} from '../../../wallets/currency-wallet.js'
import type { CurrencyWallet } from '../../../wallets/model.js'
import { choice, filter, id, parameter, text } from '../fields.js'
import { PAGES } from '../pages.js'
import { requireCustomer, requireWallet } from '../require.js'
import { accountsData, newWalletData, type Viewer, walletData } from '../wire/index.js'
import { drawAccount } from './accounts.js'
import { PAGE, readPage } from './paging.js'

/** The sample shows USD; the others are those of the vendor's markets (inferred). */
const CURRENCIES = ['NGN', 'USD', 'GBP', 'EUR', 'CAD'] as const

const NEW_WALLET = {
  currency: choice('currency', 'The currency', CURRENCIES),
  customer: id('customer_id', 'The customer'),
}

const FILTERS = {
  customer: parameter('customer_id', 'Those of one customer'),
  currency: parameter(
    'currency',
    'Those of one currency',
    { ...TEXT, pattern: '^[A-Z]{3}$' },
    (code) => /^[A-Z]{3}$/.test(code),
    'a currency code such as "USD"',
  ),
  status: filter('status', 'Those of one status', STATUSES),
}

const CHANGE = {
  status: choice('status', 'The new status', STATUSES),
  reason: text('reason', 'Why, for the history of the wallet'),
}

const METHOD = choice('type', 'What is added', ['bank_account'])

const viewer = ({ apiKey, merchant }: Call): Viewer => ({
  masked: apiKey?.masked ?? false,
  now: merchant.clock.now(),
})

/** The wallet's next event: its id follows from the wallet and the number of its events. */
const occasion = ({ merchant }: Call, walletId: string, events: number, reason: string | null): Occasion => ({
  id: drawUuid(merchant.seed, 'event', merchant.id, walletId, events),
  reason,
  at: merchant.clock.timestamp(),
})

export const createWallet: Operation = {
  id: 'juicyway.createWallet',
  summary: 'Creates a wallet of a customer in a currency.',
  body: Object.values(NEW_WALLET),
  names: { customer: 'customer_id' },
  changes: true,
  evidence: published(PAGES.createWallet),
  errors: {
    bad_request: inferred(`the status of ${PAGES.createWallet}; message and the list of currencies by analogy`),
    customer_not_found: published(PAGES.createWallet),
    conflict: inferred(
      `the status of ${PAGES.createWallet}; message by analogy. A client in public saw 400 with the code duplicate_currency_wallet`,
    ),
  },
  run: once((call) => {
    const { currency } = readAll(call, NEW_WALLET)
    const customer = requireCustomer(call)
    const other = customer.currencyWallets.find((w) => w.currency === currency && w.status !== 'deleted')
    if (other)
      throw new Refusal(
        'conflict',
        `Customer ${customer.id} has the ${currency} wallet ${other.id}, which is ${other.status}; use it, or delete it first.`,
        { message: `Customer already has a ${currency} wallet` },
      )
    const { seed, id: merchant, state } = call.merchant
    const id = drawUuid(seed, 'wallet', merchant, customer.id, customer.currencyWallets.length)
    const accountId = state.accountId ?? drawUuid(seed, 'account', merchant)
    const sequence = state.nextSequence()
    const wallet = openWallet({ id, accountId, currency, sequence }, occasion(call, id, 0, null))
    return {
      customer: withCurrencyWallet(customer, wallet),
      answer: { status: 201, body: { data: newWalletData({ wallet, customer }) } },
    }
  }),
}

export const retrieveWallet: Operation = {
  id: 'juicyway.retrieveWallet',
  summary: 'Shows a wallet.',
  evidence: published(PAGES.retrieveWallet),
  run: (call) => ({ status: 200, body: { data: walletData(requireWallet(call), viewer(call)) } }),
}

export const listWallets: Operation = {
  id: 'juicyway.listWallets',
  summary: 'Lists wallets, the newest first.',
  query: [...Object.values(FILTERS), ...PAGE],
  names: { customer: 'customer_id' },
  evidence: published(PAGES.listWallets),
  errors: { bad_request: inferred('limit, cursor and filters that cannot be used, by analogy with Create Wallet') },
  run: (call) => {
    const { state } = call.merchant
    const { customer, currency, status } = readAll(call, FILTERS)
    const { items, pagination } = readPage<OwnedWallet>(call, {
      filters: { customer, currency, status },
      admits: ({ wallet }) =>
        (currency === undefined || wallet.currency === currency) && (status === undefined || wallet.status === status),
      find: (id) => state.currencyWallet(id),
      place: ({ customer, wallet }) => walletEntry(customer.id, wallet),
      walk: (way) => state.walkWallets(way, customer),
    })
    return { status: 200, body: { data: items.map((owned) => walletData(owned, viewer(call))), pagination } }
  },
}

export const updateStatus: Operation = {
  id: 'juicyway.updateWalletStatus',
  summary: 'Freezes, activates or deletes a wallet.',
  body: Object.values(CHANGE),
  changes: true,
  evidence: published(PAGES.updateStatus),
  errors: {
    bad_request: inferred(`the status of ${PAGES.updateStatus}; message by analogy`),
    unprocessable: inferred(`published for a deleted wallet (${PAGES.updateStatus}); the same status again by analogy`),
  },
  run: (call) => {
    const { customer, wallet } = requireWallet(call)
    const { status, reason } = readAll(call, CHANGE)
    const changed = changeStatus(wallet, status, occasion(call, wallet.id, wallet.events.length, reason))
    if (changed === undefined) {
      const next = Object.keys(TRANSITIONS[wallet.status])
      throw new Refusal(
        'unprocessable',
        `Wallet ${wallet.id} is ${wallet.status}; it can become ${next.join(' or ') || 'nothing else'}, not ${status}.`,
        { message: `A wallet that is ${wallet.status} cannot become ${status}` },
      )
    }
    call.merchant.state.put(withCurrencyWallet(customer, changed))
    return { status: 200, body: { data: walletData({ customer, wallet: changed }, viewer(call)) } }
  },
}

export const addPaymentMethod: Operation = {
  id: 'juicyway.addPaymentMethod',
  summary: 'Gives a wallet a bank account to be paid into.',
  body: [METHOD],
  changes: true,
  evidence: published(PAGES.paymentMethod),
  errors: {
    bad_request: inferred('a type that cannot be used, by analogy with Create Wallet'),
    unprocessable: inferred('a frozen or deleted wallet, by analogy with Update Wallet Status'),
  },
  run: once((call) => {
    const { customer, wallet } = requireWallet(call)
    METHOD.read(call)
    if (wallet.status !== 'active') throw notActive(wallet)
    const { merchant, options } = call
    const { paymentMethodDelay: delay } = options
    const arrivesAt = delay === 0 ? null : new Date(merchant.clock.now() + delay).toISOString()
    const account = drawAccount(arrivesAt, merchant.seed, merchant.id, wallet.id, wallet.paymentMethods.length)
    const changed = withAccount(wallet, account)
    return {
      customer: withCurrencyWallet(customer, changed),
      answer: { status: 200, body: { data: accountsData(changed, viewer(call)) } },
    }
  }),
}

/** Why a wallet that is frozen or deleted takes no part in anything. */
export function notActive({ id, status }: CurrencyWallet): Refusal {
  const remedy = status === 'frozen' ? 'set its status to active first' : 'use another wallet'
  return new Refusal('unprocessable', `Wallet ${id} is ${status}; ${remedy}.`, { message: `Wallet is ${status}` })
}
