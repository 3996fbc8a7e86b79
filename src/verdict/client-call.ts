import { type Body, NO_BODY, parseBody } from '../api/body.js'
import type { Ended, Entry } from '../journal/entry.js'
import { headersOf } from '../journal/journal-entry.js'
import { getOrMake } from '../lib/get-or-make.js'
import { jsonOf, objects, textOf } from '../lib/json.js'
import { decoded } from '../lib/text.js'
import type { Effect } from '../scenarios/program.js'

/** Faults after which a client has an answer, but not one that it can read. */
const BROKEN = new Set<string>(['truncate', 'garbage', 'malformed-json', 'empty-body', 'wrong-content-type'])

/** Effects after which the operation's own answer comes. */
const REAL: ReadonlySet<string> = new Set(['delay', 'state'])

/** How much earlier than the end of one connection the next call may come on another. */
const HANG_UP_MS = 50

const SHOWS_WALLETS = /^juspay\.(?!debit).*Wallets?$/

/** One call of a client as the rules look at it. What is costly to work out is worked out on first use. */
export class ClientCall {
  readonly entry: Entry
  #headers: Readonly<Record<string, string>> | undefined
  #body: Body | undefined
  #query: URLSearchParams | undefined
  #wallets: ReturnType<typeof walletsIn> | undefined

  constructor(entry: Entry) {
    this.entry = entry
  }

  get operation(): string {
    return this.entry.about.operation ?? ''
  }

  get customer(): string | null {
    return this.entry.about.customer
  }

  get arrivedAt(): number {
    return this.entry.arrivedAt
  }

  /** When the client had its answer or gave up, on `performance.now()`'s scale; infinite while it waits. */
  get endedAt(): number {
    const { ended, hungUpMs, arrivedAt } = this.entry
    if (hungUpMs !== null) return arrivedAt + hungUpMs
    return ended === undefined || ended.fault === 'hang' ? Number.POSITIVE_INFINITY : arrivedAt + ended.measuredMs
  }

  /** Whether it came after the end of another one, as far as their client could see. */
  isAfter(before: ClientCall): boolean {
    return this.arrivedAt >= before.endedAt - (before.entry.hungUpMs === null ? 0 : HANG_UP_MS)
  }

  get ended(): Ended | undefined {
    return this.entry.ended
  }

  get status(): number | null {
    return this.ended?.response.status ?? null
  }

  /** Whether the client was left without an answer that it can read. */
  get isLost(): boolean {
    const { ended, hungUpMs } = this.entry
    if (ended === undefined) return false
    return hungUpMs !== null || ended.response.status === null || BROKEN.has(ended.fault ?? '')
  }

  /** Whether a scenario's rule made the answer, and not the call itself. */
  get isInjected(): boolean {
    return (this.ended?.rule ?? null) !== null && !REAL.has(this.#effect?.kind ?? '')
  }

  get revokesKey(): boolean {
    return this.#effect?.kind === 'state' && this.#effect.state === 'revoke-key'
  }

  get #effect(): Effect | undefined {
    const tried = this.ended?.trace?.trace.flatMap(({ matched }) => matched)
    return tried?.find(({ blockedBy }) => blockedBy === null)?.rule.effect
  }

  get isRetryable(): boolean {
    return this.isLost || (this.status ?? 0) >= 500 || this.status === 429 || this.status === 408
  }

  get isSuccess(): boolean {
    return !this.isLost && this.status !== null && this.status < 300
  }

  /** Whether it came with a key or a token of the merchant's server, and not from a browser's page. */
  get hasKey(): boolean {
    return this.entry.authorization !== null
  }

  header(name: string): string | null {
    this.#headers ??= headersOf(this.entry.request.headers)
    return Object.hasOwn(this.#headers, name) ? this.#headers[name]! : null
  }

  answerHeader(name: string): string | undefined {
    const { headers = {} } = this.ended?.response ?? {}
    return headers[name] ?? Object.entries(headers).find(([known]) => known.toLowerCase() === name)?.[1]
  }

  get fields(): Body['fields'] {
    const text = this.ended?.requestBody ?? ''
    this.#body ??= text === '' ? NO_BODY : parseBody(text, this.header('content-type'))
    return this.#body.fields
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.entry.request.query)
    return this.#query
  }

  /** The order that an operation on one names, wherever it does. */
  get order(): string | undefined {
    const inPath = /\/(?:orders|order\/status)\/(?!txns\/)([^/]+)/.exec(this.entry.request.path)?.[1]
    if (inPath !== undefined) return decoded(inPath)
    return this.fields.get('order_id') ?? this.fields.get('order.order_id') ?? this.query.get('order_id') ?? undefined
  }

  /** What two calls share that are the same request; undefined where the journal has let go of the body. */
  get request(): string | undefined {
    const { method, path, query } = this.entry.request
    const text = this.ended?.requestBody ?? ''
    if (text === '' && method === 'POST' && (this.header('content-length') ?? '0') !== '0') return undefined
    return `${method} ${path}?${query}\n${text}`
  }

  get wallets(): ReturnType<typeof walletsIn> {
    this.#wallets ??= this.isSuccess && SHOWS_WALLETS.test(this.operation) ? walletsIn(this.answer) : []
    return this.#wallets
  }

  get answer(): unknown {
    return jsonOf(this.ended?.response.body ?? '')
  }
}

export function groupBy(calls: readonly ClientCall[], keysOf: (call: ClientCall) => readonly string[]) {
  const groups = new Map<string, ClientCall[]>()
  for (const call of calls) for (const key of keysOf(call)) getOrMake(groups, key, () => []).push(call)
  return groups
}

function walletsIn(answer: unknown) {
  const { list = [answer] } = (answer ?? {}) as { list?: unknown }
  return objects(list).flatMap(({ id, token, linked }) =>
    typeof id === 'string' ? [{ id, token: textOf(token) ?? null, linked: String(linked) === 'true' }] : [],
  )
}
