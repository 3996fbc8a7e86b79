import type { ErrorName, Refusal } from '../errors.js'
import type { Exchange } from '../exchange.js'
import { type Answer, type ErrorForm, type Evidence, inferred, published } from '../vendor.js'
import { REFRESH_ALL_PAGE } from './pages.js'

/** The form that the Refresh All Wallets page publishes for its errors. */
function threeKeys(status: number, words: string, code: string, message: string): Answer {
  return { status, body: { status: words, error_code: code, error_message: message } }
}

function form(status: number, words: string, code: string, message: string, evidence: Evidence): ErrorForm {
  return { evidence, answer: ({ details }) => threeKeys(status, words, code, details.message ?? message) }
}

const BY_ANALOGY = inferred(`the form of the errors on ${REFRESH_ALL_PAGE}`)

/** Get and List publish an empty object where Refresh All publishes three keys. */
function emptyWherePublished(code: string, message: string): ErrorForm['answer'] {
  return (_: Refusal, { operationId, options }: Exchange) =>
    options.errorBodies === 'published' && (operationId === 'juspay.getWallet' || operationId === 'juspay.listWallets')
      ? { status: 400, body: {} }
      : threeKeys(400, 'Invalid Request', code, message)
}

/** Juspay's words for each refusal. */
export const errors = {
  invalid_authentication: form(
    401,
    'Invalid Authentication',
    'access_denied',
    'Invalid Authentication',
    published(REFRESH_ALL_PAGE),
  ),
  forbidden: null,
  bad_request: form(400, 'Invalid Request', 'Invalid', 'Invalid Request', BY_ANALOGY),
  not_found: form(404, 'Not Found', 'not_found', 'No such resource.', BY_ANALOGY),
  method_not_allowed: form(405, 'Method Not Allowed', 'method_not_allowed', 'Method not allowed.', BY_ANALOGY),
  payload_too_large: form(413, 'Payload Too Large', 'payload_too_large', 'Request body too large.', BY_ANALOGY),
  customer_not_found: {
    evidence: BY_ANALOGY,
    answer: emptyWherePublished('null_error', 'Customer not found for given customerId.'),
  },
  wallet_not_found: {
    evidence: BY_ANALOGY,
    answer: emptyWherePublished('null_error', 'Wallet not found for given walletId.'),
  },
  conflict: null,
  unprocessable: null,
  insufficient_balance: null,
  rate_limited: form(429, 'Too Many Requests', 'rate_limited', 'Too many requests.', BY_ANALOGY),
  server_error: form(500, 'Internal Server Error', 'internal_error', 'Internal server error.', BY_ANALOGY),
  provider_unavailable: form(
    502,
    'Bad Gateway',
    'provider_unavailable',
    'The wallet provider cannot be reached.',
    BY_ANALOGY,
  ),
  provider_timeout: form(
    504,
    'Gateway Timeout',
    'provider_timeout',
    'The wallet provider did not answer in time.',
    BY_ANALOGY,
  ),
  maintenance: form(503, 'Service Unavailable', 'maintenance', 'The service is under maintenance.', BY_ANALOGY),
} satisfies Record<ErrorName, ErrorForm | null>
