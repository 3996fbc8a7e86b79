import type { Sandbox, Scenario } from '../../src/index.js'
import { draw } from '../../src/lib/random.js'
import { basic } from '../control/helpers.js'

const CUSTOMER = 'cst_om2l6ctlptxwxuzj'
const WALLETS = ['wlt_q23xzki3pazgtezo', 'wlt_mu2xfwb4mr18flbs', 'wlt_none']

const FAULTS = ['reset', 'close', 'hang', 'truncate', 'garbage', 'malformed-json', 'empty-body', 'wrong-content-type']

/** Something of everything that a scenario can do to an answer. */
export const STORMY: Scenario = {
  name: 'stormy',
  latency: { 'juspay.getWallet': 'published', '*': { percentiles: { 50: 20, 99: 300 } } },
  rules: [
    { name: 'fails', when: { probability: 0.1 }, effect: { error: 'server_error' } },
    { name: 'limited', when: { every: 9, per: 'merchant', window: { to: '2h' } }, effect: { error: 'rate_limited' } },
    ...FAULTS.map((fault) => ({
      name: fault,
      when: { probability: 0.02 },
      effect: { fault },
    })),
    {
      name: 'lost',
      match: { operation: 'juspay.debitWallet' },
      when: { nth: 3 },
      effect: { fault: 'reset' },
      phase: 'after-commit',
    },
    { name: 'twice', match: { event: 'ORDER_SUCCEEDED' }, when: { every: 2 }, effect: { webhook: 'duplicate' } },
    { name: 'late', match: { event: 'TXN_CHARGED' }, when: { every: 3 }, effect: { webhook: 'late', by: '10m' } },
    { name: 'second key', match: { apiKey: '*forbidden' }, effect: { delay: { fixed: 7 } } },
  ],
} as Scenario

const OTHERS = ['flaky', 'published-latency', 'stale-balances', 'token-expiry']

interface Keys {
  readonly juspay: readonly string[]
  readonly juicyway: readonly string[]
}

/** Asks and steers one merchant at random, several things at once: everything follows from the number. */
export class Session {
  readonly #sandbox: Sandbox
  readonly #merchant: string
  readonly #keys: Keys
  readonly #seed: number
  #n = 0

  constructor(sandbox: Sandbox, merchant: string, keys: Keys, seed: number) {
    this.#sandbox = sandbox
    this.#merchant = merchant
    this.#keys = keys
    this.#seed = seed
  }

  #draw(): number {
    return draw(this.#seed, 'session', this.#n++)
  }

  #one<Thing>(things: readonly Thing[]): Thing {
    return things[Math.floor(this.#draw() * things.length)]!
  }

  get #control() {
    return this.#sandbox.control.merchant(this.#merchant)
  }

