import { Account } from '../api/account.js'
import { decodeBody } from '../api/body.js'
import type { Learner, SeenCall } from '../api/learner.js'
import { choose, isChoice } from '../api/vendor.js'
import { fixturesSchema } from '../fixture-files/cross-checks.js'
import { KEY_LISTS, type VendorName } from '../fixture-files/key-lists.js'
import type { Fixtures } from '../fixture-files/schema.js'
import { VendorPaths } from '../http/identify.js'
import { Histogram } from '../journal/latencies.js'
import { plainReason } from '../lib/files.js'
import { getOrMake } from '../lib/get-or-make.js'
import { isObject, type JsonObject } from '../lib/json.js'
import { load } from '../lib/load.js'
import { counted, decoded } from '../lib/text.js'
import type { Scenario, ScenarioRule } from '../scenarios/schema.js'
import { VENDORS } from '../vendors/index.js'
import { modelOf } from './model.js'
import type { ProxiedCall } from './proxy.js'
import { Redactor } from './redactor.js'

/** Different things reported, at most: a session of a week must not fill the memory. */
const MAX_NOTES = 1_000

/** The answer to a read that a scenario can give again: an error, or what a fixture has no place for. */
interface KeptAnswer {
  readonly account: Account
  readonly match: NonNullable<ScenarioRule['match']>
  readonly response: { readonly status: number; readonly body: unknown }
}

type Learners = ReadonlyMap<VendorName, Learner>

const PATHS = new VendorPaths(VENDORS)

type Recognized = ReturnType<typeof recognize>

/** A call as it is known before its answer is read. */
function recognize({ method, path, headers }: ProxiedCall, fields: ReadonlyMap<string, string>) {
  const [bare, search = ''] = path.split('?', 2) as [string, string?]
  const { vendor, params, route } = PATHS.at(PATHS.resolve(bare, () => headers.authorization ?? null))
  const target = vendor.endpoints.find((endpoint) => endpoint.path === route && endpoint.method === method)?.target
  const operation = target && isChoice(target) ? choose(target, search, fields) : target
  return { vendor, operation, params, query: new URLSearchParams(search), fields }
}

/** Everything learned from the calls of a session, of any client. */
export class Session {
  readonly #redactor: Redactor | undefined
  readonly #learners: Learners
  /** The first one is also that of calls that name no merchant. */
  readonly #accounts = [new Account()]
  readonly #byKey = new Map<string, Account>()
  readonly #notes = new Map<string, number>()
  readonly #answers = new Map<string, KeptAnswer>()
  readonly #latencies = new Map<string, Histogram>()
  #calls = 0

  private constructor(redacts: boolean, learners: Learners) {
    this.#redactor = redacts ? new Redactor() : undefined
    this.#learners = learners
  }

  static async create(redacts: boolean): Promise<Session> {
    const learners = new Map<VendorName, Learner>()
    for (const { name, learner } of VENDORS) if (learner) learners.set(name, await load(learner))
    return new Session(redacts, learners)
  }

