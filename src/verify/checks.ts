import type { Ending } from '../api/evidence.js'
import type { VendorName } from '../fixtures/key-lists.js'
import type { JsonObject } from '../lib/json.js'

/** What is known of the account that is asked: given by the user, or learned from answers. */
export interface Known {
  customer: string | undefined
  /** Where the customer was found, by its place in a list, unless the user named it. */
  found: string | undefined
  /** Ids of the first customers that the account lists. */
  listed: readonly string[]
  wallet: string | undefined
  order: string | undefined
  merchant: string | undefined
  transaction: string | undefined
  /** Makes what is written unlike anything that is there. */
  readonly unique: string
}

export interface CheckRequest {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly fields?: Readonly<Record<string, unknown>>
  /** Whether it goes with a key that is none. */
  readonly withWrongKey?: boolean
}

/** One request, and how it should end. */
export interface Check {
  readonly operation: string
  readonly ending: Ending
  readonly writes?: true
  /** Undefined where the account has not what it asks for; `needs` says what that is. */
  request(known: Known): CheckRequest | undefined
  readonly needs?: string
  /** Header names beside those that every answer of the vendor has. */
  readonly headers?: readonly string[]
  learn?(body: never, known: Known): void
}

const UNKNOWN = {
  wallet: 'wlt_nosuchwallet0000',
  customer: 'cst_nosuchcustomer00',
  order: 'nosuchorder0000',
  uuid: '00000000-0000-4000-8000-000000000000',
} as const

const get = (path: string): CheckRequest => ({ method: 'GET', path })
const of = (id: string | undefined, path: (id: string) => string) =>
  id === undefined ? undefined : get(path(encodeURIComponent(id)))

const denied = (operation: string, path: string): Check => ({
  operation,
  ending: 'invalid_authentication',
  request: () => ({ ...get(path), withWrongKey: true }),
})
const refused = (operation: string, ending: Ending, path: string): Check => ({
  operation,
  ending,
  request: () => get(path),
})

const CUSTOMER = 'a customer: --customer, or an account that lists one'
const WALLET = 'a wallet: --wallet, or --customer with one'

