import { promisify } from 'node:util'
import { type ErrorName, Refusal } from '../lib/errors.js'
import { findTooDeep, hasLoneSurrogate, inexactNumber, jsonOf, MAX_DEPTH } from '../lib/json.js'
import { quote } from '../lib/text.js'
import { tried } from '../lib/tried.js'
import { utf8Of, whyNotUtf8 } from '../lib/utf8.js'

/** A body beyond this is refused: no wallet call needs a hundredth of it. */
export const MAX_BODY_BYTES = 1_048_576

export interface Body {
  readonly text: string
  /** Its fields as a form has them. */
  readonly fields: ReadonlyMap<string, string>
  /** Its fields with their types, where it is JSON. */
  readonly json?: ReadonlyMap<string, unknown>
  readonly fault?: Refusal
  /** The error in which its stream ended. */
  readonly error?: unknown
  /** What a client should send otherwise, though it was understood. */
  readonly warnings?: readonly string[]
}

export const NO_BODY: Body = { text: '', fields: new Map() }

function refuse(sentence: string, text = '', error: ErrorName = 'bad_request'): Body {
  return { ...NO_BODY, text, fault: new Refusal(error, sentence) }
}

export const TOO_LARGE = refuse(
  `The body is larger than ${MAX_BODY_BYTES} bytes; no call of this API needs more.`,
  '',
  'payload_too_large',
)

export const UNREADABLE = refuse('The body broke off before it was whole.')

/** A body as it was sent: compressed or not, in the charset that its Content-Type names. */
export function decodeBody(sent: Uint8Array, contentType: string | null, encoding: string | null) {
  const whole = Buffer.from(sent.buffer, sent.byteOffset, sent.byteLength)
  if (encoding === null) return plainBody(whole, contentType)
  return decompressed(whole, encoding).then((bytes) => (Buffer.isBuffer(bytes) ? plainBody(bytes, contentType) : bytes))
}

function plainBody(bytes: Buffer, contentType: string | null): Body {
  const boundary = boundaryOf(contentType)
  // A file in a form has bytes of its own, so each part is decoded by itself.
  if (boundary !== undefined) return multipartBody(utf8Of(bytes), boundary, bytes)
  const text = textOf(bytes, contentType)
  return typeof text === 'string' ? parseBody(text, contentType) : text
}

async function decompressed(bytes: Buffer, encoding: string): Promise<Buffer | Body> {
  const codings = Array.from(encoding.toLowerCase().split(','), (coding) => coding.trim().replace(/^x-/, ''))
  const used = codings.filter((coding) => coding !== '' && coding !== 'identity')
  if (used.length === 0) return bytes
  const { brotliDecompress, gunzip, inflate } = await import('node:zlib')
  const decoders = new Map([
    ['gzip', gunzip],
    ['deflate', inflate],
    ['br', brotliDecompress],
  ])
  let plain = bytes
  // The last coding was applied last.
  for (const coding of used.reverse()) {
    const decoder = decoders.get(coding)
    if (decoder === undefined)
      return refuse(`The Content-Encoding ${quote(coding)} is not known here; send gzip, deflate, br, or none.`)
    try {
      plain = await promisify(decoder)(plain, { maxOutputLength: MAX_BODY_BYTES })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return TOO_LARGE
      return refuse(`The body is not ${coding}, though its Content-Encoding says so.`)
    }
  }
  return plain
}

/** The charset that a Content-Type names, unless that is UTF-8. */
function charsetOf(type: string | null): string | undefined {
  const [, charset] = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type ?? '') ?? []
  return charset === undefined || /^utf-?8$/i.test(charset) ? undefined : charset
}

/** The decoder of a charset by one of its names; undefined where the platform has none. */
const decoderOf = (charset: string) => tried(() => new TextDecoder(charset, { fatal: true }))

/** The bytes in the charset of their type, or the refusal. @param what is refused, as the subject of a sentence */
function textOf(bytes: Buffer, type: string | null, what = 'The body'): string | Body {
  const charset = charsetOf(type)
  if (charset === undefined) {
    const fault = whyNotUtf8(bytes)
    return fault === undefined ? utf8Of(bytes) : refuse(`${what} ${fault}; ${SEND_UTF8}`)
  }
  const decoder = decoderOf(charset)
  if (decoder === undefined)
    return refuse(`The charset ${quote(charset)} of the Content-Type is not known here; send UTF-8.`)
  return tried(() => decoder.decode(bytes)) ?? refuse(`${what} is not ${charset}, though the Content-Type says so.`)
}

const SEND_UTF8 = 'send UTF-8, or name the charset in the Content-Type.'

function boundaryOf(type: string | null): string | undefined {
  const [, quoted, bare] = /^multipart\/form-data\s*;.*\bboundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(type ?? '') ?? []
  return quoted ?? bare
}

