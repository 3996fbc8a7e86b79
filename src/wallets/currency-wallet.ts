import { putById } from '../lib/put-by-id.js'
import type { BankAccount, CurrencyWallet, Customer, Transaction, WalletEvent } from './model.js'
import { credit, debit } from './money.js'

/** The life of a wallet that holds money itself. Every step is a new value; what a step may not do comes back as a value. */

export type WalletStatus = CurrencyWallet['status']

/** Which status may follow which, and the event that says so. */
export const TRANSITIONS: Readonly<Record<WalletStatus, Readonly<Partial<Record<WalletStatus, string>>>>> = {
  active: { frozen: 'freeze', deleted: 'delete' },
  frozen: { active: 'unfreeze', deleted: 'delete' },
  deleted: {},
}

export const STATUSES = Object.keys(TRANSITIONS) as readonly WalletStatus[]

export type Occasion = Omit<WalletEvent, 'walletId' | 'action'>

const event = (walletId: string, action: string, occasion: Occasion): WalletEvent => ({ walletId, action, ...occasion })

export const openWallet = (
  identity: Pick<CurrencyWallet, 'id' | 'accountId' | 'currency' | 'sequence'>,
  occasion: Occasion,
): CurrencyWallet => ({
  ...identity,
  balance: 0,
  status: 'active',
  events: [event(identity.id, 'create', occasion)],
  paymentMethods: [],
  transactions: [],
})

/** The wallet in another status; undefined where none leads there. */
export function changeStatus(wallet: CurrencyWallet, status: WalletStatus, occasion: Occasion) {
  const action = TRANSITIONS[wallet.status][status]
  return action === undefined
    ? undefined
    : { ...wallet, status, events: [...wallet.events, event(wallet.id, action, occasion)] }
}

export function withAccount(wallet: CurrencyWallet, account: BankAccount): CurrencyWallet {
  return { ...wallet, paymentMethods: [...wallet.paymentMethods, account] }
}

export const accountsAt = (wallet: CurrencyWallet, now: number): readonly BankAccount[] =>
  wallet.paymentMethods.filter(({ arrivesAt }) => arrivesAt === null || Date.parse(arrivesAt) <= now)

/** Moves money into a wallet or out of it; undefined where its balance does not allow that. Its status is asked before. */
export function post(wallet: CurrencyWallet, order: Omit<Transaction, 'balanceAfter'>) {
  const balance = (order.type === 'credit' ? credit : debit)(wallet.balance, order.amount)
  if (balance === undefined) return undefined
  const transaction: Transaction = { ...order, balanceAfter: balance }
  return { wallet: { ...wallet, balance, transactions: [...wallet.transactions, transaction] }, transaction }
}

/** When the wallet was made, in epoch ms; 0 where it is unknown. */
export const openedAt = ({ events }: CurrencyWallet) => (events[0] === undefined ? 0 : Date.parse(events[0].at))

export const withCurrencyWallet = (customer: Customer, wallet: CurrencyWallet): Customer => ({
  ...customer,
  currencyWallets: putById(customer.currencyWallets, wallet),
})
