import { generate } from '../../src/fixture-files/generate.js'
import type { Fixtures } from '../../src/index.js'
import { basic } from '../contract/targets.js'

/** A session of a client with both vendors, against whichever server has `upstreamFixtures`. */

export const KEYS = { juspay: 'initech_secret_key', juicyway: 'test_initech_juicyway' }

export function upstreamFixtures(): Fixtures {
  return generate(6, 4711, { id: 'initech', key: KEYS.juspay, guests: 1 })
}

export interface Sent {
  readonly method: string
  readonly path: string
  readonly body?: string
  readonly headers: Readonly<Record<string, string>>
}

export interface Answered {
  readonly status: number
  readonly text: string
}

/** Sends one call and returns its answer. */
export type Exchange = (sent: Sent) => Promise<Answered>

const juspay = (method: string, path: string, fields?: Record<string, string>): Sent => ({
  method,
  path,
  ...(fields && { body: new URLSearchParams(fields).toString() }),
  headers: {
    authorization: basic(`${KEYS.juspay}:`),
    'x-routing-id': 'customer_1122',
    'x-merchantid': 'initech',
    'content-type': 'application/x-www-form-urlencoded',
  },
})

const juicyway = (method: string, path: string, json?: object): Sent => ({
  method,
  path,
  ...(json && { body: JSON.stringify(json) }),
  headers: { authorization: `Bearer ${KEYS.juicyway}`, 'content-type': 'application/json' },
})

/** A call of the session, and what it was answered. */
export interface Call {
  readonly sent: Sent
  readonly answered: Answered
}

