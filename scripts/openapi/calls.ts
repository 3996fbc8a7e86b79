import { readFileSync } from 'node:fs'
import { createSandbox, type Fixtures, type JournalEntry } from '../../src/index.js'
import { KEYS } from './refusals.js'

/**
 * Requests that reach every operation in every form of its answer, in the order in which they are sent: method, path, body.
 * `{name}` is what an answer before had last under that key, or as that header.
 */
const CALLS: Readonly<Record<keyof typeof KEYS, readonly string[]>> = {
  juspay: [
    // Wallets of a customer and of an order's: linked and not, short rows and detailed ones, alone and together.
    'GET /wallets/wlt_mu2xfwb4mr18flbs',
    'GET /wallets/wlt_q23xzki3pazgtezo',
    'GET /wallets/wlt_q23xzki3pazgtezo?command=refresh',
    'POST /wallets/wlm_vUtyjb78klnU8l command=refresh',
    'POST /customers/guest_user/wallets gateway=FREECHARGE',
    'POST /customers/guest_user/wallets gateway=PHONEPE&mobile_number=9876543210&gateway_reference_id=shop',
    'POST /orders order_id=short&amount=9999&customer_id=customer@gmail.com',
    'POST /orders order_id=metadata&amount=1&customer_id=cst_masked_sample',
    'POST /orders order_id=failed&amount=2&customer_id=guest_user&options.get_client_auth_token=true',
    'GET /customers/customer@gmail.com/wallets',
    'GET /customers/cst_masked_sample/wallets',
    'GET /orders/short/wallets',
    'GET /orders/metadata/wallets',
    ...['customer@gmail.com', 'cst_masked_sample'].flatMap((customer) => [
      `POST /customers/${customer}/wallets gateway=SIMPL`,
      'POST /wallets/{id} command=authenticate',
      'POST /wallets/{id} command=link&otp=123456',
      `GET /customers/${customer}/wallets/refresh-balances`,
    ]),
    ...['/customers/customer@gmail.com', '/customers/cst_masked_sample', '/customers/guest_user'].flatMap((path) => [
      `GET ${path}/wallets`,
      `GET ${path}/wallets version:2026-01-01`,
    ]),
    ...['/orders/short', '/orders/metadata', '/orders/failed'].flatMap((path) => [
      `GET ${path}/wallets`,
      `GET ${path}/wallets version:2026-01-01`,
    ]),
    'GET /customers/guest_user/wallets/refresh-balances',
    'POST /wallets/wlt_mu2xfwb4mr18flbs command=update&mobile_number=9876543210',
    'POST /wallets/wlt_q23xzki3pazgtezo/topup amount=1&topup_txn_id=t-1',
    'GET {payment_url}',
    'POST {payment_url} outcome=succeed',
    'POST /wallets/wlt_q23xzki3pazgtezo/topup amount=2&topup_txn_id=t-2&return_url=https://shop.example/done',
    'POST {payment_url} outcome=fail',

    // Customers: with every field and with none, with a token and without.
    'POST /customers object_reference_id=reference-1',
    'POST /customers object_reference_id=reference-2&mobile_number=9876543210&first_name=Ada&options.get_client_auth_token=true',
    'GET /customers/guest_user',
    'GET /customers/customer@gmail.com',
    'GET /customers/customer@gmail.com?options.get_client_auth_token=true',
    'POST /customers/customer@gmail.com first_name=Ada',
    'POST /customers/customer@gmail.com options.get_client_auth_token=true',
    'GET /customers',

    // Pay-later providers: a customer whom they know, one whom they do not, an account that is linked and one that is not.
    'POST /customers/customer@gmail.com/eligibility amount=1',
    'POST /customers/customer@gmail.com/eligibility amount=1&payment_method=AMAZONPAYLATER',
    'POST /customers/reference-2/eligibility amount=1',
    'POST /customers/reference-1/eligibility amount=1',
    'POST /customers/reference-1/eligibility amount=1&payment_method=AMAZONPAYLATER',

    // An order that is charged by a token, and given back.
    'POST /orders order_id=charged&amount=50.5&customer_id=customer@gmail.com&return_url=https://shop.example/done&metadata.note=tea',
    'GET {web}',
    'GET /wallets/wlt_q23xzki3pazgtezo',
    'POST /txns order_id=charged&payment_method_type=WALLET&payment_method=MOBIKWIK&direct_wallet_token={token}',
    'GET {url}',
    'POST /orders/charged/refunds unique_request_id=r-1&amount=1',
    'POST /orders/txns/{txn_id}/refunds unique_request_id=r-2&amount=2&refund_type=INSTANT',
    'POST /refunds order_id=charged&unique_request_id=r-3&amount=3',
    'POST /orders/charged/refunds unique_request_id=r-4&amount=4',
    'GET /orders/charged',

    // Orders that are new, changed, and pending on a page of their provider; then they fail.
    'GET /orders/failed',
    'GET /orders/failed?options.get_client_auth_token=true',
    'POST /orders/failed amount=3',
    'POST /order/create order_id=failed&amount=4',
    'POST /txns order_id=failed&payment_method_type=WALLET&payment_method=MOBIKWIK',
    'GET {url}',
    'GET /orders/failed',
    'POST /order/create order_id=failed&amount=4',
    'POST {url} outcome=cancel',
    'GET {url}',
    'GET {location}',
    'POST /order/create order_id=failed&amount=4',
    'POST /txns order_id=failed&payment_method_type=WALLET&payment_method=PAYTM',
    'POST {url}',
    'POST {url} outcome=cancel',
    'GET /orders/failed',
    'POST /txns order_id=short&payment_method_type=WALLET&payment_method=MOBIKWIK',
    'POST {url} outcome=pay',
    'POST /order/create order_id=short',

    // Sessions, with a page.
    'POST /session order_id=session&amount=1&payment_page_client_id=shop&action=paymentPage&customer_id=guest_user',
    'GET {web}',
    'POST {web} outcome=pay',
    'GET {web}',
    'POST /session order_id=new&amount=1.5&payment_page_client_id=shop&action=paymentPage',
    'GET /order/list',

    'GET /merchants/acme/paymentmethods',
    'GET /merchants/acme/paymentmethods?options.check_wallet_direct_debit_support=true',
    'POST /wallets/wlt_q23xzki3pazgtezo command=delink',
    'POST /wallets/wlm_vUtyjb78klnU8l command=delink',
  ],
  juicyway: [
    'GET /wallets/3d2e3f3e-3b3c-4907-a4fd-e241203440d7',
    'GET /customers/guest_user',
    'PATCH /customers/guest_user {}',
    'POST /wallets {"customer_id":"guest_user","currency":"EUR"}',
    'POST /customers {"first_name":"Ada","last_name":"Obi","email":"ada@example.com","phone_number":"+2348012345678","billing_address":{"line1":"1 Marina","city":"Lagos","state":"Lagos","zip_code":"100001","country":"NG"},"type":"individual"}',
    'GET /customers/{id}',
    'PATCH /customers/{id} {"billing_address":{"line1":"1 Marina","line2":"Flat 2","city":"Lagos","state":"Lagos","zip_code":"100001","country":"NG"}}',
    'GET /customers/{id}',
    'POST /wallets {"customer_id":"{id}","currency":"NGN"}',
    'POST /wallets/{id}/payment-method {"type":"bank_account"}',
    'POST /wallets/transactions {"wallet_id":"{id}","type":"credit","amount":2,"description":"tea"}',
    'GET /wallets/transactions/{transaction_id}',
    'POST /wallets/transactions {"wallet_id":"{wallet_id}","type":"debit","amount":1}',
    'GET /wallets/transactions/{transaction_id}',
    'GET /wallets/transactions?limit=1',
    'GET /wallets/transactions?limit=1&after={after}',
    'POST /_sandbox/merchants/acme/clock/advance {"by":"1d"}',
    'GET /wallets/all?limit=1',
    'GET /wallets/all?limit=2&after={after}',
    'POST /wallets/3d2e3f3e-3b3c-4907-a4fd-e241203440d7/payment-method {"type":"bank_account"}',
    'PATCH /wallets/3d2e3f3e-3b3c-4907-a4fd-e241203440d7/status {"status":"frozen","reason":"lost"}',
    'GET /wallets/3d2e3f3e-3b3c-4907-a4fd-e241203440d7',
  ],
}

