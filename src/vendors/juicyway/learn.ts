import { type Account, update } from '../../api/account.js'
import { type Learner, type SeenCall, textsOf, timeOf } from '../../api/learner.js'
import type { FixtureCurrencyWallet, FixtureCustomer } from '../../fixture-files/schema.js'
import { getOrMake } from '../../lib/get-or-make.js'
import { isObject, type JsonObject, numberOf, objects, textOf } from '../../lib/json.js'

export const learner: Learner = { learn, standInKey: (merchant) => `test_${merchant}_recorded` }

function learn(account: Account, told: SeenCall): boolean {
  const { data } = told.answer
  // Lists have the newest first; what came within one second is ordered by its place.
  const rows = Array.isArray(data) ? [...objects(data)].reverse() : isObject(data) ? [data] : []
  const numbered = Array.isArray(data)
  for (const [place, row] of rows.entries()) {
    const sequence = numbered ? place + 1 : undefined
    if (textOf(row.wallet_id) !== undefined) learnTransaction(account, told, row, sequence)
    else if (isObject(row.balance)) learnWallet(account, row, sequence)
    else if (textOf(row.id) !== undefined) learnCustomer(account, told, row)
    else return false
  }
  return numbered || rows.length > 0
}

function learnCustomer(account: Account, { fields }: SeenCall, row: JsonObject): void {
  // The answer to a creation leaves out what was sent.
  const short = !('first_name' in row)
  const told: JsonObject = short ? { ...Object.fromEntries(fields), ...row } : row
  const known = account.customer(String(row.id))
  const phone = textOf(told.phone_number)
  const isKnown = phone === `+${known.mobileCountryCode}${known.mobileNumber}`
  update(known, {
    ...textsOf(told, 'firstName', 'lastName'),
    emailAddress: textOf(told.email),
    mobileNumber: isKnown ? undefined : phone,
    dateCreated: timeOf(row.created_at),
    lastUpdated: timeOf(row.updated_at) ?? (short ? timeOf(row.created_at) : undefined),
    billingAddress: isObject(row.billing_address) ? addressOf(row.billing_address) : sentAddress(short, fields),
  })
}

type Address = FixtureCustomer['billingAddress']

function sentAddress(short: boolean, fields: ReadonlyMap<string, string>): Address {
  if (!short || !fields.has('billing_address.line1')) return undefined
  const named = [...fields].filter(([name]) => name.startsWith('billing_address.'))
  return addressOf(Object.fromEntries(named.map(([name, value]) => [name.slice('billing_address.'.length), value])))
}

const addressOf = ({ line1, line2, city, state, zip_code, country }: JsonObject) =>
  ({ line1, ...(textOf(line2) && { line2 }), city, state, zipCode: zip_code, country }) as Address

function learnWallet(account: Account, row: JsonObject, sequence: number | undefined): void {
  const id = textOf(row.id)
  if (id === undefined) return
  const balance = row.balance as JsonObject
  const customer = textOf(row.customer_id)
  if (customer) account.customer(customer)
  const known = getOrMake(account.currencyWallets, id, () => ({ id }))
  update(known, {
    customer,
    accountId: textOf(row.account_id),
    currency: textOf(balance.currency),
    balance: numberOf(balance.amount),
    status: textOf(row.status) as FixtureCurrencyWallet['status'],
    events: Array.isArray(row.events) ? objects(row.events).map(toEvent) : undefined,
    paymentMethods: Array.isArray(row.payment_methods) ? objects(row.payment_methods).map(toMethod) : undefined,
    sequence,
  })
}

const toEvent = ({ id, wallet_id, action, reason, inserted_at }: JsonObject) =>
  ({ id, walletId: wallet_id, action, reason, insertedAt: timeOf(inserted_at) }) as never

const toMethod = (row: JsonObject) =>
  ({
    accountName: row.account_name,
    accountNumber: row.account_number,
    accountType: row.account_type,
    address: row.address,
    bankAddress: row.bank_address,
    bankCode: row.bank_code,
    bankName: row.bank_name,
  }) as never

/** Create Transaction shows the balance that it left; reads show the reference. */
function learnTransaction(account: Account, { fields }: SeenCall, row: JsonObject, sequence: number | undefined): void {
  const id = textOf(row.transaction_id) ?? textOf(row.id)
  if (id === undefined) return
  const known = getOrMake(account.transactions, id, () => ({ id }))
  const walletId = textOf(row.wallet_id)!
  const wallet = getOrMake(account.currencyWallets, walletId, () => ({ id: walletId }))
  const currency = isObject(row.amount) ? textOf(row.amount.currency) : undefined
  update(wallet, { customer: textOf(row.customer_id), accountId: textOf(row.account_id), currency })
  update(known, {
    wallet: walletId,
    type: textOf(row.type) as 'credit' | 'debit' | undefined,
    amount: numberOf(isObject(row.amount) ? row.amount.amount : row.amount),
    balanceAfter: numberOf(row.balance_after),
    description: textOf(row.description) ?? textOf(fields.get('description')),
    correlationId: textOf(row.correlation_id),
    reference: textOf(row.reference),
    createdAt: timeOf(row.created_at),
    sequence,
  })
  if (numberOf(row.balance_after) !== undefined) wallet.balance = numberOf(row.balance_after)!
}
