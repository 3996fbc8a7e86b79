import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, type Sandbox, type Scenario } from '../../../src/index.js'
import { TARGETS } from '../../contract/targets.js'
import { every } from '../../every.js'
import {
  type Call,
  CUSTOMER,
  client,
  GLOBEX_CUSTOMER,
  GLOBEX_WALLET,
  idempotencyKey,
  inProcess,
  UNKNOWN,
  WALLET,
} from './client.js'

const TRANSACTION = { wallet_id: WALLET, amount: 10, type: 'credit' }
const NEW_WALLET = { currency: 'NGN', customer_id: CUSTOMER }

interface Case {
  readonly what: string
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly key?: string
  /** The message, or what is wrong with each field. */
  readonly expected: readonly [
    status: number,
    code: string,
    message: string | RegExp | Readonly<Record<string, string>>,
  ]
}

const post = (what: string, path: string, body: unknown, ...expected: Case['expected']): Case => ({
  what,
  method: 'POST',
  path,
  body,
  expected,
})
const get = (what: string, path: string, ...expected: Case['expected']): Case => ({
  what,
  method: 'GET',
  path,
  expected,
})
const patch = (what: string, path: string, body: unknown, ...expected: Case['expected']): Case => ({
  ...post(what, path, body, ...expected),
  method: 'PATCH',
})

/** Every operation, with a request that reaches it. */
const OPERATIONS: readonly (readonly [name: string, method: string, path: string, body?: unknown])[] = [
  ['createCustomer', 'POST', '/customers', {}],
  ['getCustomer', 'GET', `/customers/${CUSTOMER}`],
  ['updateCustomer', 'PATCH', `/customers/${CUSTOMER}`, {}],
  ['createWallet', 'POST', '/wallets', {}],
  ['listWallets', 'GET', '/wallets/all'],
  ['createTransaction', 'POST', '/wallets/transactions', {}],
  ['listTransactions', 'GET', '/wallets/transactions'],
  ['retrieveTransaction', 'GET', `/wallets/transactions/${UNKNOWN}`],
  ['retrieveWallet', 'GET', `/wallets/${WALLET}`],
  ['updateWalletStatus', 'PATCH', `/wallets/${WALLET}/status`, {}],
  ['addPaymentMethod', 'POST', `/wallets/${WALLET}/payment-method`, {}],
]

const NOT_FOUND = [404, 'not_found', 'Wallet not found'] as const

