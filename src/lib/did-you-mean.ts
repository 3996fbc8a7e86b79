/** How many single-character edits turn `a` into `b` (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}

/** Candidates looked at, and the longest word compared: a hint must not cost more than the request it explains. */
const MAX_CANDIDATES = 500
const LONGEST_WORD = 64

/**
 * The candidate a writer of `word` most likely meant; undefined when none is close.
 *
 * @param most edits that a slip makes at most
 */
export function nearest(
  word: string,
  candidates: Iterable<string>,
  most = Math.max(2, Math.floor(word.length / 3)),
): string | undefined {
  if (word.length > LONGEST_WORD) return undefined
  let best: string | undefined
  let bestDistance = most + 1
  let looked = 0
  for (const candidate of candidates) {
    if (++looked > MAX_CANDIDATES) break
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue
    const d = distance(word.toLowerCase(), candidate.toLowerCase())
    if (d < bestDistance) {
      best = candidate
      bestDistance = d
    }
  }
  return best
}

/** ` Did you mean "x"?`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const guess = nearest(word, candidates)
  return guess === undefined ? '' : ` Did you mean "${guess}"?`
}

/** Names that a hint gives as examples. */
const MAX_EXAMPLES = 3

/** ` Did you mean "x"?`, or some that there are. @param candidates begins anew with each call */
export function nearestOrSome(word: string, candidates: () => Iterable<string>): string {
  const meant = didYouMean(word, candidates())
  if (meant !== '') return meant
  const some: string[] = []
  for (const candidate of candidates()) {
    some.push(candidate)
    if (some.length === MAX_EXAMPLES) break
  }
  return some.length === 0 ? '' : ` Some that it has: ${some.join(', ')}.`
}
