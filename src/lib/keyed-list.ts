const CHUNK = 64

/** Up to here a list is looked through: the order of most customers is their only one, and stays in memory. */
const FEW = 8

/**
 * A list that never changes, of things that each have a key of their own. One more thing, or another in the place of one,
 * makes a new list that shares all but a chunk with this one, so that it costs nearly the same however long the list is.
 */
export class KeyedList<Item> implements Iterable<Item> {
  readonly length: number
  readonly #keyOf: (item: Item) => string
  readonly #chunks: readonly (readonly Item[])[]
  /** Shared by all lists made of one another, so a place may be one of another list. A list of few has none. */
  readonly #places: Map<string, number> | undefined

  private constructor(
    keyOf: (item: Item) => string,
    chunks: readonly (readonly Item[])[],
    length: number,
    places: Map<string, number> | undefined,
  ) {
    this.#keyOf = keyOf
    this.#chunks = chunks
    this.length = length
    this.#places = places
  }

  static of<Item>(keyOf: (item: Item) => string, items: readonly Item[] = []): KeyedList<Item> {
    const chunks: Item[][] = []
    for (let from = 0; from < items.length; from += CHUNK) chunks.push(items.slice(from, from + CHUNK))
    return new KeyedList(keyOf, chunks, items.length, items.length > FEW ? placesOf(keyOf, items) : undefined)
  }

  get(key: string): Item | undefined {
    const place = this.#placeOf(key)
    return place === undefined ? undefined : this.#at(place)
  }

  /** The list with a thing in the place of the one of its key, else at the end. */
  with(item: Item): KeyedList<Item> {
    const key = this.#keyOf(item)
    const place = this.#placeOf(key) ?? this.length
    const length = Math.max(this.length, place + 1)
    const places = this.#places ?? (length > FEW ? placesOf(this.#keyOf, this) : undefined)
    places?.set(key, place)
    const c = Math.floor(place / CHUNK)
    const chunk = put(this.#chunks[c] ?? [], place % CHUNK, item)
    return new KeyedList(this.#keyOf, put(this.#chunks, c, chunk), length, places)
  }

  *[Symbol.iterator](): Generator<Item> {
    for (const chunk of this.#chunks) yield* chunk
  }

  /**
   * What an earlier list had not, or had otherwise, each with what stood in its place: a thing keeps its place in all lists
   * that were made of one another.
   */
  replacedSince(before: KeyedList<Item>): { before: Item | undefined; after: Item }[] {
    const replaced: { before: Item | undefined; after: Item }[] = []
    for (let c = 0; c < this.#chunks.length; c++) {
      const chunk = this.#chunks[c]!
      const known = before.#chunks[c]
      for (let i = 0; chunk !== known && i < chunk.length; i++)
        if (chunk[i] !== known?.[i]) replaced.push({ before: known?.[i], after: chunk[i]! })
    }
    return replaced
  }

  #at(place: number): Item | undefined {
    return this.#chunks[Math.floor(place / CHUNK)]?.[place % CHUNK]
  }

  #placeOf(key: string): number | undefined {
    const place = this.#places?.get(key)
    if (this.#places && place === undefined) return undefined
    const known = place === undefined ? undefined : this.#at(place)
    if (known !== undefined && this.#keyOf(known) === key) return place
    let found = 0
    for (const chunk of this.#chunks)
      for (const item of chunk) {
        if (this.#keyOf(item) === key) return found
        found++
      }
    return undefined
  }
}

function placesOf<Item>(keyOf: (item: Item) => string, items: Iterable<Item>): Map<string, number> {
  const places = new Map<string, number>()
  for (const item of items) places.set(keyOf(item), places.size)
  return places
}

/** The list with a thing in a place of it, or behind it. Grown by a push, it would keep room for 16 more. */
const put = <Thing>(list: readonly Thing[], place: number, thing: Thing): readonly Thing[] =>
  place < list.length ? list.with(place, thing) : list.concat([thing])
