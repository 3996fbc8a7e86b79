import type { RuleName } from '../levels.js'
import type { ClientRule } from '../run.js'
import { clientErrorRetried, retriesInStep, retryAfterIgnored, tooManyAttempts } from './http/retries.js'
import { connectionsNotReused, secretInQuery, timeoutMissing, timeoutTooShort } from './http/wire.js'
import { balanceNotRefreshed, debitRepeatedBlindly, delinkedWalletDebited, tokenSentAgain } from './juspay/debits.js'
import { badSignatureAccepted, eventAppliedTwice } from './juspay/events.js'
import { refundRepeatedByAnotherId } from './juspay/refunds.js'
import { routingIdChanges, routingIdMissing } from './juspay/routing.js'

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
