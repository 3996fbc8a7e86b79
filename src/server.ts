import type { Server as HttpServer } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { InputError } from './errors.js'

type Fetch = Parameters<typeof createAdaptorServer>[0]['fetch']

/** How long a stop waits for answers under way, in ms. */
const GRACE_MS = 1500
const SWEEP_MS = 20

/** One listening socket. */
export class Server {
  readonly #fetch: Fetch
  #http: HttpServer | undefined

  constructor(fetch: Fetch) {
    this.#fetch = fetch
  }

  /** @returns the URL, such as `http://127.0.0.1:8080` */
  async listen({ port, host }: { port: number; host: string }): Promise<string> {
    if (this.#http) throw new InputError('listen: the sandbox listens already; allowed: once per sandbox')
    const http = createAdaptorServer({ fetch: this.#fetch, overrideGlobalObjects: false }) as HttpServer
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
    return `http://${host.includes(':') ? `[${host}]` : host}:${bound}`
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
