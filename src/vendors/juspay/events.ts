import type { Call } from '../../api/call.js'
import type { Outcome } from '../../api/outcome.js'
import { timestamp } from '../../lib/clock.js'
import { drawHexPair } from '../../lib/random.js'
import { hidePassword } from '../../lib/text.js'
import type { Subject } from '../../scenarios/conditions.js'
import { EVENT_PHASE } from '../../scenarios/terms.js'
import type { OwnedOrder } from '../../store/state.js'
import { chargeOf, WEBHOOK_URL } from '../../wallets/orders.js'
import { isSentBefore, type PlannedEvent, toSend } from '../../webhooks/effects.js'
import { shownOf } from './require.js'
import { type EventName, eventContent } from './wire/events.js'

/** A changed customer and its events are put at once, so that none is lost. @param cause tells the events of one order apart */
export function putWithEvents(
  call: Call,
  outcome: Outcome,
  owned: OwnedOrder,
  cause: string,
  names: readonly EventName[],
  now = call.merchant.clock.now(),
): void {
  const { merchant } = call
  const { holder, order } = owned
  const { reference } = order
  const payment = order.payments.find(({ id }) => id === cause) ?? chargeOf(order)!
  const receiver = order.metadata[WEBHOOK_URL] || merchant.webhook?.url
  const url = receiver && hidePassword(receiver)
  const planned = names.map((name): PlannedEvent => {
    const id = `evt_V2_${drawHexPair(merchant.seed, 'event', merchant.id, cause, name).join('')}`
    const content = eventContent(shownOf(call, owned, now), payment, name)
    const body = JSON.stringify({ id, event_name: name, date_created: timestamp(now), content })
    const event = { id, name, order: reference, body, createdAt: now, attempts: 0, nextAt: now }
    return { event, rule: merchant.scenario.claim(EVENT_PHASE, subjectOf(call, reference, name)) }
  })
  const sent = toSend(planned, url, merchant.webhooks)
  merchant.state.put(sent.length === 0 ? holder : { ...holder, outbox: [...holder.outbox, ...sent] })
  for (const event of sent) merchant.webhooks.enqueue(event)
  if (planned.some(isSentBefore)) outcome.beforeAnswer = () => merchant.webhooks.firstAttempts(reference)
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
