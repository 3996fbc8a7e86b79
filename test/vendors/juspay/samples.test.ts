import { expect, test } from 'vitest'
import type { Fixtures, Options } from '../../../src/index.js'
import { createSandbox } from '../../../src/index.js'
import { type Client, clientOf, type Reply, SILENT } from './client.js'

type Customers = NonNullable<Fixtures['merchants'][number]['customers']>

const holding = (...customers: Customers): Fixtures => ({
  merchants: [{ id: 'acme', juspayApiKeys: [{ key: 'acme_test_key' }], customers }],
})

interface Case {
  readonly options?: Options
  /** The keys, their order and their types are the published sample's; the values are the fixtures'. */
  readonly body: object
  ask(client: Client): Promise<Reply>
}

const NEW_CUSTOMER = {
  object_reference_id: 'customer@gmail.com',
  mobile_country_code: '91',
  mobile_number: '9988776655',
  email_address: 'customer@gmail.com',
  first_name: 'John',
  last_name: 'Smith',
}
const WALLET = '/wallets/wlt_q23xzki3pazgtezo'
const AT_GATEWAY = '2016-08-02T08:07:52Z'

const CASES: Readonly<Record<string, Case>> = {
  'a created customer, with a token': {
    body: {
      id: 'cst_g0lz2x5i7j6chxqe',
      object: 'customer',
      object_reference_id: 'customer@gmail.com',
      mobile_country_code: '91',
      mobile_number: '9988776655',
      email_address: 'customer@gmail.com',
      first_name: 'John',
      last_name: 'Smith',
      date_created: '2020-03-17T14:13:37Z',
      last_updated: '2020-03-17T14:13:37Z',
      juspay: {
        client_auth_token: 'tkn_e3dd621575530397817eb95668ef4d50',
        client_auth_token_expiry: '2020-03-17T14:28:37Z',
      },
    },
    options: { fixtures: holding(), clock: '2020-03-17T14:13:37Z' },
    ask: ({ post }) => post('/customers', { ...NEW_CUSTOMER, 'options.get_client_auth_token': true }),
  },
  'a created customer': {
    body: {
      id: 'cst_g0lz2x5i7j6chxqe',
      object: 'customer',
      object_reference_id: 'customer@gmail.com',
      mobile_country_code: '91',
      mobile_number: '9988776655',
      email_address: 'customer@gmail.com',
      first_name: 'John',
      last_name: 'Smith',
      date_created: '2020-03-17T14:16:31Z',
      last_updated: '2020-03-17T14:16:31Z',
    },
    options: { fixtures: holding(), clock: '2020-03-17T14:16:31Z' },
    ask: ({ post }) => post('/customers', NEW_CUSTOMER),
  },
  'a customer, with a token': {
    body: {
      object_reference_id: 'customer',
      object: 'customer',
      mobile_number: '9999999999',
      mobile_country_code: '91',
      last_updated: '2020-03-17T14:29:17Z',
      last_name: 'al',
      juspay: {
        client_auth_token_expiry: '2020-03-17T14:45:26Z',
        client_auth_token: 'tkn_7b6a54912164629ae2219b37ac999945',
      },
      id: 'cst_tooedar2k7j1d60b',
      first_name: 'name',
      email_address: 'test@juspay.in',
      date_created: '2020-03-17T14:29:17Z',
    },
    options: {
      clock: '2020-03-17T14:30:26Z',
      fixtures: holding({
        id: 'cst_tooedar2k7j1d60b',
        objectReferenceId: 'customer',
        mobileNumber: '9999999999',
        mobileCountryCode: '91',
        firstName: 'name',
        lastName: 'al',
        emailAddress: 'test@juspay.in',
        dateCreated: '2020-03-17T14:29:17Z',
        lastUpdated: '2020-03-17T14:29:17Z',
      }),
    },
    ask: ({ get }) => get('/customers/customer?options.get_client_auth_token=true'),
  },
  'a customer': {
    body: {
      id: 'cst_om2l6ctlptxwxuzj',
      object: 'customer',
      object_reference_id: 'customer@gmail.com',
      mobile_number: '9988776655',
      date_created: '2016-08-02T08:07:52Z',
      last_updated: '2016-08-02T08:07:52Z',
      email_address: 'customer@gmail.com',
      first_name: 'John',
      last_name: 'Smith',
      mobile_country_code: '91',
    },
    ask: ({ get }) => get('/customers/customer@gmail.com'),
  },
  'an updated customer': {
    body: {
      id: 'cst_om2l6ctlptxwxuzj',
      object: 'customer',
      object_reference_id: 'customer@gmail.com',
      mobile_number: '9988776644',
      date_created: '2016-08-02T08:07:52+0000',
      last_updated: '2016-08-02T08:07:52+0000',
      email_address: 'customer@gmail.com',
      first_name: 'Jon',
      last_name: 'Snow',
      mobile_country_code: '91',
    },
    options: { clock: AT_GATEWAY },
    ask: ({ post }) =>
      post('/customers/cst_om2l6ctlptxwxuzj', { mobile_number: '9988776644', first_name: 'Jon', last_name: 'Snow' }),
  },
  'an authenticated wallet': {
    body: {
      id: 'wlt_q23xzki3pazgtezo',
      object: 'wallet_account',
      wallet: 'MOBIKWIK',
      token: null,
      current_balance: null,
      linked: false,
      last_refreshed: null,
    },
    options: { fixtures: holding({ id: 'cst_a', wallets: [{ id: 'wlt_q23xzki3pazgtezo', wallet: 'MOBIKWIK' }] }) },
    ask: ({ post }) => post(WALLET, { command: 'authenticate' }),
  },
  'a wallet created with a mobile number': {
    body: {
      id: 'wlt_iq4plbbdz1b68i4z',
      object: 'wallet_account',
      wallet: 'MOBIKWIK',
      token: null,
      current_balance: null,
      linked: false,
      last_refreshed: null,
      metadata: { mobile_number: '9999999999' },
      gateway_reference_id: null,
    },
    ask: ({ post }) => post('/customers/guest_user/wallets', { gateway: 'MOBIKWIK', mobile_number: '9999999999' }),
  },
  'a created wallet': {
    body: {
      id: 'wlt_iq4plbbdz1b68i4z',
      object: 'wallet_account',
      wallet: 'MOBIKWIK',
      token: null,
      current_balance: null,
      linked: false,
      last_refreshed: null,
    },
    ask: ({ post }) => post('/customers/guest_user/wallets', { gateway: 'MOBIKWIK', command: 'authenticate' }),
  },
  'a delinked wallet': {
    body: {
      wallet: 'MOBIKWIK',
      token: null,
      last_refreshed: null,
      object: 'wallet_account',
      id: 'wlt_q23xzki3pazgtezo',
      current_balance: null,
      sub_details: [
        { payment_method: 'MOBIKWIK', payment_method_type: 'WALLET', last_refreshed: null, current_balance: null },
      ],
      linked: false,
    },
    ask: ({ post }) => post(WALLET, { command: 'delink' }),
  },
  'a refusal of the eligibility check': {
    body: {
      payment_methods_eligibility: [
        {
          status: 'USER_NOT_FOUND',
          payment_method_type: 'WALLET',
          payment_method: 'OLAPOSTPAID',
          is_eligible: false,
          gateway_error_code: 'OC_011',
          gateway_error_message: 'user not found',
          description: 'Olapostpaid Wallet',
        },
      ],
    },
    ask: ({ post }) => post('/customers/guest_user/eligibility', { amount: '100', payment_method: 'OLAPOSTPAID' }),
  },
  'the eligibility check': {
    body: {
      payment_methods_eligibility: [
        {
          status: 'SUCCESS',
          payment_method_type: 'WALLET',
          payment_method: 'LAZYPAY',
          is_eligible: true,
          eligibility_strategy: 'TRANSACTION',
          due_date: '03 December 2019',
          description: 'Lazy Pay Wallet',
        },
        {
          status: 'SUCCESS',
          payment_method_type: 'WALLET',
          payment_method: 'OLAPOSTPAID',
          is_eligible: true,
          gateway_error_message: 'Ola Postpaid available',
          gateway_error_code: 'OC_000',
          eligibility_strategy: 'TRANSACTION',
          description: 'Ola Postpaid Wallet',
        },
        {
          status: 'SUCCESS',
          payment_method_type: 'WALLET',
          payment_method: 'SIMPL',
          is_eligible: true,
          gateway_error_message: 'linking_required',
          gateway_error_code: 'linking_required',
          eligibility_strategy: 'USER',
          description: 'Simpl Wallet',
          balance: 0,
        },
      ],
    },
    options: { clock: '2019-11-20T10:00:00Z' },
    ask: ({ post }) => post('/customers/customer@gmail.com/eligibility', { amount: '100' }),
  },
  'a wallet': {
    body: {
      id: 'wlt_q23xzki3pazgtezo',
      object: 'wallet_account',
      wallet: 'MOBIKWIK',
      token: 'tok_winysteev9eftrwcv6me',
      current_balance: 250,
      linked: 'true',
      last_refreshed: '2016-08-02T08:07:52+0000',
    },
    ask: ({ get }) => get(WALLET),
  },
  'a linked wallet': {
    body: {
      id: 'wlt_q23xzki3pazgtezo',
      object: 'wallet_account',
      wallet: 'MOBIKWIK',
      token: 'tok_winysteev9eftrwcv6me',
      current_balance: 250,
      linked: true,
      last_refreshed: '2016-08-01T08:07:52+0000',
    },
    options: {
      fixtures: holding({
        id: 'cst_a',
        wallets: [
          {
            id: 'wlt_q23xzki3pazgtezo',
            wallet: 'MOBIKWIK',
            token: 'tok_winysteev9eftrwcv6me',
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
  'a list of wallets that are not linked': {
    body: {
      object: 'list',
      list: [
        {
          id: 'wlt_d10hncoc6xldk',
          object: 'wallet_account',
          wallet: 'PAYTM',
          token: null,
          current_balance: null,
          linked: false,
          last_refreshed: null,
          metadata: { mobile_number: '9999999999' },
          gateway_reference_id: null,
        },
      ],
      count: 1,
      offset: 0,
      total: 1,
    },
    ask: ({ get }) => get('/customers/cust19374/wallets'),
  },
  'a list of wallets': {
    body: {
      object: 'list',
      list: [
        {
          id: 'wlt_q23xzki3pazgtezo',
          object: 'wallet_account',
          wallet: 'MOBIKWIK',
          token: 'tok_winysteev9eftrwcv6me',
          current_balance: 250,
          linked: true,
          last_refreshed: '2016-08-02T08:07:52+0000',
        },
        {
          id: 'wlt_mu2xfwb4mr18flbs',
          object: 'wallet_account',
          wallet: 'FREECHARGE',
          token: null,
          current_balance: null,
          linked: false,
          last_refreshed: null,
        },
      ],
      count: 2,
      offset: 0,
      total: 2,
    },
    ask: ({ get }) => get('/customers/customer@gmail.com/wallets'),
  },
  'a list of refreshed wallets': {
    body: {
      list: [
        {
          wallet: 'PAYTM',
          token: 'tk_04ec****cff6f4095a',
          last_refreshed: '2022-02-17T06:58:08Z',
          juspay_bank_code: 'JP_PAYTM',
          object: 'wallet_account',
          metadata: { mobile_number: '77****78' },
          id: 'wlt_x1****K6am',
          current_balance: 109.55,
          gateway_reference_id: null,
          linked: true,
        },
      ],
      offset: 0,
      count: 1,
      total: 1,
      object: 'list',
    },
    // Neither the fixture nor the provider knows a sub-account.
    ask: ({ get }) => get('/customers/cst_masked_sample/wallets/refresh-balances'),
  },
  'a refreshed wallet': {
    body: {
      wallet: 'MOBIKWIK',
      token: 'tok_winysteev9eftrwcv6me',
      last_refreshed: '2016-08-02T08:07:52.000Z',
      object: 'wallet_account',
      id: 'wlt_q23xzki3pazgtezo',
      current_balance: 250,
      sub_details: [
        {
          payment_method: 'MOBIKWIK',
          payment_method_type: 'WALLET',
          last_refreshed: '2016-08-02T08:07:52Z',
          current_balance: 250,
        },
      ],
      linked: true,
    },
    ask: ({ post }) => post(WALLET, { command: 'refresh' }),
  },
  'a top-up': {
    body: {
      topup_txn_id: 'topup_sdj4kjr8',
      wallet_id: 'wlt_q23xzki3pazgtezo',
      status: 'PENDING',
      payment_url: 'https://api.juspay.in/wallets/topup/start/wtpup_yndcro2m0h0ciqkn?merchant=acme',
    },
    ask: ({ post }) => post(`${WALLET}/topup`, { amount: '100', topup_txn_id: 'topup_sdj4kjr8' }),
  },
  'a wallet with another mobile number': {
    body: {
      id: 'wlt_yvuidaupkvz3',
      object: 'wallet_account',
      wallet: 'PAYTM',
      token: null,
      current_balance: null,
      linked: false,
      last_refreshed: null,
      metadata: { mobile_number: '7777777777' },
      gateway_reference_id: null,
    },
    options: { fixtures: holding({ id: 'cst_a', wallets: [{ id: 'wlt_yvuidaupkvz3', wallet: 'PAYTM' }] }) },
    ask: ({ post }) => post('/wallets/wlt_yvuidaupkvz3', { command: 'update', mobile_number: '7777777777' }),
  },
}

/** Texts that the vendor drew at random, and so does the sandbox: their form is compared, not their letters. */
const drawn = (text: string) =>
  text.replace(/\b(cst|wlt|tkn|wtpup)_[a-z0-9]{12,32}\b/g, (id, prefix) => `${prefix}_${'x'.repeat(id.length)}`)

test.each(Object.entries(CASES))('%s comes back key for key', async (_, { options, body, ask }) => {
  const sandbox = await createSandbox({ ...SILENT, ...options })
  const reply = await ask(clientOf(sandbox, 'https://api.juspay.in', 'acme_test_key'))
  expect(drawn(reply.text)).toBe(drawn(JSON.stringify(body)))
  expect([reply.status, reply.headers.get('x-sandbox-fidelity')]).toEqual([200, 'published'])
})
