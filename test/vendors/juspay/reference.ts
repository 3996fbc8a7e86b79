import { setTimeout } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Sandbox } from '../../../src/index.js'
import { type Body, debit, type Fields } from './client.js'

/**
 * A plain model of what a wallet's life should be, in whole paise, beside a merchant of the sandbox. Each step is asked of
 * the sandbox; if its answer is lost it is asked again, as a client would, and what the sandbox holds then must be what
 * the model says: the step was made once, or not at all.
 */

export type Step =
  | { kind: 'open'; customer: number }
  | { kind: 'authenticate' | 'delink' | 'refresh'; wallet: number }
  | { kind: 'link'; wallet: number; wrong: number; right: boolean }
  | { kind: 'order'; customer: number; amount: number }
  | { kind: 'debit'; wallet: number; order: number; own: boolean; token: 'live' | 'used' | 'made up' }
  | { kind: 'update'; order: number; amount: number }
  | { kind: 'refund'; order: number; amount: number }
  | { kind: 'redirect'; order: number; pays: boolean }
  | { kind: 'topUp'; wallet: number; amount: number }
  | { kind: 'finish'; topUp: number; succeeds: boolean }

interface Wallet {
  readonly id: string
  readonly owner: string
  linked: boolean
  /** Wrong passwords allowed yet; undefined when none was sent. */
  attempts: number | undefined
  /** What the provider holds; undefined until it was seen once. */
  provider: number | undefined
  first: number | undefined
  seen: number | null
  lastUsed: string | undefined
}

interface Order {
  readonly id: string
  readonly owner: string
  amount: number
  charged: boolean
  /** Which paid it. */
  wallet: Wallet | undefined
  refunded: number
  /** Of its refunds. */
  readonly amounts: Set<number>
}

interface TopUp {
  readonly url: string
  readonly wallet: Wallet
  readonly amount: number
  open: boolean
}

type Reply = { readonly status: number; readonly body: Body }

const CUSTOMERS = ['asha@shop.example', 'ravi@shop.example', 'meera@shop.example']
const ORIGIN = 'https://sandbox.juspay.in'
const rupees = (paise: number) => (paise / 100).toFixed(2)
const paise = (amount: number) => Math.round(amount * 100)

export class Merchant {
  readonly wallets: Wallet[] = []
  readonly #orders: Order[] = []
  readonly #topUps: TopUp[] = []
  readonly #used = new Set<string>()
  readonly #sandbox: Sandbox
  readonly #headers: Record<string, string>
  readonly #patience: number | undefined
  #topUpCount = 0
  #refundCount = 0
  #brought = 0

  /** @param patience ms after which an answer is given up; one that merely came late is asked for again. */
  constructor(sandbox: Sandbox, key: string, patience?: number) {
    this.#sandbox = sandbox
    this.#patience = patience
    this.#headers = { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` }
  }

