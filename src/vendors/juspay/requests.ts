import { choice, type Fields, flag, type OperationRequests, text, url, wholeNumber } from '../../api/request.js'
import { LONGEST } from '../../lib/bounds.js'
import { GATEWAYS } from '../../wallets/gateways.js'

/** What the operations read of a query and of a body. Texts are those of a form; JSON with the same names is read too. */

const AMOUNT = '^\\d+(\\.\\d{1,2})?$'
const amount = (description: string, required = false) =>
  text(`${description}, in rupees with at most two decimals`, { pattern: AMOUNT, maxLength: 16, required })

const PAGE: Fields = {
  offset: wholeNumber('How many rows to leave out at the beginning'),
  count: wholeNumber('The most rows to answer with'),
}

const TOKEN: Fields = {
  client_auth_token: text("The customer's own token, in place of an API key"),
}

const WANTS_TOKEN: Fields = {
  'options.get_client_auth_token': flag(
    'Whether the answer brings a client_auth_token of the customer, good for 15 minutes',
  ),
}

const mobileNumber = (required = false) => text('The mobile number that the wallet belongs to', { required })

const PROFILE: Fields = {
  mobile_country_code: text('Without the plus sign; 91 where it is left out'),
  mobile_number: text('Without the country code'),
  email_address: text('An e-mail address'),
  first_name: text('The first name'),
  last_name: text('The last name'),
}

const OPTIONAL = { minLength: 0 }

/** What an order may carry, at creation and later. Empty text stands for a field that is left out. */
const ORDER: Fields = {
  currency: text('The currency, INR where it is left out', OPTIONAL),
  customer_email: text("The customer's e-mail address", OPTIONAL),
  customer_phone: text("The customer's phone number", OPTIONAL),
  return_url: url('Where the customer is sent after a payment, by http or https'),
  'metadata.webhook_url': url("Where the order's events are sent, in place of the merchant's webhook"),
  product_id: text('What is sold', OPTIONAL),
  description: text('Shown to the customer', { ...OPTIONAL, maxLength: LONGEST.note }),
  ...Object.fromEntries(
    Array.from({ length: 10 }, (_, i) => [
      `udf${i + 1}`,
      text("A field of the merchant's own", { ...OPTIONAL, maxLength: LONGEST.note }),
    ]),
  ),
}

/** What a refund may carry. */
const REFUND: Fields = {
  unique_request_id: text("The merchant's own id of the refund; used once", { required: true }),
  amount: amount('How much; all that is left where it is left out'),
  refund_type: choice('How fast it is to be', ['STANDARD', 'INSTANT']),
}

const ORDER_ID = text("The merchant's own id of the order", { required: true })
const ORDER_CUSTOMER = text('The customer whose order it is: id or object_reference_id', OPTIONAL)

const outcome = (outcomes: readonly string[], required: boolean): Fields => ({
  outcome: choice('The button that the customer pressed', outcomes, { required }),
})

