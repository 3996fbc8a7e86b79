import { type Evidence, inferred, published } from '../../api/evidence.js'
import type { Answer, ErrorForm } from '../../api/vendor.js'
import type { ErrorName } from '../../lib/errors.js'
import { drawUuid } from '../../lib/random.js'
import {
  CREATE_CUSTOMER_PAGE,
  ERROR_CODES_PAGE,
  GET_CUSTOMER_PAGE,
  LINK_WALLET_PAGE,
  REFRESH_ALL_PAGE,
  sample,
} from './pages.js'

/** Clients that authenticate only when asked need it (inferred). */
const CHALLENGE = { 'www-authenticate': 'Basic realm="juspay"' }

/** The form that the Refresh All Wallets page publishes for its errors. */
function threeKeys(status: number, words: string, code: string, message: string): Answer {
  return { status, body: { status: words, error_code: code, error_message: message } }
}

function form(status: number, words: string, code: string, message: string, evidence: Evidence): ErrorForm {
  return { evidence, answer: ({ details }) => threeKeys(status, words, code, details.message ?? message) }
}

const BY_ANALOGY = inferred(`the form of the errors on ${REFRESH_ALL_PAGE}`)

export const customerNotFound = form(
  400,
  'Invalid Request',
  'null_error',
  'Customer not found for given customerId.',
  BY_ANALOGY,
)

export const walletNotFound = form(
  400,
  'Invalid Request',
  'null_error',
  'Wallet not found for given walletId.',
  BY_ANALOGY,
)

/** An empty object, which Get and List publish where Refresh All publishes three keys. */
export const emptyUnlessDetailed =
  ({ answer }: ErrorForm): ErrorForm['answer'] =>
  (refusal, call) =>
    call.options.errorBodies === 'published' ? { status: 400, body: {} } : answer(refusal, call)

/** The form of the customer pages: the three keys in another order, and what a developer is told beside them. */
function withInfo(
  status: number,
  [message, words, code]: readonly [message: string, status: string, code: string],
  info: { user: string; developer: string; code: string; fields?: readonly string[] | undefined },
): Answer {
  const fields = info.fields?.map((name) => ({ field_name: name, reason: 'Invalid value.' }))
  return {
    status,
    body: {
      error_message: message,
      status: words,
      error_code: code,
      error_info: {
        user_message: info.user,
        ...(fields ? { fields } : {}),
        developer_message: info.developer,
        code: info.code,
        category: 'USER_ERROR',
      },
    },
  }
}

/** The unknown customer of the calls on a customer itself; those on its wallets have the wallets' form. */
export const unknownCustomer = (): Answer =>
  withInfo(404, ['Cannot find what you are looking for', 'invalid_request_error', 'object_not_found'], {
    user: 'Cannot process your request as customer account not found.',
    developer: 'Customer account not found.',
    code: 'RESOURCE_NOT_FOUND',
  })

/** The form in which Link Wallet refuses a missing OTP. */
const otpRequired: ErrorForm = {
  evidence: published(LINK_WALLET_PAGE),
  answer: () => ({
    status: 400,
    body: {
      error_message: 'OTP is required while linking wallet.',
      status: 'Invalid Request',
      error_code: 'Invalid',
    },
  }),
}

/** The form in which LazyPay's samples refuse an OTP. */
const refusedOtp = (code: string, message: string): ErrorForm => ({
  evidence: published(`${sample('Lazypay')}; for other wallets the prefix of the code is inferred`),
  answer: ({ details }) => ({
    status: 400,
    body: {
      status: 'Invalid Request',
      error_message: details.message ?? message,
      error_code: details.code ?? code,
    },
  }),
})

/** The 401 of the calls on customers, orders and payments. Those on wallets have that of Refresh All Wallets. */
export const siblingDenied: Partial<ErrorForm> = {
  evidence: published(`${sample('payment-links, 401')}, a sibling's`),
  answer: (_, { merchant, operationId, resource, occurrence }) => ({
    status: 401,
    body: {
      status: 'error',
      error_code: 'access_denied',
      error_info: {
        category: 'USER_ERROR',
        request_id: drawUuid(merchant.seed, 'denied', merchant.id, operationId, resource, occurrence),
        developer_message: 'Invalid API Key. Please pass a valid and active api key.',
        user_message: 'Unauthorized.',
        code: 'UNAUTHORIZED',
      },
    },
    headers: CHALLENGE,
  }),
}

