import type { Call } from '../../../api/call.js'
import { inferred, published } from '../../../api/evidence.js'
import type { Operation } from '../../../api/vendor.js'
import { Refusal } from '../../../lib/errors.js'
import { delink, link, sendOtp, verifyOtp, withWallet } from '../../../wallets/linked-wallet.js'
import type { Wallet } from '../../../wallets/model.js'
import { WRONG_OTP } from '../errors.js'
import { required, sentText, text } from '../fields.js'
import { sample } from '../pages.js'
import { answer, answerText, requireProvider, requireWallet } from '../require.js'
import { refreshedText, stepBody, withMetadata } from '../wire/wallets.js'
import { drawOtp, TOKEN, withLiveToken } from './tokens.js'

const OTP = { ...sentText('otp', 'The one-time password'), required: true }
const MOBILE_NUMBER = required(text('mobile_number', 'The mobile number that the wallet belongs to'))

export const authenticateWallet: Operation = {
  id: 'juspay.authenticateWallet',
  summary: 'Sends an OTP to the owner of a wallet that is not linked.',
  body: [TOKEN],
  changes: true,
  credential: 'key or token',
  evidence: published(sample('authenticate')),
  run: (call) => {
    const { wallet } = requireWallet(call)
    refuseLinked(wallet)
    requireProvider(wallet)
    return answer(stepBody(keep(call, sendOtp(wallet, drawOtp(call)))))
  },
}

export const linkWallet: Operation = {
  id: 'juspay.linkWallet',
  summary: 'Links a wallet by the OTP that was sent.',
  body: [OTP, TOKEN],
  changes: true,
  credential: 'key or token',
  evidence: published(sample('link-wallet')),
  run: (call) => {
    const { wallet } = requireWallet(call)
    const otp = OTP.read(call)
    if (!otp)
      throw new Refusal('otp_required', 'The field otp is missing; send the code that command=authenticate had sent.')
    refuseLinked(wallet)
    requireProvider(wallet)
    const [verdict, after] = verifyOtp(wallet, otp, call.options.testOtp ? TEST_OTP : undefined)
    keep(call, after)
    if (verdict !== 'right') throw refusedOtp(verdict, after)
    return answer(stepBody(withLiveToken(call, link(after, call.merchant.clock.timestamp()), 'other')))
  },
}

export const delinkWallet: Operation = {
  id: 'juspay.delinkWallet',
  summary: 'Takes the link to a wallet away, and its token.',
  changes: true,
  evidence: published(sample('delink-wallet')),
  run: (call) => answerText(refreshedText(keep(call, delink(requireWallet(call).wallet)))),
}

export const updateWalletMobile: Operation = {
  id: 'juspay.updateWalletMobile',
  summary: 'Changes the mobile number of a wallet that is not linked.',
  body: [MOBILE_NUMBER],
  changes: true,
  evidence: published(sample('update-mobile')),
  errors: {
    bad_request: inferred('the update of a linked wallet, or one without a number; the form of the other errors'),
  },
  run: (call) => {
    const { wallet } = requireWallet(call)
    const metadata = { ...wallet.metadata, mobile_number: MOBILE_NUMBER.read(call) }
    refuseLinked(wallet)
    return answer(withMetadata(keep(call, { ...wallet, metadata })))
  },
}

/** A one-time password that is right for every wallet, unless an option turns it off. */
const TEST_OTP = '123456'

function keep({ merchant, customer }: Call, wallet: Wallet): Wallet {
  merchant.state.put(withWallet(customer!, wallet))
  return wallet
}

function refuseLinked({ id, linked: isLinked }: Wallet): void {
  if (isLinked)
    throw new Refusal('bad_request', `The wallet ${id} is linked already; delink it first.`, {
      message: 'Wallet is already linked.',
    })
}

function refusedOtp(verdict: 'wrong' | 'locked' | 'not sent', { gateway, otp }: Wallet): Refusal {
  // Codes begin with the wallet's name; LazyPay's, the published ones, with its initials.
  const prefix = gateway === 'LAZYPAY' ? 'LP' : gateway
  if (verdict === 'locked') {
    const sentence = 'The wallet is locked after three wrong OTPs; command=authenticate sends a new one and unlocks it.'
    return new Refusal('otp_locked', sentence, { code: `${prefix}_USER_LOCKED` })
  }
  const code = `${prefix}_INCORRECT_OTP`
  if (verdict === 'not sent')
    return new Refusal('invalid_otp', 'No OTP was sent; send command=authenticate first.', { code })
  const left = otp!.attemptsLeft
  const consequence =
    left === 0 ? 'You seem to have exceeded maximum OTP attempts' : `${left} more attempts before we lock your account`
  return new Refusal('invalid_otp', `The OTP is wrong; attempts left: ${left}. The control API tells the right one.`, {
    code,
    message: `${WRONG_OTP} ${consequence}`,
  })
}
