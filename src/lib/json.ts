import { isUtf8 } from 'node:buffer'
import { InputError } from './errors.js'

/** JSON as others wrote it: UTF-8, and no deeper than what reads the value can recurse. */

const MAX_DEPTH = 64

/** @param where what a fault calls it @throws InputError with the line and column, or the byte, of the fault */
export function parseJson(bytes: Buffer, where: string): unknown {
  const text = decode(bytes, where)
  const tooDeep = findTooDeep(text)
  if (tooDeep !== undefined)
    throw new InputError(
      `${where}:${placeAt(text, tooDeep)}: is nested more than ${MAX_DEPTH} levels deep; allowed: at most ${MAX_DEPTH}`,
    )
  try {
    return JSON.parse(text)
  } catch (error) {
    const reason = (error as Error).message.replace(/( in JSON at position |, (\.\.\.)?").*$/s, '')
    throw new InputError(`${where}:${placeAt(text, faultIn(text))}: is not JSON: ${reason}; allowed: one JSON value`)
  }
}

function decode(bytes: Buffer, where: string): string {
  const encoding = foreignEncoding(bytes)
  if (encoding !== undefined) {
    const telling = bytes.findIndex((byte) => byte === 0 || byte >= 0xfe)
    throw new InputError(`${where}: is ${encoding}, as ${byteAt(bytes, telling)} shows; allowed: UTF-8`)
  }
  const text = bytes.toString('utf8')
  if (!isUtf8(bytes))
    throw new InputError(
      `${where}: is not UTF-8: ${byteAt(bytes, badByte(bytes, text))} stands in no character of it; allowed: UTF-8`,
    )
  // Some editors begin a file with a byte order mark, which JSON does not know.
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

/** The encoding of text that is not UTF-8: by its mark, or by a zero beside the first character, which JSON has in ASCII. */
function foreignEncoding(bytes: Buffer): string | undefined {
  const [first, second, third, fourth] = bytes
  if (second === undefined) return undefined
  if (first === 0 && second === 0) return 'UTF-32BE'
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0))
    return third === 0 && fourth === 0 ? 'UTF-32LE' : 'UTF-16LE'
  return first === 0 || (first === 0xfe && second === 0xff) ? 'UTF-16BE' : undefined
}

const byteAt = (bytes: Buffer, index: number) => `byte ${index + 1} (0x${bytes[index]!.toString(16).padStart(2, '0')})`

const REPLACEMENT = '\uFFFD'
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT)

/** The index of the first byte that decoding replaced. */
function badByte(bytes: Buffer, text: string): number {
  let from = 0
  let at = 0
  for (;;) {
    const replaced = text.indexOf(REPLACEMENT, from)
    at += Buffer.byteLength(text.slice(from, replaced))
    // The character may stand in the text itself.
    if (!bytes.subarray(at, at + REPLACEMENT_BYTES.length).equals(REPLACEMENT_BYTES)) return at
    at += REPLACEMENT_BYTES.length
    from = replaced + 1
  }
}

/** The index of the bracket that opens one level too many. Found in the text, because to walk a value would recurse. */
function findTooDeep(text: string): number | undefined {
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
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === '"') return i
  }
  return text.length
}

/** `line:column` */
function placeAt(text: string, index: number): string {
  const lines = text.slice(0, index).split('\n')
  return `${lines.length}:${lines.at(-1)!.length + 1}`
}

/** Where a syntax error is: the end of the longest beginning that could still become JSON. */
function faultIn(text: string): number {
  let sound = 0
  let faulty = text.length + 1
  while (faulty - sound > 1) {
    const middle = (sound + faulty) >> 1
    if (canBecomeJson(text.slice(0, middle))) sound = middle
    else faulty = middle
  }
  return sound
}

/** The engine tells where a text is at fault only for some faults; for those at its end, the rest may be missing. */
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

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
