/**
 * Whether the whole of a text has the form of `pattern`, where `*` stands for any characters and `?` for one. Time
 * grows with the length of the text alone, whatever the pattern and the text are: patterns meet what clients send.
 * @param pattern of at most 256 characters, which each schema that takes one ensures
 */
export function matcher(pattern: string): (text: string) => boolean {
  if (!isPattern(pattern)) return (text) => text === pattern
  const pieces = pattern.split('*')
  const [start, ...rest] = pieces.map((piece) => piece.replaceAll(/[\\^$.+()[\]{}|]/g, '\\$&').replaceAll('?', '.'))
  const end = rest.pop()
  // A piece between stars stays where it is first: behind a lookahead the engine tries no other place for it.
  const middle = rest.map((piece, i) => `(?=(.*?${piece}))\\${i + 1}`).join('')
  // So does the last: with room for it ahead, it is sought backwards from the end.
  const tail = end === undefined ? '' : `${middle}(?=.{${pieces.at(-1)!.length}}).*$(?<=${end})`
  const form = new RegExp(`^${start}${tail}$`, 's')
  return (text) => form.test(text)
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
