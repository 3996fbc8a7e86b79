import { describe, expect, test } from 'vitest'
import { createSandbox } from '../../../src/index.js'
import { type Client, clientOf, connect, debit, type Reply, SILENT } from './client.js'

const LINKED = '/wallets/wlt_q23xzki3pazgtezo'
const UNLINKED = '/wallets/wlt_mu2xfwb4mr18flbs'
const CUSTOMER = 'customer@gmail.com'

interface Case {
  readonly name: string
  ask(client: Client): Promise<Reply>
  readonly status?: number
  /** `error_code`, or `error_info.code` where the body has one. */
  readonly code: string
  /** What the sandbox says was wrong, or would have worked. */
  readonly reason: RegExp
  readonly grade?: string
}

const inferred = { status: 400, grade: 'inferred' } as const

const CASES: readonly Case[] = [
  {
    name: 'an unknown command',
    ask: ({ post }) => post(LINKED, { command: 'fly' }),
    status: 400,
    grade: 'published',
    code: 'bad_request',
    reason: /command is missing or unknown; known here: refresh, authenticate, resend, link, delink, update/,
  },
  {
    name: 'no command',
    ask: ({ post }) => post(LINKED),
    status: 400,
    grade: 'published',
    code: 'bad_request',
    reason: /command is missing or unknown/,
  },
  {
    name: 'an unknown command on a GET',
    ask: ({ get }) => get(`${LINKED}?command=link`),
    status: 400,
    grade: 'published',
    code: 'bad_request',
    reason: /known here: refresh\./,
  },
  {
    name: 'an unknown gateway',
    ask: ({ post }) => post(`/customers/${CUSTOMER}/wallets`, { gateway: 'MOBIKWICK' }),
    ...inferred,
    code: 'Invalid',
    reason: /Did you mean "MOBIKWIK"\?/,
  },
  {
    name: 'an unknown command at creation',
    ask: ({ post }) => post(`/customers/${CUSTOMER}/wallets`, { gateway: 'PAYTM', command: 'link' }),
    status: 400,
    grade: 'published',
    code: 'bad_request',
    reason: /allowed when a wallet is created: authenticate/,
  },
  {
    name: 'a wallet for nobody',
    ask: ({ post }) => post('/customers/nobody/wallets', { gateway: 'PAYTM' }),
    ...inferred,
    code: 'null_error',
    reason: /has no customer "nobody"/,
  },
  {
    name: 'a command to no wallet',
    ask: ({ post }) => post('/wallets/wlt_q23xzki3pazgteza', { command: 'delink' }),
    ...inferred,
    code: 'null_error',
    reason: /Did you mean "wlt_q23xzki3pazgtezo"\?/,
  },
  {
    name: 'the link of a linked wallet',
    ask: ({ post }) => post(LINKED, { command: 'link', otp: '123456' }),
    ...inferred,
    code: 'Invalid',
    reason: /linked already/,
  },
  {
    name: 'a link without an OTP',
    ask: ({ post }) => post(UNLINKED, { command: 'link' }),
    status: 400,
    code: 'Invalid',
    reason: /otp is missing/,
    grade: 'published',
  },
  {
    name: 'a wrong OTP where none was sent',
    ask: ({ post }) => post(UNLINKED, { command: 'link', otp: '654321' }),
    status: 400,
    grade: 'published',
    code: 'FREECHARGE_INCORRECT_OTP',
    reason: /No OTP was sent/,
  },
  {
    name: 'an update without a number',
    ask: ({ post }) => post(UNLINKED, { command: 'update' }),
    ...inferred,
    code: 'nullable',
    reason: /mobile_number is missing/,
  },
  {
    name: 'the top-up of a wallet that is not linked',
    ask: ({ post }) => post(`${UNLINKED}/topup`, { amount: '1', topup_txn_id: 't' }),
    ...inferred,
    code: 'Invalid',
    reason: /is not linked/,
  },
  {
    name: 'an unknown customer',
    ask: ({ get }) => get('/customers/nobody'),
    status: 404,
    code: 'RESOURCE_NOT_FOUND',
    reason: /has no customer "nobody"/,
    grade: 'published',
  },
  {
    name: 'a customer of another merchant',
    ask: ({ get }) => get('/customers/cst_globexcustomer01'),
    status: 404,
    code: 'RESOURCE_NOT_FOUND',
    reason: /has no customer/,
    grade: 'published',
  },
  {
    name: 'a second customer of one reference',
    ask: ({ post }) => post('/customers', { object_reference_id: CUSTOMER }),
    status: 400,
    code: 'ALREADY_EXISTS',
    reason: /already/,
    grade: 'published',
  },
  {
    name: 'an empty name',
    ask: ({ post }) => post('/customers/guest_user', { first_name: '' }),
    ...inferred,
    code: 'INVALID_INPUT',
    reason: /first_name is empty/,
  },
  {
    name: 'a name of a thousand characters',
    ask: ({ post }) => post('/customers', { object_reference_id: 'x'.repeat(1000) }),
    status: 400,
    code: 'INVALID_INPUT',
    reason: /1000 characters long; allowed: up to 256/,
    grade: 'published',
  },
  {
    name: 'a second order of one id, in other letters',
    ask: async ({ post }) => {
      await post('/orders', { order_id: 'Tea-1', amount: '1' })
      return post('/orders', { order_id: 'TEA-1', amount: '1' })
    },
    ...inferred,
    code: 'ALREADY_EXISTS',
    reason: /There is an order "TEA-1" already/,
  },
  {
    name: 'an unknown order',
    ask: async ({ post, get }) => {
      await post('/orders', { order_id: 'tea-1', amount: '1' })
      return get('/orders/tea-2')
    },
    status: 400,
    code: 'RESOURCE_NOT_FOUND',
    reason: /Did you mean "tea-1"\?/,
    grade: 'published',
  },
  {
    name: 'the wallets of an unknown order',
    ask: ({ get }) => get('/orders/none/wallets'),
    status: 400,
    code: 'RESOURCE_NOT_FOUND',
    reason: /no order "none"/,
    grade: 'inferred',
  },
  {
    name: 'a debit by card',
    ask: async ({ post }) => {
      await post('/orders', { order_id: 'tea', amount: '1', customer_id: CUSTOMER })
      return post('/txns', { ...debit('tea', 'MOBIKWIK', 'tok'), payment_method_type: 'CARD' })
    },
    ...inferred,
    code: 'GATEWAY_NOT_FOUND',
    reason: /wallets alone/,
  },
  {
    name: 'a debit with a token of another wallet name',
    ask: async ({ post, get }) => {
      const { token } = (await get(LINKED)).body
      await post('/orders', { order_id: 'tea', amount: '1', customer_id: CUSTOMER })
      return post('/txns', debit('tea', 'PAYTM', token))
    },
    ...inferred,
    code: 'Invalid',
    reason: /send payment_method=MOBIKWIK/,
  },
  {
    name: "a guest's order paid with a token of nobody's",
    ask: async ({ post }) => {
      await post('/orders', { order_id: 'tea', amount: '1' })
      return post('/txns', debit('tea', 'MOBIKWIK', 'tok_none'))
    },
    ...inferred,
    code: 'EXPIRED',
    reason: /none of the last ones of this merchant/,
  },
  {
    name: 'a debit of an order that is charged',
    ask: async ({ post, get }) => {
      await post('/orders', { order_id: 'tea', amount: '1', customer_id: CUSTOMER })
      await post('/txns', debit('tea', 'MOBIKWIK', (await get(LINKED)).body.token))
      return post('/txns', debit('tea', 'MOBIKWIK', (await get(LINKED)).body.token))
    },
    ...inferred,
    code: 'Invalid',
    reason: /charged already/,
  },
  {
    name: 'eligibility for nothing',
    ask: ({ post }) => post(`/customers/${CUSTOMER}/eligibility`),
    ...inferred,
    code: 'nullable',
    reason: /amount and order_id are both missing/,
  },
]

