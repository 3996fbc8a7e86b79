import type { Call } from '../../api/call.js'
import { inferred, published } from '../../api/evidence.js'
import type { Answer, Answered, ErrorForm } from '../../api/vendor.js'
import type { ErrorName, Refusal, RefusalDetails } from '../../lib/errors.js'
import { drawUuid } from '../../lib/random.js'
import { PAGES, sample } from './pages.js'

/** Clients that authenticate only after a challenge need it (inferred). */
const CHALLENGE = { 'www-authenticate': 'Basic realm="juspay"' }

export const badRequest = (body: object): Answer => ({ status: 400, body })

/** The form that the Refresh All Wallets page publishes for its errors. */
const threeKeys = (status: string, code: string, message: string) => ({
  status,
  error_code: code,
  error_message: message,
})

const BY_ANALOGY = inferred(`the form of the errors on ${PAGES.refreshAll}`)

function form(status: number, words: string, code: string, message: string): ErrorForm {
  return {
    ...BY_ANALOGY,
    answer: ({ details }) => ({ status, body: threeKeys(words, code, details.message ?? message) }),
  }
}

/** An empty object, which Get and List publish where Refresh All publishes three keys. */
export const emptyUnlessDetailed =
  ({ answer, ...evidence }: ErrorForm): ErrorForm['answer'] =>
  (refusal, call) =>
    call.options.errorBodies === 'published' ? badRequest({}) : { ...answer(refusal, call), evidence }

/** What refuses an unknown command, on a wallet as on a mandate. */
export const UNKNOWN_COMMAND = { code: 'bad_request', message: 'Invalid command' } as const

/** The form of the customer pages: the three keys in another order, and the developer message beside them. */
function withInfo(
  status: number,
  [message, words, code]: readonly [message: string, status: string, code: string],
  info: object,
  category = 'USER_ERROR',
): Answer {
  const error_info = Object.assign({}, info, { category })
  return { status, body: { error_message: message, status: words, error_code: code, error_info } }
}

const faultsOf = (fields: readonly string[], reasonOf: (name: string) => string) =>
  fields.map((field_name) => ({ field_name, reason: reasonOf(field_name) }))

/** What the errors of orders and payments say beside their code. @param kind keys the id of the request */
export const errorInfo = (call: Answered, kind: string, info: object) => ({
  category: 'USER_ERROR',
  request_id: drawUuid(call.merchant.seed, kind, call.merchant.id, call.operationId, call.resource, call.occurrence),
  ...info,
})

const VERIFY_INPUT = 'Invalid request params. Please verify your input.'

/** The fault of a session or a refund that is refused, with the message of its body. */
export const invalidParams = (message: string | undefined) => ({
  developer_message: message,
  user_message: VERIFY_INPUT,
  code: 'INVALID_INPUT',
})

/** The unknown customer of the calls on a customer itself; those on its wallets have the wallets' form. */
export const unknownCustomer = (): Answer =>
  withInfo(404, ['Cannot find what you are looking for', 'invalid_request_error', 'object_not_found'], {
    user_message: 'Cannot process your request as customer account not found.',
    developer_message: 'Customer account not found.',
    code: 'RESOURCE_NOT_FOUND',
  })

export const WRONG_OTP = 'Oops!! OTP you entered seems to be wrong.'

/** The form in which LazyPay's samples refuse an OTP. */
const refusedOtp = (code: string, message: string): ErrorForm => ({
  ...published(`${sample('Lazypay')}; for other wallets the prefix of the code is inferred`),
  answer: ({ details }) =>
    badRequest({
      status: 'Invalid Request',
      error_message: details.message ?? message,
      error_code: details.code ?? code,
    }),
})

export const OTHER_MERCHANT = { code: 'other_merchant' } as const

/** The 401 of the calls on customers, orders and payments. Those on wallets have that of Refresh All Wallets. */
export const siblingDenied: ErrorForm = {
  ...published(`${sample('payment-links, 401')}, a sibling's`),
  answer: ({ details }, call) => ({
    status: 401,
    body: {
      status: 'error',
      error_code: 'access_denied',
      error_info: errorInfo(call, 'denied', {
        developer_message: 'Invalid API Key. Please pass a valid and active api key.',
        user_message: 'Unauthorized.',
        code: 'UNAUTHORIZED',
      }),
    },
    headers: CHALLENGE,
    ...(details.code === OTHER_MERCHANT.code && { evidence: inferred('the 401 of a wrong key') }),
  }),
}

export const orderAskedFor = ({ order }: RefusalDetails, call: Pick<Call, 'nameOf'>) =>
  order ?? call.nameOf('order') ?? ''

/** What no page prints a form for. */
const byAnalogy = (refusal: Refusal): Answer => ({ ...errors.bad_request.answer(refusal), evidence: BY_ANALOGY })

/** The form in which Create Order refuses its fields. */
export const invalidInput: ErrorForm['answer'] = (refusal) => {
  const { fields, faults, message } = refusal.details
  // An error that a scenario injects has neither fields nor a message.
  if (fields === undefined && message !== undefined) return byAnalogy(refusal)
  return withInfo(400, ['Bad Request.', 'Bad Request', 'INVALID_REQUEST'], {
    user_message: 'Invalid input data',
    fields: faultsOf(fields ?? [], (name) => faults?.[name]?.[0] ?? 'Missing field or Invalid Value'),
    developer_message: 'Invalid input data',
    code: 'INVALID_INPUT',
  })
}

export const MISSING_FIELD = 'nullable'

const NO_GATEWAY = "Can't find a suitable gateway to process the transaction"
export const GATEWAY_NOT_FOUND = { code: 'GATEWAY_NOT_FOUND', message: NO_GATEWAY } as const

