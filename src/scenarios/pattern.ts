/**
 * Whether the whole of `text` has the form of `pattern`, where `*` stands for any characters and `?` for one. Takes time in
 * proportion to both lengths at worst: patterns meet whatever clients send.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let star = -1
  let resume = 0
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++
      resume = t
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++
      t++
    } else if (star >= 0) {
      // The last star takes one character more.
      p = star + 1
      t = ++resume
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

export const isPattern = (text: string) => /[*?]/.test(text)

/** Some text that has the form of `pattern`. */
export const exampleOf = (pattern: string) => pattern.replaceAll('*', '').replaceAll('?', 'x')

/** Tells of another pattern whether each text of its form surely has the form `wide` too. */
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
