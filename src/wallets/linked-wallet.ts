import { putById } from '../lib/put-by-id.js'
import type { Customer, Holdings, Provider, SubAccount, Timestamp, TopUp, Wallet } from './model.js'
import { credit } from './money.js'

/** What a step of a wallet's life needs from outside: the sandbox's time, and how a token's text is drawn. */
export interface TokenPolicy {
  /** Epoch milliseconds on the merchant's clock. */
  readonly now: number
  /** How long a token lives, in milliseconds. */
  readonly tokenTtl: number
  drawToken(wallet: Wallet, occurrence: number): string
}

/** The customer with one wallet added or replaced; the same customer when the wallet is the one it has. */
export const withWallet = (customer: Customer, wallet: Wallet): Customer =>
  customer.wallets.includes(wallet) ? customer : { ...customer, wallets: putById(customer.wallets, wallet) }

/** The wallets with each of them changed; the same list when none is. */
export function withEach(wallets: readonly Wallet[], change: (wallet: Wallet) => Wallet): readonly Wallet[] {
  const changed = wallets.map(change)
  return changed.every((wallet, i) => wallet === wallets[i]) ? wallets : changed
}

/** Whether its token pays: a live one, or one that a fixture names and no answer has shown yet. */
export const isSpendable = ({ linked, token }: Wallet, now: number): boolean =>
  linked && token !== null && !token.used && (token.expiresAt === null || now < token.expiresAt)

export const isLive = (wallet: Wallet, now: number): boolean =>
  isSpendable(wallet, now) && wallet.token!.expiresAt !== null

/** With a live token: the one it has, the one that a fixture names, or a new one. A wallet that is not linked has none. */
export function withToken(wallet: Wallet, { now, tokenTtl, drawToken }: TokenPolicy): Wallet {
  if (!wallet.linked) return wallet.token === null ? wallet : { ...wallet, token: null }
  if (isLive(wallet, now)) return wallet
  const pinned = wallet.token?.expiresAt === null && !wallet.token.used
  return {
    ...wallet,
    token: {
      value: pinned ? wallet.token!.value : drawToken(wallet, wallet.tokensDrawn),
      expiresAt: now + tokenTtl,
      used: false,
    },
    tokensDrawn: wallet.tokensDrawn + (pinned ? 0 : 1),
  }
}

/** What the provider holds becomes what was last seen. Where that is unchanged it is the same wallet: nothing needs storing. */
export function refresh(wallet: Wallet, asked: Timestamp): Wallet {
  if (!wallet.linked || !wallet.provider.available) return wallet
  const seen = observed(wallet.provider, asked)
  return isSame(seen, wallet.seen) ? wallet : { ...wallet, seen }
}

function isSame(now: Holdings, before: Holdings | null): boolean {
  if (now.balance !== before?.balance || now.at !== before.at) return false
  if (now.subAccounts.length !== before.subAccounts.length) return false
  return now.subAccounts.every((sub, i) => {
    const known = before.subAccounts[i]!
    const { paymentMethod, type, balance, at } = sub
    return at === known.at && balance === known.balance && paymentMethod === known.paymentMethod && type === known.type
  })
}

function observed(provider: Provider, asked: Timestamp): Holdings {
  const dated = (sub: SubAccount): SubAccount => (sub.at === null ? { ...sub, at: asked } : sub)
  return { balance: provider.balance, at: provider.at ?? asked, subAccounts: provider.subAccounts.map(dated) }
}

export const link = (wallet: Wallet, asked: Timestamp): Wallet => refresh({ ...wallet, linked: true }, asked)

/** The provider with another balance, from the next refresh on; the sub-account of the wallet's name follows. */
export function setProviderBalance(wallet: Wallet, balance: number): Wallet {
  const { provider } = wallet
  const subAccounts = provider.subAccounts.map((sub) =>
    sub.paymentMethod === wallet.gateway ? { ...sub, balance, at: null } : { ...sub, at: null },
  )
  return { ...wallet, provider: { ...provider, balance, at: null, subAccounts } }
}

export const expireToken = (wallet: Wallet, now: number): Wallet =>
  isLive(wallet, now) ? { ...wallet, token: { ...wallet.token!, expiresAt: now } } : wallet

export const delink = (wallet: Wallet): Wallet =>
  wallet.linked ? { ...wallet, linked: false, seen: null, token: null } : wallet

/** Wrong passwords after which a wallet is locked, until a new one is sent. */
const MAX_ATTEMPTS = 3

/** The wallet after its provider sent a new password, which takes a lock away. */
export function sendOtp(wallet: Wallet, drawOtp: (wallet: Wallet, occurrence: number) => string): Wallet {
  const code = drawOtp(wallet, wallet.otpsDrawn)
  return { ...wallet, otp: { code, attemptsLeft: MAX_ATTEMPTS }, otpsDrawn: wallet.otpsDrawn + 1 }
}

export type OtpResult = 'right' | 'wrong' | 'locked' | 'not sent'

/** @param alwaysRight a password that is right whichever was sent, while the wallet is not locked */
export function verifyOtp(wallet: Wallet, code: string, alwaysRight: string | undefined): [OtpResult, Wallet] {
  const { otp } = wallet
  if (otp === null) return ['not sent', wallet]
  if (otp.attemptsLeft === 0) return ['locked', wallet]
  if (code === alwaysRight || code === otp.code) return ['right', { ...wallet, otp: null }]
  return ['wrong', { ...wallet, otp: { ...otp, attemptsLeft: otp.attemptsLeft - 1 } }]
}

export const withTopUp = (wallet: Wallet, topUp: TopUp): Wallet => ({
  ...wallet,
  topUps: putById(wallet.topUps, topUp),
})

/** Its amount comes to the provider, which the next refresh shows; one beyond what a wallet can hold fails. */
export function endTopUp(wallet: Wallet, topUp: TopUp, succeeds: boolean): { wallet: Wallet; topUp: TopUp } {
  const credited = succeeds ? credit(wallet.provider.balance, topUp.amount) : undefined
  const ended: TopUp = { ...topUp, status: credited === undefined ? 'FAILED' : 'SUCCESS' }
  return {
    wallet: withTopUp(credited === undefined ? wallet : setProviderBalance(wallet, credited), ended),
    topUp: ended,
  }
}
