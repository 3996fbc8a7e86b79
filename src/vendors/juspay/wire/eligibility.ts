import { type Minor, majorOf } from '../../../wallets/money.js'

/** Rows of the eligibility check as the vendor prints them; each wallet's differ, in their order too. */

export type PayLater = 'LAZYPAY' | 'OLAPOSTPAID' | 'SIMPL'

const head = (status: string, wallet: PayLater, isEligible: boolean) => ({
  status,
  payment_method_type: 'WALLET',
  payment_method: wallet,
  is_eligible: isEligible,
})

const MONTHS = 'January February March April May June July August September October November December'.split(' ')

/** The third of the month after: where the sample's date lies. */
function dueDate(now: number): string {
  const date = new Date(now)
  const next = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 3))
  return `03 ${MONTHS[next.getUTCMonth()]} ${next.getUTCFullYear()}`
}

function eligibleRow(wallet: PayLater, simplBalance: Minor | undefined, now: number) {
  const row = head('SUCCESS', wallet, true)
  switch (wallet) {
    case 'LAZYPAY':
      return { ...row, eligibility_strategy: 'TRANSACTION', due_date: dueDate(now), description: 'Lazy Pay Wallet' }
    case 'OLAPOSTPAID':
      return {
        ...row,
        gateway_error_message: 'Ola Postpaid available',
        gateway_error_code: 'OC_000',
        eligibility_strategy: 'TRANSACTION',
        description: 'Ola Postpaid Wallet',
      }
    case 'SIMPL': {
      const unlinked = { gateway_error_message: 'linking_required', gateway_error_code: 'linking_required' }
      return {
        ...row,
        ...(simplBalance === undefined ? unlinked : {}),
        eligibility_strategy: 'USER',
        description: 'Simpl Wallet',
        balance: majorOf(simplBalance ?? 0),
      }
    }
  }
}

/** The sample has one wallet's refusal; the others' codes are formed after it. */
const UNKNOWN_TO: Readonly<Record<PayLater, { readonly code: string; readonly description: string }>> = {
  LAZYPAY: { code: 'LP_USER_NOT_FOUND', description: 'Lazypay Wallet' },
  OLAPOSTPAID: { code: 'OC_011', description: 'Olapostpaid Wallet' },
  SIMPL: { code: 'user_not_found', description: 'Simpl Wallet' },
}

const ineligibleRow = (wallet: PayLater) => ({
  ...head('USER_NOT_FOUND', wallet, false),
  gateway_error_code: UNKNOWN_TO[wallet].code,
  gateway_error_message: 'user not found',
  description: UNKNOWN_TO[wallet].description,
})

/**
 * The body of the eligibility check; who is not eligible stays in the list.
 *
 * @param simplBalance what a linked Simpl wallet holds
 * @param now epoch ms
 */
export const eligibilityBody = (
  wallets: readonly PayLater[],
  isUser: boolean,
  simplBalance: Minor | undefined,
  now: number,
) => ({
  payment_methods_eligibility: wallets.map((wallet) =>
    isUser ? eligibleRow(wallet, simplBalance, now) : ineligibleRow(wallet),
  ),
})
