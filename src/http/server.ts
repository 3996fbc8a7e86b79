import { createServer, type Server as HttpServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { clearInterval, clearTimeout, setInterval, setTimeout } from '../lib/timers.js'
import { LIMITS } from './limits.js'
import { listenAt } from './listen.js'
import {
  answerMalformed,
  failedHandshake,
  type Malformed,
  malformedTarget,
  type ParserFault,
  refuseConnect,
  refuseTarget,
  refuseUnserved,
  unknownExpectation,
} from './malformed.js'
import type { Tls } from './tls.js'

/** How long a stop waits for answers under way, in ms. */
export const GRACE_MS = 1500
const SWEEP_MS = 20

export class Server {
  /** The address it was asked to listen at. */
  host: string | undefined
  url: string | undefined
  readonly #listener: RequestListener
  readonly #report: (malformed: Malformed) => void
  readonly #tls: Tls | undefined
  #http: HttpServer | undefined
  /** Every connection, those too that Node's list lacks: in a handshake, or upgraded. */
  readonly #sockets = new Set<Socket>()
  /** The request that a connection sent last. */
  readonly #requests = new WeakMap<Duplex, IncomingMessage>()

  /** @param report called with each request that does not reach `fetch` @param tls makes it HTTPS */
  constructor(fetch: Parameters<typeof getRequestListener>[0], report: (malformed: Malformed) => void, tls?: Tls) {
    let latest: IncomingMessage
    const listener = getRequestListener(fetch, {
      overrideGlobalObjects: false,
      // Node drops what is not read of a body itself.
      autoCleanupIncoming: false,
      // Called at once for what cannot be made a request, so it is the latest.
      errorHandler: (error) => {
        const malformed = malformedTarget(latest, error)
        report(malformed)
        return refuseTarget(malformed)
      },
    })
    let lastHost: string | undefined
    this.#listener = (incoming, outgoing) => {
      latest = incoming
      this.#requests.set(incoming.socket, incoming)
      const { headers, rawHeaders } = incoming
      // HTTP/1.0 needs no Host, and a balancer may ask for the health without one.
      if (headers.host === undefined && incoming.httpVersion === '1.0') {
        headers.host = new URL(this.url ?? 'http://localhost').host
        rawHeaders.push('Host', headers.host)
      }
      const { host } = headers
      // Else the fault of a name such as 127.999.1.1 comes up where a handler needs the whole URL.
      if (host !== lastHost && !URL.canParse(`http://${host}`)) {
        report(refuseUnserved(malformedTarget(incoming, new Error(`Invalid Host "${host}"`)), outgoing))
        return
      }
      lastHost = host
      return listener(incoming, outgoing)
    }
    this.#report = report
    this.#tls = tls
  }

  /** @returns the URL, such as `http://127.0.0.1:8080` */
  async listen({ port, host }: { port: number; host: string }): Promise<string> {
    const http = this.#tls?.createServer(LIMITS, this.#listener) ?? createServer(LIMITS, this.#listener)
    this.#http = http
    this.host = host
    this.#watchConnections(http)
    http.once('error', () => {
      this.#http = undefined
    })
    this.url = await listenAt(http, { port, host }, this.#tls ? 'https' : 'http')
    return this.url
  }

  #watchConnections(http: HttpServer): void {
    const report = (malformed: Malformed | undefined) => malformed && this.#report(malformed)
    http.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    http.on('clientError', (error: ParserFault, socket) => {
      const malformed = answerMalformed(error, socket)
      // A fault in a body is in the journal already, as its call's.
      if (this.#requests.get(socket)?.complete !== false) report(malformed)
    })
    http.on('tlsClientError', (error) => report(failedHandshake(error)))
    http.on('checkExpectation', (request, response) => report(refuseUnserved(unknownExpectation(request), response)))
    http.on('connect', (request, socket) => report(refuseConnect(request, socket)))
  }

  /** Stops accepting, lets answers under way finish, and closes what is left after the grace time. */
  async close(): Promise<void> {
    const http = this.#http
    if (http === undefined) return
    this.#http = undefined
    this.url = undefined
    const closed = new Promise((resolve) => http.close(resolve))
    // A connection that has just had its answer is idle, and would be kept alive.
    const sweep = setInterval(() => http.closeIdleConnections(), SWEEP_MS)
    const grace = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, GRACE_MS)
    await closed
    clearInterval(sweep)
    clearTimeout(grace)
  }
}
