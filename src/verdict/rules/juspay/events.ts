import { inferred } from '../../../api/evidence.js'
import { getOrMake } from '../../../lib/get-or-make.js'
import { quote } from '../../../lib/text.js'
import { PAGES } from '../../../vendors/juspay/pages.js'
import type { ClientCall } from '../../client-call.js'
import { type ClientRule, offence, type Run } from '../../run.js'

const MOVES_MONEY: ReadonlySet<string> = new Set([
  'juspay.debitWallet',
  'juspay.refundOrder',
  'juspay.refundPayment',
  'juspay.topUpWallet',
  'juicyway.createTransaction',
])

/** Fields that a client makes anew for each call. */
const FRESH: ReadonlySet<string> = new Set(['direct_wallet_token', 'unique_request_id', 'topup_txn_id'])

/** What a call does, whichever time it is. */
const effectOf = ({ operation, entry, fields }: ClientCall) =>
  JSON.stringify([operation, entry.request.path, ...[...fields].filter(([name]) => !FRESH.has(name))])

const concerns = (call: ClientCall, order: string) => call.order === order || [...call.fields.values()].includes(order)

/** When each event was sent, of those that were sent more than once. */
function repeated({ merchant: { webhooks } }: Run) {
  const events = new Map<string, { name: string; order: string; sentAt: number[] }>()
  for (const delivery of webhooks.deliveries) {
    const { event, name, order } = delivery
    const known = getOrMake(events, event, () => ({ name, order, sentAt: [] }))
    known.sentAt.push(webhooks.sentAt.get(delivery) ?? Number.POSITIVE_INFINITY)
  }
  return [...events.values()].filter(({ sentAt }) => sentAt.length > 1)
}

export const eventAppliedTwice: ClientRule = {
  evidence: inferred(
    'the vendor sends an event until it is answered 200, so that it can come twice; its id tells (no page says how to count)',
  ),
  *find(run) {
    const events = repeated(run)
    if (events.length === 0) return
    const moves = run.calls.filter(({ operation }) => MOVES_MONEY.has(operation))
    const reported = new Set<ClientCall>()
    for (const { name, order, sentAt } of events) {
      const [first, second] = sentAt as [number, number]
      const effects = new Map<string, ClientCall>()
      for (const move of moves) {
        if (move.arrivedAt < first || !concerns(move, order)) continue
        const effect = effectOf(move)
        const before = effects.get(effect)
        if (before?.isSuccess && move.arrivedAt >= second && !reported.has(move)) {
          reported.add(move)
          yield offence(
            `The event ${name} of order ${quote(order)} was delivered twice, and ${move.operation} was called for it twice.`,
            [before, move],
          )
        } else if (before === undefined) effects.set(effect, move)
      }
    }
  },
}

function returnedOrder(call: ClientCall): string | undefined {
  const location = call.answerHeader('location') ?? ''
  return URL.canParse(location) ? (new URL(location).searchParams.get('order_id') ?? undefined) : undefined
}

export const badSignatureAccepted: ClientRule = {
  evidence: inferred(
    `the signature of the return (${PAGES.directDebit}); a client that refuses one must ask for the order to learn the truth (${PAGES.orderStatus})`,
  ),
  *find({ calls }) {
    const open = new Map<string, ClientCall>()
    for (const call of calls) {
      if (call.ended?.facts.tampered && !call.isLost) {
        const returned = returnedOrder(call)
        if (returned !== undefined) open.set(returned, call)
      }
      if (call.operation !== 'juspay.getOrder' || call.isLost || call.order === undefined) continue
      if (call.arrivedAt >= (open.get(call.order)?.endedAt ?? Number.POSITIVE_INFINITY)) open.delete(call.order)
    }
    for (const [order, call] of open)
      yield offence(
        `The return of order ${quote(order)} had a wrong signature, and the order's status was not requested since.`,
        [call],
      )
  },
}
