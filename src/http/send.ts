import type { ServerResponse } from 'node:http'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { ApiRequest } from '../api/call.js'
import type { Delays } from '../lib/delays.js'
import { performance } from '../lib/timers.js'
import { isTls } from './call-request.js'
import { BEFORE_RESET_MS, dribble, fetchErrors, firstHalf, resetSocket } from './faults.js'
import type { WireAnswer } from './wire-answer.js'

const SENT_ENTRIES = [...RESPONSE_ALREADY_SENT.headers]

/** Stands for a response that the socket has had. The adapter walks its headers, and those of the platform take 2 µs. */
const SENT = Object.defineProperty(new Response(null), 'headers', {
  value: Object.assign(new Headers(SENT_ENTRIES), {
    has: () => false,
    [Symbol.iterator]: () => SENT_ENTRIES[Symbol.iterator](),
  }),
})

const isBodyless = (status: number) => status === 204 || status === 205 || status === 304

/** Writes to a socket, where faults are real. */
export function sendToSocket(answer: WireAnswer, request: ApiRequest, outgoing: ServerResponse, delays: Delays) {
  return delays.endOfTurn().then(() => {
    if (!outgoing.destroyed) write(answer, request, outgoing, delays)
    return SENT
  })
}

function write(
  { status, headers, body, fault }: WireAnswer,
  { signal }: ApiRequest,
  outgoing: ServerResponse,
  delays: Delays,
) {
  // A pipelined request's answer gets its own socket only once the answers before it are out.
  const { socket } = outgoing.req
  const content = isBodyless(status) ? '' : body
  headers['content-length'] = String(Buffer.byteLength(content))
  const begin = () => outgoing.writeHead(status, headers)
  switch (fault?.kind) {
    case 'reset':
      // In the turn of a TLS handshake it would arrive as a plain close.
      if (isTls(socket)) void delays.endOfTurn().then(() => resetSocket(socket))
      else resetSocket(socket)
      break
    case 'close':
      socket.destroySoon()
      break
    case 'hang':
      void delays.until(Number.POSITIVE_INFINITY, signal).then(() => socket.destroy())
      break
    case 'garbage':
      socket.end('\u0016\u0003 this is not HTTP\r\n\r\n')
      break
    case 'truncate':
      begin().write(firstHalf(content))
      void delays.until(performance.now() + BEFORE_RESET_MS, signal).then(() => resetSocket(socket))
      break
    case 'dribble':
      begin()
      void dribble(content, fault.duration, signal, delays, (piece) => outgoing.write(piece)).then(() => outgoing.end())
      break
    default:
      begin().end(content)
  }
}

/** The response in-process; a fault returns or throws what the platform's `fetch` would. */
export async function toFetchResponse(
  { status, headers, body, fault }: WireAnswer,
  method: string,
  signal: AbortSignal,
  delays: Delays,
): Promise<Response> {
  signal.throwIfAborted()
  const bodyless = method === 'HEAD' || isBodyless(status)
  const response = (content: ReadableStream<Uint8Array> | string) =>
    new Response(bodyless ? null : content, { status, headers })
  switch (fault?.kind) {
    case 'reset':
    case 'close':
    case 'garbage':
      throw fetchErrors[fault.kind]()
    case 'hang':
      await delays.until(Number.POSITIVE_INFINITY, signal)
      signal.throwIfAborted()
      // The sandbox has closed.
      throw fetchErrors.close()
    case 'truncate':
      return response(
        streamed(signal, async (write) => {
          write(firstHalf(body))
          await delays.until(performance.now() + BEFORE_RESET_MS, signal)
          throw fetchErrors.truncate()
        }),
      )
    case 'dribble':
      return response(streamed(signal, (write) => dribble(body, fault.duration, signal, delays, write)))
    default:
      return response(body)
  }
}

/** A body that is written bit by bit. It ends in the signal's reason when the client gives up, as that of `fetch` does. */
function streamed(signal: AbortSignal, fill: (write: (piece: Uint8Array) => void) => Promise<void>) {
  let wanted = true
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const filled = fill((piece) => {
        if (wanted && !signal.aborted) controller.enqueue(piece)
      })
      // Not awaited: the first piece is read before the last is written.
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
