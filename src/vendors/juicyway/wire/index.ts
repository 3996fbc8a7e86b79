import type { OwnedTransaction, OwnedWallet } from '../../../store/state.js'
import { accountsAt } from '../../../wallets/currency-wallet.js'
import type { BankAccount, CurrencyWallet, WalletEvent } from '../../../wallets/model.js'

/** Bodies as the vendor prints them. The order of the keys is part of the contract. Amounts are minor units. */

export interface Viewer {
  readonly masked: boolean
  /** Epoch milliseconds. */
  readonly now: number
}

function event({ action, id, at, reason, walletId }: WalletEvent) {
  return { action, id, inserted_at: at, reason, wallet_id: walletId }
}

/** "Sensitive fields may be partially masked": the last four digits stay (the form is inferred). */
const lastFour = (number: string) => number.slice(-4).padStart(number.length, '*')

const paymentMethod = (account: BankAccount, masked: boolean) => ({
  account_name: account.accountName,
  account_number: masked ? lastFour(account.accountNumber) : account.accountNumber,
  account_type: account.accountType,
  address: account.address,
  bank_address: account.bankAddress,
  bank_code: account.bankCode,
  bank_name: account.bankName,
})

const paymentMethods = (wallet: CurrencyWallet, { masked, now }: Viewer) =>
  accountsAt(wallet, now).map((account) => paymentMethod(account, masked))

const balance = ({ balance: amount, currency }: CurrencyWallet) => ({ amount, currency })

/** A wallet as Retrieve Wallet shows it. */
export const walletData = ({ wallet, customer }: OwnedWallet, viewer: Viewer) => ({
  account_id: wallet.accountId,
  balance: balance(wallet),
  customer_id: customer.id,
  events: wallet.events.map(event),
  id: wallet.id,
  payment_methods: paymentMethods(wallet, viewer),
  status: wallet.status,
})

export const newWalletData = ({ wallet, customer }: OwnedWallet) => ({
  id: wallet.id,
  account_id: wallet.accountId,
  customer_id: customer.id,
  balance: balance(wallet),
  status: wallet.status,
})

/** A wallet as Add Payment Method shows it. */
export const accountsData = (wallet: CurrencyWallet, viewer: Viewer) => ({
  id: wallet.id,
  status: wallet.status,
  payment_methods: paymentMethods(wallet, viewer),
  balance: balance(wallet),
})

export const newTransactionData = ({ wallet, transaction }: OwnedTransaction) => ({
  transaction_id: transaction.id,
  wallet_id: wallet.id,
  type: transaction.type,
  amount: transaction.amount,
  balance_after: transaction.balanceAfter,
  created_at: transaction.at,
})

/** A transaction as it is listed. Nothing is charged, nothing fails, and the side outside the sandbox is null. */
export function transactionData({ wallet, customer, transaction }: OwnedTransaction) {
  const { currency } = wallet
  const side = { id: wallet.id, type: 'wallet' }
  return {
    account_id: wallet.accountId,
    amount: { amount: transaction.amount, currency },
    correlation_id: transaction.correlationId,
    created_at: transaction.at,
    customer_id: customer.id,
    description: transaction.description,
    destination: transaction.type === 'credit' ? side : null,
    error: null,
    fee: { amount: 0, currency },
    id: transaction.id,
    metadata: {},
    reference: transaction.reference,
    source: transaction.type === 'debit' ? side : null,
    type: transaction.type,
    updated_at: transaction.at,
    wallet_id: wallet.id,
  }
}
