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

/** Whether every text of the form `narrow` surely has the form `wide` too. */
export function coversPattern(wide: string, narrow: string): boolean {
  // A star of the narrow pattern can be taken by a star of the wide one alone, which takes it as any other character.
  return wide === narrow || (!wide.includes('?') && matchesPattern(wide, narrow))
}