/** The fields of a body: a form, a multipart form, or JSON. Nested JSON is kept as its text, null left out. */
export function parseBody(text: string, contentType: string | null): Body {
  if (text === '') return NO_BODY
  const type = contentType ?? ''
  if (/^application\/(.*\+)?json/i.test(type)) return jsonBody(text)
  const boundary = boundaryOf(type)
  if (boundary !== undefined) return multipartBody(text, boundary)
  if (/^multipart\/form-data/i.test(type))
    return refuse('The Content-Type is multipart/form-data without a boundary; send the one that parts the body.', text)
  return undeclaredJson(text, type) ?? formBody(text, charsetOf(type))
}

/** The fields of a form; of several of one name, the first. */
function formBody(text: string, charset: string | undefined): Body {
  const fields = new Map<string, string>()
  // Names and values are percent-encoded in the charset of the form.
  const written = charset === undefined || !text.includes('%') ? text : inUtf8(text, charset)
  if (typeof written !== 'string') return written
  let undecoded: string | undefined
  new URLSearchParams(written).forEach((value, name) => {
    if (name.includes('\uFFFD') || value.includes('\uFFFD')) undecoded ??= name
    if (!fields.has(name)) fields.set(name, value)
  })
  if (undecoded !== undefined && !/%EF%BF%BD|\uFFFD/i.test(written))
    return refuse(`The field ${quote(undecoded)} is not UTF-8; ${SEND_UTF8}`, text)
  return { text, fields }
}

/** A form with its percent-encoding in UTF-8, or the refusal. */
function inUtf8(text: string, charset: string): string | Body {
  const decoder = decoderOf(charset)
  const plain = (run: string) => decoder!.decode(Buffer.from(run.replaceAll('%', ''), 'hex'))
  return (
    tried(() => text.replace(/(?:%[\da-f]{2})+/gi, (run) => encodeURIComponent(plain(run)))) ??
    refuse(`The form is not percent-encoded ${charset}, though its Content-Type says so.`, text)
  )
}

function jsonBody(text: string): Body {
  const value = jsonOf(text)
  if (value === undefined) return refuse('The body is not JSON, though its Content-Type says so.', text)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse('The body is JSON but not an object; send {"name": value}.', text)
  const inexact = inexactNumber(text)
  if (inexact !== undefined)
    return refuse(
      `The number ${quote(inexact).slice(1, -1)} in the body has more digits than a JSON parser keeps; send fewer.`,
      text,
    )
  if (findTooDeep(text) !== undefined)
    return refuse(`The body is JSON of more than ${MAX_DEPTH} levels; no call of this API needs three.`, text)
  if (hasLoneSurrogate(text, value))
    return refuse(
      'The body has a lone surrogate, an escape from \\ud800 to \\udfff without its pair; send whole characters.',
      text,
    )
  const json = new Map(Object.entries(value))
  return { text, json, fields: flatten(json) }
}

/** JSON under another type, which some clients send; undefined where it is none. */
function undeclaredJson(text: string, type: string): Body | undefined {
  if (!/^\s*\{/.test(text)) return undefined
  const body = jsonBody(text)
  const shown = type === '' ? 'no Content-Type' : `the Content-Type ${type.slice(0, 80)}`
  const warning = `The body is JSON and came with ${shown}; send application/json.`
  return body.fault ? undefined : { ...body, warnings: [warning] }
}

const NOT_MULTIPART = 'The body is not multipart/form-data, though its Content-Type says so.'

/** The text fields of a multipart form, without files. @param bytes as each part may have a charset of its own */
function multipartBody(text: string, boundary: string, bytes?: Buffer): Body {
  const fields = new Map<string, string>()
  const warnings: string[] = []
  const [, ...parts] = `\n${bytes?.toString('latin1') ?? text}`.split(`\n--${boundary}`)
  if (parts.length === 0) return refuse(NOT_MULTIPART, text)
  for (const part of parts) {
    if (part.startsWith('--')) break
    const [, head, content] = /^[ \t]*\r?\n(.*?)\r?\n\r?\n(.*?)\r?$/s.exec(part) ?? []
    const name = /^content-disposition:.*?\bname="([^"]*)"/im.exec(head ?? '')?.[1]
    if (name === undefined || content === undefined) return refuse(NOT_MULTIPART, text)
    const field = bytes ? utf8Of(Buffer.from(name, 'latin1')) : name
    if (/\bfilename\*?=/i.test(head!)) {
      warnings.push(`The file in the field ${field} is ignored; no call of this API takes one.`)
      continue
    }
    const type = /^content-type:(.*)$/im.exec(head!)?.[1] ?? null
    const value = bytes ? textOf(Buffer.from(content, 'latin1'), type, `The field ${quote(field)}`) : content
    if (typeof value !== 'string') return value
    if (!fields.has(field)) fields.set(field, value)
  }
  return { text, fields, ...(warnings.length > 0 && { warnings }) }
}

/** As a form has them: `options.get_client_auth_token`, and nothing that is null. */
function flatten(json: ReadonlyMap<string, unknown>): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  const put = (name: string, field: unknown) => {
    if (field !== null) fields.set(name, typeof field === 'string' ? field : JSON.stringify(field))
  }
  for (const [name, field] of json) {
    put(name, field)
    if (typeof field === 'object' && field !== null && !Array.isArray(field))
      for (const [inner, nested] of Object.entries(field)) put(`${name}.${inner}`, nested)
  }
  return fields
}
