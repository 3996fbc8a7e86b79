import type { Arrival, Ended, Entry } from './entry.js'

/** The newest calls of one merchant, up to a number. */
export class Journal {
  readonly #size: number
  #entries: Entry[] = []
  #oldest = 0
  #lastId = 0

  constructor(size: number) {
    this.#size = size
  }

  /** Enters a call as it arrives, so that one that never ends is seen too. */
  begin(arrival: Arrival): Entry {
    const entry: Entry = { ...arrival, id: ++this.#lastId, ended: undefined }
    if (this.#entries.length < this.#size) this.#entries.push(entry)
    else if (this.#size > 0) {
      this.#entries[this.#oldest] = entry
      this.#oldest = (this.#oldest + 1) % this.#size
    }
    return entry
  }

  finish(entry: Entry, ended: Ended): void {
    entry.ended = ended
  }

  /** Oldest first. */
  entries(): Entry[] {
    return [...this.#entries.slice(this.#oldest), ...this.#entries.slice(0, this.#oldest)]
  }

  clear(): void {
    this.#entries = []
    this.#oldest = 0
    this.#lastId = 0
  }
}
