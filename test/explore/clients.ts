import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FlowContext } from '../../src/index.js'

/** Eight small shops: one that is right, and seven that are each wrong in one way. */

/** What a shop needs of the merchant that it sells for. */
export type Till = Pick<FlowContext, 'fetch' | 'control'>

const CUSTOMER = 'cst_om2l6ctlptxwxuzj'
const WALLET_ID = 'wlt_q23xzki3pazgtezo'
const AMOUNT = '109.55'
const BACK = '9.55'
/** How long a shop waits for an answer, and first of all after a failure, in ms. */
export const TIMEOUT_MS = 50
const PAUSE_MS = 4

interface Reply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: bodies are looked into by name
  readonly body: any
  readonly retryAfter: number
}

/** An answer that did not come, or that says nothing. */
const LOST: Reply = { status: 0, body: {}, retryAfter: 0 }
const isUnknown = ({ status }: Reply) => status === 0 || status >= 500

/** A call that ended as no shop can go on from. */
class Refused extends Error {}

export class Shop {
  readonly till: Till
  readonly #timeoutMs: number

  constructor(till: Till, timeoutMs = TIMEOUT_MS) {
    this.till = till
    this.#timeoutMs = timeoutMs
  }

  /** One attempt. */
  async send(path: string, fields?: Record<string, string>): Promise<Reply> {
    try {
      const response = await this.till.fetch(path, {
        headers: { 'x-routing-id': CUSTOMER },
        signal: AbortSignal.timeout(this.#timeoutMs),
        ...(fields && { method: 'POST', body: new URLSearchParams(fields) }),
      })
      const body = await response.json()
      return { status: response.status, body, retryAfter: Number(response.headers.get('retry-after') ?? 0) }
    } catch {
      return LOST
    }
  }

  /** Waits as long as a 429 says, and asks again. */
  async politely(path: string, fields?: Record<string, string>): Promise<Reply> {
    const reply = await this.send(path, fields)
    if (reply.status !== 429) return reply
    await sleep(reply.retryAfter * 1000)
    return this.send(path, fields)
  }

  /** A read, which may be repeated. */
  async read(path: string): Promise<Reply> {
    let reply = await this.politely(path)
    for (let pause = PAUSE_MS; isUnknown(reply) && pause < 20 * PAUSE_MS; pause *= 3) {
      await sleep(pause)
      reply = await this.politely(path)
    }
    if (reply.status >= 400 && reply.status !== 400) throw new Refused(`${path}: ${reply.status}`)
    if (isUnknown(reply)) throw new Refused(`${path}: no answer`)
    return reply
  }

  /** Opens an order, once however often it is asked for. */
  async open(order: string): Promise<void> {
    for (let attempt = 0; attempt < 3; attempt++) {
      const fields = { order_id: order, amount: AMOUNT, customer_id: CUSTOMER }
      const { status } = await this.politely('/orders', fields)
      if (status === 200 || status === 409) return
      if (status !== 0 && status < 500) throw new Refused(`/orders: ${status}`)
      await sleep(PAUSE_MS)
    }
    throw new Refused('/orders: no answer')
  }

  async debit(order: string): Promise<Reply> {
    const { body } = await this.read(`/wallets/${WALLET_ID}`)
    return this.politely('/txns', {
      order_id: order,
      payment_method_type: 'WALLET',
      payment_method: 'MOBIKWIK',
      direct_wallet_token: body.token,
    })
  }

  refund(order: string, id: string): Promise<Reply> {
    return this.politely(`/orders/${order}/refunds`, { unique_request_id: id, amount: BACK })
  }

  /** What the shop says of the order in the end. */
  readonly result = { paid: Number(AMOUNT), refunded: Number(BACK) }
}

const PENDING = { outcome: 'pending' } as const

/** How a shop goes on where an answer is lost. */
interface Manners {
  /** @returns the order that is paid; null for none, undefined where that cannot be known yet */
  onLostDebit(shop: Shop, order: string): Promise<string | null | undefined>
  onDuplicateRefund(shop: Shop, order: string): Promise<unknown>
  readonly shop?: (till: Till) => Shop
}

/** Asks for the order before anything else. */
async function paysOnce(shop: Shop, order: string): Promise<string | undefined> {
  const reply = await shop.politely(`/orders/${order}`)
  if (isUnknown(reply)) return undefined
  const isPaid = reply.body.status === 'CHARGED' || (await shop.debit(order)).status === 200
  return isPaid ? order : undefined
}

const RIGHT: Manners = { onLostDebit: paysOnce, onDuplicateRefund: async () => {} }

/** A checkout of nine calls. */
async function checkout(till: Till, { onLostDebit, onDuplicateRefund, shop: make }: Manners, order = 'tea-1') {
  const shop = make ? make(till) : new Shop(till)
  await shop.read(`/customers/${CUSTOMER}`)
  await shop.read(`/customers/${CUSTOMER}/wallets`)
  await shop.read(`/customers/${CUSTOMER}/wallets/refresh-balances`)
  await shop.open(order)
  await shop.read(`/orders/${order}`)
  let debit = await shop.debit(order)
  // A token that has expired is a reason to fetch another one.
  if (debit.status === 400 && debit.body.status !== 'CHARGED') debit = await shop.debit(order)
  const paid = isUnknown(debit) ? await onLostDebit(shop, order) : debit.status === 200 ? order : null
  if (paid === undefined) return PENDING
  if (paid === null) throw new Refused('not paid')
  try {
    await shop.read(`/orders/${paid}`)
    return await giveBack(shop, paid, onDuplicateRefund)
  } catch {
    return PENDING
  }
}

async function giveBack(shop: Shop, order: string, onDuplicate: Manners['onDuplicateRefund']) {
  for (let attempt = 0; attempt < 3; attempt++) {
    const { status, body } = await shop.refund(order, 'r-1')
    if (status === 400 && body.error_code === 'duplicate.call') await onDuplicate(shop, order)
    else if (status >= 400 && status < 500) return PENDING
    if (status === 200 || status === 400) return shop.result
    await sleep(PAUSE_MS)
  }
  return PENDING
}

/** The nightly job of the right shop: what is open is paid for and given back, or not sold. */
export async function reconcile(till: Till) {
  const shop = new Shop(till)
  const { body } = await shop.read('/orders/tea-1')
  if (body.status !== 'CHARGED') throw new Refused('not paid')
  if ((body.refunds ?? []).length === 0) await shop.refund('tea-1', 'r-1')
  return shop.result
}

/** Gives up on the first 429. */
class Hasty extends Shop {
  override async politely(path: string, fields?: Record<string, string>): Promise<Reply> {
    const reply = await this.send(path, fields)
    if (reply.status === 429) throw new Refused(`${path}: 429`)
    return reply
  }
}

/** Sells one cup for each event that says so, the second delivery of one too. */
async function counting(till: Till) {
  let cups = 0
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const piece of request) text += piece
    if (JSON.parse(text).event_name === 'ORDER_SUCCEEDED') cups++
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as { port: number }
    await till.control.webhooks.put({ url: `http://127.0.0.1:${port}/` })
    const result = await checkout(till, RIGHT)
    // What follows at once is there by then.
    for (let quiet = 0, seen = 0; quiet < 10; quiet++, seen = cups) {
      await sleep(4)
      if (seen !== cups) quiet = 0
    }
    // One that was lost is made good by the status.
    return 'outcome' in result ? result : { ...result, cups: Math.max(cups, 1) }
  } finally {
    server.close()
  }
}

