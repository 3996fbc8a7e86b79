import { createServer, type Server as HttpServer, type RequestListener } from 'node:http'
import { InputError } from '../lib/errors.js'
import { answerMalformed, LIMITS } from './limits.js'
import type { Tls } from './tls.js'

/** How long a stop waits for answers under way, in ms. */
const GRACE_MS = 1500
const SWEEP_MS = 20

/** One listening socket. */
export class Server {
  readonly #listener: RequestListener
  readonly #tls: Tls | undefined
  #http: HttpServer | undefined

  /** @param tls makes it HTTPS */
  constructor(listener: RequestListener, tls?: Tls) {
    this.#listener = listener
    this.#tls = tls
  }

  /** @returns the URL, such as `http://127.0.0.1:8080` */
  async listen({ port, host }: { port: number; host: string }): Promise<string> {
    if (this.#http) throw new InputError('listen: the sandbox listens already; allowed: once per sandbox')
    const http = this.#tls?.createServer(LIMITS, this.#listener) ?? createServer(LIMITS, this.#listener)
    http.on('clientError', answerMalformed)
    this.#http = http
    await new Promise<void>((resolve, reject) => {
      http.once('error', (error: NodeJS.ErrnoException) => {
        this.#http = undefined
        reject(new InputError(listenFault(error, host, port)))
      })
      http.listen(port, host, resolve)
    })
    const address = http.address()
    const bound = typeof address === 'object' && address !== null ? address.port : port
    return `${this.#tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${bound}`
  }

  /** Stops accepting, lets answers under way finish, and closes what is left after the grace time. */
  async close(): Promise<void> {
    const http = this.#http
    if (http === undefined) return
    this.#http = undefined
    const closed = new Promise((resolve) => http.close(resolve))
    // A connection that has just had its answer is idle, and would be kept alive.
    const sweep = setInterval(() => http.closeIdleConnections(), SWEEP_MS)
    const grace = setTimeout(() => http.closeAllConnections(), GRACE_MS)
    await closed
    clearInterval(sweep)
    clearTimeout(grace)
  }
}

function listenFault(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `--port ${port} is taken by another process on ${host}; allowed: a free port, or 0 to pick one`
    case 'EACCES':
      return `--port ${port} is not open to this user; allowed: a port from 1024`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `--host ${host} is no address of this machine; allowed: 127.0.0.1, 0.0.0.0, or one it has`
    default:
      return `--host ${host} --port ${port} cannot be listened on: ${error.message}`
  }
}
