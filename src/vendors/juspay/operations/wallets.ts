import type { Call } from '../../../api/call.js'
import { inferred, published } from '../../../api/evidence.js'
import type { Outcome } from '../../../api/outcome.js'
import { readAll } from '../../../api/request.js'
import type { Operation } from '../../../api/vendor.js'
import { Refusal } from '../../../lib/errors.js'
import { draw } from '../../../lib/random.js'
import { quote } from '../../../lib/text.js'
import { newProvider, newWallet } from '../../../wallets/gateways.js'
import { refresh, sendOtp, withEach, withWallet } from '../../../wallets/linked-wallet.js'
import type { Wallet } from '../../../wallets/model.js'
import { isVersion } from '../auth.js'
import { emptyUnlessDetailed, errors, UNKNOWN_COMMAND } from '../errors.js'
import { choice, gateway, PAGE, range, required, text } from '../fields.js'
import { PAGES, sample } from '../pages.js'
import { answer, answerText, requireCustomer, requireWallet } from '../require.js'
import { getWalletText, listText, refreshAllText, refreshedText, stepBody, withMetadata } from '../wire/wallets.js'
import { drawId, drawOtp, TOKEN, withLiveToken, withLiveTokens } from './tokens.js'

export const getWallet: Operation = {
  id: 'juspay.getWallet',
  summary: 'Shows a wallet as it was last refreshed.',
  requiredHeaders: ['x-routing-id'],
  latency: {
    percentiles: { 50: 25.428, 90: 36.85, 99: 102, 99.9: 232.14, 99.99: 309.714 },
    timeoutMs: 1000,
    source: PAGES.getWallet,
  },
  evidence: published(PAGES.getWallet),
  errors: {
    wallet_not_found: { ...published(PAGES.getWallet), answer: emptyUnlessDetailed(errors.wallet_not_found) },
  },
  run: (call, outcome) => {
    const { wallet } = requireWallet(call)
    noteOutdated(outcome, [wallet])
    return answerText(getWalletText(withLiveToken(call, wallet, 'other')))
  },
}

export const listWallets: Operation = {
  id: 'juspay.listWallets',
  summary: 'Lists the wallets of a customer as they were last refreshed.',
  query: PAGE,
  requiredHeaders: ['x-routing-id'],
  latency: {
    percentiles: { 50: 11.85, 90: 18, 99: 33.71, 99.9: 51.14, 99.99: 415.57 },
    timeoutMs: 1000,
    source: PAGES.listWallets,
  },
  evidence: published(PAGES.listWallets),
  errors: {
    customer_not_found: { ...published(PAGES.listWallets), answer: emptyUnlessDetailed(errors.customer_not_found) },
  },
  run: (call, outcome) => listAnswer(call, outcome, requireCustomer(call).wallets),
}

export const refreshAllWallets: Operation = {
  id: 'juspay.refreshAllWallets',
  summary: 'Asks the providers for the balances of all wallets of a customer, and lists them.',
  query: PAGE,
  changes: true,
  requiredHeaders: ['x-routing-id', 'x-merchantid', 'content-type'],
  evidence: published(PAGES.refreshAll),
  errors: { customer_not_found: published(PAGES.refreshAll), invalid_authentication: published(PAGES.refreshAll) },
  run: (call, outcome) => {
    const { wallets } = requireCustomer(call)
    return answerText(refreshAllText(pageOf(call, wallets, (page) => refreshFromProviders(call, outcome, page))))
  },
}

/** The vendor's client libraries send it as a GET, its page as a POST. */
export const refreshWallet: Operation = {
  id: 'juspay.refreshWallet',
  summary: 'Asks the provider of a wallet for its balance.',
  changes: true,
  evidence: published(sample('refresh-wallet')),
  run: (call, outcome) => {
    const { wallet } = requireWallet(call)
    const [seen] = refreshFromProviders(call, outcome, [wallet])
    return answerText(refreshedText(withLiveToken(call, seen!, 'refresh')))
  },
}

const NEW_WALLET = {
  gateway: required(gateway('gateway')),
  mobileNumber: text('mobile_number', 'The mobile number that the wallet belongs to'),
  gatewayReferenceId: text('gateway_reference_id', "The merchant's reference at the gateway"),
  command: choice('command', 'Sends an OTP at once', ['authenticate'], (given) => {
    const sentence = `The command is ${quote(given)}; allowed when a wallet is created: authenticate, or none.`
    return new Refusal('bad_request', sentence, UNKNOWN_COMMAND)
  }),
}

export const createWallet: Operation = {
  id: 'juspay.createWallet',
  summary: 'Creates a wallet of a customer, and sends an OTP where the command says so.',
  body: [...Object.values(NEW_WALLET), TOKEN],
  changes: true,
  credential: 'key or token',
  evidence: published(sample('create-wallet')),
  errors: { bad_request: inferred('an unknown gateway or command; the form of the other errors') },
  run: (call) => {
    const { merchant } = call
    const customer = requireCustomer(call)
    const { gateway, mobileNumber, gatewayReferenceId = null, command } = readAll(call, NEW_WALLET)
    const id = drawId(call, 'wlt_', customer.id, customer.wallets.length)
    const created = newWallet(id, gateway, {
      metadata: mobileNumber === undefined ? null : { mobile_number: mobileNumber },
      gatewayReferenceId,
      provider: newProvider(gateway, (method) => draw(merchant.seed, 'provider', merchant.id, id, method)),
    })
    const wallet = command ? sendOtp(created, drawOtp(call)) : created
    merchant.state.put(withWallet(customer, wallet))
    return answer(mobileNumber === undefined ? stepBody(wallet) : withMetadata(wallet))
  },
}

/** Clients that name this version or a later one get metadata on every row (inferred from the version's date). */
const ROWS_WITH_METADATA_SINCE = '2019-09-17'

export function listAnswer(call: Call, outcome: Outcome, wallets: readonly Wallet[]) {
  const version = call.header('version')
  const page = pageOf(call, wallets, (shown) => noteOutdated(outcome, shown))
  return answerText(listText(page, version !== null && isVersion(version) && version >= ROWS_WITH_METADATA_SINCE))
}

/** The wallets that are asked for: a slice, or all of them as they are. @param prepare readies them to be shown */
function pageOf(call: Call, all: readonly Wallet[], prepare: (page: readonly Wallet[]) => readonly Wallet[]) {
  const { from, to } = range(call, all.length)
  const page = prepare(from === 0 && to >= all.length ? all : all.slice(from, to))
  return { wallets: withLiveTokens(call, page, 'list'), offset: from, total: all.length }
}

function noteOutdated(outcome: Outcome, wallets: readonly Wallet[]) {
  const outdated = wallets.filter(({ linked, seen, provider }) => linked && seen?.balance !== provider.balance)
  if (outdated.length > 0) outcome.outdated = outdated.map(({ id }) => id)
  return wallets
}

function refreshFromProviders({ merchant }: Call, { warnings }: Outcome, wallets: readonly Wallet[]) {
  const [silent, ...others] = wallets.filter(({ linked, provider }) => linked && !provider.available)
  if (silent) {
    const which = others.length === 0 ? '' : ` and of ${others.length} more`
    warnings.push(`The provider of wallet ${silent.id}${which} is set not to answer: shown is what was seen last.`)
  }
  const now = merchant.clock.timestamp()
  return withEach(wallets, (wallet) => refresh(wallet, now))
}
