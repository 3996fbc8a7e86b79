import type { Order, Payment, TopUp, Wallet } from '../../../wallets/model.js'

/** Where the customer is to go next, and how: by POST, with the fields of a form. */
export interface NextStep {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly params?: Readonly<Record<string, string>>
}

/** The body of a wallet debit. */
export const paymentBody = (order: Order, payment: Payment, { method, url, params }: NextStep) => ({
  order_id: order.reference,
  txn_id: payment.id,
  status: payment.status,
  payment: { authentication: { method, url, ...(params && { params }) } },
})

export const topUpBody = (topUp: TopUp, wallet: Wallet, url: string) => ({
  topup_txn_id: topUp.reference,
  wallet_id: wallet.id,
  status: topUp.status,
  payment_url: url,
})
