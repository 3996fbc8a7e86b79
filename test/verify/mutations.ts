/** One thing that another server could do otherwise, and where it has to be found. */

interface Answer {
  status: number
  readonly headers: Headers
  text: string
}

// biome-ignore lint/suspicious/noExplicitAny: a body is changed by name
export type Body = any

export interface Mutation {
  /** The check that meets it. */
  readonly check: string
  readonly path: RegExp
  /** Whether only requests with a key that is none meet it, and not only the others. */
  readonly wrongKey?: true
  readonly at: readonly string[]
  change(answer: Answer): void
}

const body =
  (change: (body: Body) => void) =>
  (answer: Answer): void => {
    const value = JSON.parse(answer.text)
    change(value)
    answer.text = JSON.stringify(value)
  }

const field = (name: string, value: unknown) => body((one) => Object.assign(one, { [name]: value }))
const without = (name: string) => body((one) => delete one[name])
const row = (name: string, value: unknown) => body(({ list }) => Object.assign(list[0], { [name]: value }))
const rowWithout = (name: string) => body(({ list }) => delete list[0][name])
const data = (name: string, value: unknown) => body((one) => Object.assign(one.data, { [name]: value }))
const status = (code: number) => (answer: Answer) => {
  answer.status = code
}
const text = (change: (text: string) => string) => (answer: Answer) => {
  answer.text = change(answer.text)
}
const noHeader = (name: string) => (answer: Answer) => answer.headers.delete(name)
const reorder = body((one) => {
  const [first] = Object.keys(one) as [string]
  const value = one[first]
  delete one[first]
  one[first] = value
})

