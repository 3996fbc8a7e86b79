import type { Check, Suite } from '../../api/suite.js'

const CUSTOMER = 'a customer: --customer, or an account that lists one'
const WALLET = 'a wallet: --wallet, or --customer with one'

const checks: readonly Check[] = [
  { operation: 'juspay.listCustomers', ending: 'success', query: '?count=20', learns: { listed: 'list' } },
  { operation: 'juspay.getWallet', ending: 'invalid_authentication' },
  { operation: 'juspay.getWallet', ending: 'wallet_not_found' },
  { operation: 'juspay.listWallets', ending: 'invalid_authentication' },
  { operation: 'juspay.listWallets', ending: 'customer_not_found' },
  { operation: 'juspay.listWallets', ending: 'success', needs: CUSTOMER, learns: { wallet: 'list.0.id' } },
  { operation: 'juspay.getWallet', ending: 'success', needs: WALLET },
  { operation: 'juspay.refreshAllWallets', ending: 'invalid_authentication' },
  { operation: 'juspay.refreshAllWallets', ending: 'customer_not_found' },
  { operation: 'juspay.refreshAllWallets', ending: 'success', needs: CUSTOMER },
  { operation: 'juspay.getCustomer', ending: 'invalid_authentication' },
  { operation: 'juspay.getCustomer', ending: 'customer_not_found' },
  { operation: 'juspay.getCustomer', ending: 'success', needs: CUSTOMER },
  { operation: 'juspay.listOrders', ending: 'success', query: '?count=2', learns: { order: 'list.0.order_id' } },
  {
    operation: 'juspay.createOrder',
    ending: 'success',
    writes: true,
    fields: ({ unique, customer = '' }) => ({ order_id: `verify${unique}`, amount: '1.00', customer_id: customer }),
    learns: { order: 'order_id' },
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
  { operation: 'juspay.listOrderWallets', ending: 'invalid_authentication' },
  { operation: 'juspay.listOrderWallets', ending: 'order_not_found' },
  { operation: 'juspay.listOrderWallets', ending: 'success', needs: 'an order: the account lists none' },
  { operation: 'juspay.refreshWallet', ending: 'success', query: '?command=refresh', needs: WALLET },
  {
    operation: 'juspay.debitWallet',
    ending: 'success',
    writes: true,
    fields: ({ order }) => ({ order_id: order, payment_method_type: 'WALLET', payment_method: 'MOBIKWIK' }),
  },
  {
    operation: 'juspay.refundOrder',
    ending: 'order_not_found',
    writes: true,
    names: () => ({ order: 'nosuchorder0000' }),
    fields: ({ unique }) => ({ unique_request_id: `verify${unique}` }),
  },
  {
    operation: 'juspay.refundPayment',
    ending: 'order_not_found',
    writes: true,
    names: () => ({ payment: 'nosuchpayment-1' }),
    fields: ({ unique }) => ({ unique_request_id: `verify${unique}` }),
  },
  {
    operation: 'juspay.createSession',
    ending: 'success',
    writes: true,
    fields: ({ unique }) => ({
      order_id: `session${unique}`,
      amount: '1.00',
      payment_page_client_id: 'verify',
      action: 'paymentPage',
    }),
  },
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

export const suite: Suite = {
  checks,
  unknown: { wallet: 'wlt_nosuchwallet0000', customer: 'cst_nosuchcustomer00', order: 'nosuchorder0000' },
  headers: ['x-request-id', 'x-response-id'],
  shipped: { key: 'acme_test_key', customer: 'cst_om2l6ctlptxwxuzj' },
  requestHeaders: { 'x-routing-id': 'verify', 'content-type': 'application/x-www-form-urlencoded' },
  printFields: (fields) => String(new URLSearchParams(fields as Record<string, string>)),
}
