import type { Call } from '../../api/call.js'
import { didYouMean } from '../../lib/did-you-mean.js'
import { Refusal } from '../../lib/errors.js'
import { quote } from '../../lib/text.js'
import type { OwnedWallet } from '../../store/state.js'
import type { Customer } from '../../wallets/model.js'

/** What a request asks for, or the refusal that it is not there. */

export function requireWallet({ walletName = '', merchantTitle, merchant }: Call): OwnedWallet {
  const owned = merchant.state.currencyWallet(walletName)
  if (owned) return owned
  throw new Refusal(
    'wallet_not_found',
    `${merchantTitle} has no wallet ${quote(walletName)}.${didYouMean(walletName, merchant.state.walletIds('currencyWallets'))}`,
  )
}

/** @param headers those of the refusal */
export function requireCustomer(call: Call, headers: Readonly<Record<string, string>> = {}): Customer {
  const { customer, merchantTitle, merchant } = call
  if (customer) return customer
  const id = call.nameOf('customer') ?? ''
  throw new Refusal(
    'customer_not_found',
    `${merchantTitle} has no customer ${quote(id)}.${didYouMean(id, merchant.state.customerNames())}`,
    { headers },
  )
}
