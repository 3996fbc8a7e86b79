import { published } from '../../../api/evidence.js'
import type { Operation } from '../../../api/vendor.js'
import { Refusal } from '../../../lib/errors.js'
import { quote } from '../../../lib/text.js'
import { OTHER_MERCHANT, siblingDenied } from '../errors.js'
import { flag } from '../fields.js'
import { PAGES, sample } from '../pages.js'
import { answer } from '../require.js'
import { paymentMethodsBody } from '../wire/payment-methods.js'

const CHECKS_SUPPORT = flag(
  'options.check_wallet_direct_debit_support',
  'Whether the answer tells which wallets can be debited by token',
)

export const listPaymentMethods: Operation = {
  id: 'juspay.listPaymentMethods',
  summary: 'Lists what a merchant can be paid with.',
  query: [CHECKS_SUPPORT],
  changes: false,
  credential: 'none',
  evidence: published(`${sample('payment-methods, wallet-direct')}, ${PAGES.paymentMethods}`),
  errors: { invalid_authentication: siblingDenied },
  run: (call) => {
    const { merchant = '' } = call.identity.params
    if (merchant !== call.merchantId)
      throw new Refusal(
        'invalid_authentication',
        `The path names merchant ${quote(merchant)}, but the API key is of ${quote(call.merchantId)}; case matters.`,
        OTHER_MERCHANT,
      )
    return answer(paymentMethodsBody(CHECKS_SUPPORT.read(call)))
  },
}
