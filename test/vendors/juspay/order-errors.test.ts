import { describe, expect, test } from 'vitest'
import type { Options } from '../../../src/index.js'
import { every } from '../../every.js'
import { type Client, connect, debit, type Fields, invalidInput, SILENT, type Way } from './client.js'

/** How orders, payments and refunds are refused: status, keys in their order, and the grade. */

const WALLET = '/wallets/wlt_q23xzki3pazgtezo'
const CUSTOMER = 'customer@gmail.com'

type Ask = (client: Client) => ReturnType<Client['post']>

interface Row {
  readonly ask: Ask
  readonly status?: number
  readonly body: object
  readonly grade: 'published' | 'inferred'
  /** Part of the sentence that explains it. */
  readonly reason?: RegExp
  readonly options?: Options
}

const unknownOrder = (order_id: string) => ({
  status: 'NOT_FOUND',
  error_info: {
    user_message: 'Order Not Found',
    developer_message: 'Order Not Found',
    code: 'RESOURCE_NOT_FOUND',
    category: 'USER_ERROR',
  },
  status_id: 40,
  order_id,
})

const refused = (error_code: string, error_message: string, status_id: number | string = -1) => ({
  status_id,
  status: 'ERROR',
  error_message,
  error_code,
})

const USED = refused('duplicate.call', 'A refund call was already completed with this unique_request_id for the order.')
const PROCESSING = refused(
  'duplicate.call',
  'A refund call was already processing with this amount for the order.',
  '-1',
)
const EXCEEDED = refused('invalid.amount.exceeded', 'Refund amount exceeds the refundable amount.')
const NOT_CHARGED = refused('invalid.order.not_successful', 'Cannot process unsuccessful order.')
const WRONG_AMOUNT = refused('invalid amount', 'Amount is invalid.')
const MISSING = {
  status: 'Bad Request',
  error_message: 'Mandatory fields are missing',
  error_code: 'Mandatory fields are missing',
}

const lacking = (field_name: string) => ({
  error_message: 'Bad request.',
  status: 'ERROR',
  error_code: 'Bad request.',
  error_info: {
    user_message: 'Bad request.',
    fields: [{ field_name, reason: 'Field required but not passed.' }],
    developer_message: 'Failed while parsing your request.',
    code: 'MISSING_MANDATORY_PARAMETER',
    category: 'USER_ERROR',
  },
})

const NO_GATEWAY = "Can't find a suitable gateway to process the transaction"
const noGateway = {
  error_message: NO_GATEWAY,
  status: 'Bad Request',
  error_code: 'invalid_request_error',
  error_info: {
    user_message: NO_GATEWAY,
    developer_message: NO_GATEWAY,
    code: 'GATEWAY_NOT_FOUND',
    category: 'CONFIG_ERROR',
  },
}

const unknownCommand = { status: 'Invalid Request', error_code: 'bad_request', error_message: 'Invalid command' }

const badOrigin = {
  error: true,
  error_message: 'Internal Server error.',
  user_message: 'Bad Origin.',
  developer_message: 'Bad Origin.',
  code: 'BAD_ORIGIN',
}
const FORBIDDING: Options = {
  scenario: {
    name: 'bad origin',
    rules: [{ name: 'r', match: { operation: 'juspay.*Customer' }, effect: { error: 'forbidden' } }],
  },
}

const pay = async (client: Client) => client.post('/txns', debit('tea-1', 'MOBIKWIK', await tokenOf(client)))
const tokenOf = async ({ get }: Client): Promise<string> => (await get(WALLET)).body.token

const refund = (client: Client, unique_request_id?: string, amount?: string, order = 'tea-1') =>
  client.post(`/orders/${order}/refunds`, {
    ...(unique_request_id !== undefined && { unique_request_id }),
    ...(amount !== undefined && { amount }),
  })

