import type { KnownKeys } from '../journal/known-keys.js'
import { replaceSecret } from '../journal/redact.js'
import { changeTexts } from '../lib/json.js'
import { matcher } from '../scenarios/pattern.js'
import type { WholeScenario } from '../scenarios/schema.js'

/** What is put in the place of a signature, where its key was taken out. */
const SIGNATURE = /\bsignature=[^&"'\s<]+/g

export const withoutSignatures = (text: string) => text.replace(SIGNATURE, 'signature=redacted')

/** What stands for a key already, in a session that is a capsule's: it is not a secret, and stays. */
const STAND_IN = /^stand-in-(\d+)-(-rule\d+-)*$/

export type StandIns = ReturnType<typeof standInsFor>

/**
 * What to put in the place of API keys, so that whatever follows from a key follows from its stand-in.
 *
 * @param keys the merchant's keys and other secrets
 * @param others secrets of other merchants, and credentials, that stand in its calls
 * @param knownKeys finds keys in other forms
 * @param merchant its id, which may be its key; that is not a secret, as all draws follow from it
 * @param patterns for keys, in its scenarios
 */
export function standInsFor(
  { keys, others, knownKeys }: { keys: readonly string[]; others: readonly string[]; knownKeys: KnownKeys },
  merchant: string,
  patterns: Iterable<string>,
  unsigned: boolean,
) {
  const isHidden = (text: string) => text !== '' && text !== merchant && !STAND_IN.test(text)
  const first = 1 + Math.max(-1, ...keys.map((key) => Number(STAND_IN.exec(key)?.[1] ?? -1)))
  const hidden = [...new Set([...keys, ...others])].filter(isHidden)
  const isKept = !keys.some(isHidden)
  const numbered = [...new Set(patterns)]
  const matchers = numbered.map(matcher)
  /** Stands in a stand-in for each pattern that its key matches. */
  const markOf = (pattern: string) => `-rule${numbered.indexOf(pattern)}-`
  const standIn = (key: string, n: number) => {
    const marks = numbered.filter((_, p) => matchers[p]!(key)).map(markOf)
    return `stand-in-${first + n}-${marks.join('')}`
  }
  // The longest first, as one key may be a part of another.
  hidden.sort((a, b) => b.length - a.length)
  const byKey = new Map(hidden.map((key, n) => [key, standIn(key, n)]))
  const replaced = (text: string): string => {
    let shown = unsigned ? withoutSignatures(text) : text
    for (const [key, other] of byKey) if (shown.includes(key)) shown = replaceSecret(shown, key, other)
    return knownKeys.replace(shown, (key) => byKey.get(key))
  }
  return {
    /** A copy of anything without a key in any of its texts. */
    replaceIn: <Value>(value: Value): Value => changeTexts(value, replaced, replaced),

    /** The value of a header such as Authorization in the same form, with the stand-in in it. */
    credential: (value: string): string =>
      value.replace(/\S+/g, (word, at: number) => {
        const decoded = Buffer.from(word, 'base64').toString('utf8')
        const encoded = replaced(decoded)
        if (encoded !== decoded) return Buffer.from(encoded).toString('base64')
        const shown = replaced(word)
        if (shown !== word) return shown
        // The first of several words is the scheme.
        const isScheme = at === 0 && word !== value.trim() && /^\w+$/.test(word)
        const shows = [word, decoded.split(':')[0]!].some((key) => key === merchant || STAND_IN.test(key))
        return isScheme || shows ? word : 'redacted'
      }),

    /** A scenario whose rules find the stand-ins of the keys that they found. */
    scenario(scenario: WholeScenario): WholeScenario {
      if (isKept || scenario.rules === undefined) return scenario
      const rules = scenario.rules.map((rule) => {
        const pattern = rule.match?.apiKey
        return pattern === undefined ? rule : { ...rule, match: { ...rule.match, apiKey: `*${markOf(pattern)}*` } }
      })
      return { ...scenario, rules }
    },
  }
}
