import { LONGEST } from './bounds.js'
import { tried } from './tried.js'

/** What others wrote, as a sentence or a line shows it. */

const MAX_SHOWN = 60

/** A value in quotation marks where it is text, cut where it is long. */
export function quote(value: unknown): string {
  if (typeof value === 'string')
    return escapeControls(JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value))
  const text = escapeControls(printed(value))
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}

/** What has no JSON, such as a function or a circle, is named all the same. */
function printed(value: unknown): string {
  if (value === undefined) return 'missing'
  return tried(() => JSON.stringify(value)) ?? tried(() => String(value)) ?? `a value of type ${typeof value}`
}

// What steers a terminal, ends a line, or turns the direction of writing.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g

/** The text with each control character as `\x1b` or `\u2028`. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) => {
    const code = character.charCodeAt(0)
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
  })
}

/** Whether it holds no half of a surrogate pair, which no URL and no UTF-8 can hold. */
export const isWellFormed = (text: string) => text.isWellFormed()

/** What a kind of JSON value is called in a sentence. */
export const KIND_NAMES = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
} as const

/** `call` of one, `calls` of any other number */
export const plural = (number: number, one: string) => (number === 1 ? one : `${one}s`)

/** `1 call`, `2 calls` */
export const counted = (number: number, one: string) => `${number} ${plural(number, one)}`

export const capitalized = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)

/** Rows of a table as lines, each column as wide as its longest cell. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  const lineOf = (row: readonly string[]) => row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')
  return rows.map((row) => lineOf(row).trimEnd())
}

/** The port that a URL leads to; the URL itself leaves out its scheme's own. */
export function portOf(url: string): number {
  const { port, protocol } = new URL(url)
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}

/** The text without percent-encoding; as it is where that is faulty. */
export const decoded = (text: string): string => tried(() => decodeURIComponent(text)) ?? text

/** A segment of a path, a name or a value of a query. */
const WORD = /[^\s/?&=;,"'<>#]+/g

/** The text with each percent-encoded word changed as it reads, and encoded again. */
export function replaceEncoded(text: string, change: (plain: string) => string): string {
  if (!text.includes('%')) return text
  return text.replace(WORD, (word) => {
    const plain = unescaped(word)
    const changed = plain === word ? plain : change(plain)
    return changed === plain ? word : encodeURIComponent(changed)
  })
}

/** The text with all percent-encoding in it decoded that is right. */
export const unescaped = (text: string) => text.replace(/(?:%[\da-f]{2})+/gi, decoded)

/** What `isWebUrl` allows, as a sentence ends. */
export const WEB_URL_FORM = `a URL of at most ${LONGEST.url} characters that begins with http:// or https://`

/** A pattern of what can be sent in a header. */
export const HEADER_TEXT = '[\\x21-\\x7e]([\\t\\x20-\\x7e]*[\\x21-\\x7e])?'

/**
 * Whether a browser can be sent to it and a request made to it: `new URL`, `http.request` and a Location header take it. A
 * URL parser drops line breaks and tabs without a word, and Node decodes a user and a password when it sends.
 */
export function isWebUrl(text: string): boolean {
  if (text.length > LONGEST.url || !/^https?:\/\//i.test(text) || /\p{Cc}/u.test(text)) return false
  const user = tried(() => {
    const { username, password } = new URL(text)
    return decodeURIComponent(`${username}:${password}`)
  })
  return user !== undefined
}

/** What `isServerUrl` allows, as a sentence ends. */
export const SERVER_URL_FORM = 'the URL of a server, such as https://sandbox.juspay.in, without user and query'

/** Whether it is the URL of a server, to which a path can be added. */
export const isServerUrl = (text: unknown): text is string =>
  typeof text === 'string' && isWebUrl(text) && !/[?#]|\/\/[^/]*@/.test(text)

/** Stands for a secret that is not shown. */
export const HIDDEN = '***'

/** The URL without the password in it: `http://user:***@host/`. */
export const hidePassword = (url: string): string =>
  url.replace(/^(https?:[\\/]{2,}[^\\/?#:]*):[^\\/?#]*@/i, `$1:${HIDDEN}@`)
