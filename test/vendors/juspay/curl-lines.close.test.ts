import { spawn, spawnSync } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { every } from '../../every.js'
import { connect, debit } from './client.js'

/** Commands in the forms that the vendor's samples have, run by a shell as when a person pastes them. */

interface Row {
  /** What is wrong with the line itself. */
  readonly fault?: string
  readonly line: string
  /** Every request that arrives, with the status of its answer. */
  readonly asks: readonly string[]
  readonly answer?: object
  readonly reason?: RegExp
}

const WALLETS: readonly Row[] = [
  {
    line: String.raw`curl -X GET http://$HOST/wallets/wlt_q23xzki3pazgtezo \
-u $KEY: \
-H 'x-routing-id: asha-1'
`,
    asks: ['GET /wallets/wlt_q23xzki3pazgtezo 200'],
    answer: { id: 'wlt_q23xzki3pazgtezo', object: 'wallet_account', linked: 'true' },
  },
  {
    line: String.raw`curl --location --request GET "http://$HOST/wallets/wlt_q23xzki3pazgtezo" \
--header 'Content-Type: application/x-www-form-urlencoded' \
--header "Authorization: Basic $BASIC" \
--data-urlencode 'command=refresh'`,
    asks: ['GET /wallets/wlt_q23xzki3pazgtezo?command=refresh 200'],
    answer: { linked: true, last_refreshed: '2023-09-11T08:30:00.000Z' },
  },
  {
    line: String.raw`curl -X GET http://$HOST/customers/guest_user/wallets \
-u $KEY: \
-H 'x-routing-id: asha-1'\

`,
    asks: ['GET /customers/guest_user/wallets 200'],
    answer: { list: expect.any(Array), total: 2 },
  },
  {
    line: String.raw`curl --location --request GET "http://$HOST/customers/guest_user/wallets/refresh-balances" \
--header 'Content-Type: application/x-www-form-urlencoded' \
--header 'x-routing-id: asha-1' \
--header "Authorization: Basic $BASIC"`,
    asks: ['GET /customers/guest_user/wallets/refresh-balances 200'],
    answer: { list: expect.any(Array) },
  },
  {
    line: String.raw`curl -X POST http://$HOST/customers/guest_user/wallets \
-u $KEY: \
-d "gateway=PAYTM"`,
    asks: ['POST /customers/guest_user/wallets 200'],
    answer: { wallet: 'PAYTM', linked: false },
  },
  {
    line: String.raw`curl --location "http://$HOST/customers/guest_user/wallets" \
--header 'Content-Type: application/x-www-form-urlencoded' \
--header "Authorization: Basic $BASIC" \
--data-urlencode 'gateway=PAYTM' \
--data-urlencode 'command=authenticate' \
--data-urlencode 'gateway_reference_id=shop-1' \
--data-urlencode 'mobile_number=9876543210' \
`,
    asks: ['POST /customers/guest_user/wallets 200'],
    answer: { wallet: 'PAYTM', linked: false, metadata: { mobile_number: '9876543210' } },
  },
  {
    line: `curl -X POST http://$HOST/wallets/wlt_mu2xfwb4mr18flbs -u $KEY: -d "command=link" -d "otp=123456"`,
    asks: ['POST /wallets/wlt_mu2xfwb4mr18flbs 200'],
    answer: { linked: true },
  },
  {
    line: String.raw`curl -X POST http://$HOST/wallets/wlt_q23xzki3pazgtezo \
-u $KEY: \
-H 'x-routing-id: asha-1' \
-d "command=delink"`,
    asks: ['POST /wallets/wlt_q23xzki3pazgtezo 200'],
    answer: { linked: false },
  },
  {
    line: String.raw`curl -X POST http://$HOST/wallets/wlt_q23xzki3pazgtezo/topup \
-u $KEY: \
-d "amount=1.00" \
-d "topup_txn_id=top-1" \
-d "return_url=https://shop.example/back"`,
    asks: ['POST /wallets/wlt_q23xzki3pazgtezo/topup 200'],
    answer: { topup_txn_id: 'top-1', status: 'PENDING' },
  },
]