/** The form in which a refund is refused. */
export const refusedRefund: ErrorForm['answer'] = ({ details }, { merchant, operationId, resource, occurrence }) => ({
  status: 400,
  body: {
    status: 'ERROR',
    error_code: details.code ?? 'Invalid',
    error_message: details.message ?? 'Invalid Request',
    status_id: -1,
    error_info: {
      category: 'USER_ERROR',
      request_id: drawUuid(merchant.seed, 'refused', merchant.id, operationId, resource, occurrence),
      href: 'NA',
      developer_message: details.message ?? 'Invalid Request',
      user_message: 'Invalid request params. Please verify your input.',
      code: 'INVALID_INPUT',
    },
  },
})

/** Juspay's words for each refusal. */
export const errors = {
  invalid_authentication: {
    evidence: inferred(`the 401 of ${REFRESH_ALL_PAGE}`),
    answer: () => ({
      ...threeKeys(401, 'Invalid Authentication', 'access_denied', 'Invalid Authentication'),
      headers: CHALLENGE,
    }),
  },
  forbidden: null,
  bad_request: {
    evidence: BY_ANALOGY,
    answer: ({ details }) =>
      threeKeys(400, 'Invalid Request', details.code ?? 'Invalid', details.message ?? 'Invalid Request'),
  },
  not_found: form(404, 'Not Found', 'not_found', 'No such resource.', BY_ANALOGY),
  method_not_allowed: form(405, 'Method Not Allowed', 'method_not_allowed', 'Method not allowed.', BY_ANALOGY),
  payload_too_large: form(413, 'Payload Too Large', 'payload_too_large', 'Request body too large.', BY_ANALOGY),
  customer_not_found: customerNotFound,
  wallet_not_found: walletNotFound,
  conflict: {
    evidence: inferred(`the duplicate customer of ${CREATE_CUSTOMER_PAGE}`),
    answer: ({ details }) =>
      withInfo(
        400,
        [
          details.message ?? 'Customer with given object reference id already exist for your account.',
          'invalid_request_error',
          'unique',
        ],
        {
          user: 'Already exists.',
          developer: details.message ?? 'Customer account with given object reference already exists.',
          code: 'ALREADY_EXISTS',
        },
      ),
  },
  unprocessable: {
    evidence: inferred(`the wrong fields of ${CREATE_CUSTOMER_PAGE}`),
    answer: ({ details: { fields = [] } }) =>
      withInfo(400, [`Wrong value in ${fields.join(', ') || 'the request'}`, 'Invalid Request', 'Invalid Request'], {
        user: 'Invalid request params. Please verify your input.',
        developer: 'Invalid request params',
        code: 'INVALID_INPUT',
        fields,
      }),
  },
  insufficient_balance: null,
  order_not_found: {
    evidence: inferred(`the unknown customer of ${GET_CUSTOMER_PAGE}`),
    answer: () =>
      withInfo(404, ['Cannot find what you are looking for', 'invalid_request_error', 'object_not_found'], {
        user: 'Cannot process your request as order not found.',
        developer: 'Order not found.',
        code: 'RESOURCE_NOT_FOUND',
      }),
  },
  otp_required: otpRequired,
  invalid_otp: refusedOtp('LP_INCORRECT_OTP', 'Oops!! OTP you entered seems to be wrong.'),
  otp_locked: refusedOtp('LP_USER_LOCKED', 'Oops!! Your account seems to be locked'),
  token_expired: {
    evidence: inferred(`the code EXPIRED of ${ERROR_CODES_PAGE}; the body by analogy`),
    answer: () =>
      withInfo(400, ['The wallet token is used, expired or unknown.', 'Invalid Request', 'expired'], {
        user: 'Cannot process your request as the wallet token has expired.',
        developer: 'direct_wallet_token is used, expired or unknown.',
        code: 'EXPIRED',
      }),
  },
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
