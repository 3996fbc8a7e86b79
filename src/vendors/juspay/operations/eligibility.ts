import type { Call } from '../../../api/call.js'
import { inferred, published } from '../../../api/evidence.js'
import type { Operation } from '../../../api/vendor.js'
import { Refusal } from '../../../lib/errors.js'
import type { Customer } from '../../../wallets/model.js'
import { sample } from '../pages.js'
import { answer, requireCustomer, requireOrder } from '../require.js'
import { eligibilityBody, type PayLater } from '../wire/eligibility.js'
import { requiredAmount } from './fields.js'

export const checkEligibility: Operation = {
  id: 'juspay.checkEligibility',
  names: { order: 'order_id' },
  changes: false,
  evidence: published(sample('eligibility')),
  errors: {
    order_not_found: { evidence: inferred('the unknown customer of the customer pages') },
  },
  run: (call) => {
    const customer = requireCustomer(call)
    requireAmountOrOrder(call)
    return answer(
      eligibilityBody(requireWallets(call), isKnown(customer), linkedBalance(customer), call.merchant.clock.now()),
    )
  },
}

const ALL: readonly PayLater[] = ['LAZYPAY', 'OLAPOSTPAID', 'SIMPL']

/** A provider knows people by their mobile number (inferred): without one they are no user of any. */
const isKnown = ({ profile, wallets }: Customer) =>
  profile.mobileNumber !== null || wallets.some(({ metadata }) => metadata?.mobile_number !== undefined)

/** What the provider of a linked Simpl wallet holds; undefined while none is linked. */
const linkedBalance = ({ wallets }: Customer) =>
  wallets.find(({ gateway, linked }) => linked && gateway === 'SIMPL')?.provider.balance

function requireAmountOrOrder(call: Call): void {
  const order = call.field('order_id')
  if (order !== undefined) requireOrder(call, order)
  else if (call.field('amount') !== undefined) requiredAmount(call)
  else
    throw new Refusal('bad_request', 'The fields amount and order_id are both missing; send one of them.', {
      code: 'nullable',
      message: 'Either amount or order_id is required.',
    })
}

/** The pay-later wallets that `payment_method` names, or all of them. */
function requireWallets(call: Call): readonly PayLater[] {
  const given = call.field('payment_method')
  if (given === undefined) return ALL
  const known = ALL.filter((wallet) => wallet === given)
  if (known.length > 0) return known
  throw new Refusal('bad_request', `The field payment_method names no pay-later wallet; allowed: ${ALL.join(', ')}.`, {
    message: 'Invalid payment_method.',
  })
}
