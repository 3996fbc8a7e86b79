import { type Check, type Known, reading, refused, type Suite, writing } from '../../api/suite.js'

const CUSTOMER = 'a customer: --customer, or an account that lists one'
const WALLET = 'a wallet: --wallet, or --customer with one'
const REFUND = ({ unique }: Known) => ({ unique_request_id: `verify${unique}` })
const NEW_CUSTOMER = ({ unique }: Known) => ({ object_reference_id: `verify${unique}`, first_name: 'Verify' })
const OF_NEW_CUSTOMER = { names: ({ unique }: Known) => ({ customer: `verify${unique}` }) }

const checks: readonly Check[] = [
  reading('juspay.listCustomers', { query: '?count=20', learns: { listed: 'list' } }),
  ...refused('juspay.getWallet', 'invalid_authentication', 'wallet_not_found'),
  ...refused('juspay.listWallets', 'invalid_authentication', 'customer_not_found'),
  reading('juspay.listWallets', { needs: CUSTOMER, learns: { wallet: 'list.0.id' } }),
  reading('juspay.getWallet', { needs: WALLET }),
  ...refused('juspay.refreshAllWallets', 'invalid_authentication', 'customer_not_found'),
  reading('juspay.refreshAllWallets', { needs: CUSTOMER }),
  ...refused('juspay.getCustomer', 'invalid_authentication', 'customer_not_found'),
  reading('juspay.getCustomer', { needs: CUSTOMER }),
  reading('juspay.listOrders', { query: '?count=2', learns: { order: 'list.0.order_id' } }),
  writing(
    'juspay.createOrder',
    ({ unique, customer = '' }) => ({ order_id: `verify${unique}`, amount: '1.00', customer_id: customer }),
    { learns: { order: 'order_id' } },
  ),
  writing('juspay.updateOrder', () => ({ amount: '2.00' }), { needs: 'the order that was created' }),
  ...refused('juspay.getOrder', 'invalid_authentication', 'order_not_found'),
  reading('juspay.getOrder', { needs: 'an order: the account lists none' }),
  ...refused('juspay.listOrderWallets', 'invalid_authentication', 'order_not_found'),
  reading('juspay.listOrderWallets', { needs: 'an order: the account lists none' }),
  reading('juspay.refreshWallet', { query: '?command=refresh', needs: WALLET }),
  writing('juspay.debitWallet', ({ order }) => ({
    order_id: order,
    payment_method_type: 'WALLET',
    payment_method: 'MOBIKWIK',
  })),
  writing('juspay.refundOrder', REFUND, { ending: 'order_not_found', names: () => ({ order: 'nosuchorder0000' }) }),
  writing('juspay.refundPayment', REFUND, { ending: 'order_not_found', names: () => ({ payment: 'nosuchpayment-1' }) }),
  writing('juspay.createSession', ({ unique }) => ({
    order_id: `session${unique}`,
    amount: '1.00',
    payment_page_client_id: 'verify',
    action: 'paymentPage',
  })),
  reading('juspay.listPaymentMethods', { needs: 'the merchant: no answer named it in x-jp-merchant-id' }),
  writing('juspay.createCustomer', NEW_CUSTOMER),
  writing('juspay.createCustomer', NEW_CUSTOMER, { ending: 'conflict' }),
  writing('juspay.updateCustomer', () => ({ last_name: 'Again' }), OF_NEW_CUSTOMER),
  writing('juspay.createWallet', () => ({ gateway: 'MOBIKWIK' }), OF_NEW_CUSTOMER),
]

export const suite: Suite = {
  checks,
  unknown: { wallet: 'wlt_nosuchwallet0000', customer: 'cst_nosuchcustomer00', order: 'nosuchorder0000' },
  headers: ['x-request-id', 'x-response-id'],
  shipped: { key: 'acme_test_key', customer: 'cst_om2l6ctlptxwxuzj' },
  requestHeaders: { 'x-routing-id': 'verify', 'content-type': 'application/x-www-form-urlencoded' },
  printFields: (fields) => String(new URLSearchParams(fields as Record<string, string>)),
}
