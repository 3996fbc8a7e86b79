import type { Entry } from '../journal/entry.js'
import { type JournalEntry, toJournalEntry } from '../journal/journal-entry.js'
import { givenText } from '../lib/given.js'
import { load } from '../lib/load.js'
import type { Merchant } from '../merchants/merchant.js'
import type { Finding } from '../verdict/verdict.js'
import { orderOf } from '../wallets/orders.js'
import type { Delivery } from '../webhooks/webhooks.js'
import { ControlError } from './errors.js'
import type { Scope } from './scope.js'
import { verdictOn } from './scope-verdict.js'

/** What happened to an order: a call that names or changed it, or an attempt to deliver one of its events. */
type OrderStep =
  | {
      readonly kind: 'call'
      /** With `changes`: what it changed. */
      readonly call: JournalEntry
      /** Whether the client was left without an answer that it can read. */
      readonly lost: boolean
      /** What the verdict has against it. A finding on several calls stands at the last. */
      readonly findings: readonly Finding[]
    }
  | { readonly kind: 'delivery'; readonly merchant: string; readonly delivery: Delivery }

export interface OrderTimeline {
  readonly order: string
  /** In the order in which they happened, as far as the journal and the record of deliveries remember. */
  readonly steps: readonly OrderStep[]
}

/** @throws ControlError for an order that no merchant of the scope has and no call names */
export async function timelineOf(scope: Scope, given: string): Promise<OrderTimeline> {
  const order = givenText(given, 'order')
  const { ClientCall } = await load(() => import('../verdict/client-call.js'))
  const { findings } = await verdictOn(scope)
  const isIt = (reference: string | undefined) => reference?.toLowerCase() === order.toLowerCase()
  const concerns = (entry: Entry) =>
    isIt(new ClientCall(entry).order) || entry.ended?.changes?.orders.some(({ after }) => isIt(after.reference))
  const stepsOf = ({ id, journal, webhooks }: Merchant): OrderStep[] => {
    const calls = journal.entries().filter(concerns)
    const against = findings.filter(({ merchant }) => merchant === id)
    const steps = [
      ...calls.map((entry) => ({
        // One that is under way comes last.
        at: entry.turn?.sequence ?? Number.POSITIVE_INFINITY,
        step: {
          kind: 'call' as const,
          call: toJournalEntry(entry),
          lost: new ClientCall(entry).isLost,
          findings: against.filter(({ requests }) => requests.at(-1) === entry.id),
        },
      })),
      ...webhooks.log
        .filter(({ delivery }) => isIt(delivery.order))
        .map(({ delivery, sequence: at }) => ({ at, step: { kind: 'delivery' as const, merchant: id, delivery } })),
    ]
    // What was delivered after a call has the call's number.
    return steps.sort((a, b) => a.at - b.at).map(({ step }) => step)
  }
  const merchants = scope.merchants()
  const steps = merchants.flatMap(stepsOf)
  if (steps.length === 0 && !merchants.some(({ state }) => orderOf(state.find('order', order), order)))
    throw new ControlError('not_found', `There is no order "${order}", and no call of the journal names one.`)
  return { order, steps }
}
