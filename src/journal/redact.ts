import { decoded } from '../lib/text.js'
import { type KnownKeys, SHORTEST_PART } from './known-keys.js'

export interface Presented {
  readonly authorization: string | null
  /** The API key in it. */
  readonly key: string | undefined
  /** For a `sandbox_…` key the merchant's id is the key, and no secret. */
  readonly merchant: string
}

/** A call, as far as secrets may stand in it. */
interface Shown extends Presented {
  readonly knownKeys: KnownKeys
  readonly request: { readonly path: string; readonly query: string; readonly headers: string }
  readonly ended?:
    | { readonly requestBody: string; readonly reason: string | null; readonly warnings: readonly string[] }
    | undefined
}

/** Names of headers and parameters whose value is a secret, whatever it is. */
const CREDENTIAL =
  /^((proxy[-_])?authorization|(set-)?cookie|(x[-_])?(api[-_]?key|auth[-_]token|access[-_]token)|password|secret)$/i

export const isCredential = (name: string) => CREDENTIAL.test(name)

/** The API key, and the form in which it was sent. */
export function presentedIn({ authorization, key, merchant }: Presented): string[] {
  const sent = authorization?.trim().split(/\s+/) ?? []
  // The first of several words is the scheme; one that stands alone, or again, is one by its name.
  return [key ?? '', ...sent.slice(sent.length > 1 ? 1 : 0)].filter(
    (text) => text !== '' && text !== merchant && !/^(basic|bearer)$/i.test(text),
  )
}

/** Headers as an entry keeps them, each with its value. */
export function headerPairs(lines: string): [name: string, value: string][] {
  const parts = lines.split('\n')
  return Array.from({ length: Math.floor(parts.length / 2) }, (_, i) => [parts[2 * i]!, parts[2 * i + 1]!])
}

/** Values of headers and parameters that are secrets by their name, beside Authorization. */
export function credentialsIn({ request, merchant }: Pick<Shown, 'request' | 'merchant'>): string[] {
  const sent = headerPairs(request.headers).flatMap(([name, value]) =>
    isCredential(name) && !/^authorization$/i.test(name) ? value : [],
  )
  const asked = request.query.split('&').flatMap((parameter) => {
    const [name = '', ...value] = parameter.split('=')
    return isCredential(decoded(name)) ? [value.join('='), decoded(value.join('='))] : []
  })
  return [...sent, ...asked].filter((text) => text !== '' && text !== merchant)
}

/** The API keys of any merchant that stand in a request. */
export const keysIn = ({ knownKeys, request, ended }: Omit<Shown, keyof Presented>): string[] =>
  [request.path, request.query, request.headers, ended?.requestBody ?? ''].flatMap((text) => knownKeys.in(text))

/** Blots out in a text about a call what must not be shown of it. */
export function redactorOf(call: Shown): (text: string) => string {
  const { knownKeys } = call
  const keys = new Set(keysIn(call))
  const texts = [...new Set([...presentedIn(call), ...credentialsIn(call)])].sort((a, b) => b.length - a.length)
  const by = (key: string) => (keys.has(key) ? REDACTED : undefined)
  return (text) => redact(texts, keys.size === 0 ? text : knownKeys.replace(text, by))
}

/** Whether a line that shows the path, the reason and the warnings may show a secret. Costs a call that went well little. */
export function mayShowSecrets({ key, merchant, knownKeys, request: { path }, ended }: Shown): boolean {
  if (merchant === '' || ended == null || ended.reason !== null) return true
  const isSecret = (text: string) =>
    knownKeys.in(text).length > 0 || (key !== merchant && text.includes(key ?? REDACTED))
  return isSecret(path) || ended.warnings.some(isSecret)
}

const REDACTED = 'redacted'

/** The text with every secret in it blotted out. */
export const redact = (secrets: readonly string[], text: string): string =>
  secrets.reduce((shown, secret) => replaceSecret(shown, secret, REDACTED), text)

/** Whether a text is surely not a part of another by chance. */
export const isLong = (text: string) => text.length >= SHORTEST_PART

/** The text with something else wherever a secret stands; a short one as a word of its own. */
export const replaceSecret = (text: string, secret: string, by: string): string =>
  isLong(secret) ? text.replaceAll(secret, () => by) : replaceWord(text, secret, by)

function replaceWord(text: string, word: string, by: string): string {
  if (!text.includes(word)) return text
  const literal = word.replace(/[^\w]/g, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
  return text.replace(new RegExp(`(?<![\\w-])${literal}(?![\\w-])`, 'gu'), () => by)
}
