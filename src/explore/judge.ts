import { isDeepStrictEqual } from 'node:util'
import type { State } from '../store/state.js'
import type { Finding as VerdictFinding } from '../verdict/verdict.js'
import type { Customer } from '../wallets/model.js'
import { type Minor, majorOf } from '../wallets/money.js'
import { isCharged, refundedOf } from '../wallets/orders.js'
import type { SeenCall, SeenEvent } from './schedules.js'

/** What a run came to, held against the run without faults. */

/** What a client did with an order or a wallet. */
export interface Account {
  readonly name: string
  /** When it began, to put those of a run in order. */
  readonly at: string
  readonly charged: Minor
  readonly refunded: Minor
}

/** What the client says in the end. */
export type Said =
  | { readonly outcome: 'success'; readonly value?: unknown }
  | { readonly outcome: 'failure'; readonly message: string }
  | { readonly outcome: 'pending' | 'timeout' | 'interrupted' }

export interface Run {
  readonly said: Said
  readonly calls: readonly SeenCall[]
  readonly events: readonly SeenEvent[]
  readonly accounts: readonly Account[]
  readonly broken: readonly VerdictFinding[]
  /** Whether the faults happened. */
  readonly fired: boolean
}

/** Every kind of finding, the gravest first, as the summary has it of one schedule and of several. */
export const KINDS = {
  'charged twice': ['charges twice', 'charge twice'],
  'refunded twice': ['refunds twice', 'refund twice'],
  'goods for nothing': ['gives goods for nothing', 'give goods for nothing'],
  'paid and told it failed': ['takes money and says it failed', 'take money and say it failed'],
  'paid and left pending': ['leaves a payment pending', 'leave a payment pending'],
  'says something else': ['says something else', 'say something else'],
  'gives up too early': ['gives up too early', 'give up too early'],
  'no time-out': ['has no time-out', 'have no time-out'],
  'breaks a rule': ['breaks a rule of the verdict', 'break a rule of the verdict'],
} as const
export type Kind = keyof typeof KINDS

const sum = (items: readonly number[]) => items.reduce((total, item) => total + item, 0)
const sumOf = (accounts: readonly Account[], of: 'charged' | 'refunded') => sum(accounts.map((one) => one[of]))
const shown = (minor: Minor) => majorOf(minor).toFixed(2)

function accountsIn(customer: Customer | undefined): Account[] {
  if (customer === undefined) return []
  const { orders, wallets, currencyWallets } = customer
  return [
    ...Array.from(orders, (order) => ({
      name: `order ${order.reference}`,
      at: order.createdAt,
      charged: isCharged(order) ? order.amount : 0,
      refunded: refundedOf(order),
    })),
    ...wallets.flatMap(({ topUps }) =>
      topUps.map(({ reference, amount, status }) => ({
        name: `top-up ${reference}`,
        at: '',
        charged: status === 'SUCCESS' ? amount : 0,
        refunded: 0,
      })),
    ),
    ...currencyWallets.map(({ id, transactions }) => {
      const posted = (type: string) => sum(transactions.filter((one) => one.type === type).map(({ amount }) => amount))
      return { name: `wallet ${id}`, at: '', charged: posted('debit'), refunded: posted('credit') }
    }),
  ]
}

/** What was charged and given back since the merchant was made. */
export function accountsOf(state: State): Account[] {
  const all = [...state.changes()].flatMap(([now, before]) => {
    const earlier = new Map(accountsIn(before).map((account) => [account.name, account]))
    return accountsIn(now).map((account) => ({
      ...account,
      charged: account.charged - (earlier.get(account.name)?.charged ?? 0),
      refunded: account.refunded - (earlier.get(account.name)?.refunded ?? 0),
    }))
  })
  return all.filter(({ charged, refunded }) => charged !== 0 || refunded !== 0).sort((a, b) => (a.at < b.at ? -1 : 1))
}

/** The texts and numbers of a value by their paths. */
function leavesOf(value: unknown, path = ''): [path: string, leaf: unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]]
  return Object.entries(value).flatMap(([name, part]) => leavesOf(part, path === '' ? name : `${path}.${name}`))
}
const saidIn = ({ said }: Run) => new Map(leavesOf('value' in said ? said.value : null))

