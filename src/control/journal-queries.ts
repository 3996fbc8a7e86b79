import { bytesOf, type Entry } from '../journal/entry.js'
import { type JournalEntry, toJournalEntry } from '../journal/journal-entry.js'
import { InputError } from '../lib/errors.js'
import { type ControlInput, checkInput } from './check.js'
import { type Count, conditions, type Lived, matching, nearestTo } from './match.js'
import type { Scope } from './scope.js'

export interface RequestsControl {
  /**
   * A page of the journal, newest last; `total` counts all that the filter lets through. `limit` keeps the newest. With
   * `after`, it keeps the oldest after that entry's id, or of those that ended after that cursor. A page holds no more than 16 MB of texts.
   *
   * @example
   * const { requests } = await sandbox.control.requests.get({ operation: 'juspay.*', status: '4*', limit: 10 })
   */
  get(filter?: ControlInput<'filter'>): Promise<JournalPage>
  /**
   * Every call as it ends, from now on or from after a cursor. A reader that leaves 16 MB unread is cut off with an
   * InputError, and can go on from its last cursor. It ends when the sandbox is closed.
   *
   * @example
   * for await (const { entry } of await sandbox.control.requests.stream({ status: '5*' })) console.log(entry.reason)
   */
  stream(filter?: ControlInput<'stream'>): Promise<AsyncIterableIterator<JournalEvent>>
  delete(): Promise<{ readonly total: number }>
  /**
   * Counts calls. Where none matches, it shows the nearest ones and what differs in them.
   *
   * @example
   * const { count } = await sandbox.control.requests.count({ operation: 'juspay.debitWallet', body: { order_id: 'tea-1' } })
   */
  count(match: ControlInput<'match'>): Promise<Count>
}

interface JournalPage {
  readonly requests: readonly JournalEntry[]
  /** All that the filter lets through. */
  readonly total: number
  /** Where to read on: after this page where a cursor was given, else after all that has ended. */
  readonly cursor: string
}

/** A finished call, and where to read on after it. */
export interface JournalEvent {
  readonly cursor: string
  readonly entry: JournalEntry
}

const AFTER_WHOSE =
  'after: is an id, and each of all merchants has its own; allowed: a cursor, or for one merchant an id, at /_sandbox/merchants/{merchant}/requests'

/** What one answer may hold, in characters, so that it can be printed. */
const MAX_PAGE = 16 * 1_048_576

/** The first entries, up to a number of them and to the bound of a page; one at least, however long. */
function page(found: readonly Lived[], limit: number): JournalEntry[] {
  const requests: JournalEntry[] = []
  let room = MAX_PAGE
  for (const { entry } of found.slice(0, limit)) {
    const shown = toJournalEntry(entry)
    const { request, response } = shown
    room -= entry.request.headers.length + request.body.length + (response?.body.length ?? 0)
    if (room < 0 && requests.length > 0) break
    requests.push(shown)
  }
  return requests
}

export function requestsControl(scope: Scope): RequestsControl {
  const { registry } = scope
  const refuseForeign = (after: number | string | undefined) => {
    if (typeof after === 'number' && scope.merchants().length > 1) throw new InputError(AFTER_WHOSE)
  }
  /** After an entry's id by arrival; after a cursor those that ended since, in that order. */
  const endedSince = (all: readonly Lived[], after: number | string) => {
    if (typeof after === 'number') return all.filter(({ entry }) => entry.id > after)
    const finished = registry.finishedCalls.at(after)
    return all
      .filter(({ entry }) => entry.finishedAs > finished)
      .sort((a, b) => a.entry.finishedAs - b.entry.finishedAs)
  }
  const eventOf = (entry: Entry): JournalEvent => ({
    cursor: registry.finishedCalls.cursor(entry.finishedAs),
    entry: toJournalEntry(entry),
  })
  const lived = (): Lived[] => {
    const merchants = scope.merchants()
    const all = merchants.flatMap((merchant) =>
      // A call under way stays so while the others are looked through.
      merchant.journal.entries().map((entry) => ({ entry: entry.ended ? entry : { ...entry }, merchant })),
    )
    return merchants.length === 1 ? all : all.sort((a, b) => a.entry.arrivedAt - b.entry.arrivedAt)
  }
  return {
    async stream(given = {}) {
      const { after, ...match } = await checkInput('stream', given)
      refuseForeign(after)
      const wanted = conditions(match)
      const one = scope.one()
      const lets = (entry: Entry) => {
        const merchant = one ?? registry.answering(entry)
        return entry.merchant === merchant?.id && wanted.every((condition) => condition.holds({ entry, merchant }))
      }
      // In one turn, so that no call ends between what has been and what comes.
      const past = after === undefined ? [] : endedSince(lived(), after).map(({ entry }) => entry)
      return registry.finishedCalls.read({ wanted: lets, size: bytesOf, shown: eventOf }, past.filter(lets))
    },
    async get(given = {}) {
      const { limit = Number.POSITIVE_INFINITY, after, ...match } = await checkInput('filter', given)
      refuseForeign(after)
      const wanted = conditions(match)
      const now = registry.finishedCalls.cursor()
      const found = await matching(wanted, lived())
      const total = found.length
      if (after === undefined) return { requests: page(found.toReversed(), limit).reverse(), total, cursor: now }
      const since = endedSince(found, after)
      const requests = page(since, limit)
      const isWhole = requests.length === since.length || typeof after === 'number'
      const last = since[requests.length - 1]?.entry.finishedAs ?? registry.finishedCalls.at(String(after))
      return { requests, total, cursor: isWhole ? now : registry.finishedCalls.cursor(last) }
    },
    async delete() {
      for (const merchant of scope.merchants()) merchant.clearJournal()
      return { total: 0 }
    },
    async count(given) {
      const wanted = conditions(await checkInput('match', given))
      const all = lived()
      const count = (await matching(wanted, all)).length
      return count > 0 ? { count } : { count, nearest: await nearestTo(wanted, all) }
    },
  }
}
