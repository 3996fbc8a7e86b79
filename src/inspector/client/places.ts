/** Where in a JSON text a fault is that the sandbox names by a path, such as `rules[0].when.nth`. */

export interface Fault {
  /** From 0; undefined where the sentence names no place in the text. */
  readonly line: number | undefined
  readonly sentence: string
}

/** @param sentences of the form `scenario:path: what is wrong`, or `body:line:column: what is wrong` */
export function locate(text: string, sentences: readonly string[]): Fault[] {
  const places = placesOf(text)
  return sentences.map((sentence) => {
    const [, line] = /^body:(\d+):\d+: /.exec(sentence) ?? []
    if (line !== undefined) return { line: Number(line) - 1, sentence: sentence.replace(/^body:[\d:]+ /, '') }
    const [, path, rest] = /^scenario:(.+?): (.*)$/s.exec(sentence) ?? []
    if (path === undefined) return { line: undefined, sentence }
    const [, unknown] = /^has an unknown field "(.+?)"/.exec(rest!) ?? []
    const place = [path === '(top)' ? [] : path, unknown ?? []].flat().join('.')
    return { line: lineAt(text, nearest(places, place)), sentence: `${path}: ${rest}` }
  })
}

const lineAt = (text: string, index: number) => text.slice(0, index).split('\n').length - 1

/** A missing field has no place, so its owner's stands for it. */
function nearest(places: ReadonlyMap<string, number>, path: string): number {
  for (let owner = path; owner !== ''; owner = owner.replace(/(^|\.)[^.[]+$|\[\d+\]$/, ''))
    if (places.has(owner)) return places.get(owner)!
  return 0
}

/** The index of every value by its path, in a text that is JSON; as far as it goes in one that is not. */
function placesOf(text: string): Map<string, number> {
  const places = new Map<string, number>()
  const token = /\s*("(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+)/gy
  let current = next()
  function next() {
    const found = token.exec(text)
    return found ? { text: found[1]!, at: token.lastIndex - found[1]!.length } : undefined
  }
  function value(path: string, at: number | undefined): void {
    if (current === undefined) return
    places.set(path, at ?? current.at)
    const opened = current.text
    current = next()
    if (opened !== '{' && opened !== '[') return
    for (let index = 0; current !== undefined && !/^[}\]]$/.test(current.text); index++) {
      if (opened === '[') value(`${path}[${index}]`, undefined)
      else member(path)
      if (current?.text === ',') current = next()
    }
    current = next()
  }
  function member(path: string): void {
    const { text: name, at } = current!
    current = next()
    if (current?.text !== ':') return
    current = next()
    const key = name.slice(1, -1)
    value(path === '' ? key : `${path}.${key}`, at)
  }
  value('', undefined)
  return places
}