/** A refund of a charged order, after others. */
const refundAfter =
  (befores: readonly (readonly [id: string, amount: string])[], id?: string, amount?: string): Ask =>
  async (client) => {
    await pay(client)
    for (const [given, sum] of befores) {
      expect((await refund(client, given, sum)).status).toBe(200)
      await client.sandbox.control.clock.advance('5s')
    }
    return refund(client, id, amount)
  }

const order =
  (fields: Fields): Ask =>
  ({ post }) =>
    post('/orders', fields)
const txn =
  (fields: Fields): Ask =>
  ({ post }) =>
    post('/txns', {
      order_id: 'tea-1',
      merchant_id: 'acme',
      payment_method_type: 'WALLET',
      payment_method: 'PAYTM',
      ...fields,
    })
const without =
  (name: string): Ask =>
  ({ post }) => {
    const { [name]: _, ...fields } = debit('tea-1', 'MOBIKWIK', 'tok_x')
    return post('/txns', fields)
  }

const ROWS: Readonly<Record<string, Row>> = {
  'status of an unknown order': {
    ask: ({ get }) => get('/orders/Tea-9'),
    body: unknownOrder('Tea-9'),
    grade: 'published',
    reason: /no order "Tea-9"/,
  },
  'the same by a field': {
    ask: ({ post }) => post('/order/status', { order_id: 'Tea-9' }),
    body: unknownOrder('Tea-9'),
    grade: 'published',
  },
  'update of an unknown order': {
    ask: ({ post }) => post('/orders/none', { amount: '1' }),
    body: unknownOrder('none'),
    grade: 'inferred',
  },
  'payment of an unknown order': { ask: txn({ order_id: 'none' }), body: unknownOrder('none'), grade: 'inferred' },
  'wallets of an unknown order': {
    ask: ({ get }) => get('/orders/none/wallets'),
    body: unknownOrder('none'),
    grade: 'inferred',
  },
  'eligibility by an unknown order': {
    ask: ({ post }) => post(`/customers/${CUSTOMER}/eligibility`, { order_id: 'none' }),
    body: unknownOrder('none'),
    grade: 'inferred',
  },
  'refund of an unknown order': {
    ask: (client) => refund(client, 'r-1', '1', 'none'),
    body: { status_id: 40, status: 'NOT_FOUND', order_id: 'none' },
    grade: 'published',
  },
  'refund of an order that is not charged': {
    ask: (client) => refund(client, 'r-1', '1'),
    body: NOT_CHARGED,
    grade: 'published',
  },
  'refund without an id': { ask: refundAfter([], undefined, '1'), body: MISSING, grade: 'published' },
  'refund with an empty id': { ask: refundAfter([], '', '1'), body: MISSING, grade: 'published' },
  'refund by an id used before': {
    ask: refundAfter([['r-1', '1']], 'r-1', '1'),
    body: USED,
    grade: 'published',
    reason: /"r-1".*the money went back once/,
  },
  'the same with another amount': { ask: refundAfter([['r-1', '1']], 'r-1', '2'), body: USED, grade: 'published' },
  'refund of the same amount at once': {
    ask: async (client) => {
      await refundAfter([], 'r-1', '1')(client)
      await client.sandbox.control.clock.advance('4999ms')
      return refund(client, 'r-2', '1.00')
    },
    body: PROCESSING,
    grade: 'published',
    reason: /advance the clock by 5 s/,
  },
  'refund above the rest': {
    ask: refundAfter([['r-1', '100']], 'r-2', '9.56'),
    body: EXCEEDED,
    grade: 'published',
    reason: /9\.55 are left/,
  },
  'refund of nothing that is left': {
    ask: refundAfter([['r-1', '109.55']], 'r-2'),
    body: EXCEEDED,
    grade: 'published',
  },
  ...Object.fromEntries(
    ['0', '-1', '', '1.001', 'ten', '1e2'].map((amount) => [
      `refund of ${JSON.stringify(amount)}`,
      {
        ask: refundAfter([], 'r-1', amount),
        body: WRONG_AMOUNT,
        grade: 'published',
        reason: /The field amount is/,
      } as Row,
    ]),
  ),
  'status without an id': {
    ask: ({ get }) => get('/order/status'),
    body: unknownOrder(''),
    grade: 'published',
    reason: /^The field order_id is missing/,
  },
  ...Object.fromEntries(
    [{ unique_request_id: ' ' }, { unique_request_id: 'r'.repeat(257) }, { refund_type: 'FAST' }].map((wrong) => [
      `refund with a wrong ${Object.keys(wrong)}`,
      {
        ask: async (client) => {
          await pay(client)
          return client.post('/orders/tea-1/refunds', { unique_request_id: 'r-1', ...wrong })
        },
        body: MISSING,
        grade: 'inferred',
        reason: new RegExp(`The field ${Object.keys(wrong)} is`),
      } as Row,
    ]),
  ),
  'order without an amount': { ask: order({ order_id: 'o' }), body: invalidInput('amount'), grade: 'published' },
  'order without an id': { ask: order({ amount: '1' }), body: invalidInput('order_id'), grade: 'published' },
  'order of a wrong amount': {
    ask: order({ order_id: 'o', amount: '1.001' }),
    body: invalidInput('amount'),
    grade: 'published',
  },
  ...Object.fromEntries(
    ['-1', '-1.001', '-100000000000000'].map((amount) => [
      `order of ${amount}`,
      {
        ask: order({ order_id: 'o', amount }),
        body: invalidInput('amount', 'Invalid amount'),
        grade: 'published',
      } as Row,
    ]),
  ),
  'order with a return_url that is none': {
    ask: order({ order_id: 'o', amount: '1', return_url: 'shop' }),
    body: invalidInput('return_url'),
    grade: 'published',
  },
  'update with a wrong amount': {
    ask: ({ post }) => post('/orders/tea-1', { amount: '-1' }),
    body: invalidInput('amount', 'Invalid amount'),
    grade: 'inferred',
  },
  'payment without merchant_id, strict': {
    ask: async ({ post }) => {
      const { merchant_id: _, ...fields } = debit('tea-1', 'MOBIKWIK', 'tok_x')
      return post('/txns', fields, { 'x-routing-id': 'c', 'x-merchantid': 'acme' })
    },
    body: lacking('merchant_id'),
    grade: 'published',
    options: { strict: true },
  },
  'payment without a method': { ask: without('payment_method'), body: lacking('payment_method'), grade: 'published' },
  'payment by a wallet that no gateway takes': {
    ask: txn({ payment_method: 'PAYTN' }),
    body: noGateway,
    grade: 'inferred',
    reason: /Did you mean "?PAYTM/,
  },
  'payment by a card': {
    ask: txn({ payment_method_type: 'CARD', payment_method: 'VISA' }),
    body: noGateway,
    grade: 'inferred',
  },
  'payment of a charged order': {
    ask: async (client) => {
      await pay(client)
      return txn({})(client)
    },
    body: { status: 'Invalid Request', error_code: 'Invalid', error_message: 'Order is already charged.' },
    grade: 'inferred',
  },
  ...Object.fromEntries(
    ['/orders/tea-1', '/order/create', '/order/update'].map((path) => [
      `update of a charged order by ${path}`,
      {
        ask: async (client) => {
          await pay(client)
          return client.post(path, { order_id: 'tea-1', amount: '9' })
        },
        body: { status: 'Invalid Request', error_code: 'Invalid', error_message: 'Order is already charged.' },
        grade: 'inferred',
      } as Row,
    ]),
  ),
  'unknown command': { ask: ({ post }) => post(WALLET, { command: 'x' }), body: unknownCommand, grade: 'published' },
  'unknown command of a GET': {
    ask: ({ get }) => get(`${WALLET}?command=x`),
    body: unknownCommand,
    grade: 'published',
  },
  'unknown command of a new wallet': {
    ask: ({ post }) => post(`/customers/${CUSTOMER}/wallets`, { gateway: 'PAYTM', command: 'x' }),
    body: unknownCommand,
    grade: 'published',
  },
  'bad origin of a new customer': {
    ask: ({ post }) => post('/customers', { object_reference_id: 'asha@shop.example' }),
    status: 403,
    body: badOrigin,
    grade: 'inferred',
    options: FORBIDDING,
  },
  'bad origin of a customer': {
    ask: ({ get }) => get(`/customers/${CUSTOMER}`),
    status: 403,
    body: badOrigin,
    grade: 'inferred',
    options: FORBIDDING,
  },
}

