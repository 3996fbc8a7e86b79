import type { Call } from '../../api/call.js'
import { LONGEST } from '../../lib/bounds.js'
import { didYouMean } from '../../lib/did-you-mean.js'
import { type ErrorName, Refusal } from '../../lib/errors.js'
import { quote } from '../../lib/text.js'
import type { OwnedWallet } from '../../store/state.js'
import type { Customer } from '../../wallets/model.js'
import { MAX_MINOR, type Minor } from '../../wallets/money.js'

/** What a request asks for, or a Refusal that says what was wrong and what is allowed. */

function wrong(where: string, value: unknown, allowed: string, error: ErrorName = 'bad_request'): Refusal {
  const fault = value === undefined ? `Missing ${where}` : `Invalid ${where}`
  return new Refusal(error, `${where} is ${quote(value)}; send ${allowed}.`, { faults: { [where]: [fault] } })
}

export function requireJson({ body: { json } }: Call): ReadonlyMap<string, unknown> {
  if (json) return json
  throw new Refusal('bad_request', 'The body is not JSON; send an object, with Content-Type: application/json.', {
    message: 'The body is not JSON',
  })
}

const field = (call: Call, name: string): unknown => requireJson(call).get(name)

export function choiceField<const Choice extends string>(
  call: Call,
  name: string,
  choices: readonly Choice[],
  error?: ErrorName,
): Choice {
  const value = field(call, name)
  const choice = choices.find((known) => known === value)
  if (choice === undefined) throw wrong(name, value, choices.map((known) => `"${known}"`).join(' or '), error)
  return choice
}

export function idField(call: Call, name: string): string {
  const value = field(call, name)
  if (typeof value !== 'string' || value === '') throw wrong(name, value, 'the id as text')
  return value
}

/** Null where the text is left out, null or empty. */
export function textField(call: Call, name: string): string | null {
  const value = field(call, name) ?? null
  if (value === null || value === '') return null
  if (typeof value !== 'string' || value.length > LONGEST.text)
    throw wrong(name, value, `text of up to ${LONGEST.text} characters, or leave it out`)
  return value
}

export function amountField(call: Call, name: string): Minor {
  const value = field(call, name)
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > MAX_MINOR)
    throw wrong(name, value, 'a number of minor units such as 1500: whole, above 0, without quotation marks')
  return value
}

/** Undefined where the parameter is left out. */
export function parameter(
  call: Call,
  name: string,
  form: RegExp | readonly string[],
  allowed: string,
): string | undefined {
  const value = call.parameter(name)
  if (value === null) return undefined
  if (form instanceof RegExp ? form.test(value) : form.includes(value)) return value
  throw wrong(name, value, `${allowed}, or leave it out`)
}

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
