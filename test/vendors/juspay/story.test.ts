import { expect, test } from 'vitest'
import { connect, debit, WAYS } from './client.js'

const CASES = WAYS.flatMap((way) =>
  (['id', 'object_reference_id'] as const).map((name) => ({ ...way, calledBy: name })),
)

test.each(CASES)('from customer to debit: $transport, $encoding, by $calledBy', async ({ calledBy, ...way }) => {
  const { sandbox, get, post } = await connect({}, way)
  const customer = (
    await post('/customers', {
      object_reference_id: 'asha@shop.example',
      mobile_number: '9876543210',
      first_name: 'Asha',
    })
  ).body
  expect(customer.id).toMatch(/^cst_[a-z0-9]{16}$/)
  const path = `/customers/${encodeURIComponent(customer[calledBy])}`

  const created = (await post(`${path}/wallets`, { gateway: 'LAZYPAY', mobile_number: '9876543210' })).body
  expect(created).toMatchObject({ linked: false, token: null, metadata: { mobile_number: '9876543210' } })
  const wallet = `/wallets/${created.id}`

  expect((await post(wallet, { command: 'authenticate' })).body).toMatchObject({ id: created.id, linked: false })
  for (const left of [2, 1]) {
    const wrong = await post(wallet, { command: 'link', otp: '000000' })
    expect(wrong.status).toBe(400)
    const error_message = `Oops!! OTP you entered seems to be wrong. ${left} more attempts before we lock your account`
    expect(wrong.text).toBe(
      JSON.stringify({ status: 'Invalid Request', error_message, error_code: 'LP_INCORRECT_OTP' }),
    )
  }
  const linked = (await post(wallet, { command: 'link', otp: '123456' })).body
  expect(linked).toMatchObject({ linked: true, last_refreshed: '2023-09-11T08:30:00+0000' })
  expect(linked.token).toMatch(/^tok_[a-z0-9]{20}$/)

  const [row] = (await get(`${path}/wallets`)).body.list
  expect(row).toMatchObject({
    id: created.id,
    linked: true,
    token: linked.token,
    current_balance: linked.current_balance,
  })

  const order = (await post('/orders', { order_id: 'tea-1', amount: '109.55', customer_id: customer[calledBy] })).body
  expect(order).toMatchObject({ order_id: 'tea-1', status: 'CREATED', status_id: 1 })
  const fresh = { order_id: 'tea-1', amount: 109.55, customer_id: customer.id, status: 'NEW' }
  expect((await get('/orders/tea-1')).body).toMatchObject(fresh)
  const paid = await post('/txns', debit('tea-1', 'LAZYPAY', row.token))
  expect(paid.body).toMatchObject({
    order_id: 'tea-1',
    status: 'CHARGED',
    payment: { authentication: { method: 'GET', url: expect.stringMatching(/^https?:/) } },
  })
  expect((await get('/orders/tea-1')).body).toMatchObject({
    status: 'CHARGED',
    status_id: 21,
    txn_id: paid.body.txn_id,
  })

  const again = await post('/txns', debit('tea-1', 'LAZYPAY', row.token))
  expect([again.status, again.body.error_info.code]).toEqual([400, 'EXPIRED'])
  expect(again.headers.get('x-sandbox-reason')).toContain('used already')

  expect((await get(wallet)).body.current_balance).toBe(linked.current_balance)
  const refreshed = (await get(`${wallet}?command=refresh`)).body
  expect(Math.round(refreshed.current_balance * 100)).toBe(Math.round(linked.current_balance * 100) - 10_955)
  expect(refreshed.linked).toBe(true)

  expect((await post(wallet, { command: 'delink' })).body).toMatchObject({ linked: false, token: null })
  expect((await get(`${path}/wallets`)).text).toBe(
    JSON.stringify({
      object: 'list',
      list: [
        {
          id: created.id,
          object: 'wallet_account',
          wallet: 'LAZYPAY',
          token: null,
          current_balance: null,
          linked: false,
          last_refreshed: null,
          metadata: { mobile_number: '9876543210' },
          gateway_reference_id: null,
        },
      ],
      count: 1,
      offset: 0,
      total: 1,
    }),
  )
  await sandbox.close()
})
