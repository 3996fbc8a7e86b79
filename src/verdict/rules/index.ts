import type { RuleName } from '../levels.js'
import type { ClientRule } from '../rule.js'
import { balanceNotRefreshed, debitRepeatedBlindly, delinkedWalletDebited, tokenSentAgain } from './debits.js'
import { badSignatureAccepted, eventAppliedTwice } from './events.js'
import { refundRepeatedByAnotherId } from './refunds.js'
import { clientErrorRetried, retriesInStep, retryAfterIgnored, tooManyAttempts } from './retries.js'
import { routingIdChanges, routingIdMissing } from './routing.js'
import { connectionsNotReused, secretInQuery, timeoutMissing, timeoutTooShort } from './wire.js'

export const RULES: Readonly<Record<RuleName, ClientRule>> = {
  'routing-id-missing': routingIdMissing,
  'routing-id-changes': routingIdChanges,
  'debit-repeated-blindly': debitRepeatedBlindly,
  'refund-repeated-by-another-id': refundRepeatedByAnotherId,
  'token-sent-again': tokenSentAgain,
  'delinked-wallet-debited': delinkedWalletDebited,
  'retry-after-ignored': retryAfterIgnored,
  'retries-in-step': retriesInStep,
  'too-many-attempts': tooManyAttempts,
  'client-error-retried': clientErrorRetried,
  'timeout-too-short': timeoutTooShort,
  'timeout-missing': timeoutMissing,
  'connections-not-reused': connectionsNotReused,
  'balance-not-refreshed': balanceNotRefreshed,
  'event-applied-twice': eventAppliedTwice,
  'bad-signature-accepted': badSignatureAccepted,
  'secret-in-query': secretInQuery,
}
