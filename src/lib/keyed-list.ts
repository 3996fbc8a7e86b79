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
    const chunks: Item[][] = []
    for (let from = 0; from < items.length; from += CHUNK) chunks.push(items.slice(from, from + CHUNK))
    const places = new Map<string, number>()
    for (const [place, item] of items.entries()) places.set(keyOf(item), place)
    return new KeyedList(keyOf, chunks, items.length, places)
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
  since(before: KeyedList<Item>): Item[] {
    return this.replacedSince(before).map(({ after }) => after)
  }

  /** The same, each with what stood in its place: a thing keeps its place in all lists that were made of one another. */
  replacedSince(before: KeyedList<Item>): { before: Item | undefined; after: Item }[] {
    const replaced: { before: Item | undefined; after: Item }[] = []
    for (const [c, chunk] of this.#chunks.entries()) {
      const known = before.#chunks[c]
      if (chunk === known) continue
      for (const [i, after] of chunk.entries()) if (after !== known?.[i]) replaced.push({ before: known?.[i], after })
    }
    return replaced
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
