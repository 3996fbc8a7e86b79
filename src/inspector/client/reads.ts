import { decoded } from '../../lib/text.js'
import type { Entry } from './control-answers.js'

/** What the page reads of the control API: of the server, and of one merchant or all. The page in a file holds the answers. */
export const SERVER_READS = ['/merchants', '/scenarios'] as const
export const READS = [
  '/requests',
  '/clock',
  '/holds',
  '/wallets',
  '/latency',
  '/scenario',
  '/webhooks',
  '/verdict',
  '/capsule',
] as const

type Plain = (typeof SERVER_READS | typeof READS)[number]
export type Read = Plain | `${Plain}?${string}` | `/orders/${string}/timeline`

export const timelineOf = (order: string) => `/orders/${encodeURIComponent(order)}/timeline` as const

/** The orders that a call names in its path or body, or that it changed. */
export function ordersIn({ request, changes }: Pick<Entry, 'request' | 'changes'>): readonly string[] {
  const inPath = /\/orders\/(?!txns\/)([^/]+)/.exec(request.path)?.[1]
  const inBody = new URLSearchParams(request.body).get('order_id')
  const changed = changes.flatMap(({ of }) => (of.startsWith('order ') ? [of.slice('order '.length)] : []))
  return [...new Set([...(inPath ? [decoded(inPath)] : []), ...(inBody ? [inBody] : []), ...changed])]
}
