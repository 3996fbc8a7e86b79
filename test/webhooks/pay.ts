import { type Client, debit, type Fields } from '../vendors/juspay/client.js'

const CUSTOMER = 'customer@gmail.com'

export async function order(client: Client, fields: Fields = {}) {
  await client.post('/orders', { order_id: 'tea-1', amount: '109.55', customer_id: CUSTOMER, ...fields })
}

export async function pay(client: Client, id = 'tea-1') {
  const { token } = (await client.get('/wallets/wlt_q23xzki3pazgtezo')).body
  return client.post('/txns', debit(id, 'MOBIKWIK', token))
}