/** Each call that is refused without a scenario, and the answer. */
const CASES: readonly Case[] = [
  post('a currency that is not supported', '/wallets', { ...NEW_WALLET, currency: 'XYZ' }, 400, 'invalid_request', {
    currency: 'Invalid currency',
  }),
  post('a currency in lower case', '/wallets', { ...NEW_WALLET, currency: 'usd' }, 400, 'invalid_request', {
    currency: 'Invalid currency',
  }),
  post('no currency', '/wallets', { customer_id: CUSTOMER }, 400, 'invalid_request', { currency: 'Missing currency' }),
  post('no customer', '/wallets', { currency: 'NGN' }, 400, 'invalid_request', { customer_id: 'Missing customer_id' }),
  post('a customer that is not text', '/wallets', { ...NEW_WALLET, customer_id: 7 }, 400, 'invalid_request', {
    customer_id: 'Invalid customer_id',
  }),
  post(
    'an unknown customer',
    '/wallets',
    { ...NEW_WALLET, customer_id: UNKNOWN },
    404,
    'not_found',
    'Customer not found',
  ),
  post(
    "another merchant's customer",
    '/wallets',
    { ...NEW_WALLET, customer_id: GLOBEX_CUSTOMER },
    404,
    'not_found',
    'Customer not found',
  ),
  post(
    'a second wallet of a currency',
    '/wallets',
    { ...NEW_WALLET, currency: 'USD' },
    409,
    'conflict',
    'Customer already has a USD wallet',
  ),
  post('a body that is no JSON', '/wallets', '{', 400, 'invalid_request', 'Invalid parameters provided'),
  post('a list as body', '/wallets', '[]', 400, 'invalid_request', 'Invalid parameters provided'),
  post('no body', '/wallets', undefined, 400, 'invalid_request', 'The body is not JSON'),
  post('a field of the prototype', '/wallets', '{"__proto__":{"currency":"NGN"}}', 400, 'invalid_request', {
    currency: 'Missing currency',
  }),
  get('an unknown wallet', `/wallets/${UNKNOWN}`, ...NOT_FOUND),
  get("another merchant's wallet", `/wallets/${GLOBEX_WALLET}`, ...NOT_FOUND),
  get('a malformed id', '/wallets/nonsense', ...NOT_FOUND),
  get('a bad limit', '/wallets/all?limit=0', 400, 'invalid_request', { limit: 'Invalid limit' }),
  get('an unknown transaction', `/wallets/transactions/${UNKNOWN}`, 404, 'not_found', 'Transaction not found'),
  get('a wallet id as transaction', `/wallets/transactions/${WALLET}`, 404, 'not_found', 'Transaction not found'),
  get('an unknown type of transaction', '/wallets/transactions?type=refund', 400, 'invalid_request', {
    type: 'Invalid type',
  }),
  patch('the status of an unknown wallet', `/wallets/${UNKNOWN}/status`, { status: 'frozen' }, ...NOT_FOUND),
  patch('a status that is none', `/wallets/${WALLET}/status`, { status: 'closed' }, 400, 'invalid_request', {
    status: 'Invalid status',
  }),
  patch(
    'the same status',
    `/wallets/${WALLET}/status`,
    { status: 'active' },
    422,
    'validation_error',
    /active cannot become active/,
  ),
  post(
    'an account for an unknown wallet',
    `/wallets/${UNKNOWN}/payment-method`,
    { type: 'bank_account' },
    ...NOT_FOUND,
  ),
  post('an account of an unknown type', `/wallets/${WALLET}/payment-method`, { type: 'card' }, 400, 'invalid_request', {
    type: 'Invalid type',
  }),
  post(
    'a transaction of an unknown wallet',
    '/wallets/transactions',
    { ...TRANSACTION, wallet_id: UNKNOWN },
    ...NOT_FOUND,
  ),
  post(
    "a transaction of another merchant's wallet",
    '/wallets/transactions',
    { ...TRANSACTION, wallet_id: GLOBEX_WALLET },
    ...NOT_FOUND,
  ),
  post('a transaction of no wallet', '/wallets/transactions', { amount: 1, type: 'credit' }, 400, 'invalid_request', {
    wallet_id: 'Missing wallet_id',
  }),
  post(
    'a transaction of an unknown type',
    '/wallets/transactions',
    { ...TRANSACTION, type: 'refund' },
    422,
    'validation_error',
    { type: 'Invalid type' },
  ),
  post('a transaction of no type', '/wallets/transactions', { wallet_id: WALLET, amount: 1 }, 422, 'validation_error', {
    type: 'Missing type',
  }),
  post(
    'a debit that is not covered',
    '/wallets/transactions',
    { ...TRANSACTION, type: 'debit' },
    409,
    'insufficient_balance',
    'Insufficient balance',
  ),
  post(
    'a description that is too long',
    '/wallets/transactions',
    { ...TRANSACTION, description: 'x'.repeat(257) },
    400,
    'invalid_request',
    { description: 'Invalid description' },
  ),
  { ...get('no key', '/wallets/all', 401, 'unauthorized', 'Unauthorized'), key: '' },
  { ...get('an expired key', '/wallets/all', 401, 'unauthorized', 'Unauthorized'), key: 'test_acme_expired' },
  { ...get('a live key', '/wallets/all', 401, 'unauthorized', 'Unauthorized'), key: 'live_acme' },
  ...OPERATIONS.map(
    ([name, method, path, body]): Case => ({
      what: `a key without permission for ${name}`,
      method,
      path,
      body,
      key: 'test_acme_forbidden',
      expected: [403, 'forbidden', 'Access denied'],
    }),
  ),
  { ...post('no method of the path', '/wallets/all', {}, 405, 'method_not_allowed', 'Method not allowed') },
  post(
    'a body of more than a megabyte',
    '/wallets',
    'x'.repeat(1_048_577),
    413,
    'payload_too_large',
    'Payload too large',
  ),
]

function shown(status: number, message: Case['expected'][2]) {
  if (typeof message === 'string') return { message }
  if (message instanceof RegExp) return { message: expect.stringMatching(message) }
  const details = Object.fromEntries(Object.entries(message).map(([field, fault]) => [field, [fault]]))
  return {
    message: status === 400 ? 'Invalid parameters provided' : 'The request contains invalid parameters',
    details,
  }
}

