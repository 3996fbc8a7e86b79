import type { Grade } from '../api/vendor.js'
import type { Presented } from './redact.js'

/** One call, as it is kept: what it takes to show it is done when it is asked for. */
export interface Entry extends Presented {
  /** Counts the merchant's exchanges from 1, anew once the journal is emptied. */
  readonly id: number
  /** Epoch ms on the merchant's clock. */
  readonly at: number
  /** On `performance.now()`'s scale, to put the entries of several journals in order. */
  readonly arrivedAt: number
  readonly vendor: string
  /** Of these three, a body may tell what the path does not: they are settled once it is read. Null where none. */
  operation: string | null
  customer: string | null
  wallet: string | null
  readonly request: {
    readonly method: string
    readonly path: string
    /** Without the question mark. */
    readonly query: string
    /** As they came: names and values in turn, each on a line. One text is cheaper to keep than many. */
    readonly headers: string
    body: string
  }
  /** Null while the request is under way; a fault that left no answer has status null. */
  response: {
    readonly status: number | null
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  } | null
  /** What the request was refused for. */
  reason: string | null
  /** Null where the scenario made the answer up or applyBodyFault it. */
  grade: Grade | null
  /** Name of the scenario rule that fired. */
  rule: string | null
  fault: string | null
  /** The delay in ms as drawn; null when no model applied. */
  intendedMs: number | null
  /** From arrival to answer, in ms. */
  measuredMs: number | null
  readonly warnings: readonly string[]
}

/** The newest exchanges of one merchant, up to a number. */
export class Journal {
  readonly #size: number
  #entries: Entry[] = []
  #oldest = 0
  #lastId = 0

  constructor(size: number) {
    this.#size = size
  }

  nextId(): number {
    return ++this.#lastId
  }

  add(entry: Entry): void {
    if (this.#entries.length < this.#size) this.#entries.push(entry)
    else if (this.#size > 0) {
      this.#entries[this.#oldest] = entry
      this.#oldest = (this.#oldest + 1) % this.#size
    }
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