const CUSTOMERS: readonly Row[] = [
  {
    line: String.raw`curl -X POST http://$HOST/customers \
-u $KEY: \
-H 'x-merchantid: acme' \
-H 'Content-Type: application/x-www-form-urlencoded' \
-d "object_reference_id=asha@shop.example" \
-d "mobile_number=9876543210" \
-d "email_address=asha@shop.example" \
-d "first_name=Asha" \
-d "mobile_country_code=91" \
-d"options.get_client_auth_token=true" \
`,
    asks: ['POST /customers 200'],
    answer: { first_name: 'Asha', juspay: { client_auth_token: expect.stringMatching(/^tkn_/) } },
  },
  {
    line: String.raw`curl -X GET \
  "http://$HOST/customers/guest_user?options.get_client_auth_token=true" \
-u $KEY:  \
-H 'x-merchantid: acme'`,
    asks: ['GET /customers/guest_user?options.get_client_auth_token=true 200'],
    answer: { juspay: { client_auth_token: expect.stringMatching(/^tkn_/) } },
  },
  {
    line: String.raw`curl -X POST http://$HOST/customers/cst_om2l6ctlptxwxuzj \
-u $KEY: \
-H 'Content-Type: application/x-www-form-urlencoded' \
-d "mobile_number=9876543210" \
-d "first_name=Asha"`,
    asks: ['POST /customers/cst_om2l6ctlptxwxuzj 200'],
    answer: { first_name: 'Asha', mobile_number: '9876543210' },
  },
]

const ORDERS: readonly Row[] = [
  {
    line: String.raw`curl --location --request POST "http://$HOST/orders" \
--header 'version: 2018-10-25' \
--header 'Content-Type: application/x-www-form-urlencoded' \
--header 'x-merchantid: acme' \
--header "Authorization: Basic $BASIC" \
--data-urlencode 'order_id=tea-3' \
--data-urlencode 'amount=12.50' \
--data-urlencode 'currency=INR' \
--data-urlencode 'customer_id=guest_user' \
--data-urlencode 'return_url=https://shop.example/back?cart=1' \
--data-urlencode 'description=Tea & biscuits' \
--data-urlencode 'billing_address_line3=2nd Floor, West' \
--data-urlencode 'metadata.PAYTM:CUST_ID=7' \
--data-urlencode 'options.get_client_auth_token=true' \
`,
    asks: ['POST /orders 200'],
    answer: { order_id: 'tea-3', status: 'NEW', juspay: { client_auth_token: expect.any(String) } },
  },
  {
    line: `curl -X POST http://$HOST/orders/tea-2 -u $KEY: -H 'x-merchantid: acme' -d "amount=9.00"`,
    asks: ['POST /orders/tea-2 200'],
    answer: { order_id: 'tea-2', amount: 9 },
  },
  {
    line: String.raw`curl --location --request GET "http://$HOST/orders/tea-1" \
--header 'version: 2023-06-30' \
--header 'Content-Type: application/x-www-form-urlencoded' \
--header 'x-merchantid: acme' \
--header 'x-routing-id: asha-1' \
--header "Authorization: Basic $BASIC" 
`,
    asks: ['GET /orders/tea-1 200'],
    answer: { order_id: 'tea-1', status: 'CHARGED' },
  },
  {
    line: String.raw`curl --location "http://$HOST/ecr/orders/tea-1" \
--header "Authorization: Basic $BASIC" \
--header 'Version: 2024-01-01'`,
    asks: ['GET /orders/tea-1 200'],
    answer: { status: 'CHARGED' },
  },
  {
    line: String.raw`curl --location --request POST "http://$HOST/session" \
    --header 'x-merchantid: acme' \
    --header "Authorization: Basic $BASIC" \
    --header 'Content-Type: application/json' \
    --data-raw '{
    "amount":"10.00",
    "order_id":"tea-3",
    "customer_id":"guest_user",
    "payment_page_client_id":"acme",
    "return_url": "https://shop.example/back",
    "action":"paymentPage",
    "options.create_mandate":"OPTIONAL",
    "mandate.max_amount":"1000.00"
}'`,
    asks: ['POST /session 200'],
    answer: { status: 'NEW', order_id: 'tea-3', payment_links: { web: expect.any(String) } },
  },
]

