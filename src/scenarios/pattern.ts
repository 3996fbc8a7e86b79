/**
 * Whether the whole of a text has the form of `pattern`, where `*` stands for any characters and `?` for one. Time
 * grows with the length of the text alone, whatever the pattern and the text are: patterns meet what clients send.
 *
 * @param pattern of at most 256 characters, which each schema that takes one ensures
 */
export function matcher(pattern: string): (text: string) => boolean {
  if (!isPattern(pattern)) return (text) => text === pattern
  const last = pattern.replaceAll('*', '').length
  const words = (last >> 5) + 1
  // Sets of places in the pattern, as bits: place n is behind n characters that are not stars.
  const places = () => new Int32Array(words)
  const has = (set: Int32Array, n: number) => (set[n >> 5]! & (1 << n)) !== 0
  const add = (set: Int32Array, n: number) => {
    set[n >> 5]! |= 1 << n
  }
  const none = places()
  const behindAny = places()
  const behind = new Map<number, Int32Array>()
  const atStar = places()
  let n = 0
  for (let i = 0; i < pattern.length; i++) {
    const code = pattern.charCodeAt(i)
    if (pattern[i] === '*') add(atStar, n)
    else if (pattern[i] === '?') add(behindAny, ++n)
    else {
      const set = behind.get(code) ?? places()
      add(set, ++n)
      behind.set(code, set)
    }
  }
  return (text) => {
    const reached = places()
    add(reached, 0)
    for (let t = 0; t < text.length; t++) {
      if (has(reached, last) && has(atStar, last)) return true
      const next = behind.get(text.charCodeAt(t)) ?? none
      let carry = 0
      let some = 0
      for (let word = 0; word < words; word++) {
        const before = reached[word]!
        const after = (((before << 1) | carry) & (next[word]! | behindAny[word]!)) | (before & atStar[word]!)
        reached[word] = after
        carry = before >>> 31
        some |= after
      }
      if (some === 0) return false
    }
    return has(reached, last)
  }
}

export const isPattern = (text: string) => /[*?]/.test(text)

/** Some text that has the form of `pattern`. */
export const exampleOf = (pattern: string) => pattern.replaceAll('*', '').replaceAll('?', 'x')

/** Whether each text of another pattern surely has the form `wide` too. */
export function covers(wide: string): (narrow: string) => boolean {
  if (wide.includes('?') || !wide.includes('*')) return (narrow) => narrow === wide
  const [start, ...rest] = wide.split('*') as [string, ...string[]]
  const end = rest.pop()!
  const middle = rest.filter((piece) => piece !== '')
  // A star of the narrow pattern is any other character here: only a star of the wide one takes it.
  return (narrow) => {
    if (narrow.length < start.length + end.length || !narrow.startsWith(start) || !narrow.endsWith(end)) return false
    let at = start.length
    for (const piece of middle) {
      const found = narrow.indexOf(piece, at)
      if (found < 0) return false
      at = found + piece.length
    }
    return at <= narrow.length - end.length
  }
}
