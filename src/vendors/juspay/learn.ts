import { Account, type Layer, type SeenOrder, type SeenWallet, update } from '../../api/account.js'
import { type Learner, type SeenCall, textsOf, timeOf } from '../../api/learner.js'
import type { FixtureOrder, FixturePayment, FixtureSubDetail } from '../../fixture-files/schema.js'
import { getOrMake } from '../../lib/get-or-make.js'
import { isObject, type JsonObject, numberOf, objects, textOf } from '../../lib/json.js'

export const learner: Learner = { learn, standInKey: (merchant) => `${merchant}_recorded_key` }

function learn(account: Account, told: SeenCall): boolean {
  const { answer, params } = told
  const rows = answer.object === 'list' || Array.isArray(answer.list) ? objects(answer.list) : [answer]
  const order = params.order?.toLowerCase()
  const holder = params.customer ?? account.orders.get(order ?? '')?.customer
  if (holder) account.customer(holder)
  if (params.order && answer.object === 'list') orderNamed(account, params.order).createdAt ??= told.at
  for (const row of rows) {
    if (row.object === 'wallet_account') learnWallet(account, told, row, { customer: holder, order })
    else if (row.object === 'customer') learnCustomer(account, row)
    else if (textOf(row.order_id) !== undefined && isObject(row.payment)) learnDebit(account, told, row)
    else if (textOf(row.order_id) !== undefined && textOf(row.id) !== undefined) learnOrder(account, told, row)
    else return false
  }
  if (rows.length > 0 && answer !== rows[0] && answer.offset === 0) keepOrder(account, answer, rows)
  return true
}

function keepOrder(account: Account, { total }: JsonObject, rows: readonly JsonObject[]): void {
  const ids = rows.map(({ id }) => String(id))
  if (rows[0]!.object === 'customer') account.listCustomers(ids, numberOf(total) ?? 0)
  if (rows[0]!.object === 'wallet_account') Account.inOrder(account.wallets, ids)
}

function learnCustomer(account: Account, row: JsonObject): void {
  const id = textOf(row.id)
  if (id === undefined) return
  update(account.identify(id, textOf(row.object_reference_id)), {
    ...textsOf(row, 'mobileCountryCode', 'mobileNumber', 'emailAddress', 'firstName', 'lastName'),
    dateCreated: timeOf(row.date_created),
    lastUpdated: timeOf(row.last_updated),
  })
}

const REFRESHES = ['juspay.refreshWallet', 'juspay.refreshAllWallets']

function learnWallet(
  account: Account,
  { operation, answer }: SeenCall,
  row: JsonObject,
  { customer, order }: { customer: string | undefined; order: string | undefined },
): void {
  const id = textOf(row.id)
  if (id === undefined) return
  const known = getOrMake(account.wallets, id, () => ({ id }))
  const linked = row.linked === true || row.linked === 'true'
  const metadata = isObject(row.metadata)
    ? Object.fromEntries(Object.entries(row.metadata).map(([name, value]) => [name, String(value)]))
    : undefined
  update(known, {
    customer,
    order,
    wallet: textOf(row.wallet),
    linked,
    metadata,
    gatewayReferenceId: textOf(row.gateway_reference_id),
    token: textOf(row.token),
  })
  if (!linked) {
    delete known.shown
    delete known.token
    return
  }
  const balance = numberOf(row.current_balance)
  if (balance === undefined) return
  const layer = { balance, at: timeOf(row.last_refreshed) }
  const subDetails = rowsOf(row.sub_details) ?? (answer !== row ? [] : undefined)
  if (REFRESHES.includes(operation ?? ''))
    known.provider = { ...layer, subDetails: isStandIn(known, subDetails) ? [] : subDetails }
  else known.shown = { ...layer, subDetails: subDetails ?? accountsAt(known, layer) }
}

function rowsOf(value: unknown): FixtureSubDetail[] | undefined {
  if (!Array.isArray(value)) return undefined
  return objects(value).map((row) => ({
    paymentMethod: textOf(row.payment_method) ?? '',
    ...(row.payment_method_type !== 'WALLET' && { paymentMethodType: String(row.payment_method_type) }),
    balance: numberOf(row.current_balance) ?? 0,
    ...(textOf(row.last_refreshed) && { lastRefreshed: String(row.last_refreshed) }),
  }))
}

/** Refresh Wallet shows the wallet itself where its provider reports no accounts, as a list has shown. */
const isStandIn = ({ shown, provider }: SeenWallet, rows: readonly FixtureSubDetail[] | undefined) =>
  rows?.length === 1 && [shown, provider].some((layer) => layer?.subDetails?.length === 0)

