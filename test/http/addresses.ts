/** Every address that a sandbox makes, by where it stands. */

/** Sends a request to a vendor's API with the key of a merchant; redirects are not followed. */
export type Ask = (
  path: string,
  form?: Readonly<Record<string, string>>,
) => Promise<{
  readonly text: string
  readonly location: string | null
}>

const CUSTOMER = 'customer@gmail.com'
const WALLET = '/wallets/wlt_q23xzki3pazgtezo'

/** @param ask of a merchant whose state is a copy of the shipped one */
export async function addressesOf(ask: Ask): Promise<Readonly<Record<string, string>>> {
  const read = async (path: string, form?: Record<string, string>) => JSON.parse((await ask(path, form)).text)
  const order = { 'order.order_id': 'tea-1', 'order.amount': '5', 'order.customer_id': CUSTOMER }
  const topUp = await read(`${WALLET}/topup`, {
    amount: '5',
    topup_txn_id: 'tu-1',
    return_url: 'https://shop.example/paid',
  })
  const begun = await read('/txns', { ...order, payment_method_type: 'WALLET', payment_method: 'PAYTM' })
  const shown = await read('/orders/tea-1')
  const session = await read('/session', {
    order_id: 'tea-2',
    amount: '5',
    customer_id: CUSTOMER,
    payment_page_client_id: 'shop',
    action: 'paymentPage',
  })
  const created = await read('/orders', { order_id: 'tea-3', amount: '5', customer_id: CUSTOMER })
  const { token } = await read(WALLET)
  const debit = (id: string, amount: string) => ({
    'order.order_id': id,
    'order.amount': amount,
    'order.customer_id': CUSTOMER,
    payment_method_type: 'WALLET',
    payment_method: 'MOBIKWIK',
    direct_wallet_token: token,
  })
  const paid = await read('/txns', debit('tea-4', '5'))
  const { token: next } = await read(WALLET)
  const short = await read('/txns', { ...debit('tea-5', '9000'), direct_wallet_token: next })
  const link = new URL(created.payment_links.web)
  const followed = await ask(`/merchant/pay/${link.pathname.split('/').at(-1)}${link.search}`)
  const pressed = await ask(`/${begun.payment.authentication.url.split('/').slice(-5).join('/')}`, { outcome: 'pay' })
  return {
    'payment_url of a top-up': topUp.payment_url,
    'authentication.url of a redirect': begun.payment.authentication.url,
    'authentication.url of a debit': paid.payment.authentication.url,
    'authentication.url of a wallet that lacks money': short.payment.authentication.url,
    'payment_links of an order that is created': created.payment_links.web,
    'payment_links.mobile': created.payment_links.mobile,
    'payment_links.iframe': created.payment_links.iframe,
    'payment_links of an order that is shown': shown.payment_links.web,
    'payment_links of a session': session.payment_links.web,
    'Location of a link': followed.location ?? '',
    'Location after "pay"': pressed.location ?? '',
  }
}
