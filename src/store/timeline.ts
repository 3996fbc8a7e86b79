import { firstIndex } from '../lib/sorted.js'

/** The place of a thing among those of its kind, by time. */
export interface TimelineEntry {
  /** Whose it is. */
  readonly customer: string
  readonly id: string
  /** Epoch milliseconds. */
  readonly at: number
  /** Orders things of one moment. */
  readonly sequence: number
}

/** Oldest first. The id decides last, so that the order is total. */
export function compare(a: TimelineEntry, b: TimelineEntry): number {
  return a.at - b.at || a.sequence - b.sequence || (a.id < b.id ? -1 : Number(a.id > b.id))
}

/** Things by time. Sorted when it is read, which costs little: things come nearly always in order. */
export class Timeline {
  readonly #entries: TimelineEntry[] = []
  #sorted = true

  add(entry: TimelineEntry): void {
    const last = this.#entries.at(-1)
    this.#sorted &&= last === undefined || compare(last, entry) < 0
    this.#entries.push(entry)
  }

  /** Oldest first. */
  entries(): readonly TimelineEntry[] {
    if (!this.#sorted) this.#entries.sort(compare)
    this.#sorted = true
    return this.#entries
  }
}

/** Which way a list is walked. */
export type Direction = 'older' | 'newer'

/** Where a walk begins, exclusive: left out, at the end that it leads away from. */
export interface Walk {
  readonly direction: Direction
  readonly from?: TimelineEntry | undefined
}

/** The entries beyond that place, nearest first. */
export function* walk(entries: readonly TimelineEntry[], { direction, from }: Walk): Generator<TimelineEntry> {
  if (direction === 'older') for (let i = lowerBound(entries, from) - 1; i >= 0; i--) yield entries[i]!
  else {
    const start = from === undefined ? 0 : lowerBound(entries, from)
    for (let i = start; i < entries.length; i++) if (entries[i]!.id !== from?.id) yield entries[i]!
  }
}

/** Merges two walks in the same direction; what both have comes twice in a row. */
export function* merge(
  direction: Direction,
  a: Iterator<TimelineEntry>,
  b: Iterator<TimelineEntry>,
): Generator<TimelineEntry> {
  const sign = direction === 'older' ? -1 : 1
  let [left, right] = [a.next(), b.next()]
  while (!left.done || !right.done) {
    if (right.done || (!left.done && sign * compare(left.value, right.value) < 0)) {
      yield left.value as TimelineEntry
      left = a.next()
    } else {
      yield right.value
      right = b.next()
    }
  }
}

/** The index of the first entry that is not older than a place; without one, the end. */
const lowerBound = (entries: readonly TimelineEntry[], place: TimelineEntry | undefined) =>
  place === undefined ? entries.length : firstIndex(entries.length, (i) => compare(entries[i]!, place) >= 0)
