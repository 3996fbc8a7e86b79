import type { Call } from '../../../api/call.js'
import type { Outcome } from '../../../api/outcome.js'
import { DIGITS, drawText, LOWER_ALPHANUMERIC } from '../../../lib/random.js'
import { quote } from '../../../lib/text.js'
import type { Merchant } from '../../../merchants/merchant.js'
import { withEach, withToken, withWallet } from '../../../wallets/linked-wallet.js'
import type { Customer, Order, Wallet } from '../../../wallets/model.js'
import type { Attempt } from '../../../wallets/orders.js'
import { TOKEN_FIELD } from '../auth.js'
import { issueClientToken } from '../client-token.js'
import { flag, sentText, warnOrRefuse } from '../fields.js'
import type { ClientAuth } from '../wire/customers.js'

/** Texts that the vendor draws: each is keyed by what it is for, so that no other request changes it. */

/** Three shapes of token are published: in lists, by a refresh of one wallet, and elsewhere. */
const SHAPES = {
  list: { prefix: 'tk_', length: 38 },
  refresh: { prefix: 'tkn_', length: 30 },
  other: { prefix: 'tok_', length: 20 },
}
type Shape = keyof typeof SHAPES

/** Wallets of one owner, each with a live token where it is linked. Stores what that changed. */
export function withLiveTokens(call: Call, wallets: readonly Wallet[], shape: Shape): readonly Wallet[] {
  const { merchant, options } = call
  const { prefix, length } = SHAPES[shape]
  const policy = {
    now: merchant.clock.now(),
    tokenTtl: options.tokenTtl,
    drawToken: ({ id }: Wallet, occurrence: number) =>
      prefix + drawText(LOWER_ALPHANUMERIC, length, merchant.seed, 'token', merchant.id, id, occurrence),
  }
  const owner = wallets[0] && merchant.state.find('wallet', wallets[0].id)
  if (owner === undefined) return wallets
  const current = withEach(wallets, (wallet) => withToken(wallet, policy))
  merchant.state.put(current.reduce(withWallet, owner))
  return current
}

export const withLiveToken = (call: Call, wallet: Wallet, shape: Shape): Wallet =>
  withLiveTokens(call, [wallet], shape)[0]!

const OTP_DIGITS = 6

export const drawOtp =
  ({ merchant }: Call) =>
  ({ id }: Wallet, occurrence: number) =>
    drawText(DIGITS, OTP_DIGITS, merchant.seed, 'otp', merchant.id, id, occurrence)

export const drawId = ({ merchant }: Call, prefix: string, ...key: readonly (string | number)[]): string =>
  prefix + drawText(LOWER_ALPHANUMERIC, 16, merchant.seed, prefix, merchant.id, ...key)

/** Payments of one order, at most (published). */
const MAX_PAYMENTS = 25

export function newAttempt(call: Call, outcome: Outcome, { reference, payments }: Order): Attempt {
  const { merchant } = call
  if (payments.length >= MAX_PAYMENTS)
    warnOrRefuse(call, outcome, {
      sentence: `The order ${quote(reference)} has ${payments.length} payments; the vendor takes up to ${MAX_PAYMENTS}.`,
      message: 'Too many payments of the order.',
    })
  const id = nextId(merchant, reference, payments.length + 1)
  const uuid = `moz${drawText(LOWER_ALPHANUMERIC, 16, merchant.seed, 'txn', merchant.id, id)}`
  return { id, uuid, at: merchant.clock.timestamp() }
}

/** The merchant's id, the order's and a number: a fixture may have used the next one. */
function nextId({ id, state }: Merchant, reference: string, from: number): string {
  for (let n = from; ; n++) {
    const next = `${id}-${reference}-${n}`
    if (state.find('payment', next) === undefined) return next
  }
}

export const TOKEN = sentText(TOKEN_FIELD, "The customer's own token, in place of an API key")

export const WANTS_TOKEN = flag(
  'options.get_client_auth_token',
  'Whether the answer brings a client_auth_token of the customer, good for 15 minutes',
)

export const clientAuth = (call: Call, holder: Customer): ClientAuth | undefined =>
  WANTS_TOKEN.read(call) ? issueClientToken(call.merchant, holder.id) : undefined