/** Sixty-odd calls: reads, refreshes, creations, links, debits, refunds and errors of both vendors. */
export async function runSession(exchange: Exchange, fixtures: Fixtures): Promise<Call[]> {
  const calls: Call[] = []
  const call = async (sent: Sent): Promise<Record<string, never>> => {
    const answered = await exchange(sent)
    calls.push({ sent, answered })
    return JSON.parse(answered.text)
  }
  const customers = fixtures.merchants[0]!.customers!.filter(({ guest }) => !guest)
  const linked = customers.map(({ wallets = [] }) => wallets[0]!.id)
  const unlinked = customers.map(({ wallets = [] }) => wallets.at(-1)!.id)

  for (const { id } of customers) await call(juspay('GET', `/customers/${id}/wallets`))
  for (const id of linked) await call(juspay('GET', `/wallets/${id}`))
  for (const { id } of customers.slice(0, 3)) await call(juspay('GET', `/customers/${id}/wallets/refresh-balances`))
  await call(juspay('POST', `/wallets/${linked[3]}`, { command: 'refresh' }))
  for (const { objectReferenceId } of customers)
    await call(juspay('GET', `/customers/${encodeURIComponent(objectReferenceId!)}`))

  await call(
    juspay('POST', '/customers', {
      object_reference_id: 'meera.iyer.1986@example.org',
      mobile_number: '9811122233',
      email_address: 'meera.iyer@example.org',
      first_name: 'Meera',
      last_name: 'Iyer',
    }),
  )
  const made = await call(
    juspay('POST', '/customers/meera.iyer.1986@example.org/wallets', { gateway: 'PAYTM', mobile_number: '9811122233' }),
  )
  await call(juspay('POST', `/wallets/${made.id}`, { command: 'authenticate' }))
  await call(juspay('POST', `/wallets/${made.id}`, { command: 'link', otp: '000000' }))
  const joined = await call(juspay('POST', `/wallets/${made.id}`, { command: 'link', otp: '123456' }))
  for (const [order_id, amount] of [
    ['order-meera-1', '120.50'],
    ['order-meera-2', '99999'],
    ['order-meera-3', '10'],
  ] as const)
    await call(
      juspay('POST', '/orders', {
        order_id,
        amount,
        customer_id: 'meera.iyer.1986@example.org',
        customer_email: 'meera.iyer@example.org',
        ...{
          customer_phone: '+919811122233',
          return_url: 'https://shop.example/done?token=s3cr3t-marker',
          description: 'For Meera',
        },
        udf1: 'call 98111 22233',
        udf2: 'opaque1marker2opaque3',
        'metadata.note': 'Iyer, Meera',
      }),
    )
  const debit = (order_id: string, direct_wallet_token: string) =>
    call(
      juspay('POST', '/txns', {
        order_id,
        direct_wallet_token,
        merchant_id: 'initech',
        payment_method_type: 'WALLET',
        payment_method: 'PAYTM',
        redirect_after_payment: 'true',
        format: 'json',
      }),
    )
  await debit('order-meera-1', joined.token!)
  await debit('order-meera-3', joined.token!)
  await debit('order-meera-2', (await call(juspay('GET', `/wallets/${made.id}`))).token!)
  await call(juspay('POST', '/orders/order-meera-1/refunds', { unique_request_id: 'refund-1', amount: '20.5' }))
  await call(juspay('GET', `/customers/meera.iyer.1986@example.org/wallets/refresh-balances`))
  await call(juspay('POST', `/wallets/${linked[4]}`, { command: 'delink' }))
  await call(juspay('POST', `/wallets/${unlinked[4]}`, { command: 'authenticate' }))

  for (const path of ['/wallets/wlt_nobody', '/customers/nobody/wallets', '/customers/nobody/wallets/refresh-balances'])
    await call(juspay('GET', path))
  await call({ ...juspay('GET', `/wallets/${linked[0]}`), headers: { authorization: basic('wrong_key_of_mine:') } })

  const { data: person } = (await call(
    juicyway('POST', '/customers', {
      first_name: 'Ngozi',
      last_name: 'Adeyemi',
      email: 'ngozi@example.net',
      phone_number: '+2348031234567',
      type: 'individual',
      billing_address: { line1: '7 Marina Road', city: 'Lagos', state: 'Lagos', zip_code: '101241', country: 'NG' },
    }),
  )) as unknown as { data: { id: string } }
  const wallets: string[] = []
  for (const currency of ['NGN', 'USD', 'EUR']) {
    const { data } = (await call(juicyway('POST', '/wallets', { currency, customer_id: person.id }))) as never
    wallets.push((data as { id: string }).id)
  }
  await call(juicyway('POST', `/wallets/${wallets[0]}/payment-method`, { type: 'bank_account' }))
  for (const [type, amount] of [
    ['credit', 5000],
    ['debit', 1200],
    ['debit', 999_999],
  ] as const)
    await call(juicyway('POST', '/wallets/transactions', { wallet_id: wallets[0], amount, type, description: 'Rent' }))
  await call(juicyway('PATCH', `/wallets/${wallets[2]}/status`, { status: 'frozen', reason: 'on request' }))
  await call(juicyway('POST', '/wallets', { currency: 'NGN', customer_id: person.id }))
  await call(juicyway('GET', '/wallets/3d2e3f3e-3b3c-4907-a4fd-000000000000'))

  // What stands at the end, each read once more.
  for (const id of wallets) await call(juicyway('GET', `/wallets/${id}`))
  await call(juicyway('GET', '/wallets/all'))
  await call(juicyway('GET', '/wallets/transactions'))
  await call(juicyway('GET', `/customers/${person.id}`))
  for (const n of [1, 2, 3]) await call(juspay('GET', `/orders/order-meera-${n}`))
  await call(juspay('GET', '/orders/guest-1'))
  await call(juspay('GET', '/customers/meera.iyer.1986@example.org'))
  await call(juspay('GET', '/customers/meera.iyer.1986@example.org/wallets'))
  await call(juspay('GET', `/wallets/${linked[4]}`))
  for (const id of [...linked, made.id]) await call(juspay('GET', `/wallets/${id}`))
  for (const { id } of customers) await call(juspay('GET', `/customers/${id}/wallets`))
  await call(juspay('GET', '/customers?count=100'))
  return calls
}

/** The last of each read, in the order in which they were made. */
export function lastReads(calls: readonly Call[]): Call[] {
  const last = new Map<string, Call>()
  for (const call of calls) {
    if (call.sent.method !== 'GET' || call.answered.status === 401) continue
    last.delete(call.sent.path)
    last.set(call.sent.path, call)
  }
  return [...last.values()]
}