/** Pays again under another order where the answer to its debit is lost. It draws its orders, which no report may show. */
export async function drawing(till: Till) {
  const shop = new Shop(till, 2000)
  const order = `tea-${Math.random()}`
  await shop.open(order)
  if ((await shop.debit(order)).status === 0) {
    await shop.open(`${order}-again`)
    await shop.debit(`${order}-again`)
  }
  return { order, paid: true }
}

let runs = 0

/** By what is wrong with them. */
export const CLIENTS = {
  right: (till: Till) => checkout(till, RIGHT),
  'pays under a new order': (till: Till) =>
    checkout(till, {
      ...RIGHT,
      async onLostDebit(shop, order) {
        const other = `${order}-again`
        await shop.open(other)
        return (await shop.debit(other)).status === 200 ? other : undefined
      },
    }),
  'repeats the debit blindly': (till: Till) =>
    checkout(till, {
      ...RIGHT,
      onLostDebit: async (shop, order) => ((await shop.debit(order)).status < 500 ? order : undefined),
    }),
  'takes a time-out for failure': (till: Till) => checkout(till, { ...RIGHT, onLostDebit: async () => null }),
  'refunds by another id': (till: Till) =>
    checkout(till, { ...RIGHT, onDuplicateRefund: (shop, order) => shop.refund(order, 'r-2') }),
  'counts an event twice': counting,
  'gives up on 429': (till: Till) => checkout(till, { ...RIGHT, shop: (given) => new Hasty(given) }),
  'differs from run to run': async (till: Till) => {
    if (++runs % 2 === 0) await new Shop(till).read(`/wallets/${WALLET_ID}`)
    return checkout(till, RIGHT)
  },
} satisfies Record<string, (till: Till) => Promise<unknown>>

export type ClientName = keyof typeof CLIENTS
