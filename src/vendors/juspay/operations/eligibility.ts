import type { Call } from '../../../api/call.js'
import { published } from '../../../api/evidence.js'
import type { Operation } from '../../../api/vendor.js'
import { Refusal } from '../../../lib/errors.js'
import { NEW_PAY_LATER } from '../../../wallets/customers.js'
import type { Customer } from '../../../wallets/model.js'
import type { Minor } from '../../../wallets/money.js'
import { amount, choice, sentText } from '../fields.js'
import { sample } from '../pages.js'
import { answer, requireCustomer, requireOrder } from '../require.js'
import { eligibilityBody, type PayLater } from '../wire/eligibility.js'

/** The providers that are checked by default: those of the published sample. */
const ALL: readonly PayLater[] = ['LAZYPAY', 'OLAPOSTPAID', 'SIMPL']
const KNOWN: readonly PayLater[] = [...ALL, 'AMAZONPAYLATER']

const AMOUNT = amount('amount', 'The amount, where no order is named')
const ORDER = sentText('order_id', 'The order whose amount is asked for')
const PROVIDER = choice('payment_method', 'One provider, in place of all', KNOWN, () => {
  const sentence = `The field payment_method names no pay-later wallet; allowed: ${KNOWN.join(', ')}.`
  return new Refusal('bad_request', sentence, { message: 'Invalid payment_method.' })
})

export const checkEligibility: Operation = {
  id: 'juspay.checkEligibility',
  summary: 'Tells which pay-later wallets a customer can pay an amount with.',
  body: [AMOUNT, ORDER, PROVIDER],
  names: { order: 'order_id' },
  evidence: published(sample('eligibility')),
  run: (call) => {
    const customer = requireCustomer(call)
    const amount = requireAmountOrOrder(call)
    const now = call.merchant.clock.now()
    const provider = PROVIDER.read(call)
    const questions = (provider === undefined ? ALL : [provider]).map((name) => {
      const account = customer.payLater?.[name] ?? { ...NEW_PAY_LATER, exists: isKnown(customer) }
      return [name, { account, amount, balance: linkedBalance(customer, name), now }] as const
    })
    return answer(eligibilityBody(questions))
  },
}

/** A provider knows people by their mobile number (inferred): without one they have no account anywhere. */
const isKnown = ({ profile, wallets }: Customer) =>
  profile.mobileNumber !== null || wallets.some(({ metadata }) => metadata?.mobile_number !== undefined)

/** What the provider of a linked wallet holds, under the provider's name. */
function linkedBalance({ wallets }: Customer, name: PayLater): Minor | undefined {
  for (const { gateway, linked, provider } of wallets) {
    if (!linked) continue
    if (gateway === name) return provider.balance
    const beside = provider.subAccounts.find(({ paymentMethod }) => paymentMethod === name)
    if (beside) return beside.balance
  }
  return undefined
}

function requireAmountOrOrder(call: Call): Minor {
  const order = ORDER.read(call)
  if (order !== undefined) return requireOrder(call, order).order.amount
  const amount = AMOUNT.read(call)
  if (amount !== undefined) return amount
  throw new Refusal('bad_request', 'The fields amount and order_id are both missing; send one of them.', {
    code: 'nullable',
    message: 'Either amount or order_id is required.',
  })
}
