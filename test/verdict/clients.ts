import { Agent, createServer, get } from 'node:http'
import { onTestFinished, vi } from 'vitest'
import type { Options, Sandbox, Scenario } from '../../src/index.js'
import { performance } from '../../src/lib/timers.js'
import type { RuleName } from '../../src/verdict/levels.js'
import { CUSTOMER, WALLET_ID } from '../control/helpers.js'
import { type Client, connect, debit, SILENT } from '../vendors/juspay/client.js'

/** A client of one merchant that breaks no rule unless it is told to. */
export interface Shop {
  readonly sandbox: Sandbox
  readonly client: Client
  get(path: string, headers?: Record<string, string>): ReturnType<Client['get']>
  post(path: string, fields?: Record<string, string>, headers?: Record<string, string>): ReturnType<Client['post']>
  /** Sends a request whose answer a scenario spoils. */
  lose(call: Promise<unknown>): Promise<void>
  /** Lets sandbox time pass. */
  sleep(ms: number): Promise<unknown>
  order(id: string, fields?: Record<string, string>): Promise<unknown>
  token(): Promise<string>
  pay(order: string, token: string): ReturnType<Client['post']>
}

const WALLET = `/wallets/${WALLET_ID}`
const LIST = `/customers/${CUSTOMER}/wallets`
const REFRESH = `${LIST}/refresh-balances`

export async function shopAt(options: Options = {}, key = 'acme_test_key'): Promise<Shop> {
  const client = await connect({ scenario: 'instant', ...SILENT, ...options }, {}, key)
  const routed = { 'x-routing-id': CUSTOMER }
  const shop: Shop = {
    sandbox: client.sandbox,
    client,
    get: (path, headers) => client.get(path, { ...routed, ...headers }),
    post: (path, fields = {}, headers = {}) => client.post(path, fields, { ...routed, ...headers }),
    lose: (call) =>
      call.then(
        () => {},
        () => {},
      ),
    sleep: (ms) => client.sandbox.control.clock.advance(ms),
    order: (id, fields = {}) => shop.post('/orders', { order_id: id, amount: '10', customer_id: CUSTOMER, ...fields }),
    token: async () => (await shop.get(WALLET)).body.token,
    pay: (order, token) => shop.post('/txns', debit(order, 'MOBIKWIK', token) as Record<string, string>),
  }
  return shop
}

type Act = (shop: Shop) => Promise<unknown>

/** The address of a receiver that does something with each delivery of a paid order's event. */
async function receiving(take: (event: { id: string; order: string }) => Promise<unknown>): Promise<string> {
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    const { id, event_name, content } = JSON.parse(Buffer.concat(pieces).toString())
    if (event_name === 'ORDER_SUCCEEDED') await take({ id, order: content.order.order_id })
    response.end()
  })
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as { port: number }
  return `http://127.0.0.1:${address.port}/`
}

/** Gives a rupee back for each order that is paid: once, or with each delivery of the event. */
const cashback =
  (counts: boolean): Act =>
  async ({ sandbox, order, token, pay, post }) => {
    const seen = new Set<string>()
    const url = await receiving(async ({ id, order }) => {
      const key = counts ? id : `${id}-${seen.size}`
      if (seen.has(key)) return
      seen.add(key)
      await post(`/orders/${order}/refunds`, { unique_request_id: key, amount: '1' })
    })
    await sandbox.control.merchant('acme').webhooks.put({ url })
    await order('tea-1')
    await pay('tea-1', await token())
    for (const _ of [1, 2]) await sandbox.control.webhooks.next({ event: 'ORDER_SUCCEEDED' })
  }

/** A refund whose answer is lost, and which is sent again as it was. */
async function lostRefund({ pay, post, lose }: Shop, token: string): Promise<void> {
  await pay('tea-1', token)
  const refund = () => post('/orders/tea-1/refunds', { unique_request_id: 'r-1', amount: '1' })
  await lose(refund())
  await refund()
}

/** As many calls as a rule about connections looks at, over an agent of that kind. */
const overSockets =
  (keepAlive: boolean): Act =>
  async ({ sandbox }) => {
    const agent = new Agent({ keepAlive, maxSockets: 1 })
    const url = new URL(`${await sandbox.listen()}${WALLET}`)
    const headers = { authorization: `Basic ${btoa('acme_test_key:')}`, 'x-routing-id': CUSTOMER }
    for (let i = 0; i < 12; i++)
      await new Promise<void>((resolve, reject) =>
        get(url, { agent, headers }, (response) => response.resume().on('end', resolve)).on('error', reject),
      )
    agent.destroy()
  }