describe.each(TARGETS)('$name', (target) => {
  let sandbox: Sandbox
  let as: (key: string) => Call
  beforeAll(async () => {
    sandbox = await createSandbox({ latency: 'off' })
    const send = await target.reach(sandbox)
    as = (key) => client(send, key)
  })
  afterAll(() => sandbox.close())

  test('each refusal has its status, code, message and reason, and none changes anything', async () => {
    await every(CASES, async ({ method, path, body, key = 'test_acme_juicyway', expected }) => {
      const [status, code, message] = expected
      const reply = await as(key)(method, path, body)
      expect([reply.status, reply.headers.get('content-type')]).toEqual([status, 'application/json'])
      expect(reply.body).toEqual({ error: { code, ...shown(status, message) } })
      expect(reply.headers.get('x-sandbox-reason')).toMatch(/^[A-Z\w].{15,}/)
      expect(reply.headers.get('x-sandbox-fidelity')).toMatch(/^(published|inferred)$/)
    })
    const reply = await as('test_acme_juicyway')('GET', '/wallets/all')
    expect(reply.body.data).toMatchObject([{ id: WALLET, balance: { amount: 0 }, status: 'active' }])
  })
})

/** Every error that a scenario can name, and its status here; null where this vendor has no answer of the kind. */
const ERRORS: Readonly<Record<string, number | null>> = {
  invalid_authentication: 401,
  forbidden: 403,
  bad_request: 400,
  not_found: 404,
  method_not_allowed: 405,
  payload_too_large: 413,
  customer_not_found: 404,
  wallet_not_found: 404,
  conflict: 409,
  unprocessable: 422,
  insufficient_balance: 409,
  order_not_found: null,
  otp_required: null,
  invalid_otp: null,
  otp_locked: null,
  token_expired: null,
  rate_limited: 429,
  server_error: 500,
  provider_unavailable: null,
  provider_timeout: null,
  maintenance: 503,
}

describe('a scenario', () => {
  const failing = (error: string, operation: string): Scenario => ({
    name: 'failing',
    rules: [{ name: 'it fails', match: { operation }, effect: { error } }],
  })

  test('can bring about every error of the vendor at every operation', async () => {
    await using sandbox = await createSandbox({ latency: 'off' })
    const call = client(await inProcess.reach(sandbox))
    const having = Object.entries(ERRORS).filter(([, status]) => status !== null)
    const pairs = having.flatMap(([error, status]) => OPERATIONS.map((operation) => ({ error, status, operation })))
    await every(pairs, async ({ error, status, operation: [name, method, path, body] }) => {
      await sandbox.control.scenario.put(failing(error, `juicyway.${name}`))
      const reply = await call(method, path, body, idempotencyKey('k'))
      expect(reply.status).toBe(status)
      expect(reply.body).toEqual({ error: { code: expect.any(String), message: expect.any(String) } })
      expect(reply.headers.get('x-sandbox-rule')).toBe('it fails')
    })
  })

  test('is refused where it names an error that the vendor does not have', async () => {
    await using sandbox = await createSandbox({ latency: 'off' })
    const lacking = Object.keys(ERRORS).filter((error) => ERRORS[error] === null)
    await every(lacking, async (error) => {
      const refused = sandbox.control.scenario.put(failing(error, 'juicyway.*'))
      await expect(refused).rejects.toThrow(`is "${error}", for which juicyway has no form; allowed`)
    })
  })

  test('can name no other error and no other operation than those of these tables', async () => {
    await using sandbox = await createSandbox({ latency: 'off' })
    const unknown = await sandbox.control.scenario.put(failing('nonsense', '*')).catch((error: Error) => error.message)
    expect(/Known: (.*)$/.exec(String(unknown))?.[1]?.split(', ').sort()).toEqual(Object.keys(ERRORS).sort())
    const { operations } = await sandbox.control.latency()
    const own = Object.keys(operations).filter((id) => id.startsWith('juicyway.'))
    expect(own.sort()).toEqual(OPERATIONS.map(([name]) => `juicyway.${name}`).sort())
  })
})

test('every status that the vendor names is among the cases, and a scenario can bring about the others', () => {
  const statuses = new Set([...CASES.map(({ expected }) => expected[0]), ...Object.values(ERRORS)])
  expect([400, 401, 403, 404, 409, 422, 429, 500, 503].filter((status) => !statuses.has(status))).toEqual([])
})
