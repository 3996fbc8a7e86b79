import { inferred, published } from '../../../api/evidence.js'
import { quote } from '../../../lib/text.js'
import { PAGES } from '../../../vendors/juspay/pages.js'
import type { ClientCall } from '../../client-call.js'
import { type ClientRule, offence } from '../../run.js'

const DEBIT = 'juspay.debitWallet'

/** Statuses of a gateway that lost the call behind it. */
const UNKNOWN: ReadonlySet<number | null> = new Set([502, 504])

const isUnknown = (call: ClientCall) => call.isLost || UNKNOWN.has(call.status)

export const debitRepeatedBlindly: ClientRule = {
  evidence: inferred(
    `only the order's status tells whether a debit went through whose answer was lost (${PAGES.orderStatus}); the published debit takes no key against repetition (${PAGES.directDebit})`,
  ),
  *find({ calls }) {
    const open = new Map<string, ClientCall>()
    for (const call of calls) {
      const { operation, order } = call
      if (operation === 'juspay.listOrders' && call.isSuccess) open.clear()
      if (order === undefined) continue
      const lost = open.get(order)
      const isAfter = lost !== undefined && call.isAfter(lost)
      if (operation === 'juspay.getOrder' && isAfter && !call.isLost && (call.status ?? 500) < 500) open.delete(order)
      if (operation !== DEBIT) continue
      if (lost && isAfter)
        yield offence(
          `The debit of order ${quote(order)} was sent again after its answer was lost, without asking for the order.`,
          [lost, call],
        )
      if (isUnknown(call)) open.set(order, call)
      else if (isAfter) open.delete(order)
    }
  },
}

const tokenOf = (debit: ClientCall) => (debit.operation === DEBIT ? debit.fields.get('direct_wallet_token') : undefined)

const minutes = (ms: number) => `${Math.round(ms / 6000) / 10} min`

export const tokenSentAgain: ClientRule = {
  evidence: published(
    `“Its a one time use,15min valid token which can be used for initiating the transaction” (${PAGES.refreshAll})`,
  ),
  *find({ calls, context: { tokenTtl } }) {
    const shown = new Map<string, ClientCall>()
    /** Debits that ended a token's life, as far as the client could see. */
    const spent = new Map<string, ClientCall>()
    for (const call of calls) {
      for (const { token } of call.wallets) {
        if (token === null) continue
        // A snapshot that was restored brings a token back.
        if (spent.delete(token) || !shown.has(token)) shown.set(token, call)
      }
      const token = tokenOf(call)
      if (token === undefined) continue
      const before = spent.get(token)
      const first = shown.get(token)
      const isRefused = call.ended?.facts.refusal === 'token_expired'
      if (before && before.endedAt <= call.arrivedAt) {
        const why = before.isSuccess ? 'used' : 'refused as used or expired'
        yield offence(`A wallet's token was sent in a debit again after it had been ${why}.`, [before, call])
      } else if (isRefused && first && call.entry.at - first.entry.at >= tokenTtl)
        yield offence(
          `A debit carried a token that the client had been shown ${minutes(call.entry.at - first.entry.at)} before; it lives ${minutes(tokenTtl)}.`,
          [first, call],
        )
      if (!call.isLost && (call.isSuccess || isRefused)) spent.set(token, call)
    }
  },
}

export const delinkedWalletDebited: ClientRule = {
  evidence: inferred(
    `“You can also use this API to generate one-time use token for direct debit transactions” (${PAGES.getWallet}); a wallet that is not linked has none, so a debit needs an earlier one`,
  ),
  *find({ calls }) {
    const wallets = new Map<string, string>()
    const delinked = new Map<string, ClientCall>()
    for (const call of calls) {
      for (const { id, token, linked } of call.wallets) {
        if (token !== null) wallets.set(token, id)
        if (!linked) delinked.set(id, call)
        else delinked.delete(id)
      }
      const wallet = wallets.get(tokenOf(call) ?? '')
      const told = delinked.get(wallet ?? '')
      if (told && told.endedAt <= call.arrivedAt)
        yield offence(
          `Wallet ${quote(wallet)} was debited with an old token after the client had been told that it is not linked.`,
          [told, call],
        )
    }
  },
}

const statusOf = (debit: ClientCall) => (debit.answer as { status?: unknown } | undefined)?.status

const REFRESHES: ReadonlySet<string> = new Set(['juspay.refreshWallet', 'juspay.refreshAllWallets'])

export const balanceNotRefreshed: ClientRule = {
  evidence: published(
    `“For linked wallets, the balance in the response may not be the current balance. … Use refresh wallet API to update the balance for individual wallets” (${PAGES.listWallets})`,
  ),
  *find({ calls }) {
    /** What the client was shown of a wallet that was not so, until it makes up for it. */
    const open = new Map<string, ClientCall>()
    const wallets = new Map<string, string>()
    for (const call of calls) {
      const { customer, operation, entry } = call
      if (REFRESHES.has(operation) && !call.isLost)
        for (const [wallet, shown] of open)
          if (wallet === entry.about.wallet || (entry.about.wallet === null && shown.customer === customer))
            open.delete(wallet)
      for (const { id, token } of call.wallets) {
        if (token !== null) wallets.set(token, id)
        if (!call.ended?.facts.outdated.includes(id)) open.delete(id)
        else if (!open.has(id)) open.set(id, call)
      }
      const wallet = wallets.get(tokenOf(call) ?? '')
      const shown = open.get(wallet ?? '')
      if (shown === undefined || !call.isSuccess) continue
      // A client that took the token alone was not misled, as long as the money was there.
      if (statusOf(call) === 'PENDING')
        yield offence(
          `Wallet ${quote(wallet)} was debited by a balance that its provider no longer held, without a refresh.`,
          [shown, call],
        )
      open.delete(wallet!)
    }
    for (const [wallet, shown] of open)
      yield offence(
        `Wallet ${quote(wallet)} was shown with a balance that its provider no longer held, and was not refreshed since.`,
        [shown],
      )
  },
}
