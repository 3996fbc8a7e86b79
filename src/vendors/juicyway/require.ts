import type { Call } from '../../api/call.js'
import { notFound } from '../../api/not-found.js'
import { didYouMean } from '../../lib/did-you-mean.js'
import type { OwnedWallet } from '../../store/state.js'
import type { Customer } from '../../wallets/model.js'

export function requireWallet(call: Call): OwnedWallet {
  const { walletName = '', merchant } = call
  const owned = merchant.state.currencyWallet(walletName)
  if (owned) return owned
  const hint = didYouMean(walletName, merchant.state.walletIds('currencyWallets'))
  throw notFound(call, 'wallet_not_found', 'wallet', walletName, hint)
}

/** @param headers those of the refusal */
export function requireCustomer(call: Call, headers: Readonly<Record<string, string>> = {}): Customer {
  const { customer, merchant } = call
  if (customer) return customer
  const id = call.nameOf('customer') ?? ''
  const hint = didYouMean(id, merchant.state.customerNames())
  throw notFound(call, 'customer_not_found', 'customer', id, hint, { headers })
}
