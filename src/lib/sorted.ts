/** The index of the first item that is wanted, in a list whose wanted items stand behind all others; its length for none. */
export function firstIndex<Item>(items: readonly Item[], isWanted: (item: Item) => boolean): number {
  let [from, to] = [0, items.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (isWanted(items[middle]!)) to = middle
    else from = middle + 1
  }
  return from
}
