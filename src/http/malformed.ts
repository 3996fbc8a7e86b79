import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Entry, UNEVENTFUL } from '../journal/entry.js'
import { performance } from '../lib/timers.js'
import type { MerchantRegistry } from '../merchants/registry.js'
import { LIMITS } from './limits.js'

/** A request that never became a call, as far as it was read. */
export interface Malformed {
  readonly method: string
  readonly target: string
  /** Names and values in turn, each on a line. */
  readonly headers: string
  /** Null where no answer could be sent. */
  readonly status: number | null
  readonly reason: string
}

const MAX_SHOWN = 1024

/** What the parser's faults mean: the status, and what was wrong. */
const FAULTS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, `The headers are larger than ${LIMITS.maxHeaderSize} bytes.`],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions of the body are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive whole in time.'],
}

const TLS_HELLO =
  'The client speaks TLS, but the sandbox serves plain HTTP; use an http:// URL, or start with --tls-cert and --tls-key.'
const PLAIN_HTTP = 'The client speaks plain HTTP, but the sandbox serves HTTPS; use an https:// URL.'

export type ParserFault = NodeJS.ErrnoException & { readonly rawPacket?: Buffer }

/** Answers what is not HTTP enough to become a request, and closes. Undefined where the socket is gone. */
export function answerMalformed(error: ParserFault, socket: Duplex): Malformed | undefined {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return undefined
  }
  const [status, plain] = FAULTS[error.code ?? ''] ?? [400, 'The request is not well-formed HTTP.']
  const reason = isTlsHello(error.rawPacket) ? TLS_HELLO : plain
  closeWith(socket, status, reason)
  return { ...requestLine(error.rawPacket), headers: '', status, reason }
}

function closeWith(socket: Duplex, status: number, reason: string): void {
  const line = `HTTP/1.1 ${status} ${STATUS_CODES[status]}`
  const head = [line, `x-sandbox-reason: ${reason}`, 'content-length: 0', 'connection: close']
  socket.end(`${head.join('\r\n')}\r\n\r\n`)
}

/** The first byte of a handshake, and TLS's major version. */
const isTlsHello = (bytes: Buffer | undefined) => bytes?.[0] === 0x16 && bytes[1] === 0x03

function requestLine(bytes: Buffer | undefined): Pick<Malformed, 'method' | 'target'> {
  const [line = ''] = bytes?.subarray(0, MAX_SHOWN).toString('latin1').split('\r\n', 1) ?? []
  const [, method = '-', target = '-'] = /^([A-Z]+) (\S+)/.exec(line) ?? []
  return { method, target }
}

/** A handshake that failed. The connection is gone by then. */
export function failedHandshake({ code, message }: NodeJS.ErrnoException): Malformed | undefined {
  if (code === 'ECONNRESET') return undefined
  // A client that does not know the authority says so in an alert.
  const hint = /ALERT.*(CA|CERT)/.test(code ?? '') ? '; the client must trust the certificate of --tls-cert' : ''
  const reason = code === 'ERR_SSL_HTTP_REQUEST' ? PLAIN_HTTP : `The TLS handshake failed (${code ?? message})${hint}.`
  return { method: '-', target: '-', headers: '', status: null, reason }
}

export function refuseConnect(incoming: IncomingMessage, socket: Duplex): Malformed {
  const reason = 'The sandbox is not a proxy; use its URL as the base URL of the client.'
  closeWith(socket, 405, reason)
  return unserved(incoming, 405, reason)
}

const unserved = ({ method = '-', url = '-', rawHeaders }: IncomingMessage, status: number, reason: string) => ({
  method,
  target: url,
  headers: rawHeaders.join('\n'),
  status,
  reason,
})

/** A request whose target or Host cannot be made a URL. */
export const malformedTarget = (incoming: IncomingMessage, error: unknown) =>
  unserved(incoming, 400, `The request has no path that can be served: ${(error as Error).message}.`)

export const unknownExpectation = (incoming: IncomingMessage) =>
  unserved(incoming, 417, 'The header Expect is not 100-continue, the only expectation that can be met; leave it out.')

const headersOf = ({ reason }: Malformed) => ({ 'x-sandbox-reason': reason })

export const refuseTarget = (malformed: ReturnType<typeof malformedTarget>) =>
  new Response(null, { status: malformed.status, headers: headersOf(malformed) })

/** Answers a request that Node has read, and of which no call is made. */
export function refuseUnserved(malformed: ReturnType<typeof unserved>, outgoing: ServerResponse): Malformed {
  outgoing.writeHead(malformed.status, headersOf(malformed)).end()
  return malformed
}

/** Enters a malformed request among those whose merchant is not known. */
export function journalMalformed({ anonymous, knownKeys }: MerchantRegistry, malformed: Malformed): Entry {
  const { method, target, headers, status, reason } = malformed
  const [path, query = ''] = target.slice(0, MAX_SHOWN).split(/\?(.*)/s, 2) as [string, string?]
  const entry = anonymous.journal.begin({
    at: anonymous.clock.now(),
    arrivedAt: performance.now(),
    merchant: anonymous.id,
    connection: null,
    vendor: null,
    knownKeys,
    authorization: null,
    key: undefined,
    about: { operation: null, customer: null, wallet: null },
    request: { method, path, query, headers },
  })
  const response = { status, headers: {}, body: '' }
  anonymous.journal.finish(entry, { ...UNEVENTFUL, requestBody: '', response, reason, measuredMs: 0 })
  return entry
}
