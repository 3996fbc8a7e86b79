import { type Arrival, bodyBytes, type Ended, type Entry, headBytes } from './entry.js'
import { FinishedCalls } from './finished-calls.js'

const MAX_MEGABYTES = 64
const MAX_BYTES = MAX_MEGABYTES * 1_048_576
/** What all journals of a sandbox may hold together. */
const MAX_BYTES_TOGETHER = 4 * MAX_BYTES

const BODIES_LET_GO = `The journal keeps ${MAX_MEGABYTES} MB of a merchant, so the bodies of this call were let go.`

export class JournalBudget {
  readonly #journals = new Set<Journal>()
  #bytes = 0

  /** @param bytes how many more, or with a minus sign less, a journal holds */
  resize(journal: Journal, bytes: number): void {
    this.#bytes += bytes
    if (journal.bytes > 0) this.#journals.add(journal)
    else this.#journals.delete(journal)
  }

  /** Makes room where the oldest entries are, until all fit. */
  enforce(): void {
    while (this.#bytes > MAX_BYTES_TOGETHER)
      [...this.#journals].reduce((a, b) => (a.since <= b.since ? a : b)).makeRoom()
  }
}

/** The newest calls of one merchant, up to a number of them and of bytes. */
export class Journal {
  /** How many entries it keeps. */
  readonly size: number
  readonly #budget: JournalBudget
  readonly #finishedCalls: FinishedCalls
  /** A ring: as ids have no gaps, an id gives its slot. */
  #slots: (Entry | undefined)[] = []
  /** What each slot's entry takes. To read it of the oldest one, long out of the processor's caches, took a List 1 to 3 µs. */
  #heads: number[] = []
  #bodies: number[] = []
  #count = 0
  #lastId = 0
  /** Id of the oldest entry that has its bodies still. */
  #oldestWhole = 1
  #headBytes = 0
  #bodyBytes = 0

  constructor(size: number, budget = new JournalBudget(), finishedCalls = new FinishedCalls()) {
    this.size = size
    this.#budget = budget
    this.#finishedCalls = finishedCalls
  }

  get bytes(): number {
    return this.#headBytes + this.#bodyBytes
  }

  /** When the oldest entry arrived, on `performance.now()`'s scale. */
  get since(): number {
    return this.#at(this.#oldest)!.arrivedAt
  }

  get #oldest(): number {
    return this.#lastId - this.#count + 1
  }

  #at(id: number): Entry | undefined {
    return this.#slots[this.#slotOf(id)]
  }

  #slotOf(id: number): number {
    return (id - 1) % this.size
  }

  /** Enters a call as it arrives, so that one that never ends is seen too. */
  begin(arrival: Arrival): Entry {
    const id = this.#lastId + 1
    // Field by field, as a spread with more keys behind it gives every entry a hidden class of its own (docs/decisions/performance.md).
    const { at, merchant, arrivedAt, authorization, key, connection, vendor, knownKeys, about, request } = arrival
    const entry: Entry = {
      id,
      at,
      merchant,
      arrivedAt,
      authorization,
      key,
      connection,
      vendor,
      knownKeys,
      about,
      request,
      turn: undefined,
      ended: undefined,
      finishedAs: 0,
      hungUpMs: null,
    }
    if (this.#count === this.size) this.#drop()
    if (this.size === 0) return entry
    this.#enter(entry)
    this.#enforce()
    return entry
  }

  has(entry: Entry): boolean {
    return this.#at(entry.id) === entry
  }

  finish(entry: Entry, ended: Ended): void {
    entry.ended = entry.id < this.#oldestWhole ? withoutBodies(ended) : ended
    this.#finishedCalls.publish(entry)
    if (!this.has(entry)) return
    this.#resizeBodies(entry.id, bodyBytes(entry))
    this.#enforce()
  }

  /** Oldest first. */
  entries(): Entry[] {
    return Array.from({ length: this.#count }, (_, i) => this.#at(this.#oldest + i)!)
  }

  /** Entries whose bodies are there. */
  whole(): Entry[] {
    return this.entries().filter(({ id }) => id >= this.#oldestWhole)
  }

  /** Puts calls in the place of what it holds, at most as many as it keeps. @param first the id of the first; the others follow it */
  restore(entries: readonly Entry[], first: number): void {
    this.clear()
    this.#lastId = first - 1
    this.#oldestWhole = first
    for (const entry of entries) this.#enter(entry)
    this.#enforce()
  }

  clear(): void {
    this.#slots = []
    this.#count = 0
    this.#lastId = 0
    this.#oldestWhole = 1
    this.#resize(-this.#headBytes, -this.#bodyBytes)
  }

  /** Lets go of the oldest bodies, or of the oldest entry once bodies take the smaller part. */
  makeRoom(): void {
    const whole = this.#oldestWhole <= this.#lastId ? this.#at(this.#oldestWhole) : undefined
    if (whole === undefined || this.#headBytes > MAX_BYTES / 2) {
      this.#drop()
      return
    }
    const id = this.#oldestWhole++
    if (this.#bodies[this.#slotOf(id)] === 0) return
    whole.ended = withoutBodies(whole.ended!)
    this.#resizeBodies(id, 0)
  }

  #enter(entry: Entry): void {
    const slot = this.#slotOf(++this.#lastId)
    this.#slots[slot] = entry
    this.#heads[slot] = headBytes(entry)
    this.#bodies[slot] = bodyBytes(entry)
    this.#count++
    this.#resize(this.#heads[slot], this.#bodies[slot])
  }

  #drop(): void {
    if (this.#count === 0) return
    const id = this.#oldest
    const slot = this.#slotOf(id)
    this.#slots[slot] = undefined
    this.#count--
    this.#oldestWhole = Math.max(this.#oldestWhole, id + 1)
    this.#resize(-this.#heads[slot]!, -this.#bodies[slot]!)
  }

  #resizeBodies(id: number, bytes: number): void {
    const slot = this.#slotOf(id)
    this.#resize(0, bytes - this.#bodies[slot]!)
    this.#bodies[slot] = bytes
  }

  #resize(head: number, bodies: number): void {
    this.#headBytes += head
    this.#bodyBytes += bodies
    this.#budget.resize(this, head + bodies)
  }

  #enforce(): void {
    while (this.bytes > MAX_BYTES) this.makeRoom()
    this.#budget.enforce()
  }
}

const withoutBodies = (ended: Ended): Ended => ({
  ...ended,
  requestBody: '',
  response: { ...ended.response, body: '' },
  trace: null,
  changes: null,
  warnings: [...ended.warnings, BODIES_LET_GO],
})
