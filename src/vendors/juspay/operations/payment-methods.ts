import { published } from '../../../api/evidence.js'
import type { Operation } from '../../../api/vendor.js'
import { checkNamedMerchant } from '../auth.js'
import { siblingDenied } from '../errors.js'
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
  credential: 'none',
  evidence: published(`${sample('payment-methods, wallet-direct')}, ${PAGES.paymentMethods}`),
  errors: { invalid_authentication: siblingDenied },
  run: (call, outcome) => {
    checkNamedMerchant(call, outcome, 'The path', call.identity.params.merchant ?? '')
    return answer(paymentMethodsBody(CHECKS_SUPPORT.read(call)))
  },
}
