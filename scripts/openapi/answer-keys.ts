import type { JsonSchema } from '../../src/api/json-schema.js'
import type { VendorName } from '../../src/fixture-files/key-lists.js'
import { integer, number, text } from './json-schema.js'

/** What answers themselves do not show: what each key means, and what else could stand there. */

/** A description, or one with keywords that go before what is seen. */
export type AnswerKey =
  | string
  | (JsonSchema & {
      /** Whether null can stand there, though it may not be seen. */
      readonly canBeNull?: true
      /** Whether all that can stand there is seen. */
      readonly isSeen?: true
    })

const timeWith = (end: string) => `^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d${end}$`
const OFFSET_TIME = timeWith('\\+0000')
const MILLISECONDS = timeWith('\\.\\d{3}Z')
/** The ways in which a vendor prints a time. */
export const TIMES = [OFFSET_TIME, timeWith('Z'), MILLISECONDS]

const seen = (description: string): AnswerKey => ({ description, isSeen: true })
const maybe = (key: JsonSchema) => ({ ...key, canBeNull: true }) as const
const rupees = (description: string) => number(`${description}, in rupees`, { 'x-decimals': 2 })
const url = (description: string) => text(description, { format: 'uri' })
const digits = (description: string) => text(description, { pattern: '^\\d+$' })
const maybeText = (description: string) => maybe(text(description))
/** Several of one meaning, with spaces between. */
const alike = (paths: string, key: AnswerKey) => Object.fromEntries(paths.split(' ').map((path) => [path, key]))
const map = (description: string) => ({
  type: 'object',
  description,
  additionalProperties: { type: 'string', description: 'A text' },
})
/** An object with keys of the client's, beside those that the table has. */
const open = (description: string) => ({ description, additionalProperties: true })

