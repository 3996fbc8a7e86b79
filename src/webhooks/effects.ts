import type { Rule } from '../scenarios/program.js'
import type { WebhookEvent } from '../wallets/model.js'
import type { Webhooks } from './webhooks.js'

/** An event that has happened, and the scenario's rule that meddles with its delivery. */
export interface PlannedEvent {
  readonly event: Omit<WebhookEvent, 'url'>
  readonly rule: Rule | undefined
}

const effectOf = ({ rule }: PlannedEvent) => (rule?.effect.kind === 'webhook' ? rule.effect : undefined)

const has = (webhook: string) => (planned: PlannedEvent) => effectOf(planned)?.webhook === webhook
const isDropped = has('drop')
const isMoved = has('reorder')

/** Whether the answer waits for the first attempts. */
export const isSentBefore = has('before-answer')

/** The events that are sent, as and in the order that the rules leave; each of the others is remembered. */
export function toSend(events: readonly PlannedEvent[], url: string | undefined, webhooks: Pick<Webhooks, 'note'>) {
  const inOrder = [...events.filter((each) => !isMoved(each)), ...events.filter(isMoved)]
  return inOrder.flatMap((planned) => {
    const { event, rule } = planned
    if (url !== undefined && !isDropped(planned)) return [{ ...event, ...changesBy(planned), url }]
    const reason = isDropped(planned) ? 'dropped by the scenario' : null
    webhooks.note({ ...event, url: url ?? null, rule: rule?.name }, reason)
    return []
  })
}

function changesBy(planned: PlannedEvent): Partial<WebhookEvent> {
  const { event, rule } = planned
  const effect = effectOf(planned)
  if (rule === undefined || effect === undefined) return {}
  if (effect.webhook === 'late') return { rule: rule.name, nextAt: event.nextAt + effect.by }
  return effect.webhook === 'duplicate' ? { rule: rule.name, copies: 2 } : { rule: rule.name }
}
