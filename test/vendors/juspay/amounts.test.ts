import { describe, expect, test } from 'vitest'
import { every } from '../../every.js'
import { connect, type Fields, invalidInput } from './client.js'

/** What is written as an amount, and what it is: a number of rupees, or nothing that can be paid. */
const AMOUNTS: readonly (readonly [written: string, rupees: number | null])[] = [
  ['10', 10],
  ['10.0', 10],
  ['10.00', 10],
  ['10.1', 10.1],
  ['0.01', 0.01],
  ['109.55', 109.55],
  ['8.165', null],
  ['8.16', 8.16],
  ['1.15', 1.15],
  ['007', 7],
  ['10000000000000', 1e13],
  ['9999999999999.99', 9_999_999_999_999.99],
  ['10000000000000.01', null],
  ['99999999999999999999999', null],
  ['0', null],
  ['0.00', null],
  ['-1', null],
  ['-0', null],
  ['+1', null],
  ['1e3', null],
  ['0x10', null],
  ['10.', null],
  ['.5', null],
  ['1,000', null],
  ['1.2.3', null],
  ['10 ', null],
  ['ten', null],
  ['NaN', null],
  ['Infinity', null],
  ['null', null],
  ['१०', null],
  ['', null],
]

/** JSON writes a number in its own way; what it stands for counts. */
const NUMBERS: readonly (readonly [json: string, rupees: number | null])[] = [
  ['10', 10],
  ['10.10', 10.1],
  ['1e3', 1000],
  ['0.1', 0.1],
  ['1E-2', 0.01],
  ['0.30000000000000004', null],
  ['10.101', null],
  ['1e-7', null],
  ['1e21', null],
  ['-5', null],
  ['0', null],
  ['true', null],
  ['null', null],
  ['[10]', null],
  ['{"amount":10}', null],
]

const REFUSED = invalidInput('amount', expect.stringMatching(/^(Missing field or Invalid Value|Invalid amount)$/))

describe.each(['form', 'json'] as const)('an amount as text in a %s body', (encoding) => {
  test('is what it says, or is refused and makes no order', async () => {
    const { get, post } = await connect({}, { encoding })
    await every(AMOUNTS, async ([written, rupees]) => {
      const id = `amount-${Buffer.from(written).toString('hex')}`
      const reply = await post('/orders', { order_id: id, amount: written })
      if (rupees === null) {
        expect([reply.status, reply.body]).toEqual([400, REFUSED])
        expect(reply.headers.get('x-sandbox-reason')).toMatch(/^The field amount is ".*"; allowed: decimal text .*\.$/)
        expect((await get(`/orders/${id}`)).body.status).toBe('NOT_FOUND')
      } else expect((await get(`/orders/${id}`)).body.amount).toBe(rupees)
    })
  })
})

test('a JSON amount is the number that it stands for, or is refused', async () => {
  const { sandbox, get } = await connect()
  await every(NUMBERS, async ([json, rupees]) => {
    const response = await sandbox.fetch('https://sandbox.juspay.in/orders', {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('acme_test_key:')}`, 'content-type': 'application/json; charset=utf-8' },
      body: `{"order_id":"number ${json.replaceAll('"', '')}","amount":${json}}`,
    })
    expect(response.status).toBe(rupees === null ? 400 : 200)
    const body = (await response.json()) as { order_id: string }
    if (rupees === null) expect(body).toEqual(REFUSED)
    else expect((await get(`/orders/${encodeURIComponent(body.order_id)}`)).body.amount).toBe(rupees)
  })
})

test('sums of tenths are exact: three times 0.1 takes 0.3 from the wallet', async () => {
  const { get, post } = await connect()
  const path = '/wallets/wlt_q23xzki3pazgtezo'
  for (const n of [1, 2, 3]) {
    const { token } = (await get(path)).body
    await post('/orders', { order_id: `tenth-${n}`, amount: '0.1', customer_id: 'customer@gmail.com' } satisfies Fields)
    const fields = { order_id: `tenth-${n}`, payment_method_type: 'WALLET', payment_method: 'MOBIKWIK' }
    expect((await post('/txns', { ...fields, direct_wallet_token: token })).body.status).toBe('CHARGED')
  }
  expect((await get(`${path}?command=refresh`)).body.current_balance).toBe(249.7)
})

test('a missing amount names the field', async () => {
  const { post } = await connect()
  expect((await post('/orders', { order_id: 'one' })).body).toEqual(invalidInput('amount'))
})