const juspay: Readonly<Record<string, AnswerKey>> = {
  // Wallets
  ...alike('id wallet_id', text('The id of the wallet', { pattern: '^wl[tm]_' })),
  object: seen('What it is'),
  wallet: 'The gateway, such as MOBIKWIK',
  token: maybe(
    text('The live token that a debit takes; null where the wallet is not linked', { pattern: '^(tk|tok|tkn)_' }),
  ),
  current_balance: maybe(rupees('What was last seen')),
  'sub_details.current_balance': maybe(rupees('What the account holds')),
  linked: 'Whether the customer has linked it',
  'getWallet.linked': text('Whether the customer has linked it, as text', { enum: ['true', 'false'] }),
  last_refreshed: maybeText('When the balance was last seen'),
  'sub_details.last_refreshed': maybe(text('When the balance was last seen', { format: 'date-time' })),
  // What no call shows: these wallets are never refreshed.
  ...alike(
    'createWallet.last_refreshed authenticateWallet.last_refreshed updateWalletMobile.last_refreshed',
    maybe(text('When the balance was last seen', { pattern: OFFSET_TIME })),
  ),
  'delinkWallet.last_refreshed': maybe(text('When the balance was last seen', { pattern: MILLISECONDS })),
  juspay_bank_code: maybeText("The vendor's code of the gateway"),
  metadata: maybe(map("Fields such as the owner's mobile number")),
  gateway_reference_id: maybeText("The merchant's reference at the gateway"),
  sub_details: 'The accounts that the provider tells of',
  'sub_details.payment_method': 'The account, such as PAYTM_POSTPAID',
  topup_txn_id: "The merchant's own id of the top-up",
  payment_url: url('Where the customer pays'),
  'topUpWallet.status': text('How the top-up stands', { enum: ['PENDING', 'SUCCESS', 'FAILED'] }),

  // Lists
  list: 'The rows of the page',
  offset: 'How many rows were left out at the beginning',
  count: 'How many rows there are here',
  total: 'How many there are in all',

  // Customers
  ...alike(
    'createCustomer.id getCustomer.id updateCustomer.id listCustomers.list.id',
    text('The id of the customer', { pattern: '.' }),
  ),
  object_reference_id: maybeText("The merchant's own id of the customer"),
  mobile_country_code: maybeText('Without the plus sign'),
  mobile_number: maybeText('Without the country code'),
  email_address: maybeText('An e-mail address'),
  first_name: maybeText('The first name'),
  last_name: maybeText('The last name'),
  ...alike('date_created created', maybeText('When it was made')),
  last_updated: maybeText('When it was last changed'),
  juspay: "A token for the vendor's SDKs",
  client_auth_token: "The customer's own token",
  client_auth_token_expiry: 'When the token ends',

  // Providers of pay-later accounts
  payment_methods_eligibility: 'A row for each provider',
  'payment_methods_eligibility.status': 'SUCCESS, or why not',
  ...alike(
    'sub_details.payment_method_type payment_methods_eligibility.payment_method_type',
    'WALLET or CONSUMER_FINANCE',
  ),
  'payment_methods_eligibility.payment_method': 'The provider',
  'payment_methods_eligibility.description': 'The provider, for people',
  is_eligible: 'Whether the customer can pay with it',
  balance: rupees('What the customer can spend'),
  eligibility_strategy: 'TRANSACTION or USER',
  due_date: 'When the customer has to pay back',
  kfs_link: url('The terms'),
  gateway_error_code: 'Why not, as a code',
  gateway_error_message: 'Why not',

  // Payment methods
  payment_methods: 'What a merchant can be paid with',
  'payment_methods.payment_method_type': 'Such as WALLET',
  'payment_methods.payment_method': 'Such as MOBIKWIK',
  description: 'For people',
  wallet_direct_debit_support: 'Whether a token can pay',

  // Orders
  ...alike(
    'createOrder.id updateOrder.id getOrder.id listOrders.list.id refundOrder.id createSession.id',
    text('The id of the order', { pattern: '^ordeh_' }),
  ),
  ...alike('order_id orderId', "The merchant's own id of the order"),
  'createOrder.status': seen('How the order stands'),
  'createOrder.status_id': seen('The number of the status'),
  status: text('How the order stands', {
    enum: ['CREATED', 'NEW', 'CHARGED', 'PENDING_VBV', 'AUTHENTICATION_FAILED', 'AUTHORIZATION_FAILED'],
  }),
  status_id: integer('The number of the status', { enum: [1, 10, 21, 23, 26, 27] }),
  'refundOrder.status': text('How the order stands', { const: 'CHARGED' }),
  'refundOrder.status_id': integer('The number of the status', { const: 21 }),
  payment_links: 'Pages to pay on',
  web: url('A page to pay on: web'),
  mobile: url('A page to pay on: mobile'),
  iframe: url('A page to pay on: iframe'),
  ...alike('udf1 udf2 udf3 udf4 udf5 udf6 udf7 udf8 udf9 udf10', "A field of the merchant's own"),
  return_url: 'Where the customer is sent after a payment',
  product_id: 'What is sold',
  ...alike('merchant_id merchantId', 'The merchant'),
  customer_phone: "The customer's phone number",
  customer_id: 'The customer, empty for a guest',
  customer_email: "The customer's e-mail address",
  currency: 'The currency, such as INR',
  ...alike('amount txn_amount net_amount', rupees('What is to be paid')),
  amount_refunded: rupees('What was given back'),
  effective_amount: rupees('What is to be paid in the end'),
  refunded: 'Whether all of it was given back',
  'txn_list.refunded': 'Always false',
  ...alike(
    'getOrder.metadata listOrders.list.metadata txn_list.metadata',
    open("Texts of the merchant's own, with the links to pay on"),
  ),
  'refundOrder.metadata': map("Texts of the merchant's own"),

  // Payments
  txn_list: 'Every attempt, the oldest first',
  txn_detail: 'The payment',
  ...alike(
    'txn_detail.status txn_list.status',
    text('How the payment stands', {
      enum: ['CHARGED', 'PENDING_VBV', 'AUTHENTICATION_FAILED', 'AUTHORIZATION_FAILED'],
    }),
  ),
  txn_uuid: 'The id of the payment in addresses',
  txn_id: 'The id of the payment: merchant, order and number of the attempt',
  redirect: 'Whether the customer is sent to a page',
  express_checkout: 'Always false',
  gateway: 'What settles the payment',
  gateway_id: 'The number of what settles the payment',
  error_code: 'The code of the failure',
  'txn_list.txn_detail.error_code': maybeText('The code of the failure'),
  error_message: 'Why it failed',
  payment_method_type: seen('The kind of payment'),
  payment_method: 'The wallet',
  payer_vpa: seen('Always null, as text'),
  'txn_list.bank_error_code': "The bank's code of the failure",
  'txn_list.bank_error_message': 'Why the bank refused',
  payment_gateway_response: 'What the gateway answered',
  resp_message: 'What the gateway says',
  resp_code: 'What the gateway says, as a code',
  'txn_list.resp_message': maybeText('What the gateway says'),
  'txn_list.resp_code': maybeText('What the gateway says, as a code'),
  resp_category: maybeText('The kind of failure'),
  rrn: digits('A number of the bank'),
  epg_txn_id: digits('A number of the gateway'),
  txn_flow_type: text('How the wallet is charged', { enum: ['DIRECT_DEBIT', 'REDIRECT_DEBIT'] }),
  txn_amount_breakup: 'What the amount is made of',
  name: seen('What the row is'),
  sno: 'The number of the row',
  method: seen('What becomes of the amount of the row'),
  'debitWallet.status': text('How the payment stands', { enum: ['CHARGED', 'PENDING', 'PENDING_VBV'] }),
  payment: 'How the payment goes on',
  authentication: 'Where the customer is to be sent',
  'authentication.method': text('How the browser goes there', { enum: ['GET', 'POST'] }),
  url: url('Where the customer goes next'),
  params: { description: 'The fields of the form, by POST', additionalProperties: text('A value') },

  // Refunds
  refunds: 'The refunds, the oldest first',
  'refunds.status': text('How the refund stands', { enum: ['PENDING', 'MANUAL_REVIEW', 'SUCCESS', 'FAILURE'] }),
  ...alike('refunds.amount refundPayment.amount', rupees('How much was given back')),
  'refunds.error_message': 'What the gateway says',
  unique_request_id: "The merchant's own id of the refund",
  sent_to_gateway: 'Whether the gateway has heard of it',
  ref: maybe(digits('A number of the gateway')),
  arn: maybe(digits('A number of the bank')),
  initiated_by: seen('What asked for it'),
  refund_type: text('How fast it was to be', { enum: ['STANDARD', 'INSTANT'] }),
  refund_source: 'What gives the money back',
  'refundPayment.status': seen('How the refund stands'),
  'refundPayment.gateway': 'The gateway that took the payment',

  // Sessions
  'createSession.status': seen('How the order stands'),
  'createSession.payment_links.web': url('The page on which the customer pays'),
  sdk_payload: "What the vendor's SDK for pages is given",
  requestId: text('32 hexadecimal digits', { pattern: '^[\\da-f]{32}$' }),
  service: seen('The part of the SDK'),
  payload: open("What the vendor's SDK is given: these, and the fields of the request in camel case."),
  clientId: 'The payment_page_client_id that was sent',
  'payload.amount': text('In rupees, with at least one decimal', { pattern: '^\\d+\\.\\d{1,2}$' }),
  clientAuthToken: text("The customer's own token", { pattern: '^tkn_' }),
  clientAuthTokenExpiry: 'Until when it is good',
  environment: seen('Always sandbox'),
  'payload.currency': 'The currency',

  // What has no value here
  ...alike(
    'rewards_breakup tax_amount surcharge_amount offer_deduction_amount bank_pg expiry refunds.id refunds.error_code',
    'Always null',
  ),
  ...alike('response_code refund_arn reference_id authorization_id', 'Always null'),
  ...alike('refundPayment.error_message refundPayment.epg_txn_id', 'Always null'),
  ...alike('offers additional_info bank_error_code bank_error_message auth_type auth_id_code', 'Always empty'),
  ...alike(
    'getOrder.gateway_reference_id listOrders.list.gateway_reference_id refundOrder.gateway_reference_id',
    'Always empty',
  ),
  'txn_list.gateway_reference_id': 'Always empty',
}