test.each(CASES)('$name', async ({ ask, status, code, reason, grade }) => {
  const reply = await ask(await connect())
  expect([reply.status, reply.body.error_info?.code ?? reply.body.error_code]).toEqual([status, code])
  expect(reply.headers.get('x-sandbox-reason')).toMatch(reason)
  expect(reply.headers.get('x-sandbox-fidelity')).toBe(grade)
})

describe('authentication comes first', () => {
  test.each([
    ['POST', LINKED, 'command=fly'],
    ['POST', LINKED, 'command=link'],
    ['POST', '/customers', ''],
    ['POST', '/txns', 'direct_wallet_token=tok'],
    ['GET', '/orders/none', undefined],
    ['GET', `${LINKED}?command=refresh`, undefined],
  ])('%s %s %s', async (method, path, body) => {
    const { sandbox } = await connect()
    const type = 'application/x-www-form-urlencoded'
    const response = await sandbox.fetch(`https://sandbox.juspay.in${path}`, {
      method,
      ...(body === undefined ? {} : { body, headers: { 'content-type': type } }),
    })
    expect([response.status, ((await response.json()) as { error_code: string }).error_code]).toEqual([
      401,
      'access_denied',
    ])
  })
})

test('the 401 of customers, orders and payments is their own; that of wallets is not', async () => {
  const sandbox = await createSandbox(SILENT)
  const denied = clientOf(sandbox, 'https://api.juspay.in', 'no_such_key')
  const { get, post } = denied
  const siblings = [
    ...[await post('/customers', {}), await get('/customers'), await get('/customers/guest_user')],
    ...[await post('/customers/guest_user', {}), await post('/orders', {}), await get('/orders/tea-1')],
    ...[await get('/orders/tea-1/wallets'), await post('/txns', {})],
  ]
  for (const { status, text, headers } of siblings) {
    expect(text.replace(/"request_id":"[\da-f-]{36}"/, '"request_id":"…"')).toBe(
      JSON.stringify({
        status: 'error',
        error_code: 'access_denied',
        error_info: {
          category: 'USER_ERROR',
          request_id: '…',
          developer_message: 'Invalid API Key. Please pass a valid and active api key.',
          user_message: 'Unauthorized.',
          code: 'UNAUTHORIZED',
        },
      }),
    )
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Basic realm="juspay"'])
  }
  for (const path of ['/wallets/wlt_x', '/customers/guest_user/wallets'])
    expect((await get(path)).body).toEqual({
      status: 'Invalid Authentication',
      error_code: 'access_denied',
      error_message: 'Invalid Authentication',
    })
})

