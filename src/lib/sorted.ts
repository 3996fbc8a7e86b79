/** The first index below a length that is wanted, where all wanted ones stand behind the others; the length for none. */
export function firstIndex(length: number, isWanted: (index: number) => boolean): number {
  let [from, to] = [0, length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (isWanted(middle)) to = middle
    else from = middle + 1
  }
  return from
}