  #standIn(text: string): string {
    return this.#redactor?.text(text) ?? text
  }

  fail(method: string, path: string, reason: string): void {
    this.#calls++
    this.#note(`${method} ${pathOf(path)}`, reason)
  }

  /** Learns from a call. Whatever an upstream sends, it never throws. */
  async add(proxied: ProxiedCall): Promise<void> {
    this.#calls++
    try {
      await this.#learn(proxied)
    } catch (error) {
      this.#note(`${proxied.method} ${pathOf(proxied.path)}`, `cannot be read: ${plainReason(error)}`)
    }
  }

  async #learn(proxied: ProxiedCall): Promise<void> {
    const { method, path, headers, status, answerHeaders } = proxied
    const what = `${method} ${pathOf(path)}`
    if (proxied.body === undefined) return this.#note(what, 'its body broke off or is too long')
    const sent = await decodeBody(proxied.body, headers['content-type'] ?? null, headers['content-encoding'] ?? null)
    const call = recognize(proxied, sent.fields)
    this.#redactor?.learn({ path: pathOf(path), ...Object.fromEntries(sent.fields), ...Object.fromEntries(call.query) })
    const { operation } = call
    if (operation) getOrMake(this.#latencies, operation.id, () => new Histogram()).add(proxied.ms)
    if (proxied.answer === undefined) return this.#note(what, 'its answer broke off or is too long')
    const type = answerHeaders['content-type'] ?? ''
    const answered = await decodeBody(proxied.answer, type, answerHeaders['content-encoding'] ?? null)
    const answer = answered.json && Object.fromEntries(answered.json)
    const account = this.#accountOf(call, proxied, answer)
    this.#redactor?.learn(answer)
    if (operation === undefined) return this.#note(what, 'it is not a call that the sandbox serves')
    if (status >= 400) {
      this.#note(what, `was answered ${status} ${answered.text.slice(0, 200)}`)
      // What is refused for a key, for its haste or by a broken server is not a fact about the resource.
      if (answer !== undefined && [400, 404, 409, 410, 422].includes(status))
        this.#keepAnswer(account, call, what, { status, body: answer })
      return
    }
    if (answer === undefined)
      return this.#note(`${operation.id}`, `its answer is not a JSON object; its type is ${type || 'missing'}`)
    const seen: SeenCall = { ...call, operation: operation.id, answer, at: timeOfAnswer(proxied) }
    if (this.#learners.get(call.vendor.name)?.learn(account, seen)) return
    this.#note(operation.id, 'a fixture has no place for its answer')
    this.#keepAnswer(account, call, what, { status, body: answer })
  }

  /** What there is to write by now. */
  recorded() {
    const notes = new Map(this.#notes)
    const note = (what: string, reason: string) => count(notes, `${what}: ${reason}`)
    const seen = this.#accounts.filter((account, i) => i === 0 || account.id !== undefined)
    const merchants = seen.map((account) => {
      const { id, ...merchant } = account.toFixture(note)
      return { id, ...this.#keysOf(account, id), ...merchant }
    })
    const redacted = this.#redactor?.apply(merchants) ?? merchants
    const fixtures = withoutFaults({ merchants: redacted }, note)
    const latency: NonNullable<Scenario['latency']> = {}
    const lines: string[] = []
    for (const [operation, histogram] of [...this.#latencies].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const model = modelOf(histogram)
      if (typeof model === 'string') lines.push(`latency of ${operation}: ${model}`)
      else latency[operation] = model
    }
    const rules = [...this.#answers.values()]
      .filter(({ account, match, response }) => response.status < 400 || !isKnown(account, match))
      // A rule with fewer conditions would take the calls of those behind it.
      .sort((a, b) => fieldsOf(b.match) - fieldsOf(a.match))
      .map(({ match, response }, index): ScenarioRule => {
        const name = `recorded ${index + 1}: ${match.operation}`
        return { name, match, effect: { response } }
      })
    const scenario: Scenario = {
      name: 'recorded',
      description:
        'Latencies and errors of reads as they were recorded. A client should cope with them as it did then.',
      latency,
      ...(rules.length > 0 && { rules: this.#redactor?.apply(rules) ?? rules }),
    }
    const keys = fixtures.merchants.flatMap((merchant) =>
      Object.values(KEY_LISTS)
        .flatMap((list) => merchant[list] ?? [])
        .map(({ key }) => `merchant ${merchant.id}: API key ${this.#redactor ? key : 'as sent'}`),
    )
    const told = [...notes].map(([sentence, times]) =>
      this.#standIn(times === 1 ? sentence : `${sentence} (${times} times)`),
    )
    const report = [counted(this.#calls, 'call'), ...keys, ...told, ...lines]
    return { fixtures, scenario, report, standIn: (text: string) => this.#standIn(text) }
  }

  /** The keys of a merchant as a fixture lists them; what stands in for them where there is a redactor. */
  #keysOf({ keys }: Account, merchant: string) {
    const lists = Array.from(this.#learners, ([vendor, { standInKey }]) => {
      const standIn = standInKey(merchant)
      const list = Array.from(keys[vendor], (key, n) => {
        const stored = n === 0 ? standIn : `${standIn}_${n + 1}`
        this.#redactor?.replace(key, stored)
        return { key: this.#redactor ? stored : key }
      })
      return [KEY_LISTS[vendor], list]
    })
    return Object.fromEntries(lists)
  }

  #note(what: string, reason: string): void {
    if (this.#notes.size < MAX_NOTES) count(this.#notes, `${what}: ${reason}`)
  }

  /** Whose a call is: that of the merchant that the answer names, else of its key's, else of the first. */
  #accountOf(
    { vendor }: Recognized,
    { headers, status, answerHeaders }: ProxiedCall,
    answer: JsonObject | undefined,
  ): Account {
    const { key } = vendor.credential(headers.authorization ?? null)
    const named = answerHeaders[vendor.merchantHeader ?? ''] ?? answer?.merchant_id
    const known = key === undefined ? undefined : this.#byKey.get(`${vendor.name} ${key}`)
    const denied = status === 401 || status === 403
    const id = typeof named === 'string' && named !== '' && !denied ? named : undefined
    const account = (id === undefined ? known : this.#accountNamed(id)) ?? this.#accounts[0]!
    if (key === undefined) return account
    // Neither a key nor one that was refused may be found in what is written.
    this.#redactor?.replace(key, 'redacted')
    if (denied) return account
    this.#byKey.set(`${vendor.name} ${key}`, account)
    account.keys[vendor.name].add(key)
    return account
  }

  #accountNamed(id: string): Account {
    const [first] = this.#accounts as [Account]
    const known =
      this.#accounts.find((account) => account.id === id) ?? (first.id === undefined ? first : new Account())
    known.id = id
    if (!this.#accounts.includes(known)) this.#accounts.push(known)
    return known
  }

  /** Keeps an answer to a read that a fixture has no place for, to be given again by a rule. */
  #keepAnswer(account: Account, call: Recognized, what: string, response: KeptAnswer['response']): void {
    const { operation, params, vendor, fields } = call
    const { customer, wallet } = params
    const name = customer ?? wallet
    const isPattern = [name ?? '', ...fields.values()].some((text) => /[*?]/.test(text))
    if (operation!.changes || name === undefined || isPattern || this.#answers.size >= MAX_NOTES) return
    const match = {
      operation: operation!.id,
      ...(customer === undefined ? { wallet: name } : { customer: name }),
      ...(fields.size > 0 && { body: Object.fromEntries(fields) }),
    }
    this.#answers.set(`${vendor.name} ${what} ${JSON.stringify(match)}`, { account, match, response })
  }
}

const count = (notes: Map<string, number>, sentence: string) => notes.set(sentence, (notes.get(sentence) ?? 0) + 1)

/** The path as people read it, without its query, which may hold secrets. */
const pathOf = (path: string) => decoded(path.split('?', 1)[0]!)

/** What the Date header says, else now. */
function timeOfAnswer({ answerHeaders: { date } }: ProxiedCall): string {
  const at = Date.parse(date ?? '')
  return `${new Date(Number.isNaN(at) ? Date.now() : at).toISOString().slice(0, 19)}Z`
}

/** Whether what an error calls missing was there later, or before. */
const isKnown = (account: Account, { customer, wallet }: KeptAnswer['match']) =>
  (customer !== undefined && account.knows(customer)) ||
  (wallet !== undefined && (account.wallets.has(wallet) || account.currencyWallets.has(wallet)))

const fieldsOf = ({ body = {} }: KeptAnswer['match']) => Object.keys(body).length

/** The fixtures without what the format does not hold: each entry at fault is left out and reported. */
function withoutFaults(fixtures: Fixtures, note: (what: string, reason: string) => void): Fixtures {
  for (;;) {
    const { error } = fixturesSchema.safeParse(fixtures)
    if (error === undefined) return fixtures
    const entries = new Map<string, { path: PropertyKey[]; reason: string }>()
    for (const { path, message } of error.issues) {
      const end = path.findLastIndex((part) => typeof part === 'number')
      const entry = path.slice(0, end + 1)
      const field = path.slice(end + 1).join('.')
      entries.set(entry.join('.'), { path: entry, reason: `${field} ${message}`.trim() })
    }
    // From the back, so that no index moves.
    for (const { path, reason } of [...entries.values()].sort((a, b) => comparePaths(b.path, a.path))) {
      const list = path
        .slice(0, -1)
        .reduce<unknown>((value, part) => (value as Record<PropertyKey, unknown>)?.[part], fixtures)
      const [removed] = (list as unknown[])?.splice(path.at(-1) as number, 1) ?? []
      const { id } = isObject(removed) ? removed : {}
      note(`${String(path.at(-2))} ${String(id ?? path.at(-1))}`, `left out: ${reason}`)
    }
  }
}

/** The order of places in a value, what is inside another before what is behind it. */
function comparePaths(a: readonly PropertyKey[], b: readonly PropertyKey[]): number {
  const i = a.findIndex((part, n) => part !== b[n])
  if (i < 0 || i >= b.length) return a.length - b.length
  return typeof a[i] === 'number' && typeof b[i] === 'number' ? a[i] - b[i] : String(a[i]) < String(b[i]) ? -1 : 1
}
