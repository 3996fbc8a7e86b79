import type { Happening } from '../merchants/merchant.js'
import type { Scope } from './scope.js'

/** What an event takes, in bytes, about: deliveries are remembered anyway. */
const EVENT_BYTES = 1024

/** What happens from now on, until the sandbox is closed. */
export function controlEvents(scope: Scope): AsyncIterableIterator<Happening> {
  const one = scope.one()
  // Requests of unknown merchants have neither scenario nor clock of their own.
  const isOurs = ({ data: { merchant } }: Happening) => (one === undefined ? merchant !== '' : merchant === one.id)
  return scope.registry.happenings.read({ wanted: isOurs, size: () => EVENT_BYTES, shown: (one) => one })
}
