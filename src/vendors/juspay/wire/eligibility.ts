import type { PayLaterAccount } from '../../../wallets/model.js'
import { type Minor, majorOf } from '../../../wallets/money.js'

/** Rows of the eligibility check as the vendor prints them; each provider's differ, in their order too. */

export type PayLater = 'LAZYPAY' | 'OLAPOSTPAID' | 'SIMPL' | 'AMAZONPAYLATER'

export interface Question {
  readonly account: PayLaterAccount
  readonly amount: Minor
  /** What a linked wallet of the provider holds; undefined while none is linked. */
  readonly balance: Minor | undefined
  /** Epoch ms. */
  readonly now: number
}

/** A row, which begins alike but for one provider. What follows is assigned: a spread makes a hidden class for each row. */
const row = (status: string, wallet: PayLater, isEligible: boolean, ...rest: object[]) =>
  Object.assign({ status, payment_method_type: 'WALLET', payment_method: wallet, is_eligible: isEligible }, ...rest)

const exceeds = ({ account, amount }: Question) => account.limit !== null && amount > account.limit

const MONTHS = 'January February March April May June July August September October November December'.split(' ')

/** The third of the month after: where the sample's date lies. */
function dueDate(now: number): string {
  const date = new Date(now)
  const next = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 3))
  return `03 ${MONTHS[next.getUTCMonth()]} ${next.getUTCFullYear()}`
}

function lazyPayRow(question: Question) {
  const { account, now } = question
  const refusal = (status: string, code: string, message: string) =>
    row(status, 'LAZYPAY', false, {
      gateway_error_message: message,
      gateway_error_code: code,
      eligibility_strategy: 'TRANSACTION',
      due_date: '',
      description: 'Lazy Pay Wallet',
    })
  if (!account.exists)
    return refusal(
      'USER_NOT_FOUND',
      'LP_USER_INELIGIBLE',
      "Oops!! We don't seem to have LazyPay open for you as of now. But we promise to throw it open to you soon",
    )
  if (exceeds(question))
    return refusal(
      'INVALID_DATA',
      'LP_EXCEEDS_USER_MAX_TXN_LIMIT',
      'Oops!! The transaction value seems to be higher than your available LazyPay credit limit',
    )
  const described = { eligibility_strategy: 'TRANSACTION', due_date: dueDate(now), description: 'Lazy Pay Wallet' }
  return row('SUCCESS', 'LAZYPAY', true, described)
}

function olaPostpaidRow({ account }: Question) {
  if (!account.exists)
    return row('USER_NOT_FOUND', 'OLAPOSTPAID', false, {
      gateway_error_code: 'OC_011',
      gateway_error_message: 'user not found',
      description: 'Olapostpaid Wallet',
    })
  return row('SUCCESS', 'OLAPOSTPAID', true, {
    gateway_error_message: 'Ola Postpaid available',
    gateway_error_code: 'OC_000',
    eligibility_strategy: 'TRANSACTION',
    description: 'Ola Postpaid Wallet',
  })
}

function simplRow({ account, balance }: Question) {
  const tail = { eligibility_strategy: 'USER', description: 'Simpl Wallet' }
  const told = (code: string) => ({ gateway_error_message: code, gateway_error_code: code, ...tail })
  if (!account.exists) return row('UNAUTHORIZED', 'SIMPL', false, told('user_unauthorized'))
  // The sample with dues says that the customer is eligible, for nothing.
  if (account.hasDues) return row('SUCCESS', 'SIMPL', true, told('pending_dues'), { balance: 0 })
  if (balance === undefined) return row('SUCCESS', 'SIMPL', true, told('linking_required'), { balance: 0 })
  return row('SUCCESS', 'SIMPL', true, tail, { balance: majorOf(balance) })
}

const KYC_EXPIRED = 'Your KYC has expired, please update on the Amazon app.'

function amazonRow({ account, balance }: Question) {
  const isEligible = account.exists && !account.kycExpired
  return {
    status: 'SUCCESS',
    payment_method: 'AMAZONPAYLATER',
    payment_method_type: 'CONSUMER_FINANCE',
    is_eligible: isEligible,
    balance: isEligible ? majorOf(balance ?? account.limit ?? 0) : 0,
    kfs_link: isEligible ? 'https://amazonpay.amazon.in/v1/' : undefined,
    gateway_error_code: isEligible ? undefined : KYC_EXPIRED,
    gateway_error_message: isEligible ? undefined : KYC_EXPIRED,
    description: 'Amazon Pay Later',
    eligibility_strategy: 'TRANSACTION',
  }
}

const ROWS: Readonly<Record<PayLater, (question: Question) => object>> = {
  LAZYPAY: lazyPayRow,
  OLAPOSTPAID: olaPostpaidRow,
  SIMPL: simplRow,
  AMAZONPAYLATER: amazonRow,
}

/** The body of the eligibility check; who is not eligible stays in the list. */
export const eligibilityBody = (questions: readonly (readonly [PayLater, Question])[]) => ({
  payment_methods_eligibility: questions.map(([wallet, question]) => ROWS[wallet](question)),
})
