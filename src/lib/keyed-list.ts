const CHUNK = 64

/**
 * A list that never changes, of things that each have a key of their own. One more thing, or another in the place of one,
 * makes a new list that shares all but a chunk with this one, so that it costs nearly the same however long the list is.
 */
export class KeyedList<Item> implements Iterable<Item> {
  readonly length: number
  readonly #keyOf: (item: Item) => string
  readonly #chunks: readonly (readonly Item[])[]
  /** Shared by all lists that were made of one another, so it may hold the place that a key has in another of them. */
  readonly #places: Map<string, number>

  private constructor(
    keyOf: (item: Item) => string,
    chunks: readonly (readonly Item[])[],
    length: number,
    places: Map<string, number>,
  ) {
    this.#keyOf = keyOf
    this.#chunks = chunks
    this.length = length
    this.#places = places
  }

  static of<Item>(keyOf: (item: Item) => string, items: readonly Item[] = []): KeyedList<Item> {
    const chunks = Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, c) =>
      items.slice(c * CHUNK, (c + 1) * CHUNK),
    )
    return new KeyedList(keyOf, chunks, items.length, new Map(items.map((item, place) => [keyOf(item), place])))
  }

  get(key: string): Item | undefined {
    const place = this.#placeOf(key)
    return place === undefined ? undefined : this.#at(place)
  }

  /** The list with a thing in the place of the one of its key, else at the end. */
  with(item: Item): KeyedList<Item> {
    const key = this.#keyOf(item)
    const place = this.#placeOf(key) ?? this.length
    const places = this.length === 0 ? new Map<string, number>() : this.#places
    places.set(key, place)
    const c = Math.floor(place / CHUNK)
    const chunk = this.#chunks[c]?.slice() ?? []
    chunk[place % CHUNK] = item
    const chunks = this.#chunks.slice()
    chunks[c] = chunk
    return new KeyedList(this.#keyOf, chunks, Math.max(this.length, place + 1), places)
  }

  *[Symbol.iterator](): Generator<Item> {
    for (const chunk of this.#chunks) yield* chunk
  }

  /** What an earlier list had not, or had otherwise. */
  *since(before: KeyedList<Item>): Generator<Item> {
    for (const { after } of this.replacedSince(before)) yield after
  }

  /** The same, each with what stood in its place: a thing keeps its place in all lists that were made of one another. */
  *replacedSince(before: KeyedList<Item>): Generator<{ before: Item | undefined; after: Item }> {
    for (let c = 0; c < this.#chunks.length; c++) {
      const chunk = this.#chunks[c]!
      const known = before.#chunks[c]
      if (chunk === known) continue
      for (const [i, after] of chunk.entries()) if (after !== known?.[i]) yield { before: known?.[i], after }
    }
  }

  #at(place: number): Item | undefined {
    return this.#chunks[Math.floor(place / CHUNK)]?.[place % CHUNK]
  }

  #placeOf(key: string): number | undefined {
    const place = this.#places.get(key)
    if (place === undefined) return undefined
    const has = (item: Item | undefined) => item !== undefined && this.#keyOf(item) === key
    if (has(this.#at(place))) return place
    const found = [...this].findIndex(has)
    return found < 0 ? undefined : found
  }
}