test('a short object_reference_id is a warning, and a 400 in strict mode', async () => {
  const sandbox = await createSandbox(SILENT)
  const { post } = clientOf(sandbox, 'https://api.juspay.in', 'acme_test_key')
  expect((await post('/customers', { object_reference_id: 'seven77' })).status).toBe(200)
  const warnings = async () => (await sandbox.control.requests.get({ limit: 1 })).requests[0]!.warnings
  expect(await warnings()).toEqual([
    expect.stringContaining('x-routing-id'),
    'The field object_reference_id has 7 characters; the vendor takes at least 8.',
  ])
  await post('/customers', { object_reference_id: '1' })
  expect((await warnings()).at(-1)).toBe('The field object_reference_id has 1 character; the vendor takes at least 8.')
  await post('/customers', { object_reference_id: 'eight888' })
  expect(await warnings()).toHaveLength(1)
  const strict = clientOf(await createSandbox({ ...SILENT, strict: true }), 'https://api.juspay.in', 'acme_test_key')
  const refused = await strict.post('/customers', { object_reference_id: 'seven77' })
  expect([refused.status, refused.body.error_info.fields[0].field_name]).toEqual([400, 'object_reference_id'])
})

describe('one-time passwords', () => {
  const wrong = (client: Client) => client.post(UNLINKED, { command: 'link', otp: '000000' })
  const right = (client: Client) => client.post(UNLINKED, { command: 'link', otp: '123456' })

  test('three wrong ones lock the wallet, to the right one too; a new one unlocks it', async () => {
    const client = await connect()
    await client.post(UNLINKED, { command: 'authenticate' })
    const codes = [await wrong(client), await wrong(client), await wrong(client), await right(client)]
    expect(codes.map(({ body }) => body.error_code)).toEqual([
      ...Array.from({ length: 3 }, () => 'FREECHARGE_INCORRECT_OTP'),
      'FREECHARGE_USER_LOCKED',
    ])
    expect(
      codes.map(({ body }) => body.error_message.replace('Oops!! OTP you entered seems to be wrong. ', '')),
    ).toEqual([
      '2 more attempts before we lock your account',
      '1 more attempts before we lock your account',
      'You seem to have exceeded maximum OTP attempts',
      'Oops!! Your account seems to be locked',
    ])
    await client.post(UNLINKED, { command: 'authenticate' })
    expect((await right(client)).body.linked).toBe(true)
  })

  test('with the option off, 123456 is as wrong as any other', async () => {
    const client = await connect({ testOtp: false })
    await client.post(UNLINKED, { command: 'authenticate' })
    expect((await right(client)).body.error_code).toBe('FREECHARGE_INCORRECT_OTP')
  })
})

test('a provider that does not answer lets nothing be linked', async () => {
  const wallet = { id: 'wlt_x', wallet: 'PAYTM', provider: { balance: 10, available: false } }
  const merchant = { id: 'm', juspayApiKeys: [{ key: 'k' }], customers: [{ id: 'cst_x', wallets: [wallet] }] }
  const client = await connect({ fixtures: { merchants: [merchant] } }, {}, 'k')
  for (const command of ['authenticate', 'link'])
    expect((await client.post('/wallets/wlt_x', { command, otp: '123456' })).status).toBe(502)
})

test('a refresh that a provider does not answer shows the balance last seen, and the journal says why', async () => {
  await using sandbox = await createSandbox({ latency: 'off' })
  const ask = async (path: string) => {
    const response = await sandbox.fetch(`http://x${path}`, {
      headers: { authorization: `Basic ${btoa('acme_test_key:')}` },
    })
    return (await response.json()) as { current_balance: number; list: { current_balance: number }[] }
  }
  const { current_balance: before } = await ask('/wallets/wlt_q23xzki3pazgtezo')
  await sandbox.control.provider('wlt_q23xzki3pazgtezo', { balance: 1, available: false })
  expect((await ask('/wallets/wlt_q23xzki3pazgtezo?command=refresh')).current_balance).toBe(before)
  const { wallet, customer } = (await sandbox.control.requests.get({ limit: 1 })).requests[0]!
  const { list } = await ask(`/customers/${customer}/wallets/refresh-balances`)
  expect(list.map((row) => row.current_balance)).toContain(before)
  const sentence = `The provider of wallet ${wallet} is set not to answer: shown is what was seen last.`
  for (const { warnings } of (await sandbox.control.requests.get({ limit: 2 })).requests)
    expect(warnings).toContain(sentence)
})
