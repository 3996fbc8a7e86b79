import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { AbortSignalLike } from '../lib/delays.js'
import { type Incoming, readText } from './read-body.js'

export const isTls = (socket: Socket): boolean => (socket as Partial<TLSSocket>).encrypted === true

/** What the pipeline reads of a request, whichever way it came. */
export interface ApiRequest {
  readonly method: string
  /** Path and query, still percent-encoded. */
  readonly target: string
  /** Scheme and host as the client sees them, such as `http://127.0.0.1:8080`. */
  readonly origin: string
  /** Aborts when the client hangs up. */
  readonly signal: AbortSignalLike
  /** Milliseconds of a call that pass before it is read and after it is answered. */
  readonly overheadMs: number
  /** The body; undefined when it is longer than that. */
  text(mostBytes: number): Promise<string | undefined>
  /** A header's value; several of one name are joined with a comma. The name is in lower case. */
  header(name: string): string | null
  /** All headers, names and values in turn. */
  rawHeaders(): readonly string[]
}

/** A request given to `sandbox.fetch`. */
export class FetchedRequest implements ApiRequest {
  readonly overheadMs = 0
  readonly method: string
  readonly target: string
  readonly origin: string
  readonly #request: Request

  constructor(request: Request) {
    this.#request = request
    this.method = request.method
    const { url } = request
    const path = url.indexOf('/', url.indexOf('://') + 3)
    const fragment = url.indexOf('#', path)
    this.origin = url.slice(0, path)
    this.target = url.slice(path, fragment < 0 ? url.length : fragment)
  }

  get signal(): AbortSignal {
    return this.#request.signal
  }

  text(mostBytes: number): Promise<string | undefined> {
    return readText(this.#request, mostBytes)
  }

  header(name: string): string | null {
    return this.#request.headers.get(name)
  }

  rawHeaders(): string[] {
    const raw: string[] = []
    for (const [name, value] of this.#request.headers) raw.push(name, value)
    return raw
  }
}

/**
 * A request from a socket. It reads Node's own message: making a platform `Request` of each, and a `Response` for the
 * answer, took more time than all the rest of the pipeline.
 */
export class SocketRequest implements ApiRequest {
  /** A client on the same machine measured 0.4 to 0.8 ms beside the wait, however short the answer. */
  readonly overheadMs = 0.5
  readonly method: string
  readonly target: string
  readonly #incoming: Incoming
  readonly #outgoing: ServerResponse

  constructor(incoming: Incoming, outgoing: ServerResponse) {
    this.#incoming = incoming
    this.#outgoing = outgoing
    this.method = incoming.method ?? 'GET'
    this.target = targetOf(incoming.url ?? '/')
  }

  get origin(): string {
    const scheme = isTls(this.#incoming.socket) ? 'https' : 'http'
    return `${scheme}://${this.header('host') ?? 'localhost'}`
  }

  get signal(): AbortSignalLike {
    return new SocketSignal(this.#outgoing)
  }

  text(mostBytes: number): Promise<string | undefined> {
    return this.#incoming.text(mostBytes)
  }

  /** Read from the list: of several Authorization headers Node's own table keeps the first alone, where fetch joins them. */
  header(name: string): string | null {
    const { rawHeaders } = this.#incoming
    let joined: string | null = null
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const candidate = rawHeaders[i]!
      if (candidate.length !== name.length || candidate.toLowerCase() !== name) continue
      joined = joined === null ? rawHeaders[i + 1]! : `${joined}, ${rawHeaders[i + 1]}`
    }
    return joined
  }

  rawHeaders(): readonly string[] {
    return this.#incoming.rawHeaders
  }
}

/** Making an AbortSignal of each request took a tenth of its time. */
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

/** Path and query of a request line, which may hold a whole URL. Dot segments are resolved as every URL parser does. */
function targetOf(url: string): string {
  if (url.startsWith('/') && !/\/\.|%2e|[\\#]/i.test(url)) return url
  try {
    const { pathname, search } = new URL(url, 'http://localhost')
    return pathname + search
  } catch {
    return '/'
  }
}
