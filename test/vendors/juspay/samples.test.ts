import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Fixtures, Options } from '../../../src/index.js'
import { createSandbox } from '../../../src/index.js'
import { type Client, clientOf, type Reply, SILENT } from './client.js'

const SAMPLES = new URL('../../samples/juspay/', import.meta.url)

type Customers = NonNullable<Fixtures['merchants'][number]['customers']>

const holding = (...customers: Customers): Fixtures => ({
  merchants: [{ id: 'acme', juspayApiKeys: [{ key: 'acme_test_key' }], customers }],
})

interface Case {
  readonly options?: Options
  /** Where it differs: a figure of the sample that no state of two wallets can have. */
  readonly edit?: (sample: string) => string
  ask(client: Client): Promise<Reply>
}

const NEW_CUSTOMER = {
  ...{ object_reference_id: 'customer@gmail.com', mobile_country_code: '91', mobile_number: '9988776655' },
  ...{ email_address: 'customer@gmail.com', first_name: 'John', last_name: 'Smith' },
}
const WALLET = '/wallets/wlt_q23xzki3pazgtezo'
const AT_GATEWAY = '2016-08-02T08:07:52Z'

const CASES: Readonly<Record<string, Case>> = {
  'customer--create-customer--response-auth_token.json': {
    options: { fixtures: holding(), clock: '2020-03-17T14:13:37Z' },
    ask: ({ post }) => post('/customers', { ...NEW_CUSTOMER, 'options.get_client_auth_token': true }),
  },
  'customer--create-customer--response.json': {
    options: { fixtures: holding(), clock: '2020-03-17T14:16:31Z' },
    ask: ({ post }) => post('/customers', NEW_CUSTOMER),
  },
  'customer--get-customer--response-auth_token.json': {
    options: {
      clock: '2020-03-17T14:30:26Z',
      fixtures: holding({
        ...{ id: 'cst_tooedar2k7j1d60b', objectReferenceId: 'customer', mobileNumber: '9999999999' },
        ...{ mobileCountryCode: '91', firstName: 'name', lastName: 'al', emailAddress: 'test@juspay.in' },
        ...{ dateCreated: '2020-03-17T14:29:17Z', lastUpdated: '2020-03-17T14:29:17Z' },
      }),
    },
    ask: ({ get }) => get('/customers/customer?options.get_client_auth_token=true'),
  },
  'customer--get-customer--response.json': { ask: ({ get }) => get('/customers/customer@gmail.com') },
  'customer--update-customer--response.json': {
    options: { clock: AT_GATEWAY },
    ask: ({ post }) =>
      post('/customers/cst_om2l6ctlptxwxuzj', { mobile_number: '9988776644', first_name: 'Jon', last_name: 'Snow' }),
  },
  'wallet--authenticate--response.json': {
    options: { fixtures: holding({ id: 'cst_a', wallets: [{ id: 'wlt_q23xzki3pazgtezo', wallet: 'MOBIKWIK' }] }) },
    ask: ({ post }) => post(WALLET, { command: 'authenticate' }),
  },
  'wallet--create-wallet--mobile_number.json': {
    ask: ({ post }) => post('/customers/guest_user/wallets', { gateway: 'MOBIKWIK', mobile_number: '9999999999' }),
  },
  'wallet--create-wallet--response.json': {
    ask: ({ post }) => post('/customers/guest_user/wallets', { gateway: 'MOBIKWIK', command: 'authenticate' }),
  },
  'wallet--delink-wallet--response.json': { ask: ({ post }) => post(WALLET, { command: 'delink' }) },
  'wallet--eligibility--error.json': {
    ask: ({ post }) => post('/customers/guest_user/eligibility', { amount: '100', payment_method: 'OLAPOSTPAID' }),
  },
  'wallet--eligibility--response.json': {
    options: { clock: '2019-11-20T10:00:00Z' },
    ask: ({ post }) => post('/customers/customer@gmail.com/eligibility', { amount: '100' }),
  },
  'wallet--get-wallet--response.json': { ask: ({ get }) => get(WALLET) },
  'wallet--link-wallet--response.json': {
    options: {
      fixtures: holding({
        id: 'cst_a',
        wallets: [
          {
            ...{ id: 'wlt_q23xzki3pazgtezo', wallet: 'MOBIKWIK', token: 'tok_winysteev9eftrwcv6me' },
            provider: { balance: 250, asOf: '2016-08-01T08:07:52Z' },
          },
        ],
      }),
    },
    ask: async ({ post }) => {
      await post(WALLET, { command: 'authenticate' })
      return post(WALLET, { command: 'link', otp: '123456' })
    },
  },
  'wallet--list-wallets--metadata.json': { ask: ({ get }) => get('/customers/cust19374/wallets') },
  'wallet--list-wallets--response.json': {
    edit: (sample) => sample.replace('"count":10', '"count":2').replace('"total":100', '"total":2'),
    ask: ({ get }) => get('/customers/customer@gmail.com/wallets'),
  },
  'wallet--refresh-all--response.json': {
    // This sample has no sub-accounts, and neither has the fixture.
    ask: ({ get }) => get('/customers/cst_masked_sample/wallets/refresh-balances'),
  },
  'wallet--refresh-wallet--response.json': { ask: ({ post }) => post(WALLET, { command: 'refresh' }) },
  'wallet--topup--response.json': {
    ask: ({ post }) => post(`${WALLET}/topup`, { amount: '100', topup_txn_id: 'topup_sdj4kjr8' }),
  },
  'wallet--update-mobile--response.json': {
    options: { fixtures: holding({ id: 'cst_a', wallets: [{ id: 'wlt_yvuidaupkvz3', wallet: 'PAYTM' }] }) },
    ask: ({ post }) => post('/wallets/wlt_yvuidaupkvz3', { command: 'update', mobile_number: '7777777777' }),
  },
}

/** Texts that the vendor drew at random, and so does the sandbox: their form is compared, not their letters. */
const drawn = (text: string) =>
  text.replace(/\b(cst|wlt|tkn|wtpup)_[a-z0-9]{12,32}\b/g, (id, prefix) => `${prefix}_${'x'.repeat(id.length)}`)

test('every sample has its case', () => {
  expect(Object.keys(CASES).sort()).toEqual(readdirSync(SAMPLES).sort())
})

test.each(Object.entries(CASES))('%s comes back key for key', async (file, { options, edit = (text) => text, ask }) => {
  const sandbox = await createSandbox({ ...SILENT, ...options })
  const reply = await ask(clientOf(sandbox, 'https://api.juspay.in', 'acme_test_key'))
  const sample = edit(JSON.stringify(JSON.parse(readFileSync(new URL(file, SAMPLES), 'utf8'))))
  expect(drawn(reply.text)).toBe(drawn(sample))
  expect([reply.status, reply.headers.get('x-sandbox-fidelity')]).toEqual([200, 'published'])
})
