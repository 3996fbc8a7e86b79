import { Refusal } from '../errors.js'
import { didYouMean } from '../nearest.js'
import { type Operation, published } from '../vendor.js'
import { RETRIEVE_WALLET_PAGE } from './pages.js'
import { walletBody } from './wire.js'

const retrieveWallet: Operation = {
  id: 'juicyway.retrieveWallet',
  method: 'GET',
  path: '/wallets/:wallet',
  changes: false,
  evidence: { success: published(RETRIEVE_WALLET_PAGE) },
  run: ({ walletName = '', customer, apiKey, world, merchantTitle }) => {
    const wallet = customer?.currencyWallets.find(({ id }) => id === walletName)
    if (!customer || !wallet)
      throw new Refusal(
        'wallet_not_found',
        `${merchantTitle} has no wallet "${walletName.slice(0, 60)}".${didYouMean(walletName, world.state.walletIds('currencyWallets'))}`,
      )
    return { status: 200, body: walletBody(wallet, customer, apiKey?.masked ?? false) }
  },
}

export const operations: readonly Operation[] = [retrieveWallet]