const uuid = (description: string) => text(description, { format: 'uuid' })
const time = (description: string) => text(description, { format: 'date-time' })
const minor = (description: string) => `${description}, in minor units`

const juicyway: Readonly<Record<string, AnswerKey>> = {
  data: 'What was asked for',
  id: uuid('The id of the wallet'),
  ...alike('createCustomer.data.id getCustomer.data.id updateCustomer.data.id', 'The id of the customer'),
  'events.id': uuid('The id of the event'),
  ...alike('listTransactions.data.id retrieveTransaction.data.id transaction_id', uuid('The id of the transaction')),

  // Customers
  'createCustomer.data.status': seen('Whether the customer is verified; the sandbox verifies nobody'),
  first_name: maybeText('The first name'),
  last_name: maybeText('The last name'),
  email: maybeText('An e-mail address'),
  phone_number: maybeText('With its country code'),
  billing_address: 'Where invoices go',
  line1: 'Street and number',
  line2: maybeText('What else the address needs'),
  city: 'The city',
  state: 'The state',
  zip_code: 'The code of the place',
  country: 'A country code of two letters',
  created_at: time('When it was made'),
  updated_at: time('When it was last changed'),
  ...alike('createCustomer.data.created_at getCustomer.data.created_at', maybe(time('When it was made'))),
  'getCustomer.data.updated_at': maybe(time('When it was last changed')),

  // Wallets
  account_id: uuid("The merchant's account"),
  customer_id: 'Whose wallet it is',
  wallet_id: uuid('The wallet'),
  status: text('How the wallet stands', { enum: ['active', 'frozen', 'deleted'] }),
  balance: 'What the wallet holds',
  amount: minor('How much'),
  'balance.amount': minor('What the wallet holds'),
  'fee.amount': minor('What it costs'),
  currency: 'The currency, such as USD',
  events: 'What was done to the wallet',
  action: 'What was done',
  inserted_at: time('When'),
  reason: maybeText('Why'),
  payment_methods: 'Bank accounts that the wallet is paid into',
  account_name: 'Whose account it is',
  account_number: 'Ten digits; the first ones are masked for some keys',
  account_type: 'Such as savings',
  address: maybeText('Where the owner lives'),
  bank_address: maybeText('Where the bank is'),
  bank_code: 'The code of the bank',
  bank_name: 'The bank',

  // Transactions
  type: text('The direction', { enum: ['credit', 'debit'] }),
  balance_after: minor('What the wallet holds after it'),
  correlation_id: uuid('What belongs together'),
  description: maybeText('What it is for'),
  ...alike('source destination', 'The wallet, on the side of it that is here'),
  ...alike('source.type destination.type', seen('What is on the side')),
  error: 'Always null',
  ...alike('listTransactions.data.amount retrieveTransaction.data.amount', 'How much'),
  fee: 'What it costs',
  metadata: 'Always empty',
  reference: 'A number for people',

  // Pages of a list
  pagination: 'Where the rows before and after these are',
  after: maybeText('The cursor to older rows'),
  before: maybeText('The cursor to newer rows'),
  limit: 'The most rows of a page',
}

/** By the end of the path to the key, which begins with the operation: `refunds.id` goes before `id`. */
export const ANSWER_KEYS: Readonly<Record<VendorName, Readonly<Record<string, AnswerKey>>>> = { juspay, juicyway }
