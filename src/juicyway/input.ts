import { type ErrorName, Refusal } from '../errors.js'
import type { Exchange } from '../exchange.js'
import { didYouMean } from '../nearest.js'
import type { OwnedWallet } from '../store/state.js'
import type { Customer } from '../wallets/model.js'
import { type Minor, MOST } from '../wallets/money.js'

/** What a request asks for, or a Refusal that says what was wrong and what is allowed. */

const LONGEST_TEXT = 256

/** A value as a sentence shows it. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing'
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function wrong(where: string, value: unknown, allowed: string, error: ErrorName = 'bad_request'): Refusal {
  const fault = value === undefined ? 'is missing' : 'is invalid'
  return new Refusal(error, `${where} is ${shown(value)}; send ${allowed}.`, { message: `${where} ${fault}` })
}

function field({ json }: Exchange, name: string): unknown {
  if (json) return json.get(name)
  throw new Refusal('bad_request', 'The body is not JSON; send an object, with Content-Type: application/json.', {
    message: 'The body is not JSON',
  })
}

export function choiceField<const Choice extends string>(
  exchange: Exchange,
  name: string,
  choices: readonly Choice[],
  error?: ErrorName,
): Choice {
  const value = field(exchange, name)
  const choice = choices.find((known) => known === value)
  if (choice === undefined) throw wrong(name, value, choices.map((known) => `"${known}"`).join(' or '), error)
  return choice
}

export function idField(exchange: Exchange, name: string): string {
  const value = field(exchange, name)
  if (typeof value !== 'string' || value === '') throw wrong(name, value, 'the id as text')
  return value
}

/** Null where the text is left out, null or empty. */
export function textField(exchange: Exchange, name: string): string | null {
  const value = field(exchange, name) ?? null
  if (value === null || value === '') return null
  if (typeof value !== 'string' || value.length > LONGEST_TEXT)
    throw wrong(name, value, `text of up to ${LONGEST_TEXT} characters, or leave it out`)
  return value
}

export function amountField(exchange: Exchange, name: string): Minor {
  const value = field(exchange, name)
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > MOST)
    throw wrong(name, value, 'a number of minor units such as 1500: whole, above 0, without quotation marks')
  return value
}

/** Undefined where the parameter is left out. */
export function parameter(
  exchange: Exchange,
  name: string,
  form: RegExp | readonly string[],
  allowed: string,
): string | undefined {
  const value = exchange.parameter(name)
  if (value === null) return undefined
  if (form instanceof RegExp ? form.test(value) : form.includes(value)) return value
  throw wrong(name, value, `${allowed}, or leave it out`)
}

export function askedWallet({ walletName = '', merchantTitle, world }: Exchange): OwnedWallet {
  const owned = world.state.currencyWallet(walletName)
  if (owned) return owned
  throw new Refusal(
    'wallet_not_found',
    `${merchantTitle} has no wallet ${shown(walletName)}.${didYouMean(walletName, world.state.walletIds('currencyWallets'))}`,
  )
}

export function askedCustomer(exchange: Exchange): Customer {
  const { customer, merchantTitle, world } = exchange
  if (customer) return customer
  const id = exchange.nameOf('customer') ?? ''
  throw new Refusal(
    'customer_not_found',
    `${merchantTitle} has no customer ${shown(id)}.${didYouMean(id, world.state.customerNames())}`,
  )
}