const juspay: readonly Check[] = [
  {
    operation: 'juspay.listCustomers',
    ending: 'success',
    request: () => get('/customers?count=20'),
    learn: ({ list }: { list?: readonly { id?: unknown }[] }, known) => {
      known.listed = Array.isArray(list) ? list.flatMap(({ id }) => (typeof id === 'string' ? [id] : [])) : []
    },
  },
  denied('juspay.getWallet', `/wallets/${UNKNOWN.wallet}`),
  refused('juspay.getWallet', 'wallet_not_found', `/wallets/${UNKNOWN.wallet}`),
  denied('juspay.listWallets', `/customers/${UNKNOWN.customer}/wallets`),
  refused('juspay.listWallets', 'customer_not_found', `/customers/${UNKNOWN.customer}/wallets`),
  {
    operation: 'juspay.listWallets',
    ending: 'success',
    needs: CUSTOMER,
    request: ({ customer }) => of(customer, (id) => `/customers/${id}/wallets`),
    learn: ({ list }: { list?: readonly { id?: string }[] }, known) => {
      known.wallet ??= list?.[0]?.id
    },
  },
  {
    operation: 'juspay.getWallet',
    ending: 'success',
    needs: WALLET,
    request: ({ wallet }) => of(wallet, (id) => `/wallets/${id}`),
  },
  denied('juspay.refreshAllWallets', `/customers/${UNKNOWN.customer}/wallets/refresh-balances`),
  refused('juspay.refreshAllWallets', 'customer_not_found', `/customers/${UNKNOWN.customer}/wallets/refresh-balances`),
  {
    operation: 'juspay.refreshAllWallets',
    ending: 'success',
    needs: CUSTOMER,
    request: ({ customer }) => of(customer, (id) => `/customers/${id}/wallets/refresh-balances`),
  },
  denied('juspay.getCustomer', `/customers/${UNKNOWN.customer}`),
  refused('juspay.getCustomer', 'customer_not_found', `/customers/${UNKNOWN.customer}`),
  {
    operation: 'juspay.getCustomer',
    ending: 'success',
    needs: CUSTOMER,
    request: ({ customer }) => of(customer, (id) => `/customers/${id}`),
  },
  {
    operation: 'juspay.listOrders',
    ending: 'success',
    request: () => get('/order/list?count=2'),
    learn: ({ list }: { list?: readonly { order_id?: string }[] }, known) => {
      known.order ??= list?.[0]?.order_id
    },
  },
  {
    operation: 'juspay.createOrder',
    ending: 'success',
    writes: true,
    request: ({ unique, customer = '' }) => ({
      method: 'POST',
      path: '/orders',
      fields: { order_id: `verify${unique}`, amount: '1.00', customer_id: customer },
    }),
    learn: ({ order_id }: { order_id?: string }, known) => {
      known.order = order_id ?? known.order
    },
  },
  {
    operation: 'juspay.updateOrder',
    ending: 'success',
    writes: true,
    needs: 'the order that was created',
    request: ({ order = '' }) => ({
      method: 'POST',
      path: `/orders/${encodeURIComponent(order)}`,
      fields: { amount: '2.00' },
    }),
  },
  denied('juspay.getOrder', `/orders/${UNKNOWN.order}`),
  refused('juspay.getOrder', 'order_not_found', `/orders/${UNKNOWN.order}`),
  {
    operation: 'juspay.getOrder',
    ending: 'success',
    needs: 'an order: the account lists none',
    request: ({ order }) => of(order, (id) => `/orders/${id}`),
  },
  {
    operation: 'juspay.listPaymentMethods',
    ending: 'success',
    needs: 'the merchant: no answer named it in x-jp-merchant-id',
    request: ({ merchant }) => of(merchant, (id) => `/merchants/${id}/paymentmethods`),
  },
  {
    operation: 'juspay.createCustomer',
    ending: 'success',
    writes: true,
    request: ({ unique }) => ({
      method: 'POST',
      path: '/customers',
      fields: { object_reference_id: `verify${unique}`, first_name: 'Verify' },
    }),
  },
  {
    operation: 'juspay.createCustomer',
    ending: 'conflict',
    writes: true,
    request: ({ unique }) => ({
      method: 'POST',
      path: '/customers',
      fields: { object_reference_id: `verify${unique}`, first_name: 'Verify' },
    }),
  },
  {
    operation: 'juspay.updateCustomer',
    ending: 'success',
    writes: true,
    request: ({ unique }) => ({ method: 'POST', path: `/customers/verify${unique}`, fields: { last_name: 'Again' } }),
  },
  {
    operation: 'juspay.createWallet',
    ending: 'success',
    writes: true,
    request: ({ unique }) => ({
      method: 'POST',
      path: `/customers/verify${unique}/wallets`,
      fields: { gateway: 'MOBIKWIK' },
    }),
  },
]

const RATE = ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset']

