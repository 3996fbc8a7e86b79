import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { HEADERS, LIST } from './targets.js'

export const CONNECTIONS = 32

/** One kind of call, and the status that it is answered with. */
export interface Asking {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Of the `n`-th call. */
  readonly body?: (n: number) => string
  readonly status?: number
}

/**
 * Asks with so little work that the server alone is what limits the rate. autocannon fills a processor itself, and so, on
 * two of them, would measure what else runs.
 *
 * @param wanted whether to send one more
 * @returns how many calls were answered, a second
 */
export async function ask(port: number, { status = 200, ...call }: Asking, wanted: () => boolean): Promise<number> {
  const next = requests(call)
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => connected(port)))
  let answered = 0
  const start = performance.now()
  const client = (socket: Socket) =>
    new Promise<void>((resolve, reject) => {
      let left = 0
      const send = () => (wanted() ? socket.write(next()) : resolve())
      socket.on('error', reject)
      socket.on('data', (chunk) => {
        if (left === 0) {
          const head = chunk.subarray(0, chunk.indexOf('\r\n\r\n') + 4).toString('latin1')
          if (!head.startsWith(`HTTP/1.1 ${status} `)) reject(new Error(`answered other than ${status}: ${head}`))
          left = head.length + Number(/^content-length: (\d+)/im.exec(head)?.[1])
        }
        left -= chunk.length
        if (left > 0) return
        answered++
        send()
      })
      send()
    })
  try {
    await Promise.all(sockets.map(client))
  } finally {
    for (const socket of sockets) socket.destroy()
  }
  return (answered / (performance.now() - start)) * 1000
}

/** The bytes of one request after the other. */
function requests({ method = 'GET', path = LIST, headers = HEADERS, body }: Asking): () => string {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    ...Object.entries(headers).map((header) => header.join(': ')),
  ]
  if (body === undefined) {
    const request = `${lines.join('\r\n')}\r\n\r\n`
    return () => request
  }
  let n = 0
  return () => {
    const text = body(n++)
    return `${lines.join('\r\n')}\r\ncontent-length: ${text.length}\r\n\r\n${text}`
  }
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

export const forCalls = (calls: number) => () => calls-- > 0

export function forSeconds(seconds: number): () => boolean {
  const end = performance.now() + seconds * 1000
  return () => performance.now() < end
}