/** Two clients of one rule. */
export interface Pair {
  readonly rule: RuleName
  /** What tells the pair from others of the rule. */
  readonly about: string
  readonly options?: Options
  readonly right: Act
  readonly wrong: Act
}

/** Refuses some wallets once or for good, and lets another wait. */
const refusing = (): Scenario => ({
  name: 'refusing',
  rules: [
    { name: 'key', match: { wallet: 'wlt_401' }, when: { first: 2 }, effect: { error: 'invalid_authentication' } },
    { name: 'own', match: { wallet: 'wlt_403' }, effect: { response: { status: 403, body: {} } } },
    { name: 'gone', match: { wallet: 'wlt_404' }, effect: { error: 'wallet_not_found' } },
    { name: 'slow', match: { wallet: 'wlt_slow' }, effect: { delay: { fixed: 1 } } },
  ],
})

/** Calls that fail until the last of them. */
const failing = (times: number, effect: object = { error: 'server_error' }, operation = 'juspay.getWallet') =>
  ({
    name: 'failing',
    rules: [{ name: 'fails', match: { operation }, when: { first: times }, effect }],
  }) as Scenario

/** Sends a request until it succeeds, pausing so long between attempts. */
const retrying =
  (pauses: readonly number[], send: Act = ({ get }) => get(WALLET)): Act =>
  async (shop) => {
    await shop.lose(send(shop))
    for (const pause of pauses) {
      await shop.sleep(pause)
      await shop.lose(send(shop))
    }
  }

const withToken =
  (use: (shop: Shop, token: string) => Promise<unknown>): Act =>
  async (shop) => {
    for (const id of ['tea-1', 'tea-2']) await shop.order(id, { return_url: 'https://shop.example/back' })
    await use(shop, await shop.token())
  }