/** The forms in which a payment is refused; those that no page prints whole follow the others. */
export const refusedPayment: ErrorForm['answer'] = (refusal) => {
  const { code, fields = [] } = refusal.details
  if (code === GATEWAY_NOT_FOUND.code)
    return {
      ...withInfo(
        400,
        [NO_GATEWAY, 'Bad Request', 'invalid_request_error'],
        { user_message: NO_GATEWAY, developer_message: NO_GATEWAY, code },
        'CONFIG_ERROR',
      ),
      evidence: inferred(`the code of ${PAGES.payments}, which prints the rest of the body in part`),
    }
  // An error that a scenario injects names no field.
  if (code !== MISSING_FIELD && refusal.details.message !== undefined) return byAnalogy(refusal)
  return withInfo(400, ['Bad request.', 'ERROR', 'Bad request.'], {
    user_message: 'Bad request.',
    fields: faultsOf(fields, () => 'Field required but not passed.'),
    developer_message: 'Failed while parsing your request.',
    code: 'MISSING_MANDATORY_PARAMETER',
  })
}

/** The 403 of the customer pages for a call from a place that may not make it. */
export const badOrigin: ErrorForm = {
  ...inferred(`the words of ${PAGES.createCustomer}, which prints the body in part`),
  answer: () => ({
    status: 403,
    body: {
      error: true,
      error_message: 'Internal Server error.',
      user_message: 'Bad Origin.',
      developer_message: 'Bad Origin.',
      code: 'BAD_ORIGIN',
    },
  }),
}

const KNOWN_CUSTOMER = 'Customer with given object reference id already exist for your account.'

export const errors = {
  invalid_authentication: {
    ...inferred(`the 401 of ${PAGES.refreshAll}`),
    // Written out: with a spread before the headers each 401 takes 2 µs more.
    answer: () => ({
      status: 401,
      body: threeKeys('Invalid Authentication', 'access_denied', 'Invalid Authentication'),
      headers: CHALLENGE,
    }),
  },
  forbidden: null,
  bad_request: {
    ...BY_ANALOGY,
    answer: ({ details }) => ({
      ...badRequest(threeKeys('Invalid Request', details.code ?? 'Invalid', details.message ?? 'Invalid Request')),
      ...(details.code === UNKNOWN_COMMAND.code && { evidence: published(sample('an unknown command, mandates')) }),
    }),
  },
  not_found: form(404, 'Not Found', 'not_found', 'No such resource.'),
  method_not_allowed: form(405, 'Method Not Allowed', 'method_not_allowed', 'Method not allowed.'),
  payload_too_large: form(413, 'Payload Too Large', 'payload_too_large', 'Request body too large.'),
  customer_not_found: form(400, 'Invalid Request', 'null_error', 'Customer not found for given customerId.'),
  wallet_not_found: form(400, 'Invalid Request', 'null_error', 'Wallet not found for given walletId.'),
  conflict: {
    ...inferred(`the duplicate customer of ${PAGES.createCustomer}`),
    answer: ({ details: { message } }) =>
      withInfo(400, [message ?? KNOWN_CUSTOMER, 'invalid_request_error', 'unique'], {
        user_message: 'Already exists.',
        developer_message: message ?? 'Customer account with given object reference already exists.',
        code: 'ALREADY_EXISTS',
      }),
  },
  unprocessable: {
    ...inferred(`the wrong fields of ${PAGES.createCustomer}`),
    answer: ({ details: { fields = [] } }) =>
      withInfo(400, [`Wrong value in ${fields.join(', ') || 'the request'}`, 'Invalid Request', 'Invalid Request'], {
        user_message: VERIFY_INPUT,
        fields: faultsOf(fields, () => 'Invalid value.'),
        developer_message: 'Invalid request params',
        code: 'INVALID_INPUT',
      }),
  },
  insufficient_balance: null,
  order_not_found: {
    ...inferred(`the unknown order of ${PAGES.orderStatus}`),
    answer: ({ details }, call) =>
      badRequest({
        status: 'NOT_FOUND',
        error_info: {
          user_message: 'Order Not Found',
          developer_message: 'Order Not Found',
          code: 'RESOURCE_NOT_FOUND',
          category: 'USER_ERROR',
        },
        status_id: 40,
        order_id: orderAskedFor(details, call),
      }),
  },
  otp_required: {
    ...published(PAGES.linkWallet),
    answer: () =>
      badRequest({
        error_message: 'OTP is required while linking wallet.',
        status: 'Invalid Request',
        error_code: 'Invalid',
      }),
  },
  invalid_otp: refusedOtp('LP_INCORRECT_OTP', WRONG_OTP),
  otp_locked: refusedOtp('LP_USER_LOCKED', 'Oops!! Your account seems to be locked'),
  token_expired: {
    ...inferred(`the code EXPIRED of ${PAGES.errorCodes}; the body by analogy`),
    answer: () =>
      withInfo(400, ['The wallet token is used, expired or unknown.', 'Invalid Request', 'expired'], {
        user_message: 'Cannot process your request as the wallet token has expired.',
        developer_message: 'direct_wallet_token is used, expired or unknown.',
        code: 'EXPIRED',
      }),
  },
  rate_limited: form(429, 'Too Many Requests', 'rate_limited', 'Too many requests.'),
  server_error: form(500, 'Internal Server Error', 'internal_error', 'Internal server error.'),
  provider_unavailable: form(502, 'Bad Gateway', 'provider_unavailable', 'The wallet provider cannot be reached.'),
  provider_timeout: form(504, 'Gateway Timeout', 'provider_timeout', 'The wallet provider did not answer in time.'),
  maintenance: form(503, 'Service Unavailable', 'maintenance', 'The service is under maintenance.'),
} satisfies Record<ErrorName, ErrorForm | null>
