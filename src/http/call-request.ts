import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { HttpBindings } from '@hono/node-server'
import { MAX_BODY_BYTES } from '../api/body.js'
import type { ApiRequest } from '../api/call.js'
import { readBytes, readIncoming } from '../api/read-body.js'
import type { AbortSignalLike } from '../lib/delays.js'
import { getOrMake } from '../lib/get-or-make.js'
import { performance } from '../lib/timers.js'

/** What Hono hands on: Node's own request and response where there is a socket, nothing in-process. */
export type Bindings = Partial<HttpBindings> | undefined

export const isTls = (socket: Socket): boolean => (socket as Partial<TLSSocket>).encrypted === true

/** A client on the same machine measures this much beside the wait, however short the answer. */
const SOCKET_OVERHEAD_MS = 0.5

export const pathStart = (url: string) => {
  const start = url.indexOf('/', url.indexOf('://') + 3)
  return start < 0 ? url.length : start
}

/** Where its query begins, or its end. */
export function pathEnd(url: string, from: number): number {
  for (let i = from; i < url.length; i++) if (url[i] === '?' || url[i] === '#') return i
  return url.length
}

/** A header of a request. Node's table keeps the first of several Authorization headers alone, so its list is read. */
export function headerOf(request: Request, bindings: Bindings, name: string): string | null {
  const rawHeaders = bindings?.incoming?.rawHeaders
  if (rawHeaders === undefined) return request.headers.get(name)
  let joined: string | null = null
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const candidate = rawHeaders[i]!
    if (candidate.length !== name.length || candidate.toLowerCase() !== name) continue
    joined = joined === null ? rawHeaders[i + 1]! : `${joined}, ${rawHeaders[i + 1]}`
  }
  return joined
}

/** A request as a call needs it. Over a socket it reads Node's message: a platform `Headers` of each is slow to make. */
export class CallRequest implements ApiRequest {
  readonly arrivedAt = performance.now()
  readonly method: string
  readonly path: string
  search: string
  readonly #request: Request
  readonly #bindings: Bindings

  /** @param alias a prefix that is not kept in the path */
  constructor(request: Request, bindings: Bindings, alias?: string) {
    this.#request = request
    this.#bindings = bindings
    this.method = request.method
    const { url } = request
    const start = pathStart(url)
    const end = pathEnd(url, start)
    const fragment = url.indexOf('#', end)
    const path = start === url.length ? '/' : url.slice(start, end)
    this.path = alias !== undefined && path.startsWith(`${alias}/`) ? path.slice(alias.length) : path
    this.search = fragment < 0 ? url.slice(end) : url.slice(end, fragment)
  }

  get hostUrl(): string {
    const { url } = this.#request
    return url.slice(0, pathStart(url))
  }

  get overheadMs(): number {
    return this.#bindings?.incoming ? SOCKET_OVERHEAD_MS : 0
  }

  get signal(): AbortSignalLike {
    return this.#bindings?.outgoing ? new SocketSignal(this.#bindings.outgoing) : this.#request.signal
  }

  /** The bytes of the body; undefined when it is longer than a body may be. */
  bytes(): Buffer | undefined | Promise<Buffer | undefined> {
    const incoming = this.#bindings?.incoming
    if (incoming === undefined) return readBytes(this.#request, MAX_BODY_BYTES)
    // Node calls it complete a little later, and to listen for its end takes a POST a tenth of its time.
    const isThere = incoming.complete || String(incoming.readableLength) === incoming.headers['content-length']
    if (isThere) return (incoming.read() as Buffer | null) ?? Buffer.alloc(0)
    return readIncoming(incoming, MAX_BODY_BYTES)
  }

  header(name: string): string | null {
    return headerOf(this.#request, this.#bindings, name)
  }

  rawHeaders(): readonly string[] {
    return this.#bindings?.incoming?.rawHeaders ?? [...this.#request.headers].flat()
  }
}

/** A socket's hanging up as a signal: an AbortSignal for each request is slow to make. */
class SocketSignal implements AbortSignalLike {
  readonly #outgoing: ServerResponse

  constructor(outgoing: ServerResponse) {
    this.#outgoing = outgoing
  }

  get aborted(): boolean {
    return this.#outgoing.destroyed
  }

  addEventListener(_: 'abort', listener: () => void): void {
    this.#outgoing.once('close', listener)
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#outgoing.off('close', listener)
  }
}

/** Numbers connections in the order of their first request. */
export class Connections {
  readonly #numbers = new WeakMap<Socket, number>()
  #count = 0

  /** Null for a request that came in-process. */
  numberOf(bindings: Bindings): number | null {
    const socket = bindings?.incoming?.socket as Socket | undefined
    return socket === undefined ? null : getOrMake(this.#numbers, socket, () => ++this.#count)
  }
}
