import type { Call } from '../../api/call.js'
import type { Outcome } from '../../api/outcome.js'
import { timestamp } from '../../lib/clock.js'
import { drawHexPair } from '../../lib/random.js'
import { hidePassword } from '../../lib/text.js'
import type { Subject } from '../../scenarios/conditions.js'
import type { Rule } from '../../scenarios/program.js'
import { EVENT_PHASE } from '../../scenarios/terms.js'
import type { Customer, WebhookEvent } from '../../wallets/model.js'
import { chargeOf, orderOf, WEBHOOK_URL } from '../../wallets/orders.js'
import { shownOf } from './require.js'
import { type EventName, eventContent } from './wire/events.js'

/**
 * Puts a customer whose order has changed, together with the events that tell of it: they are stored with the change, so
 * that none is lost.
 *
 * @param cause what tells the events of one order apart, such as the id of a payment
 * @param now when they happen
 */
export function putWithEvents(
  call: Call,
  outcome: Outcome,
  holder: Customer,
  reference: string,
  cause: string,
  names: readonly EventName[],
  now = call.merchant.clock.now(),
): void {
  const { merchant } = call
  const order = orderOf(holder, reference)!
  const payment = order.payments.find(({ id }) => id === cause) ?? chargeOf(order)!
  const receiver = order.metadata[WEBHOOK_URL] || merchant.webhook?.url
  const url = receiver && hidePassword(receiver)
  const planned = names.map((name): Planned => {
    const id = `evt_V2_${drawHexPair(merchant.seed, 'event', merchant.id, cause, name).join('')}`
    const content = eventContent(shownOf(call, holder, order, now), payment, name)
    const body = JSON.stringify({ id, event_name: name, date_created: timestamp(now), content })
    const event = { id, name, order: reference, body, createdAt: now, attempts: 0, nextAt: now }
    return { event, rule: merchant.scenario.claim(EVENT_PHASE, subjectOf(call, reference, name)) }
  })
  const sent: WebhookEvent[] = []
  for (const { event, rule } of inOrder(planned)) {
    const isDropped = effectOf(rule)?.webhook === 'drop'
    if (url === undefined || isDropped)
      merchant.webhooks.note(
        { ...event, url: url ?? null, rule: rule?.name },
        isDropped ? 'dropped by the scenario' : null,
      )
    else sent.push({ ...event, ...changesBy(rule, now), url })
  }
  merchant.state.put(sent.length === 0 ? holder : { ...holder, outbox: [...(holder.outbox ?? []), ...sent] })
  for (const event of sent) merchant.webhooks.enqueue(event)
  if (planned.some(({ rule }) => effectOf(rule)?.webhook === 'before-answer'))
    outcome.beforeAnswer = () => merchant.webhooks.firstAttempts(reference)
}

/** An event, and the scenario's rule that meddles with it. */
interface Planned {
  readonly event: Omit<WebhookEvent, 'url'>
  readonly rule: Rule | undefined
}

const effectOf = (rule: Rule | undefined) => (rule?.effect.kind === 'webhook' ? rule.effect : undefined)

/** Those that are to come out of order go after the others. */
const inOrder = (planned: readonly Planned[]): readonly Planned[] => {
  const isMoved = ({ rule }: Planned) => effectOf(rule)?.webhook === 'reorder'
  return [...planned.filter((one) => !isMoved(one)), ...planned.filter(isMoved)]
}

function changesBy(rule: Rule | undefined, nextAt: number): Partial<WebhookEvent> {
  const effect = effectOf(rule)
  if (rule === undefined || effect === undefined) return {}
  if (effect.webhook === 'late') return { rule: rule.name, nextAt: nextAt + effect.by }
  return effect.webhook === 'duplicate' ? { rule: rule.name, copies: 2 } : { rule: rule.name }
}

/** The event as the rules of a scenario see it. It is counted on its order, as the orders of a customer may cross. */
const subjectOf = (call: Call, reference: string, eventName: EventName): Subject => ({
  eventName,
  operationId: call.operationId,
  resource: reference,
  customerNames: call.customerNames,
  walletName: call.walletName,
  key: call.key,
  merchantId: call.merchantId,
  header: (name) => call.header(name),
  parameter: (name) => call.parameter(name),
  field: (name) => call.field(name),
})