const PAYMENTS: readonly Row[] = [
  {
    line: String.raw`curl -X POST http://$HOST/txns \
-u $KEY: \
-d "order_id=tea-2" \
-d "merchant_id=acme" \
-d "payment_method_type=WALLET" \
-d "direct_wallet_token=$TOKEN" \
-d "payment_method=MOBIKWIK" \
-d "redirect_after_payment=true" \
-d "format=json"`,
    asks: ['POST /txns 200'],
    answer: { order_id: 'tea-2', status: 'CHARGED' },
  },
  {
    line: String.raw`curl -X POST http://$HOST/txns \
-H 'x-routing-id: asha-1' \
-d "order_id=tea-2" \
-d "merchant_id=acme" \
-d "payment_method_type=WALLET" \
-d "payment_method=MOBIKWIK" \
-d "redirect_after_payment=true" \
-d "format=json"`,
    asks: ['POST /txns 200'],
    answer: { order_id: 'tea-2', status: 'PENDING_VBV' },
  },
  {
    line: String.raw`curl --location --request POST "http://$HOST/txns" \
--header "Authorization: Basic $BASIC" \
--header 'Content-Type: application/x-www-form-urlencoded' \
--data-urlencode 'order.order_id=tea-3' \
--data-urlencode 'order.amount=7.00' \
--data-urlencode 'order.currency=INR' \
--data-urlencode 'order.customer_id=guest_user' \
--data-urlencode 'order.return_url=https://shop.example/back' \
--data-urlencode 'merchant_id=acme' \
--data-urlencode 'payment_method_type=WALLET' \
--data-urlencode 'payment_method=PAYTM' \
--data-urlencode 'redirect_after_payment=true' \
--data-urlencode 'format=json'`,
    asks: ['POST /txns 200'],
    answer: { order_id: 'tea-3', status: 'PENDING_VBV' },
  },
  {
    line: 'curl -X GET http://$HOST/merchants/acme/paymentmethods',
    asks: ['GET /merchants/acme/paymentmethods 200'],
    answer: { payment_methods: expect.any(Array) },
  },
]

const REFUNDS: readonly Row[] = [
  {
    line: String.raw`curl -X POST http://$HOST/orders/tea-1/refunds \
-u $KEY: \
-H "version:2023-06-30" \
-H 'Content-Type: application/x-www-form-urlencoded' \
-H 'x-merchantid: acme' \
-d "unique_request_id=r-1" \
-d "amount=100.00"`,
    asks: ['POST /orders/tea-1/refunds 200'],
    answer: { order_id: 'tea-1', refunds: [{ unique_request_id: 'r-1', amount: 100, status: 'PENDING' }] },
  },
  {
    line: String.raw`curl --location --request POST "http://$HOST/orders/tea-1/refunds" \
--header "Authorization: Basic $BASIC" \
--header 'x-merchantid: acme' \
--header 'Content-Type: application/json' \
--data-raw '{
   "unique_request_id": "r-1",
   "amount": 88.0,
   "product_details": [{ "product_id": "7", "imei_details": [{ "imei_no": "35" }] }]
}
'`,
    asks: ['POST /orders/tea-1/refunds 200'],
    answer: { refunds: [{ unique_request_id: 'r-1', amount: 88 }] },
  },
  {
    line: String.raw`curl -X POST \
 http://$HOST/refunds \
 -u $KEY: \
 -H 'Content-Type: application/x-www-form-urlencoded' \
 -d 'unique_request_id=r-1&amount=98.20&order_id=tea-1&refund_type=INSTANT'`,
    asks: ['POST /refunds 200'],
    answer: { unique_request_id: 'r-1', refund_type: 'INSTANT', amount: 98.2 },
  },
  {
    line: String.raw`curl --location "http://$HOST/orders/txns/acme-tea-1-1/refunds" \
--header 'Accept: application/json' \
--header 'x-merchantid:acme' \
--header "Authorization: Basic $BASIC" \
--header 'Content-Type: application/x-www-form-urlencoded' \
--data-urlencode 'unique_request_id=r-1' \
--data-urlencode 'amount=1'`,
    asks: ['POST /orders/txns/acme-tea-1-1/refunds 200'],
    answer: { txn_id: 'acme-tea-1-1', refund_type: 'STANDARD' },
  },
]

