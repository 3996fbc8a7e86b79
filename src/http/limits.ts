import type { ServerOptions } from 'node:http'
import type { Duplex } from 'node:stream'

/** What one client may take. Each limit is answered with its own status and a sentence. */
export const LIMITS = {
  maxHeaderSize: 16_384,
  /** To send the head, and the whole request, in ms. */
  headersTimeout: 5_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  /**
   * Longer than any client pools an idle connection: the side that closes first can do so while a request is on its way,
   * and a sandbox must not be the reason of a broken one.
   */
  keepAliveTimeout: 75_000,
} as const satisfies ServerOptions

/** What the parser's faults mean: status, its phrase, and what was wrong. */
const FAULTS: Readonly<Record<string, readonly [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'Request Header Fields Too Large',
    `The headers are larger than ${LIMITS.maxHeaderSize} bytes.`,
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Payload Too Large', 'The chunk extensions of the body are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'The request did not arrive whole in time.'],
}

/** Answers what is not HTTP enough to become a request, and closes. */
export function answerMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, phrase, reason] = FAULTS[error.code ?? ''] ?? [
    400,
    'Bad Request',
    'The request is not well-formed HTTP.',
  ]
  const head = [`HTTP/1.1 ${status} ${phrase}`, `x-sandbox-reason: ${reason}`, 'content-length: 0', 'connection: close']
  socket.end(`${head.join('\r\n')}\r\n\r\n`)
}

/** Answers a request whose target or Host cannot be made a URL. */
export function refuseTarget(error: unknown): Response {
  const headers = { 'x-sandbox-reason': `The request has no path that can be served: ${(error as Error).message}.` }
  return new Response(null, { status: 400, headers })
}