async function shop(options: Options = {}, way: Partial<Way> = {}): Promise<Client> {
  const client = await connect(options, way)
  await client.post('/orders', { order_id: 'tea-1', amount: '109.55', customer_id: CUSTOMER })
  return client
}

describe.each(['in-process', 'socket'] as const)('%s', (transport) => {
  test('each refusal has the vendor’s keys in their order, and its grade', () =>
    every(Object.entries(ROWS), async ([, { ask, status = 400, body, grade, reason, options }]) => {
      const client = await shop(options, { transport })
      await using _ = client.sandbox
      const reply = await ask(client)
      expect([reply.status, reply.text]).toEqual([status, JSON.stringify(body)])
      expect(reply.headers.get('x-sandbox-fidelity')).toBe(grade)
      expect(reply.headers.get('x-sandbox-reason')).toMatch(reason ?? /[.?]$/)
    }))
})

test('a call that names another merchant than its key is refused; a copy goes by the id of its original', () =>
  every(
    [
      ['acme_test_key', 'acme', 200],
      ['acme_test_key', 'globex', 401],
      ['acme_test_key', 'ACME', 401],
      ['sandbox_mine', 'sandbox_mine', 200],
      ['sandbox_mine', 'acme', 200, /another merchant than the API key's, which is sandbox_mine/],
      ['sandbox_mine', 'globex', 401],
      ['sandbox_mine', 'nobody', 401],
    ] as const,
    async ([key, merchant_id, status, warning = /^$/]) => {
      const client = await connect({}, {}, key)
      await using _ = client.sandbox
      await client.post('/orders', { order_id: 'tea-1', amount: '1' })
      const asks = [txn({ merchant_id }), (c: typeof client) => c.get(`/merchants/${merchant_id}/paymentmethods`)]
      for (const ask of asks) {
        const { body, headers, ...reply } = await ask(client)
        const { requests } = await client.sandbox.control.requests.get({})
        const warnings = requests.at(-1)!.warnings.filter((sentence) => sentence.includes('another merchant'))
        expect([reply.status, body.error_info?.code]).toEqual([status, status === 401 ? 'UNAUTHORIZED' : undefined])
        expect(headers.get('x-sandbox-fidelity')).toBe(status === 401 ? 'inferred' : 'published')
        expect(warnings.join()).toMatch(warning)
      }
    },
  ))

test('a payment that names no merchant is served with a warning; empty is as good as left out', () =>
  every([{}, { merchant_id: '' }], async (merchant) => {
    const client = await connect()
    await using _ = client.sandbox
    await client.post('/orders', { order_id: 'tea-1', amount: '1' })
    const fields = { order_id: 'tea-1', payment_method_type: 'WALLET', payment_method: 'PAYTM', ...merchant }
    expect((await client.post('/txns', fields)).status).toBe(200)
    const { requests } = await client.sandbox.control.requests.get({})
    expect(requests.at(-1)!.warnings.join()).toContain('send merchant_id=acme')
  }))

test('a reason that quotes a long text shows that it was cut', async () => {
  const { get } = await connect()
  const reason = async (id: string) => (await get(`/orders/${id}`)).headers.get('x-sandbox-reason')
  expect(await reason('a'.repeat(70))).toBe(`Merchant acme has no order "${'a'.repeat(60)}...".`)
  expect(await reason('%F0%9D%84%9E')).toBe('Merchant acme has no order "?".')
})

describe('the checks of a refund, first fault first', () => {
  /** Each refund has the faults of its row and of all the rows below it. */
  const IN_ORDER: readonly (readonly [fault: string, ask: Ask, body: object])[] = [
    [
      'unknown order',
      (client) => refund(client, '', 'x', 'none'),
      { status_id: 40, status: 'NOT_FOUND', order_id: 'none' },
    ],
    ['not charged', (client) => refund(client, '', 'x'), NOT_CHARGED],
    ['no id', refundAfter([['r-1', '1']], '', 'x'), MISSING],
    ['id used before', refundAfter([['r-1', '1']], 'r-1', 'x'), USED],
    ['wrong amount', refundAfter([['r-1', '109.55']], 'r-2', '200.001'), WRONG_AMOUNT],
    [
      'above the rest',
      async (client) => {
        await refundAfter([], 'r-1', '109.55')(client)
        return refund(client, 'r-2', '109.55')
      },
      EXCEEDED,
    ],
    [
      'the same amount at once',
      async (client) => {
        await refundAfter([], 'r-1', '50')(client)
        return refund(client, 'r-2', '50')
      },
      PROCESSING,
    ],
  ]

  test('come in the vendor’s order', () =>
    every(IN_ORDER, async ([, ask, body]) => {
      const client = await shop()
      expect((await ask(client)).text).toBe(JSON.stringify(body))
    }))

  test('begin with the key', async () => {
    const client = await shop()
    const reply = await client.browse('/orders/none/refunds', { unique_request_id: '' })
    expect([reply.status, reply.body.error_info.code]).toEqual([401, 'UNAUTHORIZED'])
  })
})

describe('a refund', () => {
  const balance = async ({ get }: Client) => (await get(`${WALLET}?command=refresh`)).body.current_balance

  test('without an amount is of all that is left', async () => {
    const client = await shop()
    const reply = await refundAfter([['r-1', '9.55']], 'r-2')(client)
    expect(reply.body.refunds.map(({ amount, status }: Fields) => [amount, status])).toEqual([
      [9.55, 'SUCCESS'],
      [100, 'PENDING'],
    ])
    expect(reply.body).toMatchObject({ refunded: true, amount_refunded: 109.55 })
    expect(await balance(client)).toBe(250)
  })

  test('whose answer was lost is refused when it is sent again, and the money went back once', async () => {
    const client = await shop()
    await pay(client)
    const replies = await Promise.all(Array.from({ length: 100 }, () => refund(client, 'same', '50')))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(99).fill(400)])
    expect(await balance(client)).toBe(250 - 109.55 + 50)
    expect((await client.get('/orders/tea-1')).body.refunds).toMatchObject([{ unique_request_id: 'same' }])
  })

  test('that was refused leaves nothing behind: its id is free', async () => {
    const client = await shop()
    await pay(client)
    for (const amount of ['200', '0', 'x']) expect((await refund(client, 'r-1', amount)).status).toBe(400)
    expect((await refund(client, 'r-1', '1')).status).toBe(200)
  })

  test('of the same amount is one more after 5 s, of another amount at once', async () => {
    const client = await shop()
    await pay(client)
    await refund(client, 'r-1', '1')
    expect((await refund(client, 'r-2', '2')).status).toBe(200)
    await client.sandbox.control.clock.advance('5s')
    expect((await refund(client, 'r-3', '1')).status).toBe(200)
    expect(await balance(client)).toBe(250 - 109.55 + 4)
  })

  test('of the same amount is one more where the clock went back to before the first', async () => {
    const client = await shop()
    await pay(client)
    await client.sandbox.control.clock.advance('1h')
    await refund(client, 'r-1', '1')
    await client.sandbox.control.reset({ only: ['clock'] })
    expect((await refund(client, 'r-2', '1')).status).toBe(200)
  })

  test('that is refused says more with detailed error bodies', async () => {
    const client = await shop({ errorBodies: 'detailed' })
    const { body, headers } = await refund(client, 'r-1', '1')
    expect(headers.get('x-sandbox-fidelity')).toBe('observed')
    expect(Object.keys(body)).toEqual([...Object.keys(NOT_CHARGED), 'error_info'])
    expect(body.error_info).toEqual({
      category: 'USER_ERROR',
      request_id: expect.stringMatching(/^[\da-f-]{36}$/),
      href: 'NA',
      developer_message: 'Cannot process unsuccessful order.',
      user_message: 'Invalid request params. Please verify your input.',
      code: 'INVALID_INPUT',
    })
  })
})

