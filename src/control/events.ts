import { mapped } from '../lib/feed.js'
import type { HeldCall } from '../merchants/holds.js'
import type { Happening } from '../merchants/merchant.js'
import type { Delivery } from '../webhooks/webhooks.js'
import type { ClockReading } from './clock.js'
import type { Scope } from './scope.js'

/** What happened to a merchant beside calls: another scenario, another time, an attempt to deliver an event. */
export type ControlEvent =
  | { readonly event: 'scenario'; readonly data: { readonly merchant: string; readonly name: string } }
  | { readonly event: 'clock'; readonly data: ClockReading & { readonly merchant: string } }
  | { readonly event: 'hold'; readonly data: HeldCall & { readonly state: 'waiting' | 'released' } }
  | { readonly event: 'delivery'; readonly data: Delivery & { readonly merchant: string } }

/** What an event takes, in bytes, about: deliveries are remembered anyway. */
const EVENT_BYTES = 1024

/** What happens from now on, until the sandbox is closed. */
export function controlEvents(scope: Scope): AsyncIterableIterator<ControlEvent> {
  const one = scope.one()
  // Requests of unknown merchants have neither scenario nor clock of their own.
  const isOurs = ({ merchant }: Happening) => (one === undefined ? merchant.id !== '' : merchant === one)
  return mapped(scope.registry.happenings.read({ wanted: isOurs, size: () => EVENT_BYTES }), eventOf)
}

function eventOf(happening: Happening): ControlEvent {
  const merchant = happening.merchant.id
  switch (happening.kind) {
    case 'scenario':
      return { event: 'scenario', data: { merchant, name: happening.name } }
    case 'clock':
      return { event: 'clock', data: { merchant, now: new Date(happening.now).toISOString(), mode: happening.mode } }
    case 'hold':
      return { event: 'hold', data: { ...happening.call, state: happening.state } }
    case 'delivery':
      return { event: 'delivery', data: { merchant, ...happening.delivery } }
  }
}
