import type { Ending } from '../api/evidence.js'
import { endpointsOf, type Vendor } from '../api/vendor.js'
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

type Fields = Readonly<Record<string, unknown>>

export interface CheckRequest {
  readonly method: string
  readonly path: string
  readonly fields: Fields | undefined
  /** Whether it goes with a key that is none. */
  readonly withWrongKey: boolean
}

/** One request, at the first place of the operation, and how it should end. */
export interface Check {
  readonly operation: string
  readonly ending: Ending
  readonly writes?: true
  readonly query?: string
  /** What the path names, where that is not what is known, or for a refusal what is not there. */
  names?(known: Known): Readonly<Record<string, string>>
  fields?(known: Known): Fields
  /** What the account has not, where something that the path names is not known. */
  readonly needs?: string
  /** Header names beside those that every answer of the vendor has. */
  readonly headers?: readonly string[]
  learn?(body: never, known: Known): void
}

/** What a check asks; undefined where the account has not what it names. */
export function requestOf(vendor: Vendor, check: Check, known: Known): CheckRequest | undefined {
  const operation = vendor.operations.find(({ id }) => id === check.operation)!
  const { method, path } = endpointsOf(vendor, operation)[0]!
  const there = check.writes || check.ending === 'success' ? known : SUITES[vendor.name].unknown
  const names = new Map<string, unknown>(Object.entries(check.names?.(known) ?? there))
  const parts = path.match(/(?<=:)\w+/g) ?? []
  if (parts.some((part) => names.get(part) === undefined)) return undefined
  return {
    method,
    path: path.replace(/:(\w+)/g, (_, part) => encodeURIComponent(String(names.get(part)))) + (check.query ?? ''),
    fields: check.fields?.(known),
    withWrongKey: check.ending === 'invalid_authentication',
  }
}

const CUSTOMER = 'a customer: --customer, or an account that lists one'
const WALLET = 'a wallet: --wallet, or --customer with one'

const juspay: readonly Check[] = [
  {
    operation: 'juspay.listCustomers',
    ending: 'success',
    query: '?count=20',
    learn: ({ list }: { list?: readonly { id?: unknown }[] }, known) => {
      known.listed = Array.isArray(list) ? list.flatMap(({ id }) => (typeof id === 'string' ? [id] : [])) : []
    },
  },
  { operation: 'juspay.getWallet', ending: 'invalid_authentication' },
  { operation: 'juspay.getWallet', ending: 'wallet_not_found' },
  { operation: 'juspay.listWallets', ending: 'invalid_authentication' },
  { operation: 'juspay.listWallets', ending: 'customer_not_found' },
  {
    operation: 'juspay.listWallets',
    ending: 'success',
    needs: CUSTOMER,
    learn: ({ list }: { list?: readonly { id?: string }[] }, known) => {
      known.wallet ??= list?.[0]?.id
    },
  },
  { operation: 'juspay.getWallet', ending: 'success', needs: WALLET },
  { operation: 'juspay.refreshAllWallets', ending: 'invalid_authentication' },
  { operation: 'juspay.refreshAllWallets', ending: 'customer_not_found' },
  { operation: 'juspay.refreshAllWallets', ending: 'success', needs: CUSTOMER },
  { operation: 'juspay.getCustomer', ending: 'invalid_authentication' },
  { operation: 'juspay.getCustomer', ending: 'customer_not_found' },
  { operation: 'juspay.getCustomer', ending: 'success', needs: CUSTOMER },
  {
    operation: 'juspay.listOrders',
    ending: 'success',
    query: '?count=2',
    learn: ({ list }: { list?: readonly { order_id?: string }[] }, known) => {
      known.order ??= list?.[0]?.order_id
    },
  },
  {
    operation: 'juspay.createOrder',
    ending: 'success',
    writes: true,
    fields: ({ unique, customer = '' }) => ({ order_id: `verify${unique}`, amount: '1.00', customer_id: customer }),
    learn: ({ order_id }: { order_id?: string }, known) => {
      known.order = order_id ?? known.order
    },
  },
  {
    operation: 'juspay.updateOrder',
    ending: 'success',
    writes: true,
    needs: 'the order that was created',
    fields: () => ({ amount: '2.00' }),
  },
  { operation: 'juspay.getOrder', ending: 'invalid_authentication' },
  { operation: 'juspay.getOrder', ending: 'order_not_found' },
  { operation: 'juspay.getOrder', ending: 'success', needs: 'an order: the account lists none' },
  {
    operation: 'juspay.listPaymentMethods',
    ending: 'success',
    needs: 'the merchant: no answer named it in x-jp-merchant-id',
  },
  {
    operation: 'juspay.createCustomer',
    ending: 'success',
    writes: true,
    fields: ({ unique }) => ({ object_reference_id: `verify${unique}`, first_name: 'Verify' }),
  },
  {
    operation: 'juspay.createCustomer',
    ending: 'conflict',
    writes: true,
    fields: ({ unique }) => ({ object_reference_id: `verify${unique}`, first_name: 'Verify' }),
  },
  {
    operation: 'juspay.updateCustomer',
    ending: 'success',
    writes: true,
    names: ({ unique }) => ({ customer: `verify${unique}` }),
    fields: () => ({ last_name: 'Again' }),
  },
  {
    operation: 'juspay.createWallet',
    ending: 'success',
    writes: true,
    names: ({ unique }) => ({ customer: `verify${unique}` }),
    fields: () => ({ gateway: 'MOBIKWIK' }),
  },
]

