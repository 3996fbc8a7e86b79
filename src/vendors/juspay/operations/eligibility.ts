import type { Call } from '../../../api/call.js'
import { published } from '../../../api/evidence.js'
import type { Operation } from '../../../api/vendor.js'
import { Refusal } from '../../../lib/errors.js'
import type { Customer } from '../../../wallets/model.js'
import type { Minor } from '../../../wallets/money.js'
import { sample } from '../pages.js'
import { answer, requireCustomer, requireOrder } from '../require.js'
import { eligibilityBody, type PayLater } from '../wire/eligibility.js'
import { requiredAmount } from './fields.js'

export const checkEligibility: Operation = {
  id: 'juspay.checkEligibility',
  names: { order: 'order_id' },
  changes: false,
  evidence: published(sample('eligibility')),
  run: (call) => {
    const customer = requireCustomer(call)
    const amount = requireAmountOrOrder(call)
    const now = call.merchant.clock.now()
    const questions = requireProviders(call).map((name) => {
      const account = customer.payLater?.[name] ?? { ...UNTOLD, exists: isKnown(customer) }
      return [name, { account, amount, balance: linkedBalance(customer, name), now }] as const
    })
    return answer(eligibilityBody(questions))
  },
}

/** Whom all are asked for; the list of the published sample. */
const ALL: readonly PayLater[] = ['LAZYPAY', 'OLAPOSTPAID', 'SIMPL']
const KNOWN: readonly PayLater[] = [...ALL, 'AMAZONPAYLATER']

const UNTOLD = { limit: null, hasDues: false, kycExpired: false }

/** A provider knows people by their mobile number (inferred): without one they are no user of any. */
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
  const order = call.field('order_id')
  if (order !== undefined) return requireOrder(call, order).order.amount
  if (call.field('amount') !== undefined) return requiredAmount(call)
  throw new Refusal('bad_request', 'The fields amount and order_id are both missing; send one of them.', {
    code: 'nullable',
    message: 'Either amount or order_id is required.',
  })
}

/** The pay-later providers that `payment_method` names, or all of the sample. */
function requireProviders(call: Call): readonly PayLater[] {
  const given = call.field('payment_method')
  if (given === undefined) return ALL
  const known = KNOWN.filter((name) => name === given)
  if (known.length > 0) return known
  throw new Refusal(
    'bad_request',
    `The field payment_method names no pay-later wallet; allowed: ${KNOWN.join(', ')}.`,
    {
      message: 'Invalid payment_method.',
    },
  )
}
