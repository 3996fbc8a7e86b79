import { givenText } from '../lib/given.js'
import { hidePassword } from '../lib/text.js'
import type { Happening, Merchant } from '../merchants/merchant.js'
import { matcher } from '../scenarios/pattern.js'
import type { Delivery } from '../webhooks/webhooks.js'
import { type ControlInput, checkInput } from './check.js'
import { ControlError } from './errors.js'
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
  put(webhook: ControlInput<'webhook'>): Promise<{ readonly url: string | null }>
  /** Sends an event again, now. @param event its id */
  redeliver(event: string): Promise<{ readonly event: string }>
  /**
   * The oldest attempt that matches and that was not given out before, or the next one to come. Without a receiver every
   * event is one, so that a test needs no port. It waits until the sandbox is closed.
   *
   * @example
   * const { body } = await sandbox.control.webhooks.next({ event: 'ORDER_SUCCEEDED' })
   */
  next(match?: ControlInput<'nextWebhook'>): Promise<Delivery>
}

/** The first that matches and was not given out before, or the next one to come with something of the kind. */
export async function nextOf<Item extends object>(
  { registry, merchants }: Scope,
  event: Happening['event'],
  itemsOf: (merchant: Merchant) => readonly Item[],
  matches: (item: Item) => boolean,
): Promise<Item> {
  const { happenings, given } = registry
  const happened = happenings.read({ wanted: (one) => one.event === event, size: () => 0, shown: () => undefined })
  try {
    for (;;) {
      const next = merchants()
        .flatMap(itemsOf)
        .find((item) => !given.has(item) && matches(item))
      if (next) {
        given.add(next)
        return next
      }
      // A test that waits no longer does not learn of the end: that would be an unhandled error.
      if ((await happened.next()).done) return await new Promise<never>(() => {})
    }
  } finally {
    void happened.return!()
  }
}

export function webhooksControl(scope: Scope): WebhooksControl {
  const merchants = () => scope.merchants()
  return {
    async get() {
      return { deliveries: merchants().flatMap(({ webhooks }) => webhooks.deliveries) }
    },
    async put(given) {
      const webhook = await checkInput('webhook', given)
      for (const merchant of merchants())
        merchant.perform('webhooks.put', webhook && { url: hidePassword(webhook.url) }, () =>
          merchant.setWebhook(webhook ?? undefined),
        )
      await stored(scope.registry)
      return { url: webhook && hidePassword(webhook.url) }
    },
    async redeliver(event) {
      givenText(event, 'webhooks')
      for (const merchant of merchants())
        if (merchant.webhooks.redeliver(event)) {
          merchant.perform('webhooks.redeliver', { event }, () => {})
          return { event }
        }
      throw new ControlError('not_found', `There is no event "${event}"; allowed: the id of one that was delivered.`)
    },
    async next(given = {}) {
      const { event = '*', order = '*' } = await checkInput('nextWebhook', given)
      const [isEvent, isOrder] = [matcher(event), matcher(order)]
      const matches = (delivery: Delivery) => isEvent(delivery.name) && isOrder(delivery.order)
      return nextOf(scope, 'delivery', ({ webhooks }) => webhooks.deliveries, matches)
    },
  }
}