const GET = { check: 'juspay.getWallet success', path: /^\/wallets\/(?!wlt_nosuch)[^?]*$/ }
const LIST = { check: 'juspay.listWallets success', path: /^\/customers\/customer%40gmail\.com\/wallets$/ }
const REFRESH = { check: 'juspay.refreshAllWallets success', path: /^\/customers\/customer%40.*refresh-balances$/ }
const CUSTOMER = { check: 'juspay.getCustomer success', path: /^\/customers\/customer%40gmail\.com$/ }
const NO_CUSTOMER = {
  check: 'juspay.refreshAllWallets customer_not_found',
  path: /^\/customers\/cst_nosuch.*refresh-balances$/,
}
const NO_WALLET = { check: 'juspay.getWallet wallet_not_found', path: /^\/wallets\/wlt_nosuch/ }
const DENIED = { check: 'juspay.refreshAllWallets invalid_authentication', wrongKey: true, path: /refresh-/ } as const
const ORDER = { check: 'juspay.getOrder success', path: /^\/orders\/tea-1$/ }
const METHODS = { check: 'juspay.listPaymentMethods success', path: /paymentmethods$/ }

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'a balance as text': { ...GET, change: field('current_balance', '250'), at: ['type body.current_balance'] },
  'three decimals': { ...GET, change: field('current_balance', 2.505), at: ['format body.current_balance'] },
  'linked as a boolean': { ...GET, change: field('linked', true), at: ['type body.linked'] },
  'linked as another text': { ...GET, change: field('linked', 'yes'), at: ['format body.linked'] },
  'an id of another form': { ...GET, change: field('id', 'wallet-1'), at: ['format body.id'] },
  'an id as a number': { ...GET, change: field('id', 7), at: ['type body.id'] },
  'another object': { ...GET, change: field('object', 'wallet'), at: ['format body.object'] },
  'a time with Z': {
    ...GET,
    change: field('last_refreshed', '2016-08-02T08:07:52Z'),
    at: ['format body.last_refreshed'],
  },
  'a time as a number': { ...GET, change: field('last_refreshed', 1470125272000), at: ['type body.last_refreshed'] },
  'no token': { ...GET, change: without('token'), at: ['keys body.token'] },
  'a token of another form': { ...GET, change: field('token', 'abc'), at: ['format body.token'] },
  'no balance': { ...GET, change: without('current_balance'), at: ['keys body.current_balance'] },
  'a key more': { ...GET, change: field('extra', 1), at: ['keys body.extra'] },
  'keys in another order': { ...GET, change: reorder, at: ['order body'] },
  'a list for an object': { ...GET, change: text((json) => `[${json}]`), at: ['type body'] },
  'status 201': { ...GET, change: status(201), at: ['status status'] },
  'a redirect': { ...GET, change: status(302), at: ['status status'] },
  'no x-request-id': { ...GET, change: noHeader('x-request-id'), at: ['headers x-request-id'] },
  'no x-response-id': { ...GET, change: noHeader('x-response-id'), at: ['headers x-response-id'] },
  'no x-jp-merchant-id': { ...GET, change: noHeader('x-jp-merchant-id'), at: ['headers x-jp-merchant-id'] },
  'another content type': {
    ...GET,
    change: ({ headers }) => headers.set('content-type', 'text/plain'),
    at: ['headers content-type'],
  },
  'HTML for JSON': { ...GET, change: text(() => '<html></html>'), at: ['answer body'] },
  'an empty body': { ...GET, change: text(() => ''), at: ['answer body'] },
  'half a body': { ...GET, change: text((json) => json.slice(0, 30)), at: ['answer body'] },
  'a count as text': { ...LIST, change: field('count', '1'), at: ['type body.count'] },
  'a total with decimals': { ...LIST, change: field('total', 1.5), at: ['type body.total'] },
  'no offset': { ...LIST, change: without('offset'), at: ['keys body.offset'] },
  'a row without its gateway': { ...LIST, change: rowWithout('wallet'), at: ['keys body.list[].wallet'] },
  'a row with a key more': { ...LIST, change: row('extra', 1), at: ['keys body.list[].extra'] },
  'a row whose linked is text': { ...LIST, change: row('linked', 'true'), at: ['type body.list[].linked'] },
  'a list that is null': { ...LIST, change: field('list', null), at: ['type body.list'] },
  'a refreshed balance as text': {
    ...REFRESH,
    change: row('current_balance', '1'),
    at: ['type body.list[].current_balance'],
  },
  'a refreshed time with an offset': {
    ...REFRESH,
    change: row('last_refreshed', '2016-08-02T08:07:52+0000'),
    at: ['format body.list[].last_refreshed'],
  },
  'no metadata': { ...REFRESH, change: rowWithout('metadata'), at: ['keys body.list[].metadata'] },
  'a customer of another object': { ...CUSTOMER, change: field('object', 'person'), at: ['format body.object'] },
  'a name as a list': { ...CUSTOMER, change: field('first_name', ['A']), at: ['type body.first_name'] },
  'no e-mail': { ...CUSTOMER, change: without('email_address'), at: ['keys body.email_address'] },
  'another message': { ...NO_CUSTOMER, change: field('error_message', 'None'), at: ['format body.error_message'] },
  'another code': { ...NO_CUSTOMER, change: field('error_code', 'none'), at: ['format body.error_code'] },
  'an error with 404': { ...NO_CUSTOMER, change: status(404), at: ['status status'] },
  'an error with a key more': { ...NO_CUSTOMER, change: field('trace', 'x'), at: ['keys body.trace'] },
  'words for the empty object': { ...NO_WALLET, change: field('status', 'Invalid'), at: ['keys body.status'] },
  '403 for 401': { ...DENIED, change: status(403), at: ['status status'] },
  '401 in other words': { ...DENIED, change: field('status', 'error'), at: ['format body.status'] },
  '401 in another order': { ...DENIED, change: reorder, at: ['order body'] },
  'an amount as text': { ...ORDER, change: field('amount', '109.55'), at: ['type body.amount'] },
  'an order of another status': { ...ORDER, change: field('status', 'OPEN'), at: ['format body.status'] },
  'an order without links': { ...ORDER, change: without('payment_links'), at: ['keys body.payment_links'] },
  'a link that is none': {
    ...ORDER,
    change: body(({ payment_links }) => Object.assign(payment_links, { web: 'pay' })),
    at: ['format body.payment_links.web'],
  },
  'methods in an object': { ...METHODS, change: field('payment_methods', {}), at: ['type body.payment_methods'] },
}

const RETRIEVE = { check: 'juicyway.retrieveWallet success', path: /^\/wallets\/b1e0/ }

export const JUICYWAY_MUTATIONS: Readonly<Record<string, Mutation>> = {
  'a wallet under another key': {
    ...RETRIEVE,
    change: text((json) => json.replace('"data"', '"wallet"')),
    at: ['keys body.data', 'keys body.wallet'],
  },
  'a balance in major units': {
    ...RETRIEVE,
    change: data('balance', { amount: 15000.5, currency: 'NGN' }),
    at: ['type body.data.balance.amount'],
  },
  'a page without its cursor': {
    check: 'juicyway.listWallets success',
    path: /^\/wallets\/all\?limit=5$/,
    change: body(({ pagination }) => delete pagination.after),
    at: ['keys body.pagination.after'],
  },
  'another type of transaction': {
    check: 'juicyway.retrieveTransaction success',
    path: /^\/wallets\/transactions\/(?!0000)/,
    change: data('type', 'debt'),
    at: ['format body.data.type'],
  },
  'no rate limit': {
    check: 'juicyway.getCustomer success',
    path: /^\/customers\/7c0e/,
    change: noHeader('x-ratelimit-limit'),
    at: ['headers x-ratelimit-limit'],
  },
}
