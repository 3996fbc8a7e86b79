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
  const behind = end === undefined ? '' : `${middle}(?=.{${pieces.at(-1)!.length}}).*$(?<=${end})`
  const form = new RegExp(`^${start}${behind}$`, 's')
  const [head, tail] = [pattern.replace(/[*?].*$/s, ''), pattern.replace(/^.*[*?]/s, '')]
  // Its ends rule out most texts in a tenth of the time: each of 10,000 rules is compared with the others.
  return (text) => text.startsWith(head) && text.endsWith(tail) && form.test(text)
}

export const isPattern = (text: string) => /[*?]/.test(text)

/** Some text that has the form of `pattern`. */
export const exampleOf = (pattern: string) => pattern.replaceAll('*', '').replaceAll('?', 'x')

/** Whether each text of another pattern surely has the form `wide` too. A star of the other is only what a star takes. */
export const covers = (wide: string): ((narrow: string) => boolean) =>
  wide.includes('?') ? (narrow) => narrow === wide : matcher(wide)
