import { InputError } from './errors.js'
import { firstIndex } from './sorted.js'
import { tried } from './tried.js'
import { utf8Of, whyNotUtf8 } from './utf8.js'

/** JSON as others wrote it: UTF-8, and no deeper than what reads the value can recurse. */

export const MAX_DEPTH = 64

export const TOO_DEEP = `is nested more than ${MAX_DEPTH} levels deep; allowed: at most ${MAX_DEPTH}`

/** @param where what a fault calls it @throws InputError with the line and column of the fault */
export function parseJson(text: string, where: string): unknown {
  const tooDeep = findTooDeep(text)
  if (tooDeep !== undefined) throw new InputError(`${where}:${placeAt(text, tooDeep)}: ${TOO_DEEP}`)
  try {
    return JSON.parse(text)
  } catch (error) {
    const at = faultIn(text)
    throw new InputError(`${where}:${placeAt(text, at)}: ${whatIsWrong(text, at, error as Error)}`)
  }
}

/** Why a text is not JSON; what editors of other formats are used to is named. */
function whatIsWrong(text: string, at: number, { message }: Error): string {
  const rest = text.slice(at)
  if (/^(\/[/*]|#)/.test(rest)) return 'has a comment; allowed: JSON without comments, or a .yaml file with them'
  if (/^[\]}]/.test(rest) && /,\s*$/.test(text.slice(0, at)))
    return 'has a comma behind the last value; allowed: commas between values, or a .yaml file'
  return `is not JSON: ${message.replace(/( in JSON at position |, (\.\.\.)?").*$/s, '')}; allowed: one JSON value`
}

/** @throws InputError with the byte that is not UTF-8 */
export function decode(bytes: Buffer, where: string): string {
  const fault = whyNotUtf8(bytes)
  if (fault !== undefined) throw new InputError(`${where}: ${fault}; allowed: UTF-8`)
  return utf8Of(bytes)
}

/** The index of the bracket that opens one level too many. Found in the text, because to walk a value would recurse. */
export function findTooDeep(text: string): number | undefined {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '"') i = endOfString(text, i)
    else if (character === '[' || character === '{') {
      if (++depth > MAX_DEPTH) return i
    } else if (character === ']' || character === '}') depth--
  }
  return undefined
}

/** The index of the closing quotation mark, or of the end where there is none. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text[end - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return end
  }
  return text.length
}

/** `line:column` */
function placeAt(text: string, index: number): string {
  const lines = text.slice(0, index).split('\n')
  return `${lines.length}:${lines.at(-1)!.length + 1}`
}

/** Where a syntax error is: the end of the longest beginning that could still become JSON. */
const faultIn = (text: string) => firstIndex(text.length + 1, (end) => !canBecomeJson(text.slice(0, end))) - 1

/** The engine gives the place of a fault only for some faults; for those at its end, the rest may be missing. */
function canBecomeJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    const { message } = error as Error
    const position = /position (\d+)/.exec(message)?.[1]
    return position === undefined ? message.includes('end of JSON input') : Number(position) >= text.length
  }
}

/** Numbers of a text, and strings, so that a number in one of them is none. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs

const digitsOf = (number: string) => number.replace(/e.*$|[.-]/gi, '').replace(/^0+|0+$/g, '')

/** The first number of a JSON text whose digits its value does not keep, such as 12345678901234567890. */
export function inexactNumber(json: string): string | undefined {
  if (!/[\d.]{16}|\de[+-]?\d{2}/i.test(json)) return undefined
  for (const [token] of json.matchAll(TOKENS))
    if (token[0] !== '"' && digitsOf(token) !== digitsOf(String(Number(token)))) return token
  return undefined
}

/** Whether a JSON text escapes half a surrogate pair. */
export const hasLoneSurrogate = (json: string, value: unknown) =>
  /\\ud[89a-f]/i.test(json) && /(?<!\\)(\\\\)*\\ud[89a-f]/.test(JSON.stringify(value))

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A copy with each text in it changed, and each name where that is wanted; what is undefined is left out. */
export function changeTexts<Value>(
  value: Value,
  change: (text: string, field: string) => string,
  changeName = (name: string) => name,
): Value {
  const copy = (part: unknown, field: string): unknown => {
    if (typeof part === 'string') return change(part, field)
    if (Array.isArray(part)) return part.map((each) => copy(each, field))
    if (!isObject(part)) return part
    const entries = Object.entries(part).filter(([, each]) => each !== undefined)
    return Object.fromEntries(entries.map(([name, each]) => [changeName(name), copy(each, name)]))
  }
  return copy(value, '') as Value
}

/** Reading what others wrote: nothing is taken for granted. */

export const objects = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : [])

export const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
export const numberOf = (value: unknown) => (typeof value === 'number' ? value : undefined)

/** The value of a text that others wrote; undefined where it is not JSON. */
export const jsonOf = (text: string): unknown => tried(() => JSON.parse(text))
