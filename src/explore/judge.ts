import { type Minor, majorOf } from '../wallets/money.js'
import type { Totals } from './accounts.js'
import type { Seen } from './seen.js'

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
export type FindingKind = keyof typeof KINDS

export type Breach = readonly [kind: FindingKind, sentence: string]

const shown = (minor: Minor) => majorOf(minor).toFixed(2)
const kept = ({ charged, refunded }: Totals) => charged - refunded
const has = ({ accounts }: Seen, account: string) => accounts.some(({ name }) => name === account)

/** What differs between two runs without a fault is drawn, and does not count. @param isControl whether it must succeed */
export function* judge(run: Seen, [first, clean]: readonly [Seen, Seen], isControl = false): Generator<Breach> {
  const { outcome } = run.said
  const [all, cleanAll] = [run.accounts[0]!, clean.accounts[0]!]
  const isAny = (isIt: (now: Totals, before: Totals) => boolean) =>
    run.accounts.some((now) => clean.accounts.some((before) => before.name === now.name && isIt(now, before)))
  const excess = (now: Totals, before: Totals) => Math.max(0, now.charged - before.charged)
  const isTaken = kept(all) > 0
  const taken = `${shown(kept(all))} was taken and not refunded`
  // Where the run without a fault is charged for one order, and always that.
  const [bought, ...others] = clean.accounts.slice(1).filter(({ charged }) => charged > 0)
  const isOne = bought && others.length === 0 && has(first, bought.name) && has(run, bought.name)
  const whose = isOne ? `${bought.name} ` : ''

  if (isAny((now, before) => excess(now, before) > 0 && kept(now) > kept(before)))
    yield ['charged twice', `${whose}charged twice, ${shown(all.charged)} for ${shown(cleanAll.charged)}`]
  const isRefunded = isAny((now, before) => now.refunded - before.refunded > excess(now, before))
  if (isRefunded && (outcome === 'success' || isTaken))
    yield ['refunded twice', `${whose}refunded twice, ${shown(all.refunded)} for ${shown(cleanAll.refunded)}`]
  if (outcome === 'success' && all.charged < cleanAll.charged)
    yield ['goods for nothing', `success, though ${shown(all.charged)} was charged for ${shown(cleanAll.charged)}`]
  if (outcome === 'failure' && isTaken) yield ['paid and told it failed', `the client failed, though ${taken}`]
  if (outcome === 'pending' && isTaken) yield ['paid and left pending', `left pending, though ${taken}`]
  if ('value' in run.said) yield* saysOther(run, clean, first)
  if (isControl && outcome === 'failure') yield ['gives up too early', 'the client failed, and could have succeeded']
  if (outcome === 'timeout') yield ['no time-out', 'the client was still waiting when its time was over']

  const drawn = run.accounts.filter(({ name }) => !has(first, name) || !has(clean, name))
  const withoutDrawn = (message: string) =>
    drawn.reduce((text, { name }) => text.replaceAll(name.slice(name.indexOf(' ') + 1), '…'), message)
  for (const { rule, message } of run.broken)
    if (!clean.broken.some((known) => known.rule === rule)) yield ['breaks a rule', `${rule}: ${withoutDrawn(message)}`]
}

/** The texts and numbers of a value by their paths. */
function leavesOf(value: unknown, path = ''): [path: string, leaf: unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]]
  return Object.entries(value).flatMap(([name, part]) => leavesOf(part, path === '' ? name : `${path}.${name}`))
}

function* saysOther(...runs: readonly Seen[]): Generator<Breach> {
  const [said, clean, first] = runs.map((run) => new Map(leavesOf(run.said.value ?? null)))
  const paths = new Set([...clean!.keys(), ...said!.keys()])
  const path = [...paths].find((one) => clean!.get(one) === first!.get(one) && clean!.get(one) !== said!.get(one))
  if (path === undefined) return
  const text = (of: ReadonlyMap<string, unknown>) => JSON.stringify(of.get(path)) ?? 'nothing'
  yield ['says something else', `the client says ${path === '' ? '' : `${path} `}${text(said!)} for ${text(clean!)}`]
}
