import type { Grade } from './vendor.js'

/** One exchange. Delays are in ms, as drawn and as measured from arrival to answer. */
export interface Entry {
  readonly id: number
  /** Epoch ms on the merchant's clock. */
  readonly at: number
  readonly merchant: string
  readonly vendor: string
  /** Of these three, a body may tell what the path does not: they are settled once it is read. */
  operation: string | null
  customer: string | null
  wallet: string | null
  readonly request: {
    readonly method: string
    readonly path: string
    readonly query: string
    /** Authorization is redacted. */
    readonly headers: Readonly<Record<string, string>>
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
  grade: Grade | null
  rule: string | null
  fault: string | null
  /** Null when no model applied. */
  intendedMs: number | null
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
  }
}
