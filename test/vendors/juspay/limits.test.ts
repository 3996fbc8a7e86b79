import { expect, test } from 'vitest'
import { every } from '../../every.js'
import { type Client, connect, debit } from './client.js'

/** Limits that the vendor publishes: a warning, and a 400 in strict mode. */

const WALLET = '/wallets/wlt_q23xzki3pazgtezo'
const STRICT = { 'x-routing-id': 'customer@gmail.com', 'x-merchantid': 'acme' }
const LONG = 'a'.repeat(21)
/** Each character is two of UTF-16. */
const WIDE = '𝄞'.repeat(21)
const wide = (length: number) => WIDE.slice(0, 2 * length)

async function charged(client: Client, order_id: string): Promise<void> {
  await client.post('/orders', { order_id, amount: '100', customer_id: 'customer@gmail.com' }, STRICT)
  const { token } = (await client.get(WALLET, STRICT)).body
  expect((await client.post('/txns', debit(order_id, 'MOBIKWIK', token), STRICT)).body.status).toBe('CHARGED')
}

const order = ({ post }: Client, order_id: string) => post('/orders', { order_id, amount: '1' }, STRICT)

const customer = ({ post }: Client, object_reference_id: string) => post('/customers', { object_reference_id }, STRICT)

async function refund(client: Client, unique_request_id: string) {
  await charged(client, 'tea-1')
  return client.post('/orders/tea-1/refunds', { unique_request_id, amount: '1' }, STRICT)
}

async function attempts(client: Client, count: number) {
  await order(client, 'tea-1')
  const begun = { order_id: 'tea-1', merchant_id: 'acme', payment_method_type: 'WALLET', payment_method: 'PAYTM' }
  for (let i = 1; i < count; i++) await client.post('/txns', begun, STRICT)
  return client.post('/txns', begun, STRICT)
}

const session = ({ post }: Client, order_id: string) =>
  post('/session', { order_id, amount: '1', payment_page_client_id: 'shop', action: 'paymentPage' }, STRICT)

type Ask = (client: Client) => ReturnType<Client['post']>

const ROWS: readonly (readonly [limit: string, within: Ask, beyond: Ask])[] = [
  ['order_id', (client) => order(client, LONG.slice(1)), (client) => order(client, LONG)],
  ['order_id', (client) => order(client, wide(20)), (client) => order(client, WIDE)],
  ['object_reference_id', (client) => customer(client, wide(8)), (client) => customer(client, wide(7))],
  ['order_id', (client) => session(client, LONG.slice(1)), (client) => session(client, LONG)],
  ['unique_request_id', (client) => refund(client, LONG.slice(1)), (client) => refund(client, LONG)],
  ['25', (client) => attempts(client, 25), (client) => attempts(client, 26)],
]

test('are met without a word, and named beyond', () =>
  every(ROWS, async ([limit, within, beyond]) => {
    for (const [ask, strict, status, warns] of [
      [within, false, 200, false],
      [within, true, 200, false],
      [beyond, false, 200, true],
      [beyond, true, 400, false],
    ] as const) {
      const client = await connect({ strict })
      const reply = await ask(client)
      const [entry] = (await client.sandbox.control.requests.get({ limit: 1 })).requests
      expect([reply.status, entry!.warnings.some((text) => text.includes(limit))]).toEqual([status, warns])
      if (status === 400) expect(reply.headers.get('x-sandbox-reason')).toContain(limit)
    }
  }))

test('a wallet’s token has the form of the call that issued it, and keeps it while it lives', async () => {
  const client = await connect()
  const token = async (path: string, fields?: Record<string, string>) => {
    const { body } = await (fields ? client.post(path, fields) : client.get(path))
    return (body.list?.[0] ?? body).token as string
  }
  const LIST = '/customers/customer@gmail.com/wallets'
  const FORMS = [
    [() => token(WALLET), /^tok_[a-z0-9]{20}$/],
    [() => token(WALLET, { command: 'refresh' }), /^tkn_[a-z0-9]{30}$/],
    [() => token(`${WALLET}?command=refresh`), /^tkn_[a-z0-9]{30}$/],
    [() => token(LIST), /^tk_[a-z0-9]{38}$/],
    [() => token(`${LIST}/refresh-balances`), /^tk_[a-z0-9]{38}$/],
  ] as const
  for (const [issue, form] of FORMS) {
    const issued = await issue()
    expect(issued).toMatch(form)
    for (const [again] of FORMS) expect(await again()).toBe(issued)
    await client.sandbox.control.clock.advance('15m')
  }
})
