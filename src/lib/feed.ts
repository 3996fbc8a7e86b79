import { InputError } from './errors.js'
import { setImmediate } from './timers.js'

/** What a reader may leave unread, in bytes, before it is cut off: ten thousand short calls. */
const MAX_UNREAD = 16 * 1_048_576

export const cutOff = (bytes: number) =>
  new InputError(
    `stream: its reader has left ${bytes} bytes unread and was cut off; allowed: to read on from its last cursor`,
  )

/** What a reader wants of a feed. */
interface Reading<Item> {
  wanted(item: Item): boolean
  /** What an item takes, in bytes, about. */
  size(item: Item): number
}

/** Hands what happens to its readers, without waiting for them. */
export class Feed<Item> {
  readonly #inboxes = new Set<Inbox<Item>>()
  #closed = false

  publish(item: Item): void {
    for (const inbox of this.#inboxes) inbox.put(item)
  }

  /** Reads what has been, and what comes from now on, until it is left or the feed closes. */
  read(reading: Reading<Item>, past: readonly Item[] = []): AsyncIterableIterator<Item> {
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

/** What one reader has not read yet. */
class Inbox<Item> implements AsyncIterableIterator<Item> {
  readonly #reading: Reading<Item>
  readonly #leave: () => void
  /** What is read now, and how far. */
  #batch: readonly Item[]
  #next = 0
  #unread: Item[] = []
  #bytes = 0
  #ended = false
  #fault: InputError | undefined
  #wake: (() => void) | undefined

  constructor(past: readonly Item[], reading: Reading<Item>, leave: () => void) {
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
      return
    }
    this.#unread.push(item)
    this.#rouse()
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

  async next(): Promise<IteratorResult<Item>> {
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
    return { done: false, value: this.#batch[this.#next++]! }
  }

  async return(): Promise<IteratorResult<Item>> {
    this.#discard()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

/** The same reading in another form. Unlike a generator it can be left while it waits. */
export function mapped<Item, Form>(
  items: AsyncIterableIterator<Item>,
  form: (item: Item) => Form,
): AsyncIterableIterator<Form> {
  const formOf = ({ done, value }: IteratorResult<Item>): IteratorResult<Form> =>
    done ? { done, value: undefined } : { done: false, value: form(value) }
  return {
    next: async () => formOf(await items.next()),
    return: async () => formOf(await items.return!()),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
