import {
  type ClientRequest,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
} from 'node:http'
import { pipeline } from 'node:stream'
import { MAX_BODY_BYTES } from '../api/body.js'
import { readIncoming } from '../api/read-body.js'
import { listenAt } from '../http/listen.js'
import { plainReason } from '../lib/files.js'
import { clearTimeout, performance, setTimeout } from '../lib/timers.js'

/** A request that went through, and its answer. A body is undefined where it broke off or is too long to learn from. */
export interface ProxiedCall {
  readonly method: string
  /** As it was sent, with its query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer | undefined
  readonly status: number
  readonly answerHeaders: IncomingHttpHeaders
  readonly answer: Buffer | undefined
  /** From the request's head to the answer's end. */
  readonly ms: number
}

export interface Ends {
  answered(call: ProxiedCall): void
  /** The upstream gave no answer. */
  failed(method: string, path: string, reason: string): void
}

/** How long answers under way may take once the proxy stops, in ms. */
const GRACE_MS = 1500

/** Headers that are about one connection, and not about the answer. */
const HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade'])

/** Node's flat list of names and values, without those that `keeps` refuses. */
function headersOf(raw: readonly string[], keeps: (name: string, value: string) => boolean): string[] {
  const kept: string[] = []
  for (let i = 0; i < raw.length; i += 2) if (keeps(raw[i]!.toLowerCase(), raw[i + 1]!)) kept.push(raw[i]!, raw[i + 1]!)
  return kept
}

/** Passes every request on as it came, and every answer back. @param timeoutMs how long the upstream may send nothing */
export async function openProxy(upstream: URL, timeoutMs: number, ends: Ends) {
  const client = upstream.protocol === 'http:' ? await import('node:http') : await import('node:https')
  const send: (options: RequestOptions) => ClientRequest = client.request
  const agent = new client.Agent({ keepAlive: true })
  const { hostname, port, host, pathname, protocol } = upstream

  const requestOf = ({ rawHeaders }: IncomingMessage, method: string, url: string): ClientRequest => {
    // A body in chunks is sent in chunks; whatever else is about the connection is the agent's.
    const kept = headersOf(rawHeaders, (name) => name === 'transfer-encoding' || !(HOP.has(name) || name === 'expect'))
    const headers = kept.map((text, i) => (i % 2 === 1 && kept[i - 1]!.toLowerCase() === 'host' ? host : text))
    return send({
      method,
      protocol,
      headers: headers as never,
      agent,
      hostname: hostname.replace(/^\[|\]$/g, ''),
      ...(port !== '' && { port }),
      path: pathname.replace(/\/$/, '') + url,
    })
  }

  const pass = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { method = 'GET', url = '/' } = incoming
    const startedAt = performance.now()
    const body = readIncoming(incoming, MAX_BODY_BYTES).catch(() => undefined)
    let [clientLeft, brokeOff] = [false, false]
    const fail = (error: unknown) => {
      const reason = `${upstream.origin} gave no answer: ${plainReason(error)}`
      if (!clientLeft) ends.failed(method, url, reason)
      // An answer that has begun can only break off, as it did for the proxy.
      if (outgoing.headersSent) outgoing.destroy()
      else refuse(outgoing, `The upstream ${reason}.`)
    }
    let request: ClientRequest
    try {
      request = requestOf(incoming, method, url)
    } catch (error) {
      fail(error)
      return
    }
    request.setTimeout(timeoutMs, () => request.destroy(new Error(`it sent nothing for ${timeoutMs} ms`)))
    request.on('error', fail)
    request.on('response', (answer) => {
      answer.once('error', () => {
        brokeOff = !clientLeft
      })
      const read = readIncoming(answer, MAX_BODY_BYTES).catch(() => undefined)
      outgoing.sendDate = false
      outgoing.writeHead(
        answer.statusCode!,
        answer.statusMessage!,
        headersOf(answer.rawHeaders, (name) => !HOP.has(name)),
      )
      pipeline(answer, outgoing, async (error) => {
        if (error) return fail(error)
        const ms = performance.now() - startedAt
        ends.answered({
          method,
          path: url,
          headers: incoming.headers,
          body: await body,
          status: answer.statusCode!,
          answerHeaders: answer.headers,
          answer: await read,
          ms,
        })
      })
    })
    outgoing.on('close', () => {
      if (outgoing.writableFinished || brokeOff) return
      clientLeft = true
      request.destroy()
    })
    incoming.pipe(request)
  }

  const server = createServer(pass)
  return {
    listen: (port: number, host: string) => listenAt(server, { port, host }),

    /** Lets answers under way finish. */
    async close(): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS)
      await closed
      clearTimeout(timer)
      agent.destroy()
    },
  }
}

function refuse(outgoing: ServerResponse, sentence: string): void {
  const body = JSON.stringify({ error: { code: 'bad_gateway', message: sentence } })
  outgoing.writeHead(502, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  outgoing.end(body)
}