/** Get shows no accounts: they are those of the same balance at the same second. */
const accountsAt = ({ shown, provider }: SeenWallet, { balance, at }: Pick<Layer, 'balance' | 'at'>) =>
  [shown, provider].find((layer) => layer?.balance === balance && layer.at?.slice(0, 19) === at?.slice(0, 19))
    ?.subDetails

const orderNamed = (account: Account, reference: string): SeenOrder =>
  getOrMake(account.orders, reference.toLowerCase(), () => ({ reference }))

function learnOrder(account: Account, told: SeenCall, row: JsonObject): void {
  const order = orderNamed(account, String(row.order_id))
  const sent = Object.fromEntries(told.fields)
  // The short answer of a creation leaves out what was sent.
  const whole: JsonObject = numberOf(row.amount) === undefined ? sent : row
  const customer = textOf(row.customer_id) ?? told.fields.get('customer_id')
  update(order, {
    id: textOf(row.id),
    customer: customer ?? order.customer ?? '',
    amount: numberOf(row.amount) ?? Number(told.fields.get('amount')),
    currency: textOf(whole.currency),
    email: textOf(whole.customer_email),
    phone: textOf(whole.customer_phone),
    ...textsOf(whole, 'returnUrl', 'productId'),
    description: textOf(told.fields.get('description')),
    createdAt: timeOf(row.date_created) ?? order.createdAt ?? told.at,
    udf: textsIn(whole, /^(udf\d+)$/),
    metadata: isObject(row.metadata) ? textsIn(row.metadata, /^(.+)$/) : textsIn(sent, /^metadata\.(.+)$/),
    refunds: Array.isArray(row.refunds) ? objects(row.refunds).map(toRefund) : undefined,
  })
  for (const attempt of [row, ...objects(row.txn_list)]) learnPayment(account, order, attempt)
}

/** The texts that are filled, by the name that the pattern catches; undefined where there are none. */
function textsIn(row: JsonObject, pattern: RegExp): Record<string, string> | undefined {
  const found = Object.entries(row).flatMap(([name, value]) => {
    const [, caught] = pattern.exec(name) ?? []
    return caught !== undefined && textOf(value) !== undefined ? [[caught, String(value)] as const] : []
  })
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

const toRefund = (row: JsonObject): NonNullable<FixtureOrder['refunds']>[number] => ({
  requestId: String(row.unique_request_id),
  amount: numberOf(row.amount) ?? 0,
  at: timeOf(row.created) ?? '',
  ...(row.status === 'FAILURE' && { failed: true }),
  ...(textOf(row.ref) && { ref: String(row.ref) }),
  ...(textOf(row.arn) && { arn: String(row.arn) }),
})

function learnPayment(account: Account, order: SeenOrder, row: JsonObject): void {
  const id = textOf(row.txn_id)
  if (id === undefined || !isObject(row.txn_detail)) return
  const { txn_detail: detail, payment_gateway_response: gateway } = row
  const response = isObject(gateway) ? gateway : {}
  const redirect = detail.redirect === true
  const status = detail.status === 'PENDING_VBV' && !redirect ? 'PENDING' : detail.status
  const wallets = [...account.wallets.values()]
  putPayment(order, id, {
    uuid: textOf(row.txn_uuid),
    gateway: textOf(row.payment_method),
    walletId: wallets.find((wallet) => wallet.customer === order.customer && wallet.wallet === row.payment_method)?.id,
    ...(redirect && { flow: 'REDIRECT_DEBIT' }),
    status: status as FixturePayment['status'],
    at: timeOf(detail.created),
    updatedAt: timeOf(detail.last_updated) ?? timeOf(response.created),
    rrn: textOf(response.rrn),
    epgTxnId: textOf(response.epg_txn_id),
  })
}

type ToldPayment = { [Name in keyof FixturePayment]?: FixturePayment[Name] | undefined }

function putPayment(order: SeenOrder, id: string, told: ToldPayment): void {
  const payments = (order.payments ?? []) as Partial<FixturePayment>[]
  const known = payments.find((payment) => payment.id === id)
  const payment = update(known ?? { id }, told)
  order.payments = (known ? payments : [...payments, payment]) as FixturePayment[]
}

function learnDebit(account: Account, { fields, at }: SeenCall, row: JsonObject): void {
  const id = textOf(row.txn_id)
  if (id === undefined) return
  const token = fields.get('direct_wallet_token')
  const wallet = [...account.wallets.values()].find((each) => token !== undefined && each.token === token)
  const order = orderNamed(account, String(row.order_id))
  putPayment(order, id, {
    uuid: textOf(row.txn_uuid),
    gateway: fields.get('payment_method'),
    walletId: wallet?.id,
    ...(token === undefined && { flow: 'REDIRECT_DEBIT' }),
    status: textOf(row.status) as FixturePayment['status'] | undefined,
    at,
  })
  if (order.customer === '' && wallet?.customer) order.customer = wallet.customer
}
