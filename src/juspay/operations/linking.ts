import { type ErrorName, Refusal } from '../../errors.js'
import type { Exchange } from '../../exchange.js'
import { inferred, type Operation, published } from '../../vendor.js'
import { delinked, linked, withWallet } from '../../wallets/life.js'
import type { Wallet } from '../../wallets/model.js'
import { challenged, tried } from '../../wallets/otp.js'
import { LINK_WALLET_PAGE, sample } from '../pages.js'
import { getWalletText, stepBody, withMetadata } from '../wire/wallets.js'
import { answer, answerText, askedWallet, requireProvider } from './asked.js'
import { requiredText } from './fields.js'
import { drawOtp, SHORT_TOKEN, shown } from './tokens.js'

/** The commands of `POST /wallets/{id}`: from the password to the link, and back. */

const command = (is: string) =>
  ({ method: 'POST', path: '/wallets/:wallet', when: { field: 'command', is } }) as const satisfies Partial<Operation>

const authenticateWallet: Operation = {
  id: 'juspay.authenticateWallet',
  ...command('authenticate'),
  changes: true,
  evidence: { success: published(sample('authenticate')) },
  run: (exchange) => {
    const { wallet } = askedWallet(exchange)
    refuseLinked(wallet)
    requireProvider(wallet)
    return answer(stepBody(keep(exchange, challenged(wallet, drawOtp(exchange)))))
  },
}

const linkWallet: Operation = {
  id: 'juspay.linkWallet',
  ...command('link'),
  changes: true,
  evidence: { success: published(sample('link-wallet')), otp_required: published(LINK_WALLET_PAGE) },
  run: (exchange) => {
    const { wallet } = askedWallet(exchange)
    const otp = exchange.field('otp') ?? ''
    if (otp === '')
      throw new Refusal('otp_required', 'The field otp is missing; send the code that command=authenticate had sent.')
    refuseLinked(wallet)
    requireProvider(wallet)
    const [verdict, after] = tried(wallet, otp, exchange.options.testOtp ? TEST_OTP : undefined)
    keep(exchange, after)
    if (verdict !== 'right') throw refusedOtp(verdict, after)
    return answer(stepBody(shown(exchange, linked(after, exchange.world.clock.timestamp()), SHORT_TOKEN)))
  },
}

const delinkWallet: Operation = {
  id: 'juspay.delinkWallet',
  ...command('delink'),
  changes: true,
  evidence: { success: published(sample('delink-wallet')) },
  run: (exchange) => answerText(getWalletText(keep(exchange, delinked(askedWallet(exchange).wallet)))),
}

const updateWalletMobile: Operation = {
  id: 'juspay.updateWalletMobile',
  ...command('update'),
  changes: true,
  evidence: {
    success: published(sample('update-mobile')),
    bad_request: inferred('the update of a linked wallet, or one without a number; the form of the other errors'),
  },
  run: (exchange) => {
    const { wallet } = askedWallet(exchange)
    const metadata = { ...wallet.metadata, mobile_number: requiredText(exchange, 'mobile_number') }
    refuseLinked(wallet)
    return answer(withMetadata(keep(exchange, { ...wallet, metadata })))
  },
}

export const linkingOperations = [authenticateWallet, linkWallet, delinkWallet, updateWalletMobile] as const

/** A right password for every wallet, unless an option says no. */
const TEST_OTP = '123456'

function keep({ world, customer }: Exchange, wallet: Wallet): Wallet {
  world.state.put(withWallet(customer!, wallet))
  return wallet
}

function refuseLinked({ id, linked: isLinked }: Wallet): void {
  if (isLinked)
    throw new Refusal('bad_request', `The wallet ${id} is linked already; delink it first.`, {
      message: 'Wallet is already linked.',
    })
}

/** Codes begin with the wallet's name; LazyPay's, the published ones, with its initials. */
const codePrefix = (gateway: string) => (gateway === 'LAZYPAY' ? 'LP' : gateway)

function refusedOtp(verdict: 'wrong' | 'locked' | 'not sent', { gateway, otp }: Wallet): Refusal {
  const refusal = (name: ErrorName, code: string, reason: string, message: string) =>
    new Refusal(name, reason, { code: `${codePrefix(gateway)}_${code}`, message })
  if (verdict === 'locked')
    return refusal(
      'otp_locked',
      'USER_LOCKED',
      'The wallet is locked after three wrong OTPs; command=authenticate sends a new one and unlocks it.',
      'User is locked after too many incorrect OTPs.',
    )
  if (verdict === 'not sent')
    return refusal(
      'invalid_otp',
      'INCORRECT_OTP',
      'No OTP was sent; send command=authenticate first.',
      'Incorrect OTP.',
    )
  const left = `${otp?.attemptsLeft} ${otp?.attemptsLeft === 1 ? 'attempt' : 'attempts'} left`
  return refusal(
    'invalid_otp',
    'INCORRECT_OTP',
    `The OTP is wrong; ${left}. The control API tells the right one.`,
    `Incorrect OTP, ${left}.`,
  )
}
