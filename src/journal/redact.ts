/** A shorter text would be found in every second word, so it is looked for as a word of its own. */
const SHORTEST_PART = 8

/** What a client presented to say who it is. */
export interface Presented {
  readonly authorization: string | null
  /** The API key in it. */
  readonly key: string | undefined
  /** For a `sandbox_…` key the merchant's id is the key, and no secret. */
  readonly merchant: string
}

/** The texts that must not be shown: the API key, and the form in which it was sent. */
export function secretsOf({ authorization, key, merchant }: Presented): string[] {
  const sent = authorization?.trim().split(/\s+/) ?? []
  // The first of several words is the scheme.
  return [key ?? '', ...sent.slice(sent.length > 1 ? 1 : 0)].filter((text) => text !== '' && text !== merchant)
}

/** The text with every secret in it blotted out. */
export const redact = (secrets: readonly string[], text: string): string =>
  secrets.reduce((shown, secret) => replaceSecret(shown, secret, 'redacted'), text)

/** The text with something else wherever a secret stands. */
export const replaceSecret = (text: string, secret: string, by: string): string =>
  secret.length < SHORTEST_PART ? replaceWord(text, secret, by) : text.replaceAll(secret, () => by)

function replaceWord(text: string, word: string, by: string): string {
  if (!text.includes(word)) return text
  const literal = word.replace(/[^\w]/g, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
  return text.replace(new RegExp(`(?<![\\w-])${literal}(?![\\w-])`, 'gu'), () => by)
}
