import type { Read } from './reads.js'
import { readEvents, type ServerEvent } from './sse.js'

const LEAST_WAIT_MS = 300
const MOST_WAIT_MS = 5000
/** A stream that ends sooner was cut off: to ask again at once would only hold up the calls. */
const SETTLED_MS = 5000

/** An address of the control API, which keeps in its type what it is of. */
export type Path<Resource extends string> = string & { readonly of?: Resource }

/** What the control API refuses, with a sentence for each fault. */
export class Refused extends Error {
  readonly status: number
  readonly details: readonly string[]

  constructor(status: number, message: string, details: readonly string[] = [message]) {
    super(message)
    this.status = status
    this.details = details
  }
}

export interface Subscription {
  /** Called at each connection, so that a stream goes on where it was cut. */
  path(): string
  take(event: ServerEvent): void
  /** Called when the stream opens, breaks, or is refused. */
  state?(live: boolean, refused?: Refused): void
}

/** The control API from its own page. The token is kept here and nowhere else. */
export class Api {
  #token: string | undefined
  /** Called when the token is missing or wrong. */
  onLocked: () => void = () => {}

  /** Whether the answers came with the page, from a session that is over. */
  readonly isFile: boolean = false

  /** The control API's, which is the page's own: a proxy may serve both below a path. */
  readonly url: string = `${location.origin}${location.pathname.replace(/\/$/, '')}`

  /** The base URL of a client. */
  get sandboxUrl(): string {
    return this.url.replace(/\/[^/]*$/, '')
  }

  unlock(token: string): void {
    this.#token = token
  }

  get isUnlocked(): boolean {
    return this.#token !== undefined
  }

  /** @param merchant its id; empty for every merchant */
  path<Resource extends string>(merchant: string, resource: Resource): Path<Resource> {
    const scope = merchant === '' ? '' : `/merchants/${encodeURIComponent(merchant)}`
    return `${this.url}${scope}${resource}` as Path<Resource>
  }

  async get<Answer>(path: Path<Read>): Promise<Answer> {
    return (await this.ask(path, {})).json() as Promise<Answer>
  }

  /** @param body a value, or the text of one */
  async send<Answer>(method: 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const init = text === undefined ? {} : { body: text, headers: { 'content-type': 'application/json' } }
    return (await this.ask(path, { method, ...init })).json() as Promise<Answer>
  }

  /** Reads a stream for as long as the page is shown. @returns ends it */
  subscribe(subscription: Subscription): () => void {
    const ended = new AbortController()
    void this.#follow(subscription, ended.signal)
    return () => ended.abort()
  }

  async #follow({ path, take, state }: Subscription, ended: AbortSignal): Promise<void> {
    let wait = LEAST_WAIT_MS
    while (!ended.aborted) {
      let opened = Number.POSITIVE_INFINITY
      await shown(ended)
      const cut = new AbortController()
      // A browser opens six connections to a server: pages in the background must not hold them.
      const hide = () => document.hidden && cut.abort()
      document.addEventListener('visibilitychange', hide, { signal: cut.signal })
      try {
        const response = await this.ask(path(), { signal: AbortSignal.any([ended, cut.signal]) })
        state?.(true)
        opened = performance.now()
        await readEvents(response.body!, take)
        state?.(false)
      } catch (error) {
        if (ended.aborted) return
        state?.(false, error instanceof Refused ? error : undefined)
        if (error instanceof Refused && error.status === 401) return
      } finally {
        cut.abort()
      }
      if (document.hidden) continue
      if (performance.now() - opened > SETTLED_MS) wait = LEAST_WAIT_MS
      await new Promise((resolve) => setTimeout(resolve, wait))
      wait = Math.min(MOST_WAIT_MS, wait * 2)
    }
  }

  protected async ask(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers)
    const token = this.#token
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
    const sent = fetch(path, { ...init, headers, credentials: 'omit', cache: 'no-store' })
    const response = await sent.catch((error: unknown) => {
      throw init.signal?.aborted ? error : new Refused(0, 'The sandbox does not answer. Is it still running?')
    })
    if (response.ok) return response
    const refused = await refusal(response)
    // A late answer to an earlier token says nothing of this one.
    if (response.status === 401 && token === this.#token) this.onLocked()
    throw refused
  }
}

async function refusal(response: Response): Promise<Refused> {
  const { error } = await response.json().catch(() => ({ error: undefined }))
  return new Refused(response.status, error?.message ?? `The sandbox answered ${response.status}.`, error?.details)
}

/** Resolves once the page is in view. */
const shown = (signal: AbortSignal) =>
  document.hidden &&
  new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true, signal }))
