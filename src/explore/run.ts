import { fromCustomer } from '../fixture-files/convert.js'
import { accessTo } from '../lib/access.js'
import { asJson } from '../lib/given.js'
import { EXPLORED_PREFIX } from '../lib/key-prefixes.js'
import type { Merchant } from '../merchants/merchant.js'
import type { MerchantRegistry } from '../merchants/registry.js'
import { openSandbox } from '../sandbox.js'
import { compile } from '../scenarios/compile.js'
import { type Baseline, baselineOf } from '../store/state.js'
import { VENDORS } from '../vendors/index.js'
import { setProviderBalance } from '../wallets/linked-wallet.js'
import type { Wallet } from '../wallets/model.js'
import { type Breach, judge } from './judge.js'
import type { ExploreSettings, Flow, FlowContext } from './options.js'
import { fileNameOf, type Schedule } from './schedules.js'
import { callsOf, type Said, type Seen, seenIn } from './seen.js'

/** Sandbox time before each call, in ms: beyond the vendor's guard against a second refund. */
const STEP_MS = 6_000
/** Sandbox time for late events after a flow that ended pending, in ms. */
const LATE_MS = 31_000

export type Runner = Awaited<ReturnType<typeof openRunner>>
export type Trial = Awaited<ReturnType<Runner['run']>>

/** Lets time pass after an answer, and calls go on that were held for it. */
function step(merchant: Merchant | undefined): void {
  if (merchant === undefined) return
  const { clock, journal, holds, webhooks } = merchant
  merchant.perform('clock.advance', { by: STEP_MS }, () => clock.advance(STEP_MS))
  webhooks.pump()
  const isOver = (hold: string) =>
    callsOf(journal.entries()).some(({ name, client }) => fileNameOf(name) === hold && client.ended)
  holds.release(({ hold }) => isOver(hold))
}

/** A sandbox, and runs of the flow in it, each in a merchant of its own. */
export async function openRunner(settings: ExploreSettings) {
  const { flow, reconcile, signal: stop } = settings
  const start = settings.clock ?? Math.floor(Date.now() / 1000) * 1000
  /** What runs begin with, once it is known how much they take. */
  let funded: Baseline | undefined
  let registry!: MerchantRegistry
  const sandbox = await openSandbox(
    { ...settings, log: 'silent', clock: start },
    {
      onOpened: (opened) => {
        registry = opened
      },
      onAnswered: ({ merchant }) => step(registry.get(merchant)),
    },
  )
  const base = registry.anonymous.scenario.program.scenario

  /** Runs flows at once, each to its end, or all to that of their time. */
  async function ask(asked: Flow, contexts: readonly Omit<FlowContext, 'signal'>[]): Promise<Said> {
    const over = new AbortController()
    const signal = AbortSignal.any([over.signal, AbortSignal.timeout(settings.timeout), ...(stop ? [stop] : [])])
    if (signal.aborted) return { outcome: 'interrupted' }
    const aborted = new Promise<never[]>((resolve) => signal.addEventListener('abort', () => resolve([])))
    const says = contexts.map(async (own) => asJson(await asked({ ...own, signal }), 'the value of the flow') ?? null)
    const ends = await Promise.race([Promise.allSettled(says), aborted])
    if (signal.aborted) return { outcome: stop?.aborted ? 'interrupted' : 'timeout' }
    over.abort()
    const values = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
    const value = values.find((one) => Object(one).outcome !== 'pending')
    if (value !== undefined) return { outcome: 'success', ...(contexts.length === 1 && { value }) }
    if (values.length > 0) return { outcome: 'pending' }
    const { reason } = ends[0] as PromiseRejectedResult
    return { outcome: 'failure', message: reason instanceof Error ? reason.message : String(reason) }
  }

  /**
   * @param job a number that no other run has at the time
   * @param clock when it begins, in epoch ms
   * @param latency what calls take, in place of the scenario's models
   * @param clean runs without a fault that it is held against; its merchant stays where something is found
   */
  async function run(
    schedule: Schedule,
    { job = 0, clock = start, latency = base.latency } = {},
    clean?: readonly [Seen, Seen],
  ) {
    const { name, rules, isTwice, isControl } = schedule
    const id = `${EXPLORED_PREFIX}${fileNameOf(name)}`
    const scenario = { ...base, latency, rules: [...rules, ...(base.rules ?? [])] }
    const merchant = registry.create({ id, clock, program: compile(scenario, VENDORS, name) })
    if (funded) merchant.rebase(funded)
    const { webhooks, responseKey } = merchant
    const control = sandbox.control.merchant(id)
    const context = { ...accessTo(id, sandbox.url!, sandbox.fetch), responseKey, control, job }
    let said = await ask(flow, isTwice ? [context, { ...context, job: job + settings.jobs }] : [context])
    const isFault = ({ name: rule }: { name: string }) => name.split('+').includes(rule)
    const fired = rules.every((rule, i) => !isFault(rule) || merchant.scenario.counts[i]!.fired > 0)
    if (said.outcome === 'pending') {
      const delivered = webhooks.log.length
      await control.scenario.put(base)
      await control.clock.advance(LATE_MS)
      const isTold = webhooks.log.slice(delivered).some(({ delivery }) => delivery.status === 200)
      if (reconcile) said = await ask(reconcile, [context])
      else if (isTold) said = { outcome: 'success' }
    }
    // An event that is late to its receiver is one of the flow still.
    webhooks.pump()
    await webhooks.idle()
    const seen = seenIn(merchant, said, await control.verdict())
    const breaches: readonly Breach[] = clean ? [...judge(seen, clean, isControl)] : []
    const capsule = breaches.length > 0 ? await control.capsule() : undefined
    if (capsule === undefined) await registry.drop(merchant)
    return { ...seen, schedule, fired, breaches, capsule, customers: merchant.blueprint.customers }
  }

  /** Lets each linked wallet's provider hold as much from now on. */
  function fund({ customers }: Baseline, balance: number): void {
    const withMoney = (wallet: Wallet) =>
      wallet.linked && wallet.provider.balance < balance ? setProviderBalance(wallet, balance) : wallet
    const given = Array.from(customers.values(), (one) => ({ ...one, wallets: one.wallets.map(withMoney) }))
    funded = baselineOf({ id: '', customers: given.map(fromCustomer) })
  }

  return { sandbox, run, fund, start }
}
