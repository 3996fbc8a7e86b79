import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { AbortSignalLike, Delays } from '../lib/delays.js'
import type { Fault } from '../scenarios/program.js'
import { type ApiRequest, type FetchedRequest, isTls } from './call-request.js'

/** An answer ready for the wire, and what is to go wrong with it. */
export interface Delivery {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
  readonly fault: Fault | undefined
}

/** Pieces in which a dribbled body goes out. */
const DRIBBLES = 10

/** Between the part of a truncated body and the reset, in ms: a client that reads both at once may report neither. */
const BEFORE_RESET_MS = 10

/** Faults that spoil the answer itself, the same on every transport. */
export function applyBodyFault(delivery: Delivery): Delivery {
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

/** Statuses whose answers have no body, whatever it would be. */
const isBodyless = (status: number) => status === 204 || status === 205 || status === 304

function half(body: string): Buffer {
  const bytes = Buffer.from(body)
  return bytes.subarray(0, Math.floor(bytes.length / 2))
}

/** Writes to a socket, where faults are real. */
export async function deliverToSocket(
  delivery: Delivery,
  request: ApiRequest,
  outgoing: ServerResponse,
  delays: Delays,
): Promise<void> {
  await delays.endOfTurn()
  if (outgoing.destroyed) return
  // A pipelined request's answer gets its own socket only once the answers before it are out.
  const { socket } = outgoing.req
  const { status, headers, fault } = delivery
  const body = isBodyless(status) ? '' : delivery.body
  headers['content-length'] = String(Buffer.byteLength(body))
  const begin = () => outgoing.writeHead(status, headers)
  switch (fault?.kind) {
    case 'reset':
      // In the turn of a TLS handshake it would arrive as a plain close.
      if (isTls(socket)) await delays.endOfTurn()
      reset(socket)
      break
    case 'close':
      socket.destroySoon()
      break
    case 'hang':
      void delays.until(Number.POSITIVE_INFINITY, request.signal).then(() => socket.destroy())
      break
    case 'garbage':
      socket.end('\u0016\u0003 this is not HTTP\r\n\r\n')
      break
    case 'truncate':
      begin().write(half(body))
      void delays.until(performance.now() + BEFORE_RESET_MS, request.signal).then(() => reset(socket))
      break
    case 'dribble':
      begin()
      void dribble(body, fault.duration, request.signal, delays, (piece) => outgoing.write(piece)).then(() =>
        outgoing.end(),
      )
      break
    default:
      begin().end(body)
  }
}

/** Ends in an RST. TLS has none; the connection below it does, which Node keeps in a field that it does not document. */
function reset(socket: Socket & { _parent?: Socket }): void {
  if (!isTls(socket)) socket.resetAndDestroy()
  else if (socket._parent) socket._parent.resetAndDestroy()
  else socket.destroy()
}

/** What `fetch` returns or throws for the same. */
export async function deliverToFetch(
  { status, headers, body, fault }: Delivery,
  { method, signal }: FetchedRequest,
  delays: Delays,
): Promise<Response> {
  signal.throwIfAborted()
  const bodyless = method === 'HEAD' || isBodyless(status)
  const response = (content: ReadableStream<Uint8Array> | string) =>
    new Response(bodyless ? null : content, { status, headers })
  switch (fault?.kind) {
    case 'reset':
      throw fetchFailed('read ECONNRESET', 'ECONNRESET')
    case 'close':
      throw fetchFailed('other side closed', 'UND_ERR_SOCKET')
    case 'garbage':
      throw fetchFailed('Response does not match the HTTP/1.1 protocol (Expected HTTP/)', 'HPE_INVALID_CONSTANT')
    case 'hang':
      await delays.until(Number.POSITIVE_INFINITY, signal)
      signal.throwIfAborted()
      // The sandbox has closed.
      throw fetchFailed('other side closed', 'UND_ERR_SOCKET')
    case 'truncate':
      return response(
        streamed(signal, async (write) => {
          write(half(body))
          await delays.until(performance.now() + BEFORE_RESET_MS, signal)
          throw new TypeError('terminated', { cause: coded('read ECONNRESET', 'ECONNRESET') })
        }),
      )
    case 'dribble':
      return response(streamed(signal, (write) => dribble(body, fault.duration, signal, delays, write)))
    default:
      return response(body)
  }
}

const coded = (message: string, code: string) => Object.assign(new Error(message), { code })

const fetchFailed = (message: string, code: string) => new TypeError('fetch failed', { cause: coded(message, code) })

/** A body that is written bit by bit. It ends in the signal's reason when the client gives up, as that of `fetch` does. */
function streamed(
  signal: AbortSignal,
  fill: (write: (piece: Uint8Array) => void) => Promise<void>,
): ReadableStream<Uint8Array> {
  let wanted = true
  return new ReadableStream({
    start(controller) {
      const filled = fill((piece) => {
        if (wanted && !signal.aborted) controller.enqueue(piece)
      })
      // Not awaited: what is written shows before the last of it is.
      void filled
        .then(() => signal.throwIfAborted())
        .then(
          () => wanted && controller.close(),
          (error: unknown) => controller.error(signal.aborted ? signal.reason : error),
        )
    },
    cancel() {
      wanted = false
    },
  })
}

/** Writes the body evenly over `duration` ms. Ends early when the client hangs up. */
async function dribble(
  body: string,
  duration: number,
  signal: AbortSignalLike,
  delays: Delays,
  write: (piece: Buffer) => unknown,
): Promise<void> {
  const bytes = Buffer.from(body)
  const upTo = (piece: number) => Math.floor((bytes.length * piece) / DRIBBLES)
  const start = performance.now()
  for (let i = 0; i < DRIBBLES; i++) {
    await delays.until(start + (duration * (i + 1)) / DRIBBLES, signal)
    if (signal.aborted) return
    write(bytes.subarray(upTo(i), upTo(i + 1)))
  }
}
