import type { Socket } from 'node:net'
import type { AbortSignalLike, Delays } from '../lib/delays.js'
import { performance } from '../lib/timers.js'
import { isTls } from './call-request.js'
import type { WireAnswer } from './wire-answer.js'

/** Applies a fault of the answer itself, which is the same over a socket and in-process. */
export function applyBodyFault(answer: WireAnswer): WireAnswer {
  const kind = answer.fault?.kind
  if (kind === 'malformed-json') return { ...answer, body: answer.body.slice(0, -1) }
  if (kind === 'empty-body') return { ...answer, body: '' }
  if (kind !== 'wrong-content-type') return answer
  return { ...answer, headers: { ...answer.headers, 'content-type': 'text/html; charset=utf-8' } }
}

/** Between the part of a truncated body and the reset, in ms: a client that reads both at once may report neither. */
export const BEFORE_RESET_MS = 10

export function firstHalf(body: string): Buffer {
  const bytes = Buffer.from(body)
  return bytes.subarray(0, Math.floor(bytes.length / 2))
}

/** Ends in an RST. TLS has none; the connection below it does, in a field that Node does not document. */
export function resetSocket(socket: Socket & { _parent?: Socket }): void {
  if (!isTls(socket)) socket.resetAndDestroy()
  else if (socket._parent) socket._parent.resetAndDestroy()
  else socket.destroy()
}

/** Pieces in which a dribbled body goes out. */
const DRIBBLES = 10

/** Writes the body evenly over `duration` ms. Ends early when the client hangs up. */
export async function dribble(
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

const withCode = (message: string, code: string) => Object.assign(new Error(message), { code })

/** The errors that `fetch` ends in when a connection fails. */
export const fetchErrors = {
  reset: () => fetchFailed('read ECONNRESET', 'ECONNRESET'),
  close: () => fetchFailed('other side closed', 'UND_ERR_SOCKET'),
  garbage: () => fetchFailed('Response does not match the HTTP/1.1 protocol (Expected HTTP/)', 'HPE_INVALID_CONSTANT'),
  truncate: () => new TypeError('terminated', { cause: withCode('read ECONNRESET', 'ECONNRESET') }),
}

const fetchFailed = (message: string, code: string) => new TypeError('fetch failed', { cause: withCode(message, code) })