  async begin(): Promise<void> {
    for (const name of CUSTOMERS) {
      const { status, body } = await this.#ask('/customers', { object_reference_id: name })
      expect(status === 200 || body.error_code === 'unique').toBe(true)
    }
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'open':
        return this.#open(pick(CUSTOMERS, step.customer)!)
      case 'order':
        return this.#order(pick(CUSTOMERS, step.customer)!, step.amount)
      case 'update':
        return this.#update(pick(this.#orders, step.order), step.amount)
      case 'refund':
        return this.#refund(pick(this.#orders, step.order), step.amount)
      case 'redirect':
        return this.#redirect(pick(this.#orders, step.order), step.pays)
      case 'finish':
        return this.#finish(pick(this.#topUps, step.topUp), step.succeeds)
      default: {
        const wallet = pick(this.wallets, step.wallet)
        if (wallet === undefined) return
        if (step.kind === 'debit') await this.#debit(wallet, this.#orderFor(wallet, step), step.token)
        else if (step.kind === 'topUp') await this.#topUp(wallet, step.amount)
        else if (step.kind === 'link') {
          // Else most links would be tried before a password was sent.
          if (step.wrong === 0 && !wallet.linked) await this.#command(wallet, 'authenticate')
          for (let i = 0; i < step.wrong; i++) await this.#link(wallet, false)
          if (step.right) await this.#link(wallet, true)
        } else await this.#command(wallet, step.kind)
        await this.#compare(wallet)
      }
    }
  }

  /** Holds every provider against the model, and all money against what went in and out. */
  async settle(): Promise<void> {
    for (const order of this.#orders)
      expect((await this.#ask(`/orders/${order.id}`)).body.status === 'CHARGED').toBe(order.charged)
    let gained = 0
    for (const wallet of this.wallets) {
      if (wallet.provider === undefined) continue
      if (!wallet.linked) {
        await this.#command(wallet, 'authenticate')
        await this.#link(wallet, true)
      }
      expect(await this.providerBalance(wallet)).toBe(wallet.provider)
      expect(wallet.provider).toBeGreaterThanOrEqual(0)
      gained += wallet.provider - wallet.first!
    }
    const paidIn = this.#brought
    const paidOut = this.#orders.reduce(
      (sum, { charged, amount, refunded }) => sum + (charged ? amount : 0) - refunded,
      0,
    )
    expect(gained).toBe(paidIn - paidOut)
  }

  async providerBalance({ id }: Wallet): Promise<number> {
    return paise((await this.#ask(`/wallets/${id}?command=refresh`)).body.current_balance)
  }

  /** Sends `count` orders of one amount to be paid with one token, all before the first answer. */
  async debitAtOnce(count: number, amount: number): Promise<string[]> {
    const wallet = this.wallets[0]!
    const { token } = (await this.#ask(`/wallets/${wallet.id}`)).body
    const orders = Array.from({ length: count }, (_, i) => `at-once-${i}`)
    for (const id of orders)
      await this.#ask('/orders', { order_id: id, amount: rupees(amount), customer_id: wallet.owner })
    const replies = await Promise.all(orders.map((id) => this.#send('/txns', debit(id, 'MOBIKWIK', token))))
    return replies.map((reply) => (reply?.body.status === 'CHARGED' ? 'CHARGED' : reply?.body.error_info.code))
  }

  async #open(owner: string): Promise<void> {
    const path = `/customers/${owner}/wallets`
    const before = (await this.#ask(path)).body.total
    // Two calls make two wallets, so a client that lost the answer looks before it asks again.
    await this.#send(path, { gateway: 'MOBIKWIK', mobile_number: '9999999999' })
    const { list, total } = (await this.#ask(path)).body
    expect(total).toBe(before + 1)
    const state = { linked: false, attempts: undefined, provider: undefined, first: undefined, seen: null }
    this.wallets.push({ id: list.at(-1).id, owner, ...state, lastUsed: undefined })
  }

  async #command(wallet: Wallet, command: 'authenticate' | 'delink' | 'refresh'): Promise<void> {
    const { status } = await this.#ask(`/wallets/${wallet.id}`, { command })
    expect(status).toBe(command === 'authenticate' && wallet.linked ? 400 : 200)
    if (command === 'authenticate' && !wallet.linked) wallet.attempts = 3
    if (command === 'delink') Object.assign(wallet, { linked: false, seen: null })
    if (command === 'refresh' && wallet.linked) wallet.seen = wallet.provider!
  }

  async #link(wallet: Wallet, right: boolean): Promise<void> {
    const path = `/wallets/${wallet.id}`
    const may = !wallet.linked && (wallet.attempts ?? 0) > 0
    // A lost answer to a link that was made is followed by the refusal to link twice.
    const { status } = await this.#ask(path, { command: 'link', otp: right ? '123456' : '000000' })
    if (!(may && right)) {
      expect(status).toBe(400)
      if (may) wallet.attempts!--
      return
    }
    const seen = paise((await this.#ask(path)).body.current_balance)
    wallet.provider ??= seen
    wallet.first ??= seen
    Object.assign(wallet, { linked: true, attempts: undefined, seen: wallet.provider })
  }

  async #order(owner: string, amount: number): Promise<void> {
    const id = `order-${this.#orders.length}`
    await this.#ask('/orders', { order_id: id, amount: rupees(amount), customer_id: owner })
    expect((await this.#ask(`/orders/${id}`)).body).toMatchObject({ amount: amount / 100, status: 'NEW' })
    this.#orders.push({ id, owner, amount, charged: false, wallet: undefined, refunded: 0, amounts: new Set() })
  }

  /** Mostly one that the wallet's owner has not paid yet. */
  #orderFor({ owner }: Wallet, { order, own }: { order: number; own: boolean }): Order | undefined {
    return pick(own ? this.#orders.filter((o) => o.owner === owner && !o.charged) : this.#orders, order)
  }

  async #debit(wallet: Wallet, order: Order | undefined, which: 'live' | 'used' | 'made up'): Promise<void> {
    if (order === undefined) return
    const { token: live } = (await this.#ask(`/wallets/${wallet.id}`)).body
    const token = { live, used: wallet.lastUsed, 'made up': 'tok_00000000000000000000' }[which]
    if (!token) return
    const works = which === 'live' && order.owner === wallet.owner
    const fields = debit(order.id, 'MOBIKWIK', token)
    if (!works || order.charged) {
      const { status, body } = await this.#ask('/txns', fields)
      expect(status).toBe(400)
      if (!works) expect(body.error_info.code).toBe('EXPIRED')
      return
    }
    const reply = await this.#send('/txns', fields)
    this.#used.add(token)
    wallet.lastUsed = token
    const covered = order.amount <= wallet.provider!
    const status = covered ? 'CHARGED' : 'PENDING'
    if (reply) expect(reply.body).toMatchObject({ order_id: order.id, status })
    expect((await this.#ask(`/orders/${order.id}`)).body.status).toBe(covered ? 'CHARGED' : 'PENDING_VBV')
    expect((await this.#ask('/txns', fields)).body.error_info.code).toBe('EXPIRED')
    if (covered) {
      Object.assign(order, { charged: true, wallet })
      wallet.provider! -= order.amount
    } else if (reply) {
      const { url } = reply.body.payment.authentication
      this.#topUps.push({ url, wallet, amount: order.amount - wallet.provider!, open: true })
    }
  }

  async #update(order: Order | undefined, amount: number): Promise<void> {
    if (order === undefined) return
    const { status } = await this.#ask(`/orders/${order.id}`, { amount: rupees(amount) })
    expect(status).toBe(order.charged ? 400 : 200)
    if (!order.charged) order.amount = amount
    expect((await this.#ask(`/orders/${order.id}`)).body.amount).toBe(order.amount / 100)
  }

  async #refund(order: Order | undefined, amount: number): Promise<void> {
    if (order === undefined) return
    const fields = { unique_request_id: `refund-${this.#refundCount++}`, amount: rupees(amount) }
    const { status, body } = await this.#ask(`/orders/${order.id}/refunds`, fields)
    if (!order.charged) {
      expect([status, body.error_code]).toEqual([400, 'invalid.order.not_successful'])
      return
    }
    const fits = amount <= order.amount - order.refunded
    // The clock stands, so two of one amount are always taken for one.
    const isNew = fits && !order.amounts.has(amount)
    // A lost answer to a refund that was made is followed by the refusal to make it twice.
    const refusal = fits ? 'duplicate.call' : 'invalid.amount.exceeded'
    expect([status, body.error_code]).toEqual(isNew && status === 200 ? [200, undefined] : [400, refusal])
    if (isNew) {
      order.amounts.add(amount)
      order.refunded += amount
      order.wallet!.provider! += amount
    }
    expect(paise((await this.#ask(`/orders/${order.id}`)).body.amount_refunded)).toBe(order.refunded)
  }

  /** The customer pays on a page from the first wallet, or does not; whoever saw no answer submits again. */
  async #redirect(order: Order | undefined, pays: boolean): Promise<void> {
    const wallet = this.wallets.find(({ owner }) => owner === order?.owner)
    if (order === undefined || wallet?.provider === undefined) return
    const fields = { order_id: order.id, payment_method_type: 'WALLET', payment_method: 'MOBIKWIK' }
    const { status, body } = await this.#ask('/txns', fields)
    expect(status).toBe(order.charged ? 400 : 200)
    if (order.charged) return
    const path = body.payment.authentication.url.slice(ORIGIN.length)
    for (const outcome of [pays ? 'pay' : 'cancel', 'pay', 'cancel']) await this.#send(path, { outcome }, {})
    const covered = order.amount <= wallet.provider
    const ended = pays ? (covered ? 'CHARGED' : 'AUTHORIZATION_FAILED') : 'AUTHENTICATION_FAILED'
    expect((await this.#ask(`/orders/${order.id}`)).body.status).toBe(ended)
    if (ended !== 'CHARGED') return
    Object.assign(order, { charged: true, wallet })
    wallet.provider -= order.amount
  }

  async #topUp(wallet: Wallet, amount: number): Promise<void> {
    const fields = { amount: rupees(amount), topup_txn_id: `topup-${this.#topUpCount++}` }
    const { status, body } = await this.#ask(`/wallets/${wallet.id}/topup`, fields)
    expect(status).toBe(wallet.linked ? 200 : 400)
    if (!wallet.linked) return
    expect(body).toMatchObject({ ...{ topup_txn_id: fields.topup_txn_id }, status: 'PENDING' })
    this.#topUps.push({ url: body.payment_url, wallet, amount, open: true })
  }

  async #finish(topUp: TopUp | undefined, succeeds: boolean): Promise<void> {
    if (topUp === undefined) return
    const path = topUp.url.slice(ORIGIN.length)
    const reply = await this.#send(path, { outcome: succeeds ? 'succeed' : 'fail' }, {})
    if (!topUp.open) expect(reply?.status ?? 404).toBe(404)
    else if (succeeds) {
      topUp.wallet.provider! += topUp.amount
      this.#brought += topUp.amount
    }
    topUp.open = false
    expect((await this.#ask(path)).status).toBe(404)
  }

  /** What Get Wallet shows is what the model says was seen last, with a token that was never used. */
  async #compare(wallet: Wallet): Promise<void> {
    const { body } = await this.#ask(`/wallets/${wallet.id}`)
    expect(body.linked).toBe(String(wallet.linked))
    expect(body.current_balance).toBe(wallet.seen === null ? null : wallet.seen / 100)
    expect(body.token === null).toBe(!wallet.linked)
    expect(this.#used.has(body.token)).toBe(false)
  }

  /** Asks until an answer comes whole. */
  async #ask(path: string, fields?: Fields): Promise<Reply> {
    for (let tries = 0; tries < 20; tries++) {
      const reply = await this.#send(path, fields)
      if (reply) return reply
    }
    throw new Error(`${path} was not answered`)
  }

  /** The answer, or undefined where a client could make nothing of it. */
  async #send(
    path: string,
    fields?: Fields,
    headers: Record<string, string> = this.#headers,
  ): Promise<Reply | undefined> {
    try {
      const response = await this.#patiently(`${ORIGIN}${path}`, {
        headers,
        ...(fields ? { method: 'POST', body: formOf(fields) } : {}),
      })
      const text = await response.text()
      if (headers.authorization === undefined) return { status: response.status, body: text }
      if (!response.headers.get('content-type')?.startsWith('application/json')) return undefined
      return { status: response.status, body: JSON.parse(text) }
    } catch {
      return undefined
    }
  }

  async #patiently(url: string, init: RequestInit): Promise<Response> {
    const answered = this.#sandbox.fetch(url, init)
    if (this.#patience === undefined) return answered
    const given = await Promise.race([answered, setTimeout(this.#patience)])
    if (given === undefined) throw new Error('no answer in time')
    return given
  }
}

const formOf = (fields: Fields) =>
  new URLSearchParams(Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]))

/** One of a list by any number; undefined when it is empty. */
function pick<Item>(items: readonly Item[], n: number): Item | undefined {
  return items[n % Math.max(1, items.length)]
}