/** Holds runs against two without a fault: what differs between these is drawn, and does not count. */
export class Judge {
  readonly #clean: Run
  readonly #value: ReadonlyMap<string, unknown>
  readonly #drawn: ReadonlySet<string>
  readonly #names: ReadonlySet<string>
  readonly #broken: ReadonlySet<string>

  constructor(first: Run, clean: Run) {
    this.#clean = clean
    const [before, value] = [saidIn(first), saidIn(clean)]
    this.#value = value
    this.#drawn = new Set([...before.keys(), ...value.keys()].filter((path) => before.get(path) !== value.get(path)))
    const names = new Set(first.accounts.map(({ name }) => name))
    this.#names = new Set(clean.accounts.map(({ name }) => name).filter((name) => names.has(name)))
    this.#broken = new Set(clean.broken.map(({ rule }) => rule))
  }

  /** Everything that is held against the client. @param isControl whether it must survive with success */
  *findings(run: Run, isControl: boolean): Generator<readonly [kind: Kind, sentence: string]> {
    const { accounts } = this.#clean
    const { outcome } = run.said
    const [paid, back] = [sumOf(run.accounts, 'charged'), sumOf(run.accounts, 'refunded')]
    const [cleanPaid, cleanBack] = [sumOf(accounts, 'charged'), sumOf(accounts, 'refunded')]
    const excess = Math.max(0, paid - cleanPaid)
    const isSettled = outcome !== 'success' && paid <= back
    const whose = this.#whose(run)
    const over = (of: 'charged' | 'refunded') =>
      run.accounts.find((one) => {
        const same = accounts.find(({ name }) => name === one.name)
        return (
          same !== undefined &&
          one[of] > same[of] &&
          (of === 'refunded' || one.charged - one.refunded > same.charged - same.refunded)
        )
      })
    if ((excess > 0 && paid - back > cleanPaid - cleanBack) || over('charged'))
      yield ['charged twice', `${whose}charged twice, ${shown(paid)} for ${shown(cleanPaid)}`]
    if ((back - cleanBack > excess || over('refunded')) && !isSettled)
      yield ['refunded twice', `${whose}refunded twice, ${shown(back)} for ${shown(cleanBack)}`]
    if (outcome === 'success' && paid < cleanPaid)
      yield ['goods for nothing', `success, though ${shown(paid)} was charged for ${shown(cleanPaid)}`]
    if (outcome === 'failure' && paid > back)
      yield ['paid and told it failed', `the client failed, though ${shown(paid - back)} was taken and not refunded`]
    if (outcome === 'pending' && paid > back)
      yield ['paid and left pending', `left pending, though ${shown(paid - back)} was taken and not refunded`]
    if ('value' in run.said) yield* this.#saysOther(run)
    if (isControl && outcome === 'failure') yield ['gives up too early', 'the client failed, and could have succeeded']
    if (outcome === 'timeout') yield ['no time-out', 'the client was still waiting when its time was over']
    for (const { rule, message } of run.broken)
      if (!this.#broken.has(rule)) yield ['breaks a rule', `${rule}: ${this.#withoutDrawn(message, run)}`]
  }

  /** What the run without a fault is charged for, where that is one order. */
  #whose({ accounts }: Run): string {
    const names = this.#clean.accounts.filter(({ charged }) => charged > 0).map(({ name }) => name)
    const [name] = names
    return names.length === 1 && this.#names.has(name!) && accounts.some((one) => one.name === name) ? `${name} ` : ''
  }

  *#saysOther(run: Run): Generator<readonly [Kind, string]> {
    const value = saidIn(run)
    const paths = [...new Set([...this.#value.keys(), ...value.keys()])].filter((path) => !this.#drawn.has(path))
    const path = paths.find((one) => !isDeepStrictEqual(value.get(one), this.#value.get(one)))
    if (path === undefined) return
    const text = (of: ReadonlyMap<string, unknown>) => JSON.stringify(of.get(path)) ?? 'nothing'
    yield [
      'says something else',
      `the client says ${path === '' ? '' : `${path} `}${text(value)} for ${text(this.#value)}`,
    ]
  }

  /** The message without the names of orders that are drawn. */
  #withoutDrawn(message: string, { accounts }: Run): string {
    const drawn = accounts.map(({ name }) => name).filter((name) => !this.#names.has(name))
    return drawn.reduce((text, name) => text.replaceAll(name.slice(name.indexOf(' ') + 1), '…'), message)
  }
}
