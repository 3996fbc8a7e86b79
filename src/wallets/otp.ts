import type { Wallet } from './model.js'

/** Wrong passwords after which a wallet is locked, until a new one is sent. */
const MAX_ATTEMPTS = 3

/** The wallet after its provider sent a new password, which takes a lock away. */
export function sendOtp(wallet: Wallet, drawOtp: (wallet: Wallet, occurrence: number) => string): Wallet {
  const code = drawOtp(wallet, wallet.otpsDrawn)
  return { ...wallet, otp: { code, attemptsLeft: MAX_ATTEMPTS }, otpsDrawn: wallet.otpsDrawn + 1 }
}

export type OtpResult = 'right' | 'wrong' | 'locked' | 'not sent'

/**
 * Tries a password: the verdict, and the wallet with the attempt counted.
 *
 * @param alwaysRight a password that is right whichever was sent, while the wallet is not locked
 */
export function verifyOtp(wallet: Wallet, code: string, alwaysRight: string | undefined): [OtpResult, Wallet] {
  const { otp } = wallet
  if (otp === null) return ['not sent', wallet]
  if (otp.attemptsLeft === 0) return ['locked', wallet]
  if (code === alwaysRight || code === otp.code) return ['right', { ...wallet, otp: null }]
  const attemptsLeft = otp.attemptsLeft - 1
  return ['wrong', { ...wallet, otp: { ...otp, attemptsLeft } }]
}
