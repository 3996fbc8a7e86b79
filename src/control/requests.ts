import { type JournalEntry, toJournalEntry } from '../journal/record.js'
import type { Given } from './check.js'
import { checkInput } from './check.js'
import { type Count, conditions, type Lived, nearestTo } from './match.js'
import type { Scope } from './scope.js'

export interface RequestsControl {
  /** The journal, newest last. `limit` keeps the newest; `total` counts all that the filter lets through. */
  get(filter?: Given<'filter'>): Promise<{ readonly requests: readonly JournalEntry[]; readonly total: number }>
  delete(): Promise<{ readonly total: number }>
  count(match: Given<'match'>): Promise<Count>
}

export function requestsControl(scope: Scope): RequestsControl {
  const lived = (): Lived[] => {
    const merchants = scope.merchants()
    const all = merchants.flatMap((merchant) => merchant.journal.entries().map((entry) => ({ entry, merchant })))
    return merchants.length === 1 ? all : all.sort((a, b) => a.entry.arrivedAt - b.entry.arrivedAt)
  }
  return {
    async get(given = {}) {
      const { limit = Number.POSITIVE_INFINITY, ...match } = await checkInput('filter', given)
      const wanted = conditions(match)
      const found = lived().filter((one) => wanted.every((condition) => condition.holds(one)))
      const kept = found.slice(Math.max(0, found.length - limit))
      return { requests: kept.map(({ entry }) => toJournalEntry(entry)), total: found.length }
    },
    async delete() {
      for (const { journal } of scope.merchants()) journal.clear()
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
