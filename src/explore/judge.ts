import type { Merchant } from '../merchants/merchant.js'
import type { State } from '../store/state.js'
import type { Finding as VerdictFinding } from '../verdict/verdict.js'
import type { Customer } from '../wallets/model.js'
import { type Minor, majorOf } from '../wallets/money.js'
import { isCharged, refundedOf } from '../wallets/orders.js'
import type { SeenCall, SeenEvent } from './schedules.js'

/** What a run came to, held against the run without faults. */

/** What a client did with an order or a wallet. */
type Account = ReturnType<typeof accountsIn>[number]

/** What the client says in the end. */
export type Said =
  | { readonly outcome: 'success'; readonly value?: unknown }
  | { readonly outcome: 'failure'; readonly message: string }
  | { readonly outcome: 'pending' | 'timeout' | 'interrupted' }

export interface Run {
  readonly merchant: Merchant
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
const shown = (minor: Minor) => majorOf(minor).toFixed(2)

function accountsIn(customer: Customer | undefined) {
  if (customer === undefined) return []
  const { orders, wallets, currencyWallets } = customer
  return [
    ...Array.from(orders, (order) => ({
      name: `order ${order.reference}`,
      charged: isCharged(order) ? order.amount : 0,
      refunded: refundedOf(order),
    })),
    ...wallets.flatMap(({ topUps }) =>
      topUps.map(({ reference, amount, status }) => ({
        name: `top-up ${reference}`,
        charged: status === 'SUCCESS' ? amount : 0,
        refunded: 0,
      })),
    ),
    ...currencyWallets.map(({ id, transactions }) => {
      const posted = (type: string) => sum(transactions.filter((one) => one.type === type).map(({ amount }) => amount))
      return { name: `wallet ${id}`, charged: posted('debit'), refunded: posted('credit') }
    }),
  ]
}

/** What was charged and given back since the merchant was made. */
export function accountsOf(state: State): Account[] {
  const all = [...state.changes()].flatMap(([now, before]) => {
    const earlier = new Map(accountsIn(before).map((account) => [account.name, account]))
    return accountsIn(now).map(({ name, ...account }) => {
      const { charged, refunded } = earlier.get(name) ?? { charged: 0, refunded: 0 }
      return { name, charged: account.charged - charged, refunded: account.refunded - refunded }
    })
  })
  return all.filter(({ charged, refunded }) => charged !== 0 || refunded !== 0)
}

/** The texts and numbers of a value by their paths. */
function leavesOf(value: unknown, path = ''): [path: string, leaf: unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]]
  return Object.entries(value).flatMap(([name, part]) => leavesOf(part, path === '' ? name : `${path}.${name}`))
}
type Leaves = ReadonlyMap<string, unknown>
const saidIn = ({ said }: Run): Leaves => new Map(leavesOf('value' in said ? said.value : null))

const differences = (one: Leaves, other: Leaves) =>
  [...new Set([...one.keys(), ...other.keys()])].filter((path) => one.get(path) !== other.get(path))

type Held = readonly [kind: Kind, sentence: string]

/**
 * Everything that is held against the client in a run. What differs between two runs without a fault is drawn, and does
 * not count.
 *
 * @param isControl whether it must survive with success
 */
export function* judge(run: Run, [first, clean]: readonly [Run, Run], isControl = false): Generator<Held> {
  const { outcome } = run.said
  const namesOf = ({ accounts }: Run) => accounts.map(({ name }) => name)
  const names = namesOf(clean).filter((name) => namesOf(first).includes(name))
  const total = ({ accounts }: Run, of: 'charged' | 'refunded') => sum(accounts.map((one) => one[of]))
  const [paid, back] = [total(run, 'charged'), total(run, 'refunded')]
  const [cleanPaid, cleanBack] = [total(clean, 'charged'), total(clean, 'refunded')]
  const excess = Math.max(0, paid - cleanPaid)
  const isSettled = outcome !== 'success' && paid <= back
  const isOver = (of: 'charged' | 'refunded') =>
    run.accounts.some((one) => {
      const same = clean.accounts.find(({ name }) => name === one.name)
      const keeps = one.charged - one.refunded
      return same && one[of] > same[of] && (of === 'refunded' || keeps > same.charged - same.refunded)
    })
  // Where the run without a fault is charged for one order, and always that.
  const [bought, ...others] = clean.accounts.filter(({ charged }) => charged > 0).map(({ name }) => name)
  const isOne = others.length === 0 && names.includes(bought!) && namesOf(run).includes(bought!)
  const whose = isOne ? `${bought} ` : ''

  if ((excess > 0 && paid - back > cleanPaid - cleanBack) || isOver('charged'))
    yield ['charged twice', `${whose}charged twice, ${shown(paid)} for ${shown(cleanPaid)}`]
  if ((back - cleanBack > excess || isOver('refunded')) && !isSettled)
    yield ['refunded twice', `${whose}refunded twice, ${shown(back)} for ${shown(cleanBack)}`]
  if (outcome === 'success' && paid < cleanPaid)
    yield ['goods for nothing', `success, though ${shown(paid)} was charged for ${shown(cleanPaid)}`]
  if (outcome === 'failure' && paid > back)
    yield ['paid and told it failed', `the client failed, though ${shown(paid - back)} was taken and not refunded`]
  if (outcome === 'pending' && paid > back)
    yield ['paid and left pending', `left pending, though ${shown(paid - back)} was taken and not refunded`]
  if ('value' in run.said) yield* saysOther(saidIn(run), saidIn(clean), saidIn(first))
  if (isControl && outcome === 'failure') yield ['gives up too early', 'the client failed, and could have succeeded']
  if (outcome === 'timeout') yield ['no time-out', 'the client was still waiting when its time was over']

  const ofOrders = namesOf(run).filter((name) => !names.includes(name))
  const withoutDrawn = (message: string) =>
    ofOrders.reduce((text, name) => text.replaceAll(name.slice(name.indexOf(' ') + 1), '…'), message)
  for (const { rule, message } of run.broken)
    if (!clean.broken.some((known) => known.rule === rule)) yield ['breaks a rule', `${rule}: ${withoutDrawn(message)}`]
}

function* saysOther(said: Leaves, clean: Leaves, first: Leaves): Generator<Held> {
  const drawn = differences(first, clean)
  const path = differences(clean, said).find((one) => !drawn.includes(one))
  if (path === undefined) return
  const text = (of: Leaves) => JSON.stringify(of.get(path)) ?? 'nothing'
  yield ['says something else', `the client says ${path === '' ? '' : `${path} `}${text(said)} for ${text(clean)}`]
}