const NO_UUID = '00000000-0000-4000-8000-000000000000'
const RATE = ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset']

const juicyway: readonly Check[] = [
  { operation: 'juicyway.retrieveWallet', ending: 'invalid_authentication' },
  { operation: 'juicyway.retrieveWallet', ending: 'wallet_not_found' },
  { operation: 'juicyway.listWallets', ending: 'bad_request', query: '?limit=0' },
  { operation: 'juicyway.listWallets', ending: 'invalid_authentication' },
  {
    operation: 'juicyway.listWallets',
    ending: 'success',
    query: '?limit=5',
    learn: ({ data }: { data?: readonly { id?: string; customer_id?: string }[] }, known) => {
      known.wallet ??= data?.[0]?.id
      if (known.customer !== undefined) return
      known.customer = data?.[0]?.customer_id
      known.found = known.customer && 'the customer of the 1st wallet listed'
    },
  },
  { operation: 'juicyway.retrieveWallet', ending: 'success', needs: 'a wallet: --wallet, or an account with one' },
  { operation: 'juicyway.getCustomer', ending: 'invalid_authentication' },
  { operation: 'juicyway.getCustomer', ending: 'customer_not_found', headers: RATE },
  {
    operation: 'juicyway.getCustomer',
    ending: 'success',
    needs: 'a customer: --customer, or an account with a wallet',
    headers: RATE,
  },
  { operation: 'juicyway.retrieveTransaction', ending: 'not_found' },
  {
    operation: 'juicyway.listTransactions',
    ending: 'success',
    query: '?limit=5',
    learn: ({ data }: { data?: readonly { id?: string }[] }, known) => {
      known.transaction ??= data?.[0]?.id
    },
  },
  { operation: 'juicyway.retrieveTransaction', ending: 'success', needs: 'a transaction: the account lists none' },
  {
    operation: 'juicyway.createCustomer',
    ending: 'success',
    writes: true,
    fields: ({ unique }) => ({
      first_name: 'Verify',
      last_name: 'Again',
      email: `verify${unique}@example.com`,
      phone_number: '+2348012345678',
      type: 'individual',
      billing_address: { line1: '1 Marina', city: 'Lagos', state: 'Lagos', zip_code: '100001', country: 'NG' },
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
    fields: () => ({ email: 'no email' }),
  },
  {
    operation: 'juicyway.createWallet',
    ending: 'success',
    writes: true,
    needs: 'the customer that was created',
    fields: ({ customer = '' }) => ({ customer_id: customer, currency: 'USD' }),
    learn: ({ data }: { data?: { id?: string } }, known) => {
      known.wallet = data?.id ?? known.wallet
    },
  },
  {
    operation: 'juicyway.updateWalletStatus',
    ending: 'success',
    writes: true,
    needs: 'the wallet that was created',
    fields: () => ({ status: 'deleted' }),
  },
]

/** What is asked of a vendor's server, and how. */
interface Suite {
  /** In an order in which each learns what those behind it need. */
  readonly checks: readonly Check[]
  /** What no account has, by what a path names. */
  readonly unknown: Readonly<Record<string, string>>
  /** Names that every answer has, and those that an answer to a right key has. */
  readonly headers: readonly string[]
  readonly headersWithKey: readonly string[]
  /** How to see whether a customer of a list has wallets. */
  readonly wallets?: Check & { areIn(body: JsonObject): boolean }
  /** The shipped key that the sandbox's own words are asked with, and a customer of its merchant. */
  readonly shipped: { readonly key: string; readonly customer: string }
  requestHeaders(key: string): Readonly<Record<string, string>>
  printFields(fields: Fields): string
}

/** The header in which an answer names the merchant. */
export const MERCHANT_HEADER = 'x-jp-merchant-id'

export const SUITES: Readonly<Record<VendorName, Suite>> = {
  juspay: {
    checks: juspay,
    unknown: { wallet: 'wlt_nosuchwallet0000', customer: 'cst_nosuchcustomer00', order: 'nosuchorder0000' },
    headers: ['x-request-id', 'x-response-id'],
    headersWithKey: [MERCHANT_HEADER],
    wallets: {
      operation: 'juspay.listWallets',
      ending: 'success',
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
    unknown: { wallet: NO_UUID, customer: NO_UUID, transaction: NO_UUID },
    headers: [],
    headersWithKey: [],
    shipped: { key: 'test_globex_juicyway', customer: '7c0e6b1a-52d4-4c8e-9a57-0d1f8c2b6e90' },
    requestHeaders: (key) => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' }),
    printFields: (fields) => JSON.stringify(fields),
  },
}