/** Gives a debit up once the order was asked for. @param wait what happens in between */
const askingBeforeTheEnd =
  (wait: () => void) =>
  async ({ client, sandbox, get, pay, lose }: Shop, token: string): Promise<void> => {
    const gone = new AbortController()
    const hung = sandbox.fetch(`${client.origin}/txns`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('acme_test_key:')}`, 'x-routing-id': CUSTOMER },
      body: new URLSearchParams({ order_id: 'tea-1', payment_method_type: 'WALLET', direct_wallet_token: token }),
      signal: gone.signal,
    })
    await vi.waitFor(async () => {
      if ((await sandbox.control.requests.get({ operation: 'juspay.debitWallet' })).total === 0)
        throw new Error('not yet')
    })
    await get('/orders/tea-1')
    wait()
    gone.abort()
    await lose(hung)
    await pay('tea-1', token)
  }

const timed =
  (ms: number): Act =>
  ({ sandbox, lose, client }) =>
    lose(
      sandbox.fetch(`${client.origin}${WALLET}`, {
        signal: AbortSignal.timeout(ms),
        headers: { authorization: `Basic ${btoa('acme_test_key:')}`, 'x-routing-id': CUSTOMER },
      }),
    )

/** Lets so many milliseconds of the machine's time pass at once. */
function later(ms: number): void {
  const { now } = performance
  vi.spyOn(performance, 'now').mockImplementation(() => now() + ms)
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A rule for the finish page of a payment, whose signature is then wrong. */
const TAMPERED = {
  name: 'tampered',
  rules: [{ name: 'tamper', match: { operation: 'juspay.finishPayment' }, effect: { state: 'bad-signature' } }],
} as Scenario

export const PAIRS: readonly Pair[] = [
  {
    rule: 'routing-id-missing',
    about: 'where the page requires it',
    right: ({ get }) => get(LIST),
    wrong: ({ client }) => client.get(LIST),
  },
  {
    rule: 'routing-id-missing',
    about: 'where other calls of the customer carry it',
    right: async ({ get, client }) => {
      await client.get(`/customers/${CUSTOMER}`)
      await client.get(LIST, { version: '2016-10-27' })
      await get('/customers/guest_user')
    },
    wrong: async ({ get, client }) => {
      await get(LIST)
      await client.get(`/customers/${CUSTOMER}`)
    },
  },
  {
    rule: 'routing-id-changes',
    about: 'for one customer, whichever way it is named',
    right: async ({ get }) => {
      await get(LIST)
      await get('/customers/guest_user/wallets', { 'x-routing-id': 'guest_user' })
    },
    wrong: async ({ get }) => {
      await get(LIST)
      await get(WALLET, { 'x-routing-id': 'cart-7' })
    },
  },
  {
    rule: 'debit-repeated-blindly',
    about: 'after a reset',
    options: { scenario: 'debit-then-reset' },
    right: withToken(async ({ pay, get, lose }, token) => {
      await lose(pay('tea-1', token))
      await get('/orders/tea-1')
      await pay('tea-2', (await get(WALLET)).body.token)
      await get(REFRESH, { 'x-merchantid': 'acme' })
    }),
    wrong: withToken(async ({ pay, lose }, token) => {
      await lose(pay('tea-1', token))
      await pay('tea-1', token)
    }),
  },
  {
    rule: 'refund-repeated-by-another-id',
    about: 'after a lost answer',
    options: {
      scenario: {
        name: 'lost refund',
        rules: [
          {
            name: 'r',
            match: { operation: 'juspay.refundOrder' },
            when: { nth: 1 },
            effect: { fault: 'reset' },
            phase: 'after-commit',
          },
        ],
      },
    },
    right: withToken(async (shop, token) => {
      await lostRefund(shop, token)
      await shop.get('/orders/tea-1')
    }),
    wrong: withToken(async (shop, token) => {
      await lostRefund(shop, token)
      await shop.sandbox.control.clock.advance('5s')
      await shop.post('/orders/tea-1/refunds', { unique_request_id: 'r-2', amount: '1' })
    }),
  },
  {
    rule: 'debit-repeated-blindly',
    about: 'after a bad gateway',
    options: { scenario: failing(1, { response: { status: 502, body: '' } }, 'juspay.debitWallet') },
    right: withToken(async ({ pay, post }, token) => {
      await pay('tea-1', token)
      await post('/order/status', { order_id: 'tea-1' })
      await pay('tea-1', token)
    }),
    wrong: withToken(async ({ pay, get }, token) => {
      await pay('tea-1', token)
      await get('/orders/tea-2')
      await pay('tea-1', token)
    }),
  },
  {
    rule: 'debit-repeated-blindly',
    about: 'after a hang whose end was seen after the next call',
    options: { scenario: failing(1, { fault: 'hang' }, 'juspay.debitWallet') },
    right: withToken(askingBeforeTheEnd(() => {})),
    wrong: withToken(askingBeforeTheEnd(() => later(100))),
  },
  {
    rule: 'token-sent-again',
    about: 'once used',
    right: withToken(async ({ pay, get, token: renew }, token) => {
      await pay('tea-1', token)
      await get(REFRESH)
      await pay('tea-2', await renew())
    }),
    wrong: withToken(async ({ pay }, token) => {
      await pay('tea-1', token)
      await pay('tea-2', token)
    }),
  },
  {
    rule: 'token-sent-again',
    about: 'once expired by the sandbox clock',
    right: withToken(async ({ pay, sleep, token: renew }) => {
      await sleep(16 * 60_000)
      await pay('tea-1', await renew())
    }),
    wrong: withToken(async ({ pay, sleep }, token) => {
      await sleep(16 * 60_000)
      await pay('tea-1', token)
    }),
  },
  {
    rule: 'token-sent-again',
    about: 'once refused; the client could not know that it had expired',
    options: {
      scenario: {
        name: 'expires',
        rules: [
          {
            name: 'expired',
            match: { operation: 'juspay.debitWallet' },
            when: { first: 1 },
            effect: { state: 'expire-token' },
          },
        ],
      } as Scenario,
    },
    right: withToken(async ({ pay, token: renew }, token) => {
      await pay('tea-1', token)
      await pay('tea-1', await renew())
    }),
    wrong: withToken(async ({ pay, get }, token) => {
      await pay('tea-1', token)
      await get('/orders/tea-1')
      await pay('tea-1', token)
    }),
  },
  {
    rule: 'delinked-wallet-debited',
    about: 'by the client itself',
    right: withToken(async ({ pay, post, token: renew }) => {
      await post(WALLET, { command: 'delink' })
      await post(WALLET, { command: 'authenticate' })
      await post(WALLET, { command: 'link', otp: '123456' })
      await pay('tea-1', await renew())
    }),
    wrong: withToken(async ({ pay, post }, token) => {
      await post(WALLET, { command: 'delink' })
      await pay('tea-1', token)
    }),
  },
  {
    rule: 'retry-after-ignored',
    about: 'on the sandbox clock',
    options: { scenario: failing(1, { response: { status: 429, headers: { 'Retry-After': '30' }, body: '{}' } }) },
    right: retrying([30_000]),
    wrong: retrying([20_000]),
  },
  {
    rule: 'retries-in-step',
    about: 'equal pauses',
    options: { scenario: failing(4) },
    right: retrying([100, 210, 390, 850]),
    wrong: retrying([500, 500, 500, 500]),
  },
  {
    rule: 'retries-in-step',
    about: 'no pause; where the clock stands, nothing is known of it',
    options: { scenario: failing(3) },
    right: retrying([0, 0, 0]),
    wrong: retrying([1, 1, 1]),
  },
  {
    rule: 'too-many-attempts',
    about: 'more than five',
    options: { scenario: failing(10, { fault: 'reset' }) },
    right: retrying([100, 210, 390, 850]),
    wrong: retrying([100, 210, 390, 850, 1500]),
  },
  {
    rule: 'client-error-retried',
    about: 'unchanged',
    right: async ({ get, client }) => {
      await get('/wallets/wlt_unknown')
      await get('/wallets/wlt_another')
      await client.sandbox.fetch(`${client.origin}${WALLET}`)
      await get(WALLET)
    },
    wrong: async ({ get }) => {
      await get('/wallets/wlt_unknown')
      await get('/wallets/wlt_unknown')
    },
  },
  {
    rule: 'client-error-retried',
    about: 'that no rule of the scenario made',
    options: { scenario: refusing() },
    right: async ({ get }) => {
      for (const wallet of ['wlt_401', 'wlt_403', 'wlt_404'])
        for (let n = 0; n < 3; n++) await get(`/wallets/${wallet}`)
    },
    wrong: async ({ get }) => {
      await get('/wallets/wlt_slow')
      await get('/wallets/wlt_slow')
    },
  },
  {
    rule: 'timeout-too-short',
    about: 'below TP99.9',
    options: { latency: 'real', scenario: failing(9, { delay: { fixed: 900 } }) },
    right: timed(700),
    wrong: timed(40),
  },
  {
    rule: 'timeout-missing',
    about: 'after ten times the recommended one',
    options: { scenario: failing(1, { fault: 'hang' }) },
    right: async (shop) => {
      await timed(700)(shop)
      later(11_000)
    },
    wrong: async ({ get, lose, client }) => {
      void lose(get(WALLET))
      while ((await client.sandbox.control.requests.get()).requests[0]?.response === undefined) await turn()
      later(11_000)
    },
  },
  {
    rule: 'connections-not-reused',
    about: 'a new one for each call',
    right: overSockets(true),
    wrong: overSockets(false),
  },
  {
    rule: 'event-applied-twice',
    about: 'money given back with each delivery',
    options: {
      scenario: {
        name: 'twice',
        rules: [{ name: 'twice', match: { event: 'ORDER_SUCCEEDED' }, effect: { webhook: 'duplicate' } }],
      } as Scenario,
    },
    right: cashback(true),
    wrong: cashback(false),
  },
  {
    rule: 'balance-not-refreshed',
    about: 'shown',
    options: { scenario: 'stale-balances' },
    right: async ({ get }) => {
      await get(LIST)
      await get(REFRESH)
    },
    wrong: ({ get }) => get(LIST),
  },
  {
    rule: 'balance-not-refreshed',
    about: 'relied on; a client that takes the token alone is not misled',
    right: withToken(async ({ pay, sandbox, token: renew }) => {
      await sandbox.control.merchant('acme').provider(WALLET_ID, { balance: 95.5 })
      await pay('tea-1', await renew())
    }),
    wrong: withToken(async ({ pay, sandbox, token: renew }) => {
      await sandbox.control.merchant('acme').provider(WALLET_ID, { balance: 5 })
      await pay('tea-1', await renew())
    }),
  },
  {
    rule: 'bad-signature-accepted',
    about: 'asked for, or not',
    options: { scenario: TAMPERED },
    right: withToken(async ({ pay, get, client }, token) => {
      await client.browse((await pay('tea-1', token)).body.payment.authentication.url)
      await get('/orders/tea-1')
    }),
    wrong: withToken(async ({ pay, client }, token) => {
      await client.browse((await pay('tea-1', token)).body.payment.authentication.url)
    }),
  },
  {
    rule: 'secret-in-query',
    about: 'by its name, or by its value',
    right: async ({ post, client }) => {
      const { body } = await post('/orders', {
        order_id: 'tea-3',
        amount: '10',
        customer_id: CUSTOMER,
        'options.get_client_auth_token': 'true',
      })
      await client.browse(`${client.origin}/orders/tea-3?client_auth_token=${body.juspay.client_auth_token}`)
    },
    wrong: async ({ get }) => {
      await get(`${LIST}?api_key=x`)
      await get(`${LIST}?k=globex_test_key`)
    },
  },
]
