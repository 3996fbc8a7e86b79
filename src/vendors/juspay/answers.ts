import {
  constant,
  either,
  flag,
  integer,
  type JsonSchema,
  list,
  map,
  nullable,
  number,
  type OperationAnswers,
  object,
  text,
} from '../../api/json-schema.js'

/** Bodies of success, key by key in the vendor's order, with the forms of ids, times and amounts. */

const id = (prefix: string, description: string) => text(description, { pattern: `^${prefix}` })
const rupees = (description: string) => number(`${description}, in rupees`, { 'x-decimals': 2 })

/** The three ways in which the vendor prints a time. */
const offsetTime = (description: string) =>
  text(description, { pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\+0000$' })
const wholeSeconds = (description: string) =>
  text(description, { pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' })
const milliseconds = (description: string) =>
  text(description, { pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' })

const WALLET = {
  id: id('wl[tm]_', 'The id of the wallet'),
  object: constant('wallet_account'),
  wallet: text('The gateway, such as MOBIKWIK'),
  token: nullable(id('(tk|tok|tkn)_', 'The live token that a debit takes; null where the wallet is not linked')),
  current_balance: nullable(rupees('What was last seen')),
}
const REFRESHED = 'When the balance was last seen'

const account = (linked: JsonSchema) => ({ ...WALLET, linked, last_refreshed: nullable(offsetTime(REFRESHED)) })
const IS_LINKED = flag('Whether the customer has linked it')

const step = object(account(IS_LINKED))
const metadata = nullable(map(text('A text'), "Fields such as the owner's mobile number"))
const gatewayReference = nullable(text("The merchant's reference at the gateway"))
const withMetadata = object({
  ...account(IS_LINKED),
  metadata,
  gateway_reference_id: gatewayReference,
})

const subDetails = (refreshed: JsonSchema) =>
  list(
    object({
      payment_method: text('The account, such as PAYTM_POSTPAID'),
      payment_method_type: text('WALLET or CONSUMER_FINANCE'),
      last_refreshed: refreshed,
      current_balance: nullable(rupees('What the account holds')),
    }),
    'The accounts that the provider tells of',
  )

const SECONDS = nullable(wholeSeconds(REFRESHED))

const refreshed = object({
  wallet: WALLET.wallet,
  token: WALLET.token,
  last_refreshed: nullable(milliseconds(REFRESHED)),
  object: WALLET.object,
  id: WALLET.id,
  current_balance: WALLET.current_balance,
  sub_details: subDetails(nullable(text(REFRESHED))),
  linked: IS_LINKED,
})

const bankCode = nullable(text("The vendor's code of the gateway"))

const detailedRow = object(
  {
    wallet: WALLET.wallet,
    token: WALLET.token,
    last_refreshed: SECONDS,
    juspay_bank_code: bankCode,
    object: WALLET.object,
    id: WALLET.id,
    current_balance: WALLET.current_balance,
    sub_details: subDetails(nullable(text(REFRESHED))),
    linked: IS_LINKED,
  },
  ['sub_details'],
)

const refreshRow = object(
  {
    wallet: WALLET.wallet,
    token: WALLET.token,
    last_refreshed: SECONDS,
    juspay_bank_code: bankCode,
    object: WALLET.object,
    metadata,
    id: WALLET.id,
    current_balance: WALLET.current_balance,
    gateway_reference_id: gatewayReference,
    sub_details: subDetails(nullable(text(REFRESHED))),
    linked: IS_LINKED,
  },
  ['sub_details'],
)

const LIST = {
  list: list({}),
  offset: integer('How many rows were left out at the beginning'),
  count: integer('How many rows there are here'),
  total: integer('How many there are in all'),
  object: constant('list'),
}
const rowsOf = (row: JsonSchema) => object({ ...LIST, list: list(row) })

/** A page of short rows alone has its keys in another order. */
const walletRow = either(detailedRow, step, withMetadata, refreshRow)
const wallets = either(
  rowsOf(walletRow),
  object({
    object: LIST.object,
    list: list(either(step, withMetadata)),
    count: LIST.count,
    offset: LIST.offset,
    total: LIST.total,
  }),
)

const customerId = id('cst_|cth_|.', 'The id of the customer')
const ORDER = { reference: text("The merchant's own id of the order"), id: id('ordeh_', 'The id of the order') }

const PROFILE = {
  id: customerId,
  object: constant('customer'),
  object_reference_id: nullable(text("The merchant's own id of the customer")),
  mobile_country_code: nullable(text('Without the plus sign')),
  mobile_number: nullable(text('Without the country code')),
  email_address: nullable(text('An e-mail address')),
  first_name: nullable(text('The first name')),
  last_name: nullable(text('The last name')),
}
const TOKEN = text("The customer's own token")
const TOKEN_END = text('When the token ends')
const JUSPAY = object({ client_auth_token: TOKEN, client_auth_token_expiry: TOKEN_END })
const JUSPAY_BACKWARDS = object({ client_auth_token_expiry: TOKEN_END, client_auth_token: TOKEN })

const created = nullable(wholeSeconds('When it was made'))
const changed = nullable(wholeSeconds('When it was last changed'))

const customerWith = (time: (description: string) => JsonSchema) =>
  object({
    id: PROFILE.id,
    object: PROFILE.object,
    object_reference_id: PROFILE.object_reference_id,
    mobile_number: PROFILE.mobile_number,
    date_created: nullable(time('When it was made')),
    last_updated: nullable(time('When it was last changed')),
    email_address: PROFILE.email_address,
    first_name: PROFILE.first_name,
    last_name: PROFILE.last_name,
    mobile_country_code: PROFILE.mobile_country_code,
  })

const customerWithToken = object({
  object_reference_id: PROFILE.object_reference_id,
  object: PROFILE.object,
  mobile_number: PROFILE.mobile_number,
  mobile_country_code: PROFILE.mobile_country_code,
  last_updated: changed,
  last_name: PROFILE.last_name,
  juspay: JUSPAY_BACKWARDS,
  id: PROFILE.id,
  first_name: PROFILE.first_name,
  email_address: PROFILE.email_address,
  date_created: created,
})

const customer = either(customerWith(wholeSeconds), customerWithToken)

const STATUS = text('How the order stands', {
  enum: ['CREATED', 'NEW', 'CHARGED', 'PENDING_VBV', 'AUTHENTICATION_FAILED', 'AUTHORIZATION_FAILED'],
})
const STATUS_ID = integer('The number of the status', { enum: [1, 10, 21, 23, 26, 27] })

const link = (description: string) => text(description, { format: 'uri' })
const linksIn = (names: readonly ('web' | 'mobile' | 'iframe')[]) =>
  object(Object.fromEntries(names.map((name) => [name, link(`A page to pay on: ${name}`)])))
const LINKS = linksIn(['web', 'mobile', 'iframe'])

const UDF_NAMES = Array.from({ length: 10 }, (_, i) => `udf${i + 1}`)
const udf = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, text("A field of the merchant's own")]))
const UDF = udf(UDF_NAMES)
const UDF_BACKWARDS = udf(UDF_NAMES.toSorted().reverse())

const COMMON = {
  return_url: text('Where the customer is sent after a payment'),
  product_id: text('What is sold'),
  merchant_id: text('The merchant'),
  customer_phone: text("The customer's phone number"),
  customer_id: text('The customer, empty for a guest'),
  customer_email: text("The customer's e-mail address"),
  currency: text('The currency, such as INR'),
  amount: rupees('What is to be paid'),
  amount_refunded: rupees('What was given back'),
  effective_amount: rupees('What is to be paid in the end'),
  refunded: flag('Whether all of it was given back'),
}

const createdOrder = object({
  status: constant('CREATED'),
  status_id: integer('The number of the status', { const: 1 }),
  id: ORDER.id,
  order_id: ORDER.reference,
  payment_links: LINKS,
})

const newOrder = object(
  {
    ...UDF_BACKWARDS,
    status_id: STATUS_ID,
    status: STATUS,
    return_url: COMMON.return_url,
    refunded: COMMON.refunded,
    product_id: COMMON.product_id,
    payment_links: LINKS,
    order_id: ORDER.reference,
    merchant_id: COMMON.merchant_id,
    juspay: JUSPAY_BACKWARDS,
    id: ORDER.id,
    date_created: created,
    customer_phone: COMMON.customer_phone,
    customer_id: COMMON.customer_id,
    customer_email: COMMON.customer_email,
    currency: COMMON.currency,
    amount_refunded: COMMON.amount_refunded,
    amount: COMMON.amount,
  },
  ['juspay'],
)

const OPENING = {
  customer_email: COMMON.customer_email,
  customer_phone: COMMON.customer_phone,
  customer_id: COMMON.customer_id,
  status_id: STATUS_ID,
  status: STATUS,
  id: ORDER.id,
  merchant_id: COMMON.merchant_id,
  amount: COMMON.amount,
  currency: COMMON.currency,
  order_id: ORDER.reference,
  date_created: created,
}

const updatedOrder = object({
  ...OPENING,
  return_url: COMMON.return_url,
  product_id: COMMON.product_id,
  payment_links: linksIn(['iframe', 'web', 'mobile']),
  ...UDF,
  refunded: COMMON.refunded,
  amount_refunded: COMMON.amount_refunded,
  effective_amount: COMMON.effective_amount,
  offers: list({}, 'Always empty'),
})

const PAYMENT = {
  txn_uuid: text('The id of the payment in addresses'),
  txn_id: text('The id of the payment: merchant, order and number of the attempt'),
  status: text('How the payment stands', {
    enum: ['CHARGED', 'PENDING_VBV', 'AUTHENTICATION_FAILED', 'AUTHORIZATION_FAILED'],
  }),
  gateway: text('What settles the payment'),
  gateway_id: integer('The number of what settles the payment'),
  error_message: text('Why it failed'),
  payment_method: text('The wallet'),
}
const none = { type: 'null' } as const

const txnDetail = object({
  txn_uuid: PAYMENT.txn_uuid,
  txn_id: PAYMENT.txn_id,
  txn_amount: COMMON.amount,
  tax_amount: none,
  surcharge_amount: none,
  status: PAYMENT.status,
  redirect: flag('Whether the customer is sent to a page'),
  order_id: ORDER.reference,
  net_amount: COMMON.amount,
  gateway_id: PAYMENT.gateway_id,
  gateway: PAYMENT.gateway,
  express_checkout: flag('Always false'),
  error_message: PAYMENT.error_message,
  error_code: text('The code of the failure'),
  currency: COMMON.currency,
  created,
})

const digits = (description: string) => text(description, { pattern: '^\\d+$' })
const RESPONSE = {
  txn_id: PAYMENT.txn_id,
  rrn: digits('A number of the bank'),
  resp_message: text('What the gateway says'),
  resp_code: text('What the gateway says, as a code'),
  epg_txn_id: digits('A number of the gateway'),
  created,
  auth_id_code: text('Always empty'),
}
const gatewayResponse = object(RESPONSE)

const REFUND = {
  unique_request_id: text("The merchant's own id of the refund"),
  status: text('How the refund stands', { enum: ['PENDING', 'MANUAL_REVIEW', 'SUCCESS', 'FAILURE'] }),
  sent_to_gateway: flag('Whether the gateway has heard of it'),
  ref: nullable(digits('A number of the gateway')),
  initiated_by: constant('API'),
  id: none,
  error_message: text('What the gateway says'),
  created,
  amount: rupees('How much was given back'),
}

const REFUND_TYPE = text('How fast it was to be', { enum: ['STANDARD', 'INSTANT'] })
const refundFrom = {
  refund_type: REFUND_TYPE,
  refund_source: text('What gives the money back'),
}
const pendingRefund = {
  unique_request_id: REFUND.unique_request_id,
  status: constant('PENDING'),
  sent_to_gateway: REFUND.sent_to_gateway,
}
const gateway = text('The gateway that took the payment')

const singleRefund = either(
  object({
    unique_request_id: REFUND.unique_request_id,
    txn_id: PAYMENT.txn_id,
    status: pendingRefund.status,
    sent_to_gateway: REFUND.sent_to_gateway,
    response_code: none,
    ...refundFrom,
    refund_arn: none,
    reference_id: none,
    order_id: ORDER.reference,
    initiated_by: REFUND.initiated_by,
    gateway,
    error_message: none,
    epg_txn_id: none,
    created,
    authorization_id: none,
    amount: REFUND.amount,
  }),
  object({
    ...pendingRefund,
    txn_id: PAYMENT.txn_id,
    ...refundFrom,
    reference_id: none,
    response_code: none,
    refund_arn: none,
    order_id: ORDER.reference,
    initiated_by: REFUND.initiated_by,
    error_message: none,
    gateway,
    epg_txn_id: none,
    created,
    amount: REFUND.amount,
    authorization_id: none,
  }),
)

const statusRefund = object({
  unique_request_id: REFUND.unique_request_id,
  status: REFUND.status,
  sent_to_gateway: REFUND.sent_to_gateway,
  ref: REFUND.ref,
  initiated_by: REFUND.initiated_by,
  id: REFUND.id,
  error_message: REFUND.error_message,
  created: REFUND.created,
  arn: nullable(digits('A number of the bank')),
  amount: REFUND.amount,
})

const TAIL = {
  order_id: ORDER.reference,
  merchant_id: COMMON.merchant_id,
  id: ORDER.id,
  gateway_reference_id: text('Always empty'),
  gateway_id: PAYMENT.gateway_id,
  date_created: created,
  customer_phone: COMMON.customer_phone,
  customer_id: COMMON.customer_id,
  customer_email: COMMON.customer_email,
  currency: COMMON.currency,
  bank_error_message: text('Always empty'),
  bank_error_code: text('Always empty'),
  auth_type: text('Always empty'),
  amount_refunded: COMMON.amount_refunded,
  amount: COMMON.amount,
}

const WALLET_METHOD = {
  payment_method_type: constant('WALLET'),
  payment_method: PAYMENT.payment_method,
  payment_links: LINKS,
  payment_gateway_response: gatewayResponse,
}

const walletOrder = object({
  ...UDF_BACKWARDS,
  txn_uuid: PAYMENT.txn_uuid,
  txn_id: PAYMENT.txn_id,
  txn_detail: txnDetail,
  status_id: STATUS_ID,
  status: STATUS,
  return_url: COMMON.return_url,
  refunds: list(statusRefund, 'The refunds, the oldest first'),
  refunded: COMMON.refunded,
  product_id: COMMON.product_id,
  ...WALLET_METHOD,
  payer_vpa: constant('null'),
  ...TAIL,
})

const orderMetadata: JsonSchema = {
  type: 'object',
  description: "Texts of the merchant's own, with the links to pay on",
  properties: { payment_links: linksIn(['iframe', 'mobile', 'web']) },
  required: ['payment_links'],
  // Texts all; but a typed client holds a named key against the type of the others.
  additionalProperties: true,
}

const attempt = object({
  txn_id: PAYMENT.txn_id,
  payment_method_type: constant('WALLET'),
  auth_type: text('Always empty'),
  payment_method: PAYMENT.payment_method,
  refunded: flag('Always false'),
  effective_amount: COMMON.effective_amount,
  resp_code: nullable(text('What the gateway says, as a code')),
  resp_message: nullable(text('What the gateway says')),
  bank_error_code: text("The bank's code of the failure"),
  bank_error_message: text('Why the bank refused'),
  txn_uuid: PAYMENT.txn_uuid,
  txn_detail: object({
    txn_id: PAYMENT.txn_id,
    order_id: ORDER.reference,
    status: PAYMENT.status,
    error_code: nullable(text('The code of the failure')),
    net_amount: COMMON.amount,
    surcharge_amount: none,
    tax_amount: none,
    txn_amount: COMMON.amount,
    offer_deduction_amount: none,
    gateway_id: PAYMENT.gateway_id,
    currency: COMMON.currency,
    express_checkout: flag('Always false'),
    redirect: flag('Whether the customer is sent to a page'),
    txn_uuid: PAYMENT.txn_uuid,
    gateway: PAYMENT.gateway,
    error_message: PAYMENT.error_message,
    created,
    last_updated: changed,
    txn_flow_type: text('How the wallet is charged', { enum: ['DIRECT_DEBIT', 'REDIRECT_DEBIT'] }),
    txn_amount_breakup: list(
      object({
        name: constant('BASE'),
        amount: COMMON.amount,
        sno: integer('The number of the row'),
        method: constant('ADD'),
      }),
      'What the amount is made of',
    ),
  }),
  payment_gateway_response: object({
    resp_code: RESPONSE.resp_code,
    rrn: RESPONSE.rrn,
    created: RESPONSE.created,
    epg_txn_id: RESPONSE.epg_txn_id,
    resp_message: RESPONSE.resp_message,
    auth_id_code: RESPONSE.auth_id_code,
    txn_id: RESPONSE.txn_id,
  }),
  gateway_id: PAYMENT.gateway_id,
  gateway_reference_id: text('Always empty'),
  metadata: orderMetadata,
  offers: list({}, 'Always empty'),
  status: PAYMENT.status,
  resp_category: nullable(text('The kind of failure')),
})

const failedOrder = object({
  ...OPENING,
  last_updated: changed,
  return_url: COMMON.return_url,
  product_id: COMMON.product_id,
  payment_links: linksIn(['iframe', 'mobile', 'web']),
  ...UDF,
  amount_refunded: COMMON.amount_refunded,
  effective_amount: COMMON.effective_amount,
  metadata: orderMetadata,
  txn_list: list(attempt, 'Every attempt, the oldest first'),
  additional_info: object({}),
})

const refundedOrder = object({
  ...UDF_BACKWARDS,
  txn_uuid: PAYMENT.txn_uuid,
  txn_id: PAYMENT.txn_id,
  txn_detail: txnDetail,
  status_id: integer('The number of the status', { const: 21 }),
  status: constant('CHARGED'),
  rewards_breakup: none,
  return_url: COMMON.return_url,
  refunds: list(
    object({
      unique_request_id: REFUND.unique_request_id,
      status: REFUND.status,
      sent_to_gateway: REFUND.sent_to_gateway,
      refund_type: REFUND_TYPE,
      refund_source: text('What gives the money back'),
      ref: REFUND.ref,
      initiated_by: REFUND.initiated_by,
      id: REFUND.id,
      error_message: REFUND.error_message,
      error_code: none,
      created: REFUND.created,
      amount: REFUND.amount,
    }),
    'The refunds, the oldest first',
  ),
  refunded: COMMON.refunded,
  product_id: COMMON.product_id,
  ...WALLET_METHOD,
  order_id: TAIL.order_id,
  offers: list({}, 'Always empty'),
  metadata: map(text('A text'), "Texts of the merchant's own"),
  merchant_id: TAIL.merchant_id,
  id: TAIL.id,
  gateway_reference_id: TAIL.gateway_reference_id,
  gateway_id: TAIL.gateway_id,
  effective_amount: COMMON.effective_amount,
  date_created: TAIL.date_created,
  customer_phone: TAIL.customer_phone,
  customer_id: TAIL.customer_id,
  customer_email: TAIL.customer_email,
  currency: TAIL.currency,
  bank_pg: none,
  bank_error_message: TAIL.bank_error_message,
  bank_error_code: TAIL.bank_error_code,
  auth_type: TAIL.auth_type,
  amount_refunded: TAIL.amount_refunded,
  amount: TAIL.amount,
})

const anyOrder = either(newOrder, walletOrder, failedOrder)

const payment = object({
  order_id: ORDER.reference,
  txn_id: PAYMENT.txn_id,
  status: text('How the payment stands', { enum: ['CHARGED', 'PENDING', 'PENDING_VBV'] }),
  payment: object({
    authentication: object(
      {
        method: text('How the browser goes there', { enum: ['GET', 'POST'] }),
        url: link('Where the customer goes next'),
        params: map(text('A value'), 'The fields of the form, by POST'),
      },
      ['params'],
    ),
  }),
})

const topUp = object({
  topup_txn_id: text("The merchant's own id of the top-up"),
  wallet_id: WALLET.id,
  status: text('How the top-up stands', { enum: ['PENDING', 'SUCCESS', 'FAILED'] }),
  payment_url: link('Where the customer pays'),
})

const session = object({
  status: constant('NEW'),
  id: ORDER.id,
  order_id: ORDER.reference,
  payment_links: object({ web: link('The page on which the customer pays'), expiry: none }),
  sdk_payload: object({
    requestId: text('32 hexadecimal digits', { pattern: '^[\\da-f]{32}$' }),
    service: constant('in.juspay.hyperpay'),
    payload: {
      type: 'object',
      description: "What the vendor's SDK is given: these, and the fields of the request in camel case.",
      required: ['clientId', 'amount', 'merchantId', 'clientAuthToken', 'clientAuthTokenExpiry', 'environment'],
      properties: {
        clientId: text('The payment_page_client_id that was sent'),
        amount: text('In rupees, with at least one decimal', { pattern: '^\\d+\\.\\d{1,2}$' }),
        merchantId: text('The merchant'),
        clientAuthToken: id('tkn_', "The customer's own token"),
        clientAuthTokenExpiry: wholeSeconds('Until when it is good'),
        environment: constant('sandbox'),
        currency: text('The currency'),
        orderId: ORDER.reference,
      },
    },
  }),
})

const CREDIT = {
  status: text('SUCCESS, or why not'),
  payment_method_type: text('WALLET or CONSUMER_FINANCE'),
  payment_method: text('The provider'),
  is_eligible: flag('Whether the customer can pay with it'),
  balance: rupees('What the customer can spend'),
  description: text('The provider, for people'),
  eligibility_strategy: text('TRANSACTION or USER'),
  due_date: text('When the customer has to pay back'),
  kfs_link: link('The terms'),
  gateway_error_code: text('Why not, as a code'),
  gateway_error_message: text('Why not'),
}
const creditOf = (...names: readonly (keyof typeof CREDIT)[]) =>
  object(Object.fromEntries(names.map((name) => [name, CREDIT[name]])))

const HEAD = ['status', 'payment_method_type', 'payment_method', 'is_eligible'] as const
const TERMS = ['eligibility_strategy', 'due_date', 'description'] as const
const SHORT_TERMS = ['eligibility_strategy', 'description'] as const
const MESSAGE_FIRST = ['gateway_error_message', 'gateway_error_code'] as const
const CODE_FIRST = ['gateway_error_code', 'gateway_error_message'] as const
const AMAZON = ['status', 'payment_method', 'payment_method_type', 'is_eligible', 'balance'] as const

/** A provider's answer: each has keys of its own, and an order of its own. */
const eligibility = object({
  payment_methods_eligibility: list(
    either(
      creditOf(...HEAD, ...TERMS),
      creditOf(...HEAD, ...MESSAGE_FIRST, ...TERMS),
      creditOf(...HEAD, ...MESSAGE_FIRST, ...SHORT_TERMS),
      creditOf(...HEAD, ...CODE_FIRST, 'description'),
      creditOf(...HEAD, ...SHORT_TERMS, 'balance'),
      creditOf(...HEAD, ...MESSAGE_FIRST, ...SHORT_TERMS, 'balance'),
      creditOf(...AMAZON, 'kfs_link', 'description', 'eligibility_strategy'),
      creditOf(...AMAZON, ...CODE_FIRST, 'description', 'eligibility_strategy'),
    ),
  ),
})

const paymentMethods = object({
  payment_methods: list(
    object(
      {
        payment_method_type: text('Such as WALLET'),
        payment_method: text('Such as MOBIKWIK'),
        description: text('For people'),
        wallet_direct_debit_support: flag('Whether a token can pay'),
      },
      ['wallet_direct_debit_support'],
    ),
  ),
})

const success = (body: JsonSchema) => ({ status: 200, body })
const page = (status = 200) => ({ status, body: null })

export const answers: OperationAnswers = {
  'juspay.getWallet': success(
    object(account(text('Whether the customer has linked it, as text', { enum: ['true', 'false'] }))),
  ),
  'juspay.listWallets': success(wallets),
  'juspay.refreshAllWallets': success(rowsOf(refreshRow)),
  'juspay.refreshWallet': success(refreshed),
  'juspay.createWallet': success(either(step, withMetadata)),
  'juspay.authenticateWallet': success(step),
  'juspay.linkWallet': success(step),
  'juspay.delinkWallet': success(refreshed),
  'juspay.updateWalletMobile': success(withMetadata),
  'juspay.topUpWallet': success(topUp),
  'juspay.createSession': success(session),
  'juspay.openOrderPage': page(),
  'juspay.decideOrderPage': page(303),
  'juspay.followOrderLink': page(302),
  'juspay.openTopUp': page(),
  'juspay.finishTopUp': page(303),
  'juspay.createCustomer': success(
    object({ ...PROFILE, date_created: created, last_updated: changed, juspay: JUSPAY }, ['juspay']),
  ),
  'juspay.getCustomer': success(customer),
  'juspay.updateCustomer': success(either(customerWith(offsetTime), customerWithToken)),
  'juspay.listCustomers': success(rowsOf(customerWith(wholeSeconds))),
  'juspay.checkEligibility': success(eligibility),
  'juspay.createOrder': success(either(createdOrder, newOrder, updatedOrder)),
  'juspay.updateOrder': success(updatedOrder),
  'juspay.getOrder': success(anyOrder),
  'juspay.refundOrder': success(refundedOrder),
  'juspay.refundPayment': success(singleRefund),
  'juspay.listOrders': success(rowsOf(anyOrder)),
  'juspay.listOrderWallets': success(wallets),
  'juspay.debitWallet': success(payment),
  'juspay.openPayment': page(),
  'juspay.decidePayment': page(303),
  'juspay.finishPayment': page(302),
  'juspay.listPaymentMethods': success(paymentMethods),
}
