import type { Exchange } from '../../exchange.js'
import { DIGITS, drawHexPair, drawText, LOWER_ALPHANUMERIC } from '../../random.js'
import { withEach, withToken, withWallet } from '../../wallets/life.js'
import type { Customer, Wallet } from '../../wallets/model.js'
import type { ClientAuth } from '../wire/customers.js'

/** Texts that the vendor draws: each is keyed by what it is for, so that no other request changes it. */

/** Two shapes of token are published: in lists, and everywhere else. */
interface TokenShape {
  readonly prefix: string
  readonly length: number
}
export const LIST_TOKEN: TokenShape = { prefix: 'tk_', length: 38 }
export const SHORT_TOKEN: TokenShape = { prefix: 'tok_', length: 20 }

/** The customer's wallets as they are shown, with a live token where they are linked. What that changed is kept. */
export function shownAll(exchange: Exchange, wallets: readonly Wallet[], shape: TokenShape): readonly Wallet[] {
  const { world, options } = exchange
  const circumstances = {
    now: world.clock.now(),
    tokenTtl: options.tokenTtl,
    drawToken: ({ id }: Wallet, occurrence: number) =>
      shape.prefix + drawText(LOWER_ALPHANUMERIC, shape.length, world.seed, 'token', world.id, id, occurrence),
  }
  const current = withEach(wallets, (wallet) => withToken(wallet, circumstances))
  world.state.put(current.reduce(withWallet, exchange.customer!))
  return current
}

export const shown = (exchange: Exchange, wallet: Wallet, shape: TokenShape): Wallet =>
  shownAll(exchange, [wallet], shape)[0]!

const OTP_DIGITS = 6

export const drawOtp =
  ({ world }: Exchange) =>
  ({ id }: Wallet, occurrence: number) =>
    drawText(DIGITS, OTP_DIGITS, world.seed, 'otp', world.id, id, occurrence)

/** An id such as `cst_` and sixteen more characters. */
export function drawId({ world }: Exchange, prefix: string, ...key: readonly (string | number)[]): string {
  return prefix + drawText(LOWER_ALPHANUMERIC, 16, world.seed, prefix, world.id, ...key)
}

const CLIENT_AUTH_MS = 15 * 60_000

/** The token for the vendor's client SDKs, where the request asks for one. It is keyed by the second in which it ends. */
export function clientAuth(exchange: Exchange, { id }: Customer): ClientAuth | undefined {
  const name = 'options.get_client_auth_token'
  if ((exchange.field(name) ?? exchange.parameter(name)) !== 'true') return undefined
  const { world } = exchange
  const expiresAt = (Math.floor(world.clock.now() / 1000) + CLIENT_AUTH_MS / 1000) * 1000
  return { token: `tkn_${drawHexPair(world.seed, 'client auth', world.id, id, expiresAt).join('')}`, expiresAt }
}
