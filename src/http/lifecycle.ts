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
export class Lifecycle {
  readonly #server: Server
  readonly #answer: (request: Request) => Promise<Response> | Response
  readonly #stop: Stop
  /** Requests in-process that are not answered yet, each with what rejects it. */
  readonly #underWay = new Map<Promise<Response>, (reason: InputError) => void>()
  #listening: Promise<string> | undefined
  #closing: Promise<void> | undefined

  constructor(server: Server, answer: (request: Request) => Promise<Response> | Response, stop: Stop) {
    this.#server = server
    this.#answer = answer
    this.#stop = stop
  }

  fetch(input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    let giveUp!: (reason: InputError) => void
    const answered = new Promise<Response>((resolve, reject) => {
      giveUp = reject
      this.#answerInProcess(input, init).then(resolve, reject)
    })
    this.#underWay.set(answered, giveUp)
    const end = () => this.#underWay.delete(answered)
    answered.then(end, end)
    return answered
  }

  async #answerInProcess(input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    this.#refuseClosed('fetch')
    const request = new Request(input, init)
    request.signal.throwIfAborted()
    const response = await this.#answer(request)
    // One that was made here has none.
    return Object.defineProperty(response, 'url', { value: request.url })
  }

  /** Called again, it returns the same URL. */
  async listen(at: { port?: number; host?: string }): Promise<string> {
    this.#refuseClosed('listen')
    const { port = 0, host = '127.0.0.1' } = givenOptions(at, 'listen', { port: 'port', host: 'text' })
    this.#listening ??= this.#server.listen({ port, host })
    try {
      const url = await this.#listening
      if (port === 0 || port === portOf(url)) return url
      throw new InputError(`listen: the sandbox listens at ${url} already; allowed: one port per sandbox`)
    } catch (error) {
      if (this.#server.url === undefined) this.#listening = undefined
      throw error
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#stop.begin()
    await Promise.all([this.#server.close(), this.#settled(GRACE_MS)])
    await this.#stop.end()
    // What waited for the disk is answered now; what still waits has a body that does not come.
    await this.#settled(SETTLE_MS)
    for (const giveUp of this.#underWay.values()) giveUp(new InputError(CLOSED_EARLY))
  }

  /** Resolves when all requests are answered, or when the time is over. */
  async #settled(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const over = new Promise((resolve) => {
      timer = setTimeout(resolve, ms)
    })
    await Promise.race([over, Promise.allSettled(this.#underWay.keys())])
    clearTimeout(timer)
  }

  #refuseClosed(what: string): void {
    if (this.#closing) throw new InputError(`${what}: the sandbox is closed; allowed: before close()`)
  }
}
