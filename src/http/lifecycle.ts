import { InputError } from '../lib/errors.js'
import { givenOptions } from '../lib/given.js'
import { portOf } from '../lib/text.js'
import { clearTimeout, setTimeout } from '../lib/timers.js'
import { GRACE_MS, type Server } from './server.js'

/** How long it then waits for those that waited for the disk, in ms. */
const SETTLE_MS = 100

const CLOSED_EARLY = 'fetch: the sandbox was closed before the request had an answer; allowed: before close()'

/** What a stop takes down, beside the server. */
interface Stop {
  /** Ends what would keep answers waiting. */
  begin(): void
  /** Writes what is left to write. */
  end(): Promise<void> | undefined
}

/** What a sandbox accepts until it is closed: requests in-process, and a port. */
export function createLifecycle(
  server: Server,
  answer: (request: Request) => Promise<Response> | Response,
  stop: Stop,
) {
  /** Requests in-process that are not answered yet, each with what rejects it. */
  const underWay = new Map<Promise<Response>, (reason: InputError) => void>()
  let listening: Promise<string> | undefined
  let closing: Promise<void> | undefined

  function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    let giveUp!: (reason: InputError) => void
    const answered = new Promise<Response>((resolve, reject) => {
      giveUp = reject
      answerInProcess(input, init).then(resolve, reject)
    })
    underWay.set(answered, giveUp)
    const end = () => underWay.delete(answered)
    answered.then(end, end)
    return answered
  }

  async function answerInProcess(input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    refuseClosed('fetch')
    const request = new Request(input, init)
    request.signal.throwIfAborted()
    const response = await answer(request)
    // One that was made here has none.
    return Object.defineProperty(response, 'url', { value: request.url })
  }

  /** Called again, it returns the same URL. */
  async function listen(at: { port?: number; host?: string }): Promise<string> {
    refuseClosed('listen')
    const { port = 0, host = '127.0.0.1' } = givenOptions(at, 'listen', { port: 'port', host: 'text' })
    listening ??= server.listen({ port, host })
    try {
      const url = await listening
      if (port === 0 || port === portOf(url)) return url
      throw new InputError(`listen: the sandbox listens at ${url} already; allowed: one port per sandbox`)
    } catch (error) {
      if (server.url === undefined) listening = undefined
      throw error
    }
  }

  function close(): Promise<void> {
    closing ??= end()
    return closing
  }

  async function end(): Promise<void> {
    stop.begin()
    await Promise.all([server.close(), settled(GRACE_MS)])
    await stop.end()
    // What waited for the disk is answered now; what still waits has a body that does not come.
    await settled(SETTLE_MS)
    for (const giveUp of underWay.values()) giveUp(new InputError(CLOSED_EARLY))
  }

  /** Resolves when all requests are answered, or when the time is over. */
  async function settled(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const over = new Promise((resolve) => {
      timer = setTimeout(resolve, ms)
    })
    await Promise.race([over, Promise.allSettled(underWay.keys())])
    clearTimeout(timer)
  }

  function refuseClosed(what: string): void {
    if (closing) throw new InputError(`${what}: the sandbox is closed; allowed: before close()`)
  }

  return { fetch, listen, close }
}
