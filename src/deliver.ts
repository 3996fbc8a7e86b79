import type { ServerResponse } from 'node:http'
import type { Waits } from './clock.js'
import type { Fault } from './scenarios/program.js'

/** An answer ready for the wire, and what is to go wrong with it. */
export interface Delivery {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
  readonly fault: Fault | undefined
}

/** Pieces in which a dribbled body goes out. */
const DRIBBLES = 10

/** Faults that spoil the answer itself, the same on every transport. */
export function spoiled(delivery: Delivery): Delivery {
  switch (delivery.fault?.kind) {
    case 'malformed-json':
      return { ...delivery, body: delivery.body.slice(0, -1) }
    case 'empty-body':
      return { ...delivery, body: '' }
    case 'wrong-content-type':
      return { ...delivery, headers: { ...delivery.headers, 'content-type': 'text/html; charset=utf-8' } }
    default:
      return delivery
  }
}

/** Writes to a socket, where faults are real. */
export function deliverToSocket(delivery: Delivery, outgoing: ServerResponse, waits: Waits): void {
  if (outgoing.destroyed) return
  const { socket } = outgoing
  const { status, headers, body, fault } = delivery
  const bytes = { ...headers, 'content-length': String(Buffer.byteLength(body)) }
  switch (fault?.kind) {
    case 'reset':
      socket?.resetAndDestroy()
      break
    case 'close':
      socket?.destroySoon()
      break
    case 'hang':
      break
    case 'garbage':
      socket?.end('\u0016\u0003 this is not HTTP\r\n\r\n')
      break
    case 'truncate':
      outgoing.writeHead(status, bytes)
      outgoing.write(body.slice(0, Math.ceil(body.length / 2)), () => socket?.resetAndDestroy())
      break
    case 'dribble':
      outgoing.writeHead(status, bytes)
      void dribble(body, fault.duration, waits, (piece) => !outgoing.destroyed && outgoing.write(piece)).then(() =>
        outgoing.end(),
      )
      break
    default:
      outgoing.writeHead(status, bytes)
      outgoing.end(body)
  }
}

/** What `fetch` returns or throws for the same. */
export function deliverToFetch(delivery: Delivery, request: Request, waits: Waits): Response | Promise<Response> {
  const { headers, fault } = delivery
  const status = delivery.status
  const bodyless = request.method === 'HEAD' || status === 204 || status === 205 || status === 304
  const body = bodyless ? null : delivery.body
  switch (fault?.kind) {
    case 'reset':
      throw fetchFailed('read ECONNRESET', 'ECONNRESET')
    case 'close':
      throw fetchFailed('other side closed', 'UND_ERR_SOCKET')
    case 'garbage':
      throw fetchFailed('Response does not match the HTTP/1.1 protocol (Expected HTTP/)', 'HPE_INVALID_CONSTANT')
    case 'hang':
      return new Promise((_, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason), { once: true })
      })
    case 'truncate':
      return new Response(truncated(delivery.body), { status, headers })
    case 'dribble':
      return new Response(dribbled(delivery.body, fault.duration, waits), { status, headers })
    default:
      return new Response(body, { status, headers })
  }
}

function fetchFailed(message: string, code: string): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) })
}

function truncated(body: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from(body.slice(0, Math.ceil(body.length / 2))))
    },
    pull(controller) {
      controller.error(
        new TypeError('terminated', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) }),
      )
    },
  })
}

function dribbled(body: string, duration: number, waits: Waits): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(controller) {
      await dribble(body, duration, waits, (piece) => controller.enqueue(Buffer.from(piece)))
      controller.close()
    },
  })
}

async function dribble(body: string, duration: number, waits: Waits, write: (piece: string) => unknown): Promise<void> {
  const size = Math.max(1, Math.ceil(body.length / DRIBBLES))
  const start = performance.now()
  const pieces = Math.ceil(body.length / size)
  for (let i = 0; i < pieces; i++) {
    await waits.until(start + (duration * (i + 1)) / pieces)
    write(body.slice(i * size, (i + 1) * size))
  }
}
