import { InputError } from '../lib/errors.js'
import { matchesPattern } from '../scenarios/pattern.js'
import type { Delivery } from '../webhooks/webhooks.js'
import { checkInput, type Given } from './check.js'
import { type Scope, stored } from './scope.js'

export interface WebhooksControl {
  /** Every attempt to deliver an event, the oldest first. */
  get(): Promise<{ readonly deliveries: readonly Delivery[] }>
  /**
   * Sets where events go; with null nowhere.
   *
   * @example
   * await sandbox.control.webhooks.put({ url: 'http://127.0.0.1:9000/hooks', username: 'u', password: 'p' })
   */
  put(webhook: Given<'webhook'>): Promise<{ readonly url: string | null }>
  /** Sends an event again, now. @param event its id */
  redeliver(event: string): Promise<{ readonly event: string }>
  /**
   * The next attempt that matches and that was not given out before, now or as soon as there is one. Without a receiver
   * every event is one, so that a test needs no port. Among all merchants it is the first one's.
   *
   * @example
   * const { body } = await sandbox.control.webhooks.next({ event: 'ORDER_SUCCEEDED' })
   */
  next(match?: Given<'nextWebhook'>): Promise<Delivery>
}

export function webhooksControl(scope: Scope): WebhooksControl {
  const merchants = () => scope.merchants()
  const one = () => merchants().find(({ id }) => id !== '') ?? scope.lead()
  return {
    async get() {
      return { deliveries: merchants().flatMap(({ webhooks }) => webhooks.deliveries) }
    },
    async put(given) {
      const webhook = await checkInput('webhook', given)
      for (const merchant of merchants())
        merchant.perform('webhooks.put', webhook && { url: webhook.url }, () =>
          merchant.setWebhook(webhook ?? undefined),
        )
      await stored(scope.registry)
      return { url: webhook?.url ?? null }
    },
    async redeliver(event) {
      for (const merchant of merchants())
        if (merchant.webhooks.redeliver(event)) {
          merchant.perform('webhooks.redeliver', { event }, () => {})
          return { event }
        }
      throw new InputError(`webhooks: there is no event "${event}"; allowed: the id of one that was delivered`)
    },
    async next(given = {}) {
      const { event = '*', order = '*' } = await checkInput('nextWebhook', given)
      return one().webhooks.next(
        (delivery) => matchesPattern(event, delivery.name) && matchesPattern(order, delivery.order),
      )
    },
  }
}
