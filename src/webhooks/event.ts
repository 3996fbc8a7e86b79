import type { WebhookSettings } from '../fixture-files/webhook.js'
import type { WebhookEvent } from '../wallets/model.js'

export type { WebhookEvent, WebhookSettings }

/** Marks every attempt to deliver, so that a sandbox knows one that was sent to a sandbox. */
export const DELIVERY_HEADER = 'x-sandbox-delivery'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Waits between attempts: published for the vendor's UPI product, inferred here. */
const RETRIES: readonly number[] = [
  MINUTE,
  ...Array.from({ length: 2 }, () => 5 * MINUTE),
  ...Array.from({ length: 5 }, () => 10 * MINUTE),
  ...Array.from({ length: 5 }, () => HOUR),
  ...Array.from({ length: 3 }, () => 6 * HOUR),
]

/** When an event is sent again that was sent so often; null once the vendor gives up. */
export const retryAt = (attempts: number, now: number): number | null => {
  const wait = RETRIES[attempts - 1]
  return wait === undefined ? null : now + wait
}
