import { type JournalEntry, toJournalEntry } from '../journal/record.js'
import { InputError } from '../lib/errors.js'
import type { Given } from './check.js'
import { checkInput } from './check.js'
import { type Count, conditions, type Lived, nearestTo } from './match.js'
import type { Scope } from './scope.js'

export interface RequestsControl {
  /**
   * A page of the journal, newest last; `total` counts all that the filter lets through. `limit` keeps the newest. With
   * `after`, an entry's id, it keeps the oldest after that entry. A page holds no more than 16 MB of texts.
   *
   * @example
   * const { requests } = await sandbox.control.requests.get({ operation: 'juspay.*', status: '4*', limit: 10 })
   */
  get(filter?: Given<'filter'>): Promise<{ readonly requests: readonly JournalEntry[]; readonly total: number }>
  delete(): Promise<{ readonly total: number }>
  /**
   * Counts calls. Where none matches, it shows the nearest ones and what differs in them.
   *
   * @example
   * const { count } = await sandbox.control.requests.count({ operation: 'juspay.debitWallet', body: { order_id: 'tea-1' } })
   */
  count(match: Given<'match'>): Promise<Count>
}

const AFTER_WHOSE =
  'after: is given for all merchants, whose ids are their own; allowed: for one, at /_sandbox/merchants/{merchant}/requests'

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
  const lived = (): Lived[] => {
    const merchants = scope.merchants()
    const all = merchants.flatMap((merchant) => merchant.journal.entries().map((entry) => ({ entry, merchant })))
    return merchants.length === 1 ? all : all.sort((a, b) => a.entry.arrivedAt - b.entry.arrivedAt)
  }
  return {
    async get(given = {}) {
      const { limit = Number.POSITIVE_INFINITY, after, ...match } = await checkInput('filter', given)
      if (after !== undefined && scope.merchants().length > 1) throw new InputError(AFTER_WHOSE)
      const wanted = conditions(match)
      const found = lived().filter((one) => wanted.every((condition) => condition.holds(one)))
      const requests =
        after === undefined
          ? page(found.toReversed(), limit).reverse()
          : page(
              found.filter(({ entry }) => entry.id > after),
              limit,
            )
      return { requests, total: found.length }
    },
    async delete() {
      for (const merchant of scope.merchants()) merchant.clearJournal()
      return { total: 0 }
    },
    async count(given) {
      const wanted = conditions(await checkInput('match', given))
      const all = lived()
      const count = all.filter((one) => wanted.every((condition) => condition.holds(one))).length
      return count > 0 ? { count } : { count, nearest: nearestTo(wanted, all) }
    },
  }
}