const juicyway: readonly Check[] = [
  denied('juicyway.retrieveWallet', `/wallets/${UNKNOWN.uuid}`),
  refused('juicyway.retrieveWallet', 'wallet_not_found', `/wallets/${UNKNOWN.uuid}`),
  refused('juicyway.listWallets', 'bad_request', '/wallets/all?limit=0'),
  denied('juicyway.listWallets', '/wallets/all'),
  {
    operation: 'juicyway.listWallets',
    ending: 'success',
    request: () => get('/wallets/all?limit=5'),
    learn: ({ data }: { data?: readonly { id?: string; customer_id?: string }[] }, known) => {
      known.wallet ??= data?.[0]?.id
      if (known.customer !== undefined) return
      known.customer = data?.[0]?.customer_id
      known.found = known.customer && 'the customer of the 1st wallet listed'
    },
  },
  {
    operation: 'juicyway.retrieveWallet',
    ending: 'success',
    needs: 'a wallet: --wallet, or an account with one',
    request: ({ wallet }) => of(wallet, (id) => `/wallets/${id}`),
  },
  denied('juicyway.getCustomer', `/customers/${UNKNOWN.uuid}`),
  { ...refused('juicyway.getCustomer', 'customer_not_found', `/customers/${UNKNOWN.uuid}`), headers: RATE },
  {
    operation: 'juicyway.getCustomer',
    ending: 'success',
    needs: 'a customer: --customer, or an account with a wallet',
    headers: RATE,
    request: ({ customer }) => of(customer, (id) => `/customers/${id}`),
  },
  refused('juicyway.retrieveTransaction', 'not_found', `/wallets/transactions/${UNKNOWN.uuid}`),
  {
    operation: 'juicyway.listTransactions',
    ending: 'success',
    request: () => get('/wallets/transactions?limit=5'),
    learn: ({ data }: { data?: readonly { id?: string }[] }, known) => {
      known.transaction ??= data?.[0]?.id
    },
  },
  {
    operation: 'juicyway.retrieveTransaction',
    ending: 'success',
    needs: 'a transaction: the account lists none',
    request: ({ transaction }) => of(transaction, (id) => `/wallets/transactions/${id}`),
  },
  {
    operation: 'juicyway.createCustomer',
    ending: 'success',
    writes: true,
    request: ({ unique }) => ({
      method: 'POST',
      path: '/customers',
      fields: {
        first_name: 'Verify',
        last_name: 'Again',
        email: `verify${unique}@example.com`,
        phone_number: '+2348012345678',
        type: 'individual',
        billing_address: { line1: '1 Marina', city: 'Lagos', state: 'Lagos', zip_code: '100001', country: 'NG' },
      },
    }),
    learn: ({ data }: { data?: { id?: string } }, known) => {
      known.customer = data?.id ?? known.customer
    },
  },
  {
    operation: 'juicyway.updateCustomer',
    ending: 'unprocessable',
    writes: true,
    needs: 'the customer that was created',
    request: ({ customer = '' }) => ({
      method: 'PATCH',
      path: `/customers/${customer}`,
      fields: { email: 'no email' },
    }),
  },
  {
    operation: 'juicyway.createWallet',
    ending: 'success',
    writes: true,
    needs: 'the customer that was created',
    request: ({ customer = '' }) => ({
      method: 'POST',
      path: '/wallets',
      fields: { customer_id: customer, currency: 'USD' },
    }),
    learn: ({ data }: { data?: { id?: string } }, known) => {
      known.wallet = data?.id ?? known.wallet
    },
  },
  {
    operation: 'juicyway.updateWalletStatus',
    ending: 'success',
    writes: true,
    needs: 'the wallet that was created',
    request: ({ wallet = '' }) => ({
      method: 'PATCH',
      path: `/wallets/${wallet}/status`,
      fields: { status: 'deleted' },
    }),
  },
]

/** What is asked of a vendor's server, and how. */
interface Suite {
  /** In an order in which each learns what those behind it need. */
  readonly checks: readonly Check[]
  /** Names that every answer has, and those that an answer to a right key has. */
  readonly headers: readonly string[]
  readonly headersWithKey: readonly string[]
  /** How to see whether a customer of a list has wallets. */
  readonly wallets?: { request(customer: string): CheckRequest; areIn(body: JsonObject): boolean }
  /** The shipped key that the sandbox's own words are asked with, and a customer of its merchant. */
  readonly shipped: { readonly key: string; readonly customer: string }
  requestHeaders(key: string): Readonly<Record<string, string>>
  printFields(fields: NonNullable<CheckRequest['fields']>): string
}

/** The header in which an answer names the merchant. */
export const MERCHANT_HEADER = 'x-jp-merchant-id'

export const SUITES: Readonly<Record<VendorName, Suite>> = {
  juspay: {
    checks: juspay,
    headers: ['x-request-id', 'x-response-id'],
    headersWithKey: [MERCHANT_HEADER],
    wallets: {
      request: (customer) => get(`/customers/${encodeURIComponent(customer)}/wallets`),
      areIn: ({ list }) => Array.isArray(list) && list.length > 0,
    },
    shipped: { key: 'acme_test_key', customer: 'cst_om2l6ctlptxwxuzj' },
    requestHeaders: (key) => ({
      authorization: `Basic ${btoa(`${key}:`)}`,
      'x-routing-id': 'verify',
      'content-type': 'application/x-www-form-urlencoded',
    }),
    printFields: (fields) => String(new URLSearchParams(fields as Record<string, string>)),
  },
  juicyway: {
    checks: juicyway,
    headers: [],
    headersWithKey: [],
    shipped: { key: 'test_globex_juicyway', customer: '7c0e6b1a-52d4-4c8e-9a57-0d1f8c2b6e90' },
    requestHeaders: (key) => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' }),
    printFields: (fields) => JSON.stringify(fields),
  },
}
