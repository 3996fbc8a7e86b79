/** Where in a JSON text a fault is that the sandbox names by a path, such as `rules[0].when.nth`. */

export interface Mistake {
  /** From 0; undefined where the sentence names no place in the text. */
  readonly line: number | undefined
  readonly sentence: string
}

/** @param sentences of the form `scenario:path: what is wrong`, or `body:line:column: what is wrong` */
export function locate(text: string, sentences: readonly string[]): Mistake[] {
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
  /** What is open, and in a list the index of the next value. */
  const owners: { readonly path: string; nth?: number }[] = []
  let key: { path: string; at: number } | undefined
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]|[^\s{}[\]:,"]+/g)) {
    const owner = owners.at(-1)
    if (token === '}' || token === ']') owners.pop()
    else if (token === ',') {
      if (owner?.nth !== undefined) owner.nth++
    } else if (owner && owner.nth === undefined && key === undefined)
      key = { path: `${owner.path}.${token.slice(1, -1)}`.replace(/^\./, ''), at: index }
    else {
      const path = key?.path ?? (owner ? `${owner.path}[${owner.nth}]` : '')
      places.set(path, key?.at ?? index)
      key = undefined
      if (token === '{') owners.push({ path })
      if (token === '[') owners.push({ path, nth: 0 })
    }
  }
  return places
}
