import type { Socket } from 'node:net'
import type { Bindings } from './call-request.js'

/** Numbers connections in the order of their first request. */
export class Connections {
  readonly #numbers = new WeakMap<Socket, number>()
  #count = 0

  /** Null for a request that came in-process. */
  numberOf(bindings: Bindings): number | null {
    const socket = bindings?.incoming?.socket as Socket | undefined
    if (socket === undefined) return null
    const known = this.#numbers.get(socket)
    if (known !== undefined) return known
    this.#numbers.set(socket, ++this.#count)
    return this.#count
  }
}
