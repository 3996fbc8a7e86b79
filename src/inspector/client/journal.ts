import type { Entry } from './control-answers.js'
import { Listeners } from './listeners.js'

/** What the list shows of the journal; the oldest rows go first. */
export const MAX_ROWS = 10_000

export const NO_FILTER = {
  merchant: '',
  operation: '',
  customer: '',
  wallet: '',
  status: '',
  text: '',
  /** `true`, or empty. */
  warned: '',
}

export type Filter = Readonly<typeof NO_FILTER>

/** An entry in the list, with a number that no other row has: ids begin anew when a journal is emptied. */
export interface Row {
  readonly key: number
  readonly entry: Entry
}

/** The journal as the page has it: what was read, and what came since. */
export class Journal {
  /** Oldest first. */
  rows: Row[] = []
  /** Rows that the filter lets through, the newest first. */
  shown: Row[] = []
  filter: Filter = NO_FILTER
  /** Whether the calls that there were have been read. */
  isRead = false
  isPaused = false
  /** Entries that came during a pause. */
  held: readonly Entry[] = []
  /** Operations that were called, for the filter to offer. */
  readonly operations = new Set<string>()
  readonly merchants = new Set<string>()
  readonly changes = new Listeners()
  #lastKey = 0
  readonly #underWay = new Map<string, number>()

  add(entries: readonly Entry[]): void {
    if (this.isPaused) {
      this.held = [...this.held, ...entries].slice(-MAX_ROWS)
      this.changes.tell()
      return
    }
    const matches = matcher(this.filter)
    const fresh = entries.flatMap((entry) => this.#enter(entry) ?? [])
    this.rows.push(...fresh)
    this.shown = [...fresh.filter(matches).reverse(), ...this.shown]
    if (this.rows.length > MAX_ROWS) {
      this.rows = this.rows.slice(-MAX_ROWS)
      const oldest = this.rows[0]!.key
      while (this.shown.length > 0 && this.shown.at(-1)!.key < oldest) this.shown.pop()
    }
    this.changes.tell()
  }

  pause(paused: boolean): void {
    this.isPaused = paused
    const held = this.held
    this.held = []
    this.add(held)
  }

  narrow(part: Partial<Filter>): void {
    this.filter = { ...this.filter, ...part }
    this.shown = this.rows.filter(matcher(this.filter)).reverse()
    this.changes.tell()
  }

  /** @param merchant whose calls go; empty for everyone's */
  remove(merchant: string): void {
    const stays = (entry: Entry) => merchant !== '' && entry.merchant !== merchant
    this.rows = this.rows.filter(({ entry }) => stays(entry))
    this.shown = this.shown.filter(({ entry }) => stays(entry))
    this.held = this.held.filter(stays)
    this.#underWay.clear()
    this.changes.tell()
  }

  /** A new row; nothing where the entry is the end of a call whose row is there. */
  #enter(entry: Entry): Row | undefined {
    const name = `${entry.merchant ?? ''}/${entry.id}`
    const key = this.#underWay.get(name)
    if (key !== undefined && entry.response !== null) {
      this.#underWay.delete(name)
      const replace = (row: Row) => (row.key === key ? { key, entry } : row)
      this.rows = this.rows.map(replace)
      this.shown = this.shown.map(replace)
      return undefined
    }
    if (entry.operation !== null) this.operations.add(entry.operation)
    if (entry.merchant !== null) this.merchants.add(entry.merchant)
    const row = { key: ++this.#lastKey, entry }
    if (entry.response === null) this.#underWay.set(name, row.key)
    return row
  }
}

/** Whether a text is anywhere in an entry, whose parts are not joined: that would take longer than the search. */
function mentions({ request, response, reason, rule, fault, operation, warnings }: Entry, text: RegExp): boolean {
  const { path, query, body } = request
  const parts = [path, query, body, response?.body, reason, rule, fault, operation, ...warnings]
  return parts.some((part) => text.test(part ?? ''))
}

function matcher(filter: Filter): (row: Row) => boolean {
  const text = filter.text.trim()
  const tests: ((entry: Entry) => boolean)[] = []
  if (filter.merchant !== '') tests.push(({ merchant }) => merchant === filter.merchant)
  for (const field of ['operation', 'customer', 'wallet'] as const) {
    const part = filter[field].trim().toLowerCase()
    if (part !== '') tests.push((entry) => entry[field]?.toLowerCase().includes(part) ?? false)
  }
  if (filter.status !== '') tests.push(({ response }) => hasStatus(filter.status, response?.status ?? null))
  if (filter.warned !== '') tests.push(({ warnings }) => warnings.length > 0)
  if (text !== '') {
    const wanted = new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'i')
    tests.push((entry) => mentions(entry, wanted))
  }
  return ({ entry }) => tests.every((test) => test(entry))
}

function hasStatus(wanted: string, status: number | null): boolean {
  if (wanted === 'failed') return status === null || status >= 400
  if (wanted === 'none') return status === null
  return String(status).startsWith(wanted)
}
