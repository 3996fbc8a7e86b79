import { html, raw } from 'hono/html'
import type { Order, Payment, TopUp, Wallet } from '../../../wallets/model.js'
import { type Minor, majorOf } from '../../../wallets/money.js'

/** The pages that a customer sees. Plain forms: they work without scripts. */

const STYLE = raw(
  'body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem;color:#1b1f24;background:#fff}' +
    'h1{font-size:1.3rem}dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem}dd{margin:0;overflow-wrap:anywhere}' +
    'form{display:inline-block;margin:1rem .5rem 0 0}label{display:block}fieldset{border:0;margin:0 0 1rem;padding:0}' +
    'button{font:inherit;padding:.5rem 1.25rem;border:1px solid #57606a;border-radius:6px;background:#f6f8fa;cursor:pointer}' +
    'button[value=succeed],button[value=pay]{background:#1a7f37;border-color:#1a7f37;color:#fff}',
)

const page = (title: string, content: unknown): string =>
  String(
    html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${STYLE}</style></head><body><main><h1>${title}</h1>${content}</main></body></html>`,
  )

const details = (topUp: TopUp, wallet: Wallet) =>
  html`<dl><dt>Amount</dt><dd>₹${majorOf(topUp.amount).toFixed(2)}</dd><dt>Wallet</dt><dd>${wallet.gateway}, ${wallet.id}</dd><dt>Reference</dt><dd>${topUp.reference}</dd></dl>`

const button = (outcome: 'succeed' | 'fail' | 'pay' | 'cancel', label: string) =>
  html`<form method="post"><button name="outcome" value="${outcome}">${label}</button></form>`

export const startPage = (topUp: TopUp, wallet: Wallet) =>
  page(
    'Wallet top-up',
    html`${details(topUp, wallet)}<p>This is a sandbox: no money moves. Choose how the payment ends.</p>${button('succeed', 'Succeed')}${button('fail', 'Fail')}`,
  )

/** The page at the end, where the merchant named no address to return to. */
export const endPage = (topUp: TopUp, wallet: Wallet) =>
  page(topUp.status === 'SUCCESS' ? 'Top-up succeeded' : 'Top-up failed', details(topUp, wallet))

const paymentDetails = (order: Order, payment: Payment) =>
  html`<dl><dt>Amount</dt><dd>${order.currency} ${majorOf(order.amount).toFixed(2)}</dd><dt>Wallet</dt><dd>${payment.gateway}</dd><dt>Order</dt><dd>${order.reference}</dd></dl>`

export const payPage = (order: Order, payment: Payment) =>
  page(
    `Pay with ${payment.gateway}`,
    html`${paymentDetails(order, payment)}<p>This is a sandbox: no money moves. Choose what the customer does.</p>${button('pay', 'Pay')}${button('cancel', 'Cancel')}`,
  )

/** What an order can be paid with. */
export interface Means {
  readonly value: string
  readonly title: string
  readonly balance?: Minor
  readonly note?: string
  /** Whether it holds less than the order is of. */
  readonly isShort: boolean
}

const orderDetails = (order: Order) =>
  html`<dl><dt>Amount</dt><dd>${amountOf(order.currency, order.amount)}</dd><dt>Order</dt><dd>${order.reference}</dd>${order.description === null ? '' : html`<dt>For</dt><dd>${order.description}</dd>`}</dl>`

const amountOf = (currency: string, amount: Minor) => `${currency} ${majorOf(amount).toFixed(2)}`

function choice({ value, title, balance, note, isShort }: Means, currency: string, isFirst: boolean) {
  const words = [title, balance !== undefined && amountOf(currency, balance), note, isShort && 'too little money']
  return html`<label><input type="radio" name="wallet" value="${value}"${isFirst ? raw(' checked') : ''}> ${words.filter(Boolean).join(', ')}</label>`
}

export const orderPage = (order: Order, means: readonly Means[]) =>
  page(
    'Pay your order',
    html`${orderDetails(order)}<p>This is a sandbox: no money moves.</p><form method="post"><fieldset><legend>Wallet</legend>${means.map((one, i) => choice(one, order.currency, i === 0))}</fieldset><button name="outcome" value="pay">Pay</button> <button name="outcome" value="cancel">Cancel</button></form>`,
  )

export const expiredPage = (order: Order) =>
  page('This page has expired', html`${orderDetails(order)}<p>The shop can open another session for the order.</p>`)

export const paidPage = (order: Order, payment: Payment, status: string) =>
  page(status === 'CHARGED' ? 'Payment succeeded' : `Payment: ${status}`, paymentDetails(order, payment))