const CONTINUED: readonly Row[] = [
  {
    fault: 'the header runs on into -d, and the field becomes an address',
    line: String.raw`curl -X POST http://$HOST/wallets/wlt_q23xzki3pazgtezo \
-u $KEY: \
-H 'x-routing-id: asha-1'\
-d "command=delink"`,
    asks: ['POST /wallets/wlt_q23xzki3pazgtezo 400'],
    reason: /^The field command is missing/,
  },
  {
    fault: 'the header runs on into --header, and the key becomes an address',
    line: String.raw`curl --location --request GET "http://$HOST/customers/guest_user/wallets/refresh-balances" \
--header 'x-routing-id: asha-1'\
--header "Authorization: Basic $BASIC"`,
    asks: ['GET /customers/guest_user/wallets/refresh-balances 401'],
    reason: /^The request has no Authorization header/,
  },
  {
    fault: 'the address runs on into -u',
    line: String.raw`curl -X POST http://$HOST/customers\
-u $KEY:\
-d "object_reference_id=asha@shop.example"`,
    asks: ['POST /customers-u 404'],
    reason: /^juspay has no path \/customers-u;/,
  },
  {
    fault: 'without a backslash, the rest are commands of their own',
    line: String.raw`curl -X POST http://$HOST/wallets/wlt_q23xzki3pazgtezo/topup \
-u $KEY: \
-d "amount=1.00"
-d "topup_txn_id=top-1"
-d "return_url=https://shop.example/back"`,
    asks: ['POST /wallets/wlt_q23xzki3pazgtezo/topup 400'],
    reason: /^The field topup_txn_id is missing/,
  },
  {
    fault: 'without a backslash, the order is not sent',
    line: String.raw`curl --location "http://$HOST/txns" \
--header "Authorization: Basic $BASIC" \
--data-urlencode 'merchant_id=acme' \
--data-urlencode 'payment_method_type=WALLET' \
--data-urlencode 'payment_method=PAYTM'
--data-urlencode 'order.order_id=tea-3' \
--data-urlencode 'order.amount=7.00' \
`,
    asks: ['POST /txns 400'],
    reason: /^The field order_id is missing/,
  },
  {
    fault: 'a space after the backslash ends the command',
    line: `curl -X POST http://$HOST/customers \\
-u $KEY: \\
-d "object_reference_id=asha@shop.example" \\
-d "mobile_number=9876543210" \\    
-d "first_name=Asha"`,
    asks: ['POST /customers 200'],
    answer: { mobile_number: '9876543210', first_name: null },
  },
  {
    fault: 'a backslash within a line makes an address of the field',
    line: String.raw`curl --location "http://$HOST/txns" \
--header "Authorization: Basic $BASIC" \ --data-urlencode 'order_id=tea-2' \
--data-urlencode 'merchant_id=acme' \
--data-urlencode 'payment_method_type=WALLET' \
--data-urlencode 'payment_method=MOBIKWIK'`,
    asks: ['POST /txns 400'],
    reason: /^The field order_id is missing/,
  },
]

const QUOTED: readonly Row[] = [
  {
    fault: 'typographic quotes are part of the names',
    line: String.raw`curl -X POST http://$HOST/refunds \
 -u $KEY: \
 -d “unique_request_id”:”r-1” \
 -d “amount”:”98.20” \
 -d “order_id”:”tea-1”`,
    asks: ['POST /refunds 400'],
    reason: /^The fields txn_id and order_id are both missing/,
  },
  {
    fault: 'typographic quotes are part of the address',
    line: String.raw`curl --location --request POST ‘http://$HOST/orders’ \
--data-urlencode ‘order_id=tea-3’ \
--data-urlencode ‘amount=100.00’`,
    asks: [],
  },
  {
    fault: 'a quote is not closed',
    line: String.raw`curl --location --request POST "http://$HOST/orders" \
--header "Authorization: Basic $BASIC" \
--data-urlencode 'order_id=tea-3 \
--data-urlencode 'amount=10'`,
    asks: [],
  },
  {
    fault: '-h asks curl for its own help',
    line: String.raw`curl -X POST http://$HOST/customers/guest_user/wallets \
-u $KEY: \
-h "version=2019-09-17"
-d "gateway=MOBIKWIK" \
-d "command=authenticate"`,
    asks: [],
  },
]

const BODIES: readonly Row[] = [
  {
    fault: 'a comma after the last field',
    line: String.raw`curl --location --request POST "http://$HOST/session" \
    --header 'x-merchantid: acme' \
    --header "Authorization: Basic $BASIC" \
    --header 'Content-Type: application/json' \
    --data-raw '{
    "amount":"10.00",
    "order_id":"tea-3",
}'`,
    asks: ['POST /session 400'],
    reason: /^The body is not JSON/,
  },
  {
    fault: 'comments in JSON',
    line: String.raw`curl "http://$HOST/session" \
--header "Authorization: Basic $BASIC" \
--header 'Content-Type: application/json' \
--data-raw '{
"order_id": "tea-3", //mandatory field
"amount": 1.0
}'`,
    asks: ['POST /session 400'],
    reason: /^The body is not JSON/,
  },
]

