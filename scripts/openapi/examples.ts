import type { Field } from '../../src/api/request.js'
import type { Operation, Vendor } from '../../src/api/vendor.js'

/** What a request of the collection and of the document sends, so that it is answered in a fresh sandbox. */

/** What stands for a name where the shipped fixtures have it. */
const EXAMPLES: Readonly<Record<string, string>> = {
  customer: 'cst_om2l6ctlptxwxuzj',
  order: 'tea-1',
  merchant: 'acme',
  // What the order, its debit, the top-up and the transaction come to in a fresh sandbox: ids follow from the seed.
  orderPage: 'ordeh_nnvesgn0ypxrafqj',
  payment: 'acme-tea-1-1',
  topUp: 'wtpup_yndcro2m0h0ciqkn',
  transaction: 'd16b30e7-2006-4ebc-a383-fd536d9f67e0',
  direct_wallet_token: 'tok_winysteev9eftrwcv6me',
  order_id: 'tea-1',
  customer_id: 'cst_om2l6ctlptxwxuzj',
  amount: '109.55',
  otp: '123456',
  object_reference_id: 'customer_2233',
  gateway: 'PAYTM',
  payment_method: 'MOBIKWIK',
  mobile_number: '9876543210',
  payment_page_client_id: 'acme',
  action: 'paymentPage',
  status: 'frozen',
  currency: 'USD',
  unique_request_id: 'refund-1',
  topup_txn_id: 'topup-1',
  first_name: 'Ada',
  last_name: 'Obi',
  email: 'ada@example.com',
  phone_number: '+2348012345678',
  wallet_id: 'b1e0c2d4-6f7a-4b8c-9d0e-1f2a3b4c5d6e',
}
/** What only an answer has: a place in a list, the token of an order. */
const OF_AN_ANSWER: ReadonlySet<string> = new Set(['after', 'before', 'client_auth_token'])
/** Two refunds of one payment, which differ. */
const OWN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'juspay.refundOrder': { amount: '10' },
  'juspay.refundPayment': { amount: '20', unique_request_id: 'refund-2' },
}
const WALLET = { juspay: 'wlt_q23xzki3pazgtezo', juicyway: 'b1e0c2d4-6f7a-4b8c-9d0e-1f2a3b4c5d6e' } as const
const ADDRESS = { line1: '1 Marina', city: 'Lagos', state: 'Lagos', zip_code: '100001', country: 'NG' }
const CUSTOMER = { juspay: EXAMPLES.customer!, juicyway: '7c0e6b1a-52d4-4c8e-9a57-0d1f8c2b6e90' } as const

/** None for what only an answer has. */
export function exampleOf(vendor: Vendor, { name, schema }: Pick<Field, 'name' | 'schema'>): unknown {
  if (OF_AN_ANSWER.has(name)) return undefined
  if (name === 'customer_id') return CUSTOMER[vendor.name]
  if (name === 'billing_address') return ADDRESS
  if (schema.type === 'boolean') return false
  if (schema.type === 'integer') return schema.default ?? (schema.minimum === 1 ? 1500 : 10)
  const choices = schema.enum as readonly string[] | undefined
  const known = EXAMPLES[name]
  if (choices) return known !== undefined && choices.includes(known) ? known : choices[0]
  return known ?? 'text'
}

export const HEADER_EXAMPLES: Readonly<Record<string, string>> = {
  'x-merchantid': 'acme',
  'x-routing-id': 'customer_1122',
}

/** The fields that an operation needs, and those that it needs one of. */
const NEEDED: ReadonlySet<string> = new Set([
  'order_id',
  'amount',
  'customer_id',
  'mobile_number',
  'direct_wallet_token',
])

const examplesOf = (vendor: Vendor, fields: readonly Field[]) =>
  Object.fromEntries(
    fields
      .filter(({ name, required }) => required || NEEDED.has(name))
      .map((field) => [field.name, exampleOf(vendor, field)]),
  )

/** What stands for a parameter of a path. Pages of orders have their id where those of payments have the payment's. */
export function inPath(vendor: Vendor, name: string, path: string): string {
  if (name === 'wallet') return WALLET[vendor.name]
  if (name === 'customer') return CUSTOMER[vendor.name]
  return EXAMPLES[/^\/(orders\/:payment|merchant)\//.test(path) ? 'orderPage' : name]!
}

/** The fields that a request of an operation needs. */
export function bodyExample(
  vendor: Vendor,
  { id, query = [], body = query }: Operation,
  path: string,
): Record<string, unknown> {
  const fitting = path.includes(':order') ? body.filter(({ name }) => name !== 'order_id') : body
  return { ...examplesOf(vendor, fitting), ...OWN[id] }
}
