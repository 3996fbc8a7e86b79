import { getOrMake } from '../../../lib/get-or-make.js'
import { gatewayOf } from '../../../wallets/gateways.js'
import type { Holdings, SubAccount, Wallet } from '../../../wallets/model.js'
import { majorOf } from '../../../wallets/money.js'
import { milliseconds, offsetTime, wholeSeconds } from './times.js'

/** Bodies as the vendor prints them. The order of the keys is part of the contract. */

const bankCodeOf = ({ gateway }: Wallet) => gatewayOf(gateway)?.bankCode ?? null

/** A wallet that is not linked has none, though a fixture may hold the one it is to begin with. */
const tokenOf = ({ linked, token }: Wallet) => (linked && token ? token.value : null)
const balanceOf = (seen: Holdings | null) => (seen === null ? null : majorOf(seen.balance))

/** The body of Get Wallet, and the first keys of its kin. `linked` is text there, as its page has it, and a boolean in the others. */
const account = (wallet: Wallet, linked: boolean | 'true' | 'false') => ({
  id: wallet.id,
  object: 'wallet_account',
  wallet: wallet.gateway,
  token: tokenOf(wallet),
  current_balance: balanceOf(wallet.seen),
  linked,
  last_refreshed: offsetTime(wallet.seen?.at),
})

const getWalletBody = (wallet: Wallet) => account(wallet, wallet.linked ? 'true' : 'false')

/** The body of the steps from creation to linking, where `linked` is a boolean. */
export const stepBody = (wallet: Wallet) => account(wallet, wallet.linked)

/** What follows in the form of a wallet that was created with a mobile number. */
export const withMetadata = (wallet: Wallet) =>
  Object.assign(stepBody(wallet), { metadata: wallet.metadata, gateway_reference_id: wallet.gatewayReferenceId })

const subDetails = (sub: SubAccount) => ({
  payment_method: sub.paymentMethod,
  payment_method_type: sub.type,
  last_refreshed: sub.at,
  current_balance: majorOf(sub.balance),
})

/** Left out of a body where no sub-account is known. */
const subDetailsOf = ({ seen }: Wallet) =>
  seen && seen.subAccounts.length > 0 ? seen.subAccounts.map(subDetails) : undefined

/** The body of Refresh and Delink Wallet, in the form of 2023. Where no sub-account is known, the wallet stands for it. */
function refreshedBody(wallet: Wallet) {
  const own = {
    payment_method: wallet.gateway,
    payment_method_type: 'WALLET',
    last_refreshed: wholeSeconds(wallet.seen?.at),
    current_balance: balanceOf(wallet.seen),
  }
  return {
    wallet: wallet.gateway,
    token: tokenOf(wallet),
    last_refreshed: milliseconds(wallet.seen?.at),
    object: 'wallet_account',
    id: wallet.id,
    current_balance: balanceOf(wallet.seen),
    sub_details: subDetailsOf(wallet) ?? [own],
    linked: wallet.linked,
  }
}

/** A row of List in its first published form. @param isWhole with metadata and the gateway's reference, as Refresh All has it */
const row = (wallet: Wallet, isWhole: boolean) => ({
  wallet: wallet.gateway,
  token: wallet.token?.value ?? null,
  last_refreshed: wholeSeconds(wallet.seen?.at),
  juspay_bank_code: bankCodeOf(wallet),
  object: 'wallet_account',
  metadata: isWhole ? wallet.metadata : undefined,
  id: wallet.id,
  current_balance: balanceOf(wallet.seen),
  gateway_reference_id: isWhole ? wallet.gatewayReferenceId : undefined,
  sub_details: subDetailsOf(wallet),
  linked: wallet.linked,
})

interface Page {
  readonly wallets: readonly Wallet[]
  readonly offset: number
  /** All wallets of the customer, on this page or not. */
  readonly total: number
}

const envelope = (list: readonly object[], { offset, total }: Page) => ({
  list,
  offset,
  count: list.length,
  total,
  object: 'list',
})

/** The short form of the samples: no page states what triggers it at the vendor. */
const isShort = (wallet: Wallet) => !wallet.linked || wallet.seen === null || wallet.seen.subAccounts.length === 0

/** A page of short rows alone has the envelope of the metadata sample. @param dated whether linked rows have metadata too */
function listBody(page: Page, dated: boolean) {
  const short = (wallet: Wallet) => isShort(wallet) && !(dated && wallet.linked)
  const rows = page.wallets.map((wallet) => {
    if (!short(wallet)) return row(wallet, dated)
    return wallet.metadata === null ? account(wallet, wallet.linked) : withMetadata(wallet)
  })
  if (rows.length === 0 || !page.wallets.every(short)) return envelope(rows, page)
  return { object: 'list', list: rows, count: rows.length, offset: page.offset, total: page.total }
}

/**
 * A wallet and a list of wallets never change, so what shows one of them whole is printed once. The text follows from the
 * wallet alone and goes with it, so sandboxes share nothing by it.
 */
function printOnce<Shown>(body: (shown: Shown) => object, wholeOf: (shown: Shown) => object | undefined) {
  const known = new WeakMap<object, string>()
  return (shown: Shown): string => {
    const key = wholeOf(shown)
    const print = () => JSON.stringify(body(shown))
    return key ? getOrMake(known, key, print) : print()
  }
}

const wholeList = ({ wallets, offset, total }: Page) => (offset === 0 && wallets.length === total ? wallets : undefined)

export const getWalletText = printOnce(getWalletBody, (wallet) => wallet)
export const refreshedText = printOnce(refreshedBody, (wallet) => wallet)
const plainListText = printOnce((page: Page) => listBody(page, false), wholeList)
const datedListText = printOnce((page: Page) => listBody(page, true), wholeList)
export const listText = (page: Page, dated: boolean) => (dated ? datedListText : plainListText)(page)
export const refreshAllText = printOnce(
  (page: Page) =>
    envelope(
      page.wallets.map((wallet) => row(wallet, true)),
      page,
    ),
  wholeList,
)