const PLACES: readonly Row[] = [
  {
    fault: 'no order is named',
    line: String.raw`curl http://$HOST/orders \
    -H "version: 2021-03-05" \
    -u "$KEY:"`,
    asks: ['GET /orders 405'],
    reason: /^GET is not a method of this path; it has POST/,
  },
  {
    fault: 'a placeholder is left in',
    line: `curl -X GET http://$HOST/customers/:customer_id -u $KEY:  -H 'x-merchantid: acme'`,
    asks: ['GET /customers/:customer_id 404'],
    reason: /no customer ":customer_id"/,
  },
  {
    fault: 'another part of the vendor’s API',
    line: String.raw`curl --location -g --request POST "http://$HOST/orders/{order_id}/fulfillment" \
--header "Authorization: Basic $BASIC" \
--data-urlencode 'fulfillment_status=SUCCESS'`,
    asks: ['POST /orders/%7Border_id%7D/fulfillment 404'],
    reason: /not served by this sandbox/,
  },
  {
    fault: 'copied from a browser, with the headers of its page',
    line: String.raw`curl --location "http://$HOST/v3/eligibility" \
--header "Authorization: Basic $BASIC" \
--header 'content-type: application/json' \
--header 'origin: http://localhost:8080' \
--header 'sec-fetch-site: cross-site' \
--data '{ "amount": 1, "customer_id": "guest_user", "merchant_id": "acme" }'`,
    asks: ['POST /v3/eligibility 403'],
    reason: /^The Origin "http:.*" is another site/,
  },
  {
    fault: 'a payment by card',
    line: String.raw`curl -X POST http://$HOST/txns \
-u $KEY: \
-d "order_id=tea-2" \
-d "merchant_id=acme" \
-d "payment_method_type=CARD" \
-d "card_token=abc" \
-d "format=json"`,
    asks: ['POST /txns 400'],
    reason: /^The payment_method_type is not WALLET/,
  },
]

/** Runs the line against a sandbox of its own, where tea-1 is paid, tea-2 open, and a second wallet waits for its OTP. */
async function paste({ line }: Row) {
  const { sandbox, origin, get, post } = await connect({}, { transport: 'socket' })
  await post('/orders', { order_id: 'tea-1', amount: '109.55', customer_id: 'customer@gmail.com' })
  await post('/orders', { order_id: 'tea-2', amount: '1', customer_id: 'customer@gmail.com' })
  const token = async () => (await get('/wallets/wlt_q23xzki3pazgtezo')).body.token
  await post('/txns', debit('tea-1', 'MOBIKWIK', await token()))
  await post('/wallets/wlt_mu2xfwb4mr18flbs', { command: 'authenticate' })
  const env = { HOST: new URL(origin).host, KEY: 'acme_test_key', BASIC: btoa('acme_test_key:'), TOKEN: await token() }
  await sandbox.control.requests.delete()
  // What becomes an address by a fault of the line leads to a port where nothing listens.
  const script = `curl() { command curl --silent --connect-to $HOST:$HOST --connect-to ::127.0.0.1:1 "$@"; }\n${line}`
  const shell = spawn('sh', ['-c', script], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const printed = await text(shell.stdout)
  const { requests } = await sandbox.control.requests.get()
  await sandbox.close()
  return { printed, requests }
}

async function answersAsItsRow(row: Row) {
  const { printed, requests } = await paste(row)
  const asks = requests.map(({ request: { method, path, query }, response }) =>
    [method, path + (query && `?${query}`), response!.status].join(' '),
  )
  expect(asks).toEqual(row.asks)
  if (row.answer) expect(JSON.parse(printed)).toMatchObject(row.answer)
  expect(requests[0]?.reason ?? '').toMatch(row.reason ?? /^$/)
}

describe.skipIf(spawnSync('curl', ['--version']).status !== 0)('a line of curl as it is pasted', () => {
  test.each([
    ['wallets', WALLETS],
    ['customers', CUSTOMERS],
    ['orders', ORDERS],
    ['payments', PAYMENTS],
    ['refunds', REFUNDS],
  ])('%s: is answered', (_, rows) => every(rows, answersAsItsRow))

  test.each([
    ['its line ends', CONTINUED],
    ['its quotes and flags', QUOTED],
    ['its body', BODIES],
    ['what it asks for', PLACES],
  ])('shows a fault of %s', (_, rows) => every(rows, answersAsItsRow))
})