export const requests: OperationRequests = {
  'juspay.getWallet': { summary: 'Shows a wallet as it was last refreshed.' },
  'juspay.listWallets': { summary: 'Lists the wallets of a customer as they were last refreshed.', query: PAGE },
  'juspay.refreshAllWallets': {
    summary: 'Asks the providers for the balances of all wallets of a customer, and lists them.',
    query: PAGE,
  },
  'juspay.refreshWallet': { summary: 'Asks the provider of a wallet for its balance.' },
  'juspay.createWallet': {
    summary: 'Creates a wallet of a customer, and sends an OTP where the command says so.',
    body: {
      gateway: choice('The wallet', GATEWAYS, { required: true }),
      command: choice('Sends an OTP at once', ['authenticate']),
      mobile_number: mobileNumber(),
      gateway_reference_id: text("The merchant's reference at the gateway"),
      ...TOKEN,
    },
  },
  'juspay.authenticateWallet': {
    summary: 'Sends an OTP to the owner of a wallet that is not linked.',
    body: TOKEN,
  },
  'juspay.linkWallet': {
    summary: 'Links a wallet by the OTP that was sent.',
    body: { otp: text('The one-time password', { required: true }), ...TOKEN },
  },
  'juspay.delinkWallet': { summary: 'Takes the link to a wallet away, and its token.' },
  'juspay.updateWalletMobile': {
    summary: 'Changes the mobile number of a wallet that is not linked.',
    body: { mobile_number: mobileNumber(true) },
  },
  'juspay.topUpWallet': {
    summary: 'Begins to add money to a linked wallet; the answer names the page on which the customer pays.',
    body: {
      amount: amount('How much', true),
      topup_txn_id: text("The merchant's own id of the top-up", { required: true }),
      return_url: url('Where the customer is sent at the end'),
    },
  },
  'juspay.openTopUp': { summary: 'The page on which a customer decides a top-up.' },
  'juspay.finishTopUp': {
    summary: 'Ends a top-up, as the form of its page does.',
    body: outcome(['succeed', 'fail'], true),
  },
  'juspay.createCustomer': {
    summary: 'Creates a customer.',
    body: {
      object_reference_id: text("The merchant's own id of the customer, of 8 or more characters", { required: true }),
      ...PROFILE,
      ...WANTS_TOKEN,
    },
  },
  'juspay.getCustomer': { summary: 'Shows a customer.', query: WANTS_TOKEN },
  'juspay.updateCustomer': {
    summary: 'Changes the fields of a customer that are sent.',
    body: { ...PROFILE, ...WANTS_TOKEN },
  },
  'juspay.listCustomers': { summary: 'Lists customers.', query: PAGE },
  'juspay.checkEligibility': {
    summary: 'Tells which pay-later wallets a customer can pay an amount with.',
    body: {
      amount: amount('The amount, where no order is named'),
      order_id: text('The order whose amount is asked for'),
      payment_method: choice('One provider, in place of all', ['LAZYPAY', 'OLAPOSTPAID', 'SIMPL', 'AMAZONPAYLATER']),
    },
  },
  'juspay.createOrder': {
    summary: 'Creates an order.',
    body: {
      order_id: ORDER_ID,
      amount: amount('What is to be paid', true),
      customer_id: ORDER_CUSTOMER,
      ...ORDER,
      ...WANTS_TOKEN,
    },
  },
  'juspay.updateOrder': {
    summary: 'Changes an order that is not charged.',
    body: {
      order_id: text('The order, where the path does not name it'),
      amount: amount('The new amount'),
      customer_id: ORDER_CUSTOMER,
      ...ORDER,
    },
  },
  'juspay.getOrder': {
    summary: 'Shows an order with its payment and refunds.',
    query: { order_id: text('The order, where the path does not name it'), ...WANTS_TOKEN, ...TOKEN },
  },
  'juspay.refundOrder': {
    summary: 'Gives back a charged order, in whole or in part.',
    body: {
      order_id: text('The order, where the path does not name it'),
      ...REFUND,
    },
  },
  'juspay.refundPayment': {
    summary: 'Gives back a payment, in whole or in part, and answers with the refund alone.',
    body: {
      txn_id: text('The payment, where the path does not name it'),
      order_id: text('The order, in place of the payment'),
      ...REFUND,
    },
  },
  'juspay.listOrders': { summary: 'Lists orders.', query: PAGE },
  'juspay.listOrderWallets': { summary: "Lists the wallets of an order's customer.", query: PAGE },
  'juspay.debitWallet': {
    summary: 'Pays an order from a wallet: with its token at once, else on a page of the provider.',
    body: {
      order_id: text('The order, unless order.order_id opens one'),
      merchant_id: text('The merchant, as x-jp-merchant-id names it'),
      payment_method_type: choice('Wallets alone pay here', ['WALLET'], { required: true }),
      payment_method: choice('The wallet', GATEWAYS, { required: true }),
      direct_wallet_token: text("The wallet's live token"),
      'order.order_id': text('The order, for a request that opens it'),
      'order.amount': amount('The amount, for a request that opens the order'),
      'order.customer_id': ORDER_CUSTOMER,
      ...Object.fromEntries(Object.entries(ORDER).map(([name, field]) => [`order.${name}`, field])),
      ...TOKEN,
    },
  },
  'juspay.createSession': {
    summary: 'Opens an order, or takes the open one of that id, and a page on which it is paid.',
    body: {
      order_id: ORDER_ID,
      amount: amount('What is to be paid', true),
      payment_page_client_id: text("The client's name of the vendor's payment page", { required: true }),
      action: text('What the page is for, such as paymentPage', { required: true }),
      customer_id: ORDER_CUSTOMER,
      ...ORDER,
    },
  },
  'juspay.openOrderPage': { summary: 'The page on which a customer pays an order.' },
  'juspay.decideOrderPage': {
    summary: 'Pays an order, or does not, as the form of its page does.',
    body: {
      ...outcome(['pay', 'cancel'], true),
      wallet: text('The wallet that the customer chose; the first of the page where it is left out'),
    },
  },
  'juspay.followOrderLink': { summary: 'Leads to the page on which an order is paid.' },
  'juspay.openPayment': { summary: 'The page on which a customer decides a payment.' },
  'juspay.decidePayment': {
    summary: 'Decides a payment, as the form of its page does.',
    body: outcome(['pay', 'cancel'], false),
  },
  'juspay.finishPayment': {
    summary: 'The end of a payment: sends the customer back to the shop with a signed result.',
  },
  'juspay.listPaymentMethods': {
    summary: 'Lists what a merchant can be paid with.',
    query: {
      'options.check_wallet_direct_debit_support': flag(
        'Whether the answer tells which wallets can be debited by token',
      ),
    },
  },
}
