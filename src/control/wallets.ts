import { fromCurrencyWallet, fromWallet } from '../fixture-files/convert.js'
import type { FixtureCurrencyWallet, FixtureWallet } from '../fixture-files/schema.js'
import { didYouMean } from '../lib/did-you-mean.js'
import { InputError } from '../lib/errors.js'
import { givenText } from '../lib/given.js'
import { inTurns } from '../lib/in-turns.js'
import type { Merchant } from '../merchants/merchant.js'
import { matcher } from '../scenarios/pattern.js'
import { delink, expireToken, isLive, setProviderBalance, withWallet } from '../wallets/linked-wallet.js'
import type { Customer, Wallet } from '../wallets/model.js'
import { minorOf } from '../wallets/money.js'
import { type ControlInput, checkInput } from './check.js'
import { ControlError } from './errors.js'
import { type Scope, stored } from './scope.js'

/**
 * A wallet as the sandbox knows it, in the form of a fixture: what was last seen (`balance`, `lastRefreshed`,
 * `subDetails`), what the provider holds (`provider`), and the token. A wallet that holds money itself has no provider.
 */
export type WalletView = { readonly merchant: string; readonly customer: string } & (
  | (Omit<FixtureWallet, 'token'> & {
      readonly token: { value: string; expiresAt: string | null; used: boolean; live: boolean } | null
    })
  | FixtureCurrencyWallet
)

interface FoundWallet {
  readonly merchant: Merchant
  readonly customer: Customer
}

/** Every merchant's wallet of that id. @throws ControlError when none has it */
function find(scope: Scope, id: string): [FoundWallet, ...FoundWallet[]] {
  givenText(id, 'wallet')
  const merchants = scope.merchants()
  const [first, ...more] = merchants.flatMap((merchant) => {
    const customer = merchant.state.find('wallet', id)
    return customer ? [{ merchant, customer }] : []
  })
  if (first) return [first, ...more]
  throw new ControlError('not_found', `There is no wallet "${id}".${didYouMean(id, walletIds(merchants))}`)
}

function* walletIds(merchants: readonly Merchant[]): Generator<string> {
  for (const { state } of merchants) {
    yield* state.walletIds('wallets')
    yield* state.walletIds('currencyWallets')
  }
}

function viewOf({ merchant, customer }: FoundWallet, id: string): WalletView {
  const owner = { merchant: merchant.id, customer: customer.id }
  const wallet = customer.wallets.find((candidate) => candidate.id === id)
  if (wallet === undefined)
    return { ...owner, ...fromCurrencyWallet(customer.currencyWallets.find((candidate) => candidate.id === id)!) }
  return { ...owner, ...fromWallet(wallet), token: tokenView(wallet, merchant.clock.now()) }
}

function tokenView(wallet: Wallet, now: number) {
  if (wallet.token === null) return null
  const { value, expiresAt, used } = wallet.token
  return {
    value,
    expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    used,
    live: isLive(wallet, now),
  }
}

export function walletsControl(scope: Scope) {
  /** Of several merchants that have a wallet of that id, the first one's. */
  const view = (id: string) => viewOf(find(scope, id)[0], id)
  /** Changes the wallet of every merchant in scope that has it. @param name as a capsule repeats it */
  const change = async (id: string, name: string, input: object, to: (wallet: Wallet, now: number) => Wallet) => {
    for (const { merchant, customer } of find(scope, id)) {
      const wallet = customer.wallets.find((candidate) => candidate.id === id)
      if (wallet === undefined)
        throw new InputError(`wallet "${id}" holds money itself; allowed: a wallet that is kept at a provider`)
      merchant.perform(name, { ...input, wallet: id }, () =>
        merchant.state.put(withWallet(customer, to(wallet, merchant.clock.now()))),
      )
    }
    await stored(scope.registry)
    return view(id)
  }
  return {
    wallet: async (id: string) => view(id),
    wallets: (filter: ControlInput<'wallets'> = {}) => listWallets(scope, filter),
    expireToken: (id: string) => change(id, 'expire-token', {}, expireToken),
    delink: (id: string) => change(id, 'delink', {}, delink),
    async provider(id: string, given: ControlInput<'provider'>) {
      const { balance, available } = await checkInput('provider', given)
      return change(id, 'provider', { balance, available }, (wallet) => {
        const held = balance === undefined ? wallet : setProviderBalance(wallet, minorOf(balance)!)
        return { ...held, provider: { ...held.provider, available: available ?? held.provider.available } }
      })
    },
  }
}

export interface WalletList {
  readonly wallets: readonly WalletView[]
  /** All that there are, beyond the limit too. */
  readonly total: number
}

/** The first wallets of customers, by one of a customer's names and by the wallet's id. */
async function listWallets(scope: Scope, given: ControlInput<'wallets'>): Promise<WalletList> {
  const { customer: pattern = '*', wallet = '*', limit = 100 } = await checkInput('wallets', given)
  const [isNamed, isWanted] = [matcher(pattern), matcher(wallet)]
  const wallets: WalletView[] = []
  let total = 0
  for (const merchant of scope.merchants())
    await inTurns(merchant.state.named(), (named) => {
      if (named.guest || !(isNamed(named.id) || isNamed(named.objectReferenceId ?? named.id))) return
      for (const { id } of [...(named.wallets ?? []), ...(named.currencyWallets ?? [])]) {
        if (!isWanted(id) || ++total > limit) continue
        // A customer is read only where it is shown.
        const customer = merchant.state.find('wallet', id)
        if (customer) wallets.push(viewOf({ merchant, customer }, id))
      }
    })
  return { wallets, total }
}