  /** @param hooks where events are to go */
  async run(hooks: string, turns: number): Promise<void> {
    await this.#control.webhooks.put({ url: hooks, username: 'u', password: 'marker-password' })
    for (let turn = 0; turn < turns; turn++) {
      const asked = Array.from({ length: 1 + Math.floor(this.#draw() * 4) }, () => this.#ask())
      if (this.#draw() < 0.4) await this.#steer()
      await Promise.all(asked)
    }
  }

  async #ask(): Promise<void> {
    const [juspay, juicyway] = [this.#one(this.#keys.juspay), this.#one(this.#keys.juicyway)]
    const wallet = this.#one(WALLETS)
    const order = `order-${Math.floor(this.#draw() * 30)}`
    const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString()
    const post = (path: string, fields: Record<string, string>, key = juspay) =>
      this.#send(path, {
        method: 'POST',
        headers: {
          ...basic(key),
          'x-routing-id': this.#one(['r1', 'r2']),
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: form(fields),
      })
    const get = (path: string) => this.#send(path, { headers: { ...basic(juspay), 'x-routing-id': 'r1' } })
    const bearer = { authorization: `Bearer ${juicyway}` }
    const acts = [
      () => get(`/wallets/${wallet}`),
      () => get(`/wallets/${wallet}?command=refresh`),
      () => get(`/customers/${CUSTOMER}/wallets`),
      () => get(`/customers/${CUSTOMER}/wallets/refresh-balances`),
      () => get(`/orders/${order}`),
      () => get('/nowhere'),
      () => post('/orders', { order_id: order, amount: '9.50', customer_id: 'customer@gmail.com' }),
      () => this.#pay(order, post),
      () => this.#pay(order, post),
      () =>
        post('/customers', {
          object_reference_id: `shopper-${Math.floor(this.#draw() * 9)}`,
          mobile_number: '9999999999',
        }),
      () => post(`/customers/${CUSTOMER}/wallets`, { gateway: 'PAYTM', command: 'authenticate' }),
      () => this.#send('/wallets/3d2e3f3e-3b3c-4907-a4fd-e241203440d7', { headers: bearer }),
      () => this.#send('/wallets', { headers: bearer }),
      () =>
        this.#send('/juicyway/customers', {
          method: 'POST',
          headers: { ...bearer, 'content-type': 'application/json', 'idempotency-key': this.#one(['a', 'b', 'c']) },
          body: JSON.stringify({
            first_name: 'Åsa ✓',
            last_name: 'N',
            email: 'a@example.com',
            phone_number: '+2348118873422',
          }),
        }),
      () => this.#send('/wallets/x', { headers: { authorization: `Basic ${juspay}` } }),
    ]
    await this.#one(acts)()
  }

  async #pay(order: string, post: (path: string, fields: Record<string, string>) => Promise<void>): Promise<void> {
    await post('/orders', { order_id: order, amount: '1.50', customer_id: 'customer@gmail.com' })
    const wallet = (await this.#control.wallet(WALLETS[0]!)) as { token?: { value: string } | null }
    await post('/txns', {
      order_id: order,
      payment_method_type: 'WALLET',
      payment_method: 'MOBIKWIK',
      direct_wallet_token: wallet.token?.value ?? 'tok_none',
      redirect_after_payment: 'true',
      format: 'json',
    })
  }

  async #send(path: string, init: RequestInit): Promise<void> {
    // A call that hangs is given up, in the time of the machine.
    const signal = AbortSignal.timeout(150)
    const { url } = this.#sandbox
    const response = await (url === undefined
      ? this.#sandbox.fetch(`https://sandbox.juspay.in${path}`, { ...init, signal })
      : fetch(`${url}${path}`, { ...init, signal })
    ).catch(() => undefined)
    await response?.text().catch(() => {})
  }

  async #steer(): Promise<void> {
    const control = this.#control
    const acts = [
      () => control.clock.advance(this.#one(['1s', '5m', '20m', '2h'])),
      () => control.clock.advance('90s'),
      () => control.clock.put({ now: `2024-0${1 + Math.floor(this.#draw() * 9)}-11T08:30:00.250Z` }),
      () => control.clock.put({ now: '2024-03-01T00:00:00Z', mode: 'real' }),
      () => control.provider(WALLETS[0]!, { balance: Math.floor(this.#draw() * 1000) }),
      () => control.scenario.put(this.#draw() < 0.5 ? STORMY : this.#one(OTHERS)),
      () =>
        control.reset({
          only: this.#one([['state'], ['counters'], ['clock', 'scenario'], ['state', 'counters']] as never),
        }),
      async () => control.state.put(await control.state.get()),
      () => control.latency({ mode: this.#one(['off', 'virtual'] as const) }),
      async () => {
        const { deliveries } = await control.webhooks.get()
        const sent = deliveries.filter(({ url }) => url !== null)
        if (sent.length > 0) await control.webhooks.redeliver(this.#one(sent).event)
      },
    ]
    await this.#one(acts)()
  }
}
