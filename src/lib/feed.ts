import { InputError } from './errors.js'
import { setImmediate } from './timers.js'

/** What a reader may leave unread, in bytes, before it is cut off: ten thousand short calls. */
const MAX_UNREAD = 16 * 1_048_576

export const cutOff = (bytes: number) =>
  new InputError(
    `stream: its reader has left ${bytes} bytes unread and was cut off; allowed: to read on from its last cursor`,
  )

/** What a reader wants of a feed, and in which form. */
interface Reading<Item, Form> {
  wanted(item: Item): boolean
  /** What an item takes, in bytes, about. */
  size(item: Item): number
  shown(item: Item): Form
}

/** Hands what happens to its readers, without waiting for them. */
export class Feed<Item> {
  readonly #inboxes = new Set<Inbox<Item, unknown>>()
  #closed = false

  publish(item: Item): void {
    for (const inbox of this.#inboxes) inbox.put(item)
  }

  /** Reads what has been, and what comes from now on, until it is left or the feed closes. */
  read<Form>(reading: Reading<Item, Form>, past: readonly Item[] = []): AsyncIterableIterator<Form> {
    const inbox = new Inbox(past, reading, () => this.#inboxes.delete(inbox))
    if (this.#closed) inbox.end()
    else this.#inboxes.add(inbox)
    return inbox
  }

  get readers(): number {
    return this.#inboxes.size
  }

  close(): void {
    this.#closed = true
    for (const inbox of this.#inboxes) inbox.end()
  }
}

/** What one reader has not read yet. Unlike a generator it can be left while it waits. */
class Inbox<Item, Form> implements AsyncIterableIterator<Form> {
  readonly #reading: Reading<Item, Form>
  readonly #leave: () => void
  /** What is read now, and how far. */
  #batch: readonly Item[]
  #next = 0
  #unread: Item[] = []
  #bytes = 0
  #ended = false
  #fault: InputError | undefined
  #wake: (() => void) | undefined

  constructor(past: readonly Item[], reading: Reading<Item, Form>, leave: () => void) {
    this.#batch = past
    this.#reading = reading
    this.#leave = leave
  }

  put(item: Item): void {
    if (!this.#reading.wanted(item)) return
    this.#bytes += this.#reading.size(item)
    if (this.#bytes > MAX_UNREAD) {
      this.#fault = cutOff(MAX_UNREAD)
      this.#discard()
    } else {
      this.#unread.push(item)
      this.#rouse()
    }
  }

  end(): void {
    this.#ended = true
    this.#leave()
    this.#rouse()
  }

  #discard(): void {
    this.#batch = []
    this.#unread = []
    this.#next = 0
    this.end()
  }

  /** Not at once, so that what comes together is read together, and after its answers are out. */
  #rouse(): void {
    const wake = this.#wake
    this.#wake = undefined
    if (wake) setImmediate(wake)
  }

  async next(): Promise<IteratorResult<Form>> {
    while (this.#next === this.#batch.length) {
      this.#batch = this.#unread
      this.#unread = []
      this.#next = 0
      this.#bytes = 0
      if (this.#batch.length > 0) break
      if (this.#fault) throw this.#fault
      if (this.#ended) return { done: true, value: undefined }
      await new Promise<void>((wake) => {
        this.#wake = wake
      })
    }
    return { done: false, value: this.#reading.shown(this.#batch[this.#next++]!) }
  }

  async return(): Promise<IteratorResult<Form>> {
    this.#discard()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