test('a scenario may forbid the calls on customers, and no others', async () => {
  const forbid = (operation: string) => ({
    name: 'x',
    rules: [{ name: 'r', match: { operation }, effect: { error: 'forbidden' as const } }],
  })
  for (const operation of ['juspay.*', 'juspay.getOrder'])
    await expect(connect({ ...SILENT, scenario: forbid(operation) })).rejects.toThrow('juspay has no form')
  await (await connect({ scenario: forbid('juspay.*Customer') })).sandbox.close()
})

test('a refund that a scenario holds for a review stands so for an hour, with an event at each end', async () => {
  const review = (operation: string) => ({
    name: 'review',
    rules: [{ name: 'r', match: { operation }, effect: { state: 'manual-review' as const } }],
  })
  const client = await shop({ scenario: review('juspay.refundOrder') })
  const { webhooks } = client.sandbox.control.merchant('acme')
  await webhooks.put({ url: 'http://127.0.0.1:1/hooks' })
  await pay(client)
  const made = await refund(client, 'r-1', '9.55')
  expect(made.body.refunds).toMatchObject([{ status: 'PENDING' }])
  const status = async () => (await client.get('/orders/tea-1')).body.refunds[0]
  expect(await status()).toMatchObject({ status: 'MANUAL_REVIEW', arn: null, ref: null })
  const event = await webhooks.next({ event: 'REFUND_MANUAL_REVIEW_NEEDED' })
  expect(event.body).toMatchObject({ content: { order: { refunds: [{ status: 'MANUAL_REVIEW' }] } } })
  await client.sandbox.control.state.put(await client.sandbox.control.state.get())
  await client.sandbox.control.clock.advance('59m')
  expect((await status()).status).toBe('MANUAL_REVIEW')
  await client.sandbox.control.clock.advance('1m')
  expect((await status()).status).toBe('SUCCESS')
  await expect(connect({ scenario: review('juspay.getOrder') })).rejects.toThrow(
    'no operation matched refunds anything; allowed: juspay.refundOrder, juspay.refundPayment',
  )
})

test('the event of a refund that was reviewed comes when the review is over', async () => {
  const rule = { name: 'r', match: { operation: 'juspay.refundPayment' }, effect: { state: 'manual-review' as const } }
  const client = await shop({ scenario: { name: 'review', rules: [rule] } })
  const { webhooks } = client.sandbox.control.merchant('acme')
  await webhooks.put({ url: 'http://127.0.0.1:1/hooks' })
  await pay(client)
  await client.post('/refunds', { order_id: 'tea-1', unique_request_id: 'r-1' })
  const names = async () => (await webhooks.get()).deliveries.map(({ name }) => name)
  await webhooks.next({ event: 'REFUND_MANUAL_REVIEW_NEEDED' })
  expect(await names()).not.toContain('ORDER_REFUNDED')
  await client.sandbox.control.clock.advance('1h')
  expect((await webhooks.next({ event: 'ORDER_REFUNDED' })).body).toMatchObject({
    date_created: '2023-09-11T09:30:00Z',
    content: { order: { refunds: [{ status: 'SUCCESS' }] } },
  })
})
