import { Refusal } from '../errors.js'
import type { Exchange } from '../exchange.js'
import { didYouMean } from '../nearest.js'
import { drawText, LOWER_ALPHANUMERIC } from '../random.js'
import { type Answer, inferred, type Operation, published } from '../vendor.js'
import { refreshed, withToken, withWallet } from '../wallets/life.js'
import type { Customer, Wallet } from '../wallets/model.js'
import { GET_WALLET_PAGE, LIST_WALLETS_PAGE, REFRESH_ALL_PAGE } from './pages.js'
import { getWalletBody, listBody, type Page, refreshAllBody } from './wire.js'

const getWallet: Operation = {
  id: 'juspay.getWallet',
  method: 'GET',
  path: '/wallets/:wallet',
  changes: false,
  latency: {
    percentiles: { 50: 25.428, 90: 36.85, 99: 102, 99.9: 232.14, 99.99: 309.714 },
    source: GET_WALLET_PAGE,
  },
  evidence: {
    success: published(GET_WALLET_PAGE),
    wallet_not_found: published(GET_WALLET_PAGE),
    invalid_authentication: inferred(`the 401 of ${REFRESH_ALL_PAGE}`),
  },
  run: (exchange) => answer(getWalletBody(shown(exchange, askedWallet(exchange), SHORT_TOKEN))),
}

const listWallets: Operation = {
  id: 'juspay.listWallets',
  method: 'GET',
  path: '/customers/:customer/wallets',
  changes: false,
  latency: {
    percentiles: { 50: 11.85, 90: 18, 99: 33.71, 99.9: 51.14, 99.99: 415.57 },
    source: LIST_WALLETS_PAGE,
  },
  evidence: {
    success: published(LIST_WALLETS_PAGE),
    customer_not_found: published(LIST_WALLETS_PAGE),
    invalid_authentication: inferred(`the 401 of ${REFRESH_ALL_PAGE}`),
  },
  run: (exchange) => {
    const { wallets } = askedCustomer(exchange)
    const { from, to } = range(exchange, wallets.length)
    const version = exchange.header('version')
    const page = pageOf(exchange, wallets.slice(from, to), from, wallets.length)
    return answer(listBody(page, version !== null && version >= ROWS_WITH_METADATA_SINCE))
  },
}

const refreshAllWallets: Operation = {
  id: 'juspay.refreshAllWallets',
  method: 'GET',
  path: '/customers/:customer/wallets/refresh-balances',
  changes: false,
  evidence: {
    success: published(REFRESH_ALL_PAGE),
    customer_not_found: published(REFRESH_ALL_PAGE),
    invalid_authentication: published(REFRESH_ALL_PAGE),
  },
  run: (exchange) => {
    const { wallets } = askedCustomer(exchange)
    const { from, to } = range(exchange, wallets.length)
    const now = exchange.world.clock.now()
    const page = wallets.slice(from, to).map((wallet) => refreshed(wallet, now))
    return answer(refreshAllBody(pageOf(exchange, page, from, wallets.length)))
  },
}

export const operations: readonly Operation[] = [getWallet, listWallets, refreshAllWallets]

/** Clients that name this version or a later one get metadata on every row (inferred from the version's date). */
const ROWS_WITH_METADATA_SINCE = '2019-09-17'

/** Two shapes of token are published: in lists, and everywhere else. */
interface TokenShape {
  readonly prefix: string
  readonly length: number
}
const LIST_TOKEN: TokenShape = { prefix: 'tk_', length: 38 }
const SHORT_TOKEN: TokenShape = { prefix: 'tok_', length: 20 }

const answer = (body: unknown): Answer => ({ status: 200, body })

function askedWallet(exchange: Exchange): Wallet {
  const id = exchange.walletName ?? ''
  const wallet = exchange.customer?.wallets.find((candidate) => candidate.id === id)
  if (wallet) return wallet
  throw new Refusal(
    'wallet_not_found',
    `Merchant ${exchange.merchantId} has no wallet ${quoted(id)}.${didYouMean(id, exchange.world.state.walletIds())}`,
  )
}

function askedCustomer(exchange: Exchange): Customer {
  if (exchange.customer) return exchange.customer
  const id = exchange.identity.params.customer ?? ''
  throw new Refusal(
    'customer_not_found',
    `Merchant ${exchange.merchantId} has no customer ${quoted(id)}.${didYouMean(id, exchange.world.state.customerNames())}`,
  )
}

const quoted = (id: string) => `"${id.length > 60 ? `${id.slice(0, 60)}…` : id}"`

/** The slice of a list that `offset` and `count` ask for. */
function range(exchange: Exchange, total: number): { from: number; to: number } {
  const from = wholeNumber(exchange, 'offset') ?? 0
  const count = wholeNumber(exchange, 'count') ?? total
  return { from, to: from + count }
}

function wholeNumber(exchange: Exchange, name: 'offset' | 'count'): number | undefined {
  const text = exchange.parameter(name)
  if (text === null) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Refusal(
    'bad_request',
    `The parameter ${name} is no whole number from 0; send ${name}=10, or leave it out.`,
    {
      message: `${name} should be a whole number.`,
    },
  )
}

/** A page whose wallets carry live tokens. */
function pageOf(exchange: Exchange, wallets: readonly Wallet[], offset: number, total: number): Page {
  return { wallets: wallets.map((wallet) => shown(exchange, wallet, LIST_TOKEN)), offset, total }
}

/** The wallet as it is shown, with a live token where it is linked. What that changed is kept. */
function shown(exchange: Exchange, wallet: Wallet, shape: TokenShape): Wallet {
  const { world, options } = exchange
  const current = withToken(wallet, {
    now: world.clock.now(),
    tokenTtl: options.tokenTtl,
    drawToken: ({ id }, occurrence) =>
      shape.prefix + drawText(LOWER_ALPHANUMERIC, shape.length, world.seed, 'token', world.id, id, occurrence),
  })
  world.state.put(withWallet(exchange.customer!, current))
  return current
}