/** The shipped merchants, with a wallet whose page is opened by POST. */
function fixtures(): Fixtures {
  const shipped = JSON.parse(
    readFileSync(new URL('../../fixtures/published.json', import.meta.url), 'utf8'),
  ) as Fixtures
  return { merchants: shipped.merchants.map((merchant) => ({ ...merchant, postRedirects: ['PAYTM'] })) }
}

/** The journal of a sandbox that has served all of them. @throws Error naming a call that it refused */
export async function servedCalls(): Promise<readonly JournalEntry[]> {
  await using sandbox = await createSandbox({ fixtures: fixtures(), clock: '2023-09-11T08:30:00Z', latency: 'off' })
  const before = new Map<string, string>()
  for (const [vendor, authorization] of Object.entries(KEYS))
    for (const line of CALLS[vendor as keyof typeof KEYS]) {
      const filled = line.replace(/\{(\w+)\}/g, (_, name) => before.get(name) ?? '')
      const [, method = '', path = '', version, body] = /^(\w+) (\S+)(?: version:(\S+))?(?: (.+))?$/.exec(filled)!
      const type = body?.startsWith('{') ? 'application/json' : 'application/x-www-form-urlencoded'
      const response = await sandbox.fetch(new URL(path, 'http://sandbox').href, {
        method,
        headers: { authorization, 'content-type': type, ...(version && { version }) },
        redirect: 'manual',
        ...(body !== undefined && { body }),
      })
      const text = await response.text()
      if (response.status >= 400)
        throw new Error(`scripts/openapi/calls.ts: ${line} is refused: ${response.headers.get('x-sandbox-reason')}`)
      for (const [name, value] of response.headers) before.set(name, value)
      if (text.startsWith('{')) JSON.parse(text, (name, value) => void before.set(name, value))
    }
  return (await sandbox.control.requests.get()).requests
}
