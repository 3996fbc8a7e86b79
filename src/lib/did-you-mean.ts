/** How many single-character edits turn `a` into `b` (Levenshtein), or `limit` where they are as many or more. */
function distance(a: string, b: string, limit: number): number {
  const row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0]!
    let least = i
    row[0] = i
    for (let j = 1; j <= b.length; j++) {
      const above = row[j]!
      row[j] = Math.min(diagonal + (a[i - 1] === b[j - 1] ? 0 : 1), above + 1, row[j - 1]! + 1)
      diagonal = above
      least = Math.min(least, row[j]!)
    }
    if (least >= limit) return limit
  }
  return row[b.length]!
}

/** Pairs of characters compared, candidates looked at, and the longest word: a hint must not cost more than its request. */
const MAX_PAIRS = 50_000
const MAX_CANDIDATES = 500
const LONGEST_WORD = 64

/** What a writer of `word` most likely meant; undefined when none is close. @param most edits that a slip makes */
export function nearest(
  word: string,
  candidates: Iterable<string>,
  most = Math.max(2, Math.floor(word.length / 3)),
): string | undefined {
  if (word.length > LONGEST_WORD) return undefined
  const lower = word.toLowerCase()
  let best: string | undefined
  let bestDistance = most + 1
  let looked = 0
  let pairs = 0
  for (const candidate of candidates) {
    if (++looked > MAX_CANDIDATES || pairs > MAX_PAIRS) break
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue
    pairs += candidate.length * word.length
    const d = distance(lower, candidate.toLowerCase(), bestDistance)
    if (d < bestDistance) {
      best = candidate
      bestDistance = d
    }
  }
  return best
}

/** Names that a hint gives. */
const MAX_EXAMPLES = 3

/** ` Did you mean "x" or "y"?`, or nothing. */
export function meant(names: readonly string[]): string {
  const quoted = names.slice(0, MAX_EXAMPLES).map((name) => `"${name}"`)
  return quoted.length === 0 ? '' : ` Did you mean ${quoted.join(' or ')}?`
}

export function didYouMean(word: string, candidates: Iterable<string>): string {
  const guess = nearest(word, candidates)
  return meant(guess === undefined ? [] : [guess])
}

/** ` Did you mean "x"?`, or all there are where none is near. */
export const nearestOrAll = (word: string, names: readonly string[], title = 'Known'): string =>
  didYouMean(word, names) || ` ${title}: ${names.join(', ')}`

/** ` Did you mean "x"?`, or some that there are. @param candidates begins anew with each call */
export function nearestOrSome(word: string, candidates: () => Iterable<string>): string {
  const [one, two, three] = candidates()
  const some = [one, two, three].filter((name) => name !== undefined).join(', ')
  return didYouMean(word, candidates()) || (some && ` Some that it has: ${some}.`)
}
