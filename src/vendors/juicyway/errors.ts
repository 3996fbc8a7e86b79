import { type Evidence, inferred, published } from '../../api/evidence.js'
import type { ErrorForm } from '../../api/vendor.js'
import type { ErrorName } from '../../lib/errors.js'
import { PAGES } from './pages.js'

/** The vendor's one envelope for errors: `{"error": {"code", "message", "details"}}`, `details` where fields are wrong. */
const form = (status: number, code: string, message: string, evidence: Evidence): ErrorForm => ({
  ...evidence,
  answer: ({ details: { message: own, faults } }) => ({
    status,
    body: { error: { code, message: own ?? message, ...(faults && { details: faults }) } },
  }),
})

const BY_ANALOGY = inferred('the published error envelope; code and message by analogy')
const EXAMPLE = published('the published example of the error envelope')
const OF_CUSTOMERS = inferred(`the body of ${PAGES.updateCustomer}; the words for other fields by analogy`)
const STATUS_PUBLISHED = inferred(`the status is published on ${PAGES.retrieveWallet}; code and message by analogy`)

export const errors = {
  invalid_authentication: form(401, 'unauthorized', 'Unauthorized', STATUS_PUBLISHED),
  forbidden: form(403, 'forbidden', 'Access denied', STATUS_PUBLISHED),
  bad_request: form(400, 'invalid_request', 'Invalid parameters provided', OF_CUSTOMERS),
  not_found: form(404, 'not_found', 'Not found', BY_ANALOGY),
  method_not_allowed: form(405, 'method_not_allowed', 'Method not allowed', BY_ANALOGY),
  payload_too_large: form(413, 'payload_too_large', 'Payload too large', BY_ANALOGY),
  customer_not_found: form(404, 'not_found', 'Customer not found', EXAMPLE),
  wallet_not_found: form(404, 'not_found', 'Wallet not found', STATUS_PUBLISHED),
  conflict: form(409, 'conflict', 'Conflict', BY_ANALOGY),
  unprocessable: form(422, 'validation_error', 'The request contains invalid parameters', OF_CUSTOMERS),
  insufficient_balance: form(409, 'insufficient_balance', 'Insufficient balance', BY_ANALOGY),
  order_not_found: null,
  otp_required: null,
  invalid_otp: null,
  otp_locked: null,
  token_expired: null,
  rate_limited: form(429, 'rate_limited', 'Too many requests', BY_ANALOGY),
  server_error: form(500, 'internal_error', 'Internal server error', BY_ANALOGY),
  provider_unavailable: null,
  provider_timeout: null,
  maintenance: form(503, 'service_unavailable', 'Service under maintenance', BY_ANALOGY),
} satisfies Record<ErrorName, ErrorForm | null>
