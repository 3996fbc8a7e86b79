import { type Check, reading, refused, type Suite, writing } from '../../api/suite.js'

const NO_UUID = '00000000-0000-4000-8000-000000000000'
const NEW_CUSTOMER = 'the customer that was created'
const RATE = ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset']

const checks: readonly Check[] = [
  ...refused('juicyway.retrieveWallet', 'invalid_authentication', 'wallet_not_found'),
  { operation: 'juicyway.listWallets', ending: 'bad_request', query: '?limit=0' },
  ...refused('juicyway.listWallets', 'invalid_authentication'),
  reading('juicyway.listWallets', {
    query: '?limit=5',
    learns: { wallet: 'data.0.id', customer: 'data.0.customer_id' },
  }),
  reading('juicyway.retrieveWallet', { needs: 'a wallet: --wallet, or an account with one' }),
  ...refused('juicyway.getCustomer', 'invalid_authentication'),
  { operation: 'juicyway.getCustomer', ending: 'customer_not_found', headers: RATE },
  reading('juicyway.getCustomer', { needs: 'a customer: --customer, or an account with a wallet', headers: RATE }),
  ...refused('juicyway.retrieveTransaction', 'not_found'),
  reading('juicyway.listTransactions', { query: '?limit=5', learns: { transaction: 'data.0.id' } }),
  reading('juicyway.retrieveTransaction', { needs: 'a transaction: the account lists none' }),
  writing(
    'juicyway.createCustomer',
    ({ unique }) => ({
      first_name: 'Verify',
      last_name: 'Again',
      email: `verify${unique}@example.com`,
      phone_number: '+2348012345678',
      type: 'individual',
      billing_address: { line1: '1 Marina', city: 'Lagos', state: 'Lagos', zip_code: '100001', country: 'NG' },
    }),
    { learns: { customer: 'data.id' } },
  ),
  writing('juicyway.updateCustomer', () => ({ email: 'no email' }), { ending: 'unprocessable', needs: NEW_CUSTOMER }),
  writing('juicyway.createWallet', ({ customer = '' }) => ({ customer_id: customer, currency: 'USD' }), {
    needs: NEW_CUSTOMER,
    learns: { wallet: 'data.id' },
  }),
  writing('juicyway.addPaymentMethod', () => ({ type: 'bank_account' }), { needs: 'the wallet that was created' }),
  writing('juicyway.updateWalletStatus', () => ({ status: 'deleted' }), { needs: 'the wallet that was created' }),
]

export const suite: Suite = {
  checks,
  unknown: { wallet: NO_UUID, customer: NO_UUID, transaction: NO_UUID },
  headers: [],
  shipped: { key: 'test_globex_juicyway', customer: '7c0e6b1a-52d4-4c8e-9a57-0d1f8c2b6e90' },
  requestHeaders: { 'content-type': 'application/json' },
  printFields: (fields) => JSON.stringify(fields),
}
