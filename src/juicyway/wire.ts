import type { BankAccount, CurrencyWallet, Customer, WalletEvent } from '../wallets/model.js'

/** Bodies as the vendor prints them. The order of the keys is part of the contract. */

function event({ action, id, at, reason, walletId }: WalletEvent) {
  return { action, id, inserted_at: at, reason, wallet_id: walletId }
}

/** "Sensitive fields may be partially masked": the last four digits stay (the form is inferred). */
const lastFour = (number: string) => number.slice(-4).padStart(number.length, '*')

function paymentMethod(account: BankAccount, masked: boolean) {
  return {
    account_name: account.accountName,
    account_number: masked ? lastFour(account.accountNumber) : account.accountNumber,
    account_type: account.accountType,
    address: account.address,
    bank_address: account.bankAddress,
    bank_code: account.bankCode,
    bank_name: account.bankName,
  }
}

/** The body of Retrieve Wallet. Amounts are minor units. */
export function walletBody(wallet: CurrencyWallet, customer: Customer, masked: boolean) {
  return {
    data: {
      account_id: wallet.accountId,
      balance: { amount: wallet.balance, currency: wallet.currency },
      customer_id: customer.id,
      events: wallet.events.map(event),
      id: wallet.id,
      payment_methods: wallet.paymentMethods.map((account) => paymentMethod(account, masked)),
      status: wallet.status,
    },
  }
}
