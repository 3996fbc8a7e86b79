import type { NameOf } from '../../api/vendor.js'
import { draw, drawHexPair } from '../../lib/random.js'
import type { Merchant } from '../../merchants/merchant.js'
import type { Customer } from '../../wallets/model.js'
import type { ClientAuth } from './wire/customers.js'

/**
 * The customer's own token: `tkn_` and 32 hexadecimal digits. The first eight hide when it ends, and the others follow
 * from that, so a token needs no place in the state.
 */

const LIFE_SECONDS = 15 * 60
const WORD = 0x1_0000_0000

/** What hides the end of a customer's tokens. */
const maskOf = ({ seed, id }: Merchant, customer: string) => Math.floor(draw(seed, 'client auth', id, customer) * WORD)

function textOf(merchant: Merchant, customer: string, endsAt: number): string {
  const head = ((endsAt ^ maskOf(merchant, customer)) >>> 0).toString(16).padStart(8, '0')
  const rest = drawHexPair(merchant.seed, 'client auth', merchant.id, customer, endsAt).join('').slice(8)
  return `tkn_${head}${rest}`
}

/** A token that lives 15 minutes of the merchant's clock, from the present second on. */
export function issueClientToken(merchant: Merchant, customer: string): ClientAuth {
  const endsAt = Math.floor(merchant.clock.now() / 1000) + LIFE_SECONDS
  return { token: textOf(merchant, customer, endsAt), expiresAt: endsAt * 1000 }
}

/** When a token of this customer ends, in epoch ms; undefined for any other text. */
export function clientTokenEnd(merchant: Merchant, customer: string, token: string): number | undefined {
  const head = /^tkn_([\da-f]{8})[\da-f]{24}$/.exec(token)?.[1]
  if (head === undefined) return undefined
  // The head has the last 32 bits of it; the others are those of the present.
  const now = Math.floor(merchant.clock.now() / 1000)
  const endsAt = now + (((Number.parseInt(head, 16) ^ maskOf(merchant, customer)) - now) | 0)
  return textOf(merchant, customer, endsAt) === token ? endsAt * 1000 : undefined
}

export function namedHolder({ state }: Merchant, nameOf: NameOf): Customer | undefined {
  const find = (kind: 'wallet' | 'order') => state.find(kind, nameOf(kind) ?? '')
  return state.customer(nameOf('customer') ?? '') ?? find('wallet') ?? find('order')
}

/** A guest's order can be read by the token of any customer of the merchant. */
export function tokenHolder(merchant: Merchant, token: string, nameOf: NameOf): string | undefined {
  const named = namedHolder(merchant, nameOf)
  if (named === undefined) return undefined
  const isOf = (id: string) => clientTokenEnd(merchant, id, token) !== undefined
  if (isOf(named.id)) return named.id
  if (named.guest) for (const name of merchant.state.customerNames()) if (isOf(name)) return name
  return undefined
}
