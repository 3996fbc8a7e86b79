import { credit } from './ledger.js'
import { setProviderBalance } from './linked-wallet.js'
import type { TopUp, Wallet } from './model.js'

export function withTopUp(wallet: Wallet, topUp: TopUp): Wallet {
  const index = wallet.topUps.findIndex(({ id }) => id === topUp.id)
  return { ...wallet, topUps: index < 0 ? [...wallet.topUps, topUp] : wallet.topUps.with(index, topUp) }
}

/**
 * Ends a pending top-up. One that succeeds brings its amount to the provider, which the next refresh shows; one beyond
 * what a wallet can hold fails.
 */
export function endTopUp(wallet: Wallet, topUp: TopUp, succeeds: boolean): { wallet: Wallet; topUp: TopUp } {
  const credited = succeeds ? credit(wallet.provider.balance, topUp.amount) : undefined
  const ended: TopUp = { ...topUp, status: credited === undefined ? 'FAILED' : 'SUCCESS' }
  return {
    wallet: withTopUp(credited === undefined ? wallet : setProviderBalance(wallet, credited), ended),
    topUp: ended,
  }
}
