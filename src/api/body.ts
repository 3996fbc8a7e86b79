import { promisify } from 'node:util'
import { Refusal } from '../lib/errors.js'

/** A body beyond this is refused: no wallet call needs a hundredth of it. */
export const MAX_BODY_BYTES = 1_048_576

/** JSON nested deeper than this is refused. */
const MAX_LEVELS = 64

/** The body of a call. */
export interface Body {
  readonly text: string
  /** Its fields as a form has them. */
  readonly fields: ReadonlyMap<string, string>
  /** Its fields with their types, where it is JSON. */
  readonly json?: ReadonlyMap<string, unknown>
  /** Why it is refused. */
  readonly fault?: Refusal
  /** The error in which its stream ended. */
  readonly error?: unknown
  /** What a client should send otherwise, though it was understood. */
  readonly warnings?: readonly string[]
}

export const NO_BODY: Body = { text: '', fields: new Map() }

/** Stands for a body that is longer than it may be. */
export const TOO_LARGE: Body = {
  ...NO_BODY,
  fault: new Refusal(
    'payload_too_large',
    `The body is larger than ${MAX_BODY_BYTES} bytes; no call of this API needs more.`,
  ),
}

/** Stands for a body that broke off. */
export const UNREADABLE: Body = {
  ...NO_BODY,
  fault: new Refusal('bad_request', 'The body broke off before it was whole.'),
}

/** A body as it was sent, compressed or not. */
export async function decodeBody(
  bytes: Uint8Array,
  contentType: string | null,
  encoding: string | null,
): Promise<Body> {
  const coding = (encoding ?? '').trim().toLowerCase()
  if (coding === '' || coding === 'identity')
    return parseBody(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'), contentType)
  const { brotliDecompress, gunzip, inflate } = await import('node:zlib')
  const decoders: Readonly<Record<string, typeof gunzip>> = { gzip: gunzip, deflate: inflate, br: brotliDecompress }
  const decoder = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined
  if (decoder === undefined) return refuse(`The Content-Encoding is not known here; send gzip, deflate, br, or none.`)
  try {
    const text = (await promisify(decoder)(bytes, { maxOutputLength: MAX_BODY_BYTES })).toString('utf8')
    return parseBody(text, contentType)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return TOO_LARGE
    return refuse(`The body is not ${coding}, though its Content-Encoding says so.`)
  }
}

const refuse = (sentence: string, text = ''): Body => ({
  ...NO_BODY,
  text,
  fault: new Refusal('bad_request', sentence),
})

/** The fields of a body: a form, a multipart form, or JSON. Nested JSON is kept as its text, null left out. */
export function parseBody(text: string, contentType: string | null): Body {
  if (text === '') return NO_BODY
  const type = contentType ?? ''
  if (/^application\/(.*\+)?json/i.test(type)) return jsonBody(text)
  const boundary = /^multipart\/form-data\s*;.*\bboundary="?([^";]+)"?/i.exec(type)?.[1]
  if (boundary !== undefined) return multipartBody(text, boundary)
  return undeclaredJson(text, type) ?? { text, fields: formFields(text) }
}

/** The fields of a form; of several of one name, the first. */
function formFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) if (!fields.has(name)) fields.set(name, value)
  return fields
}

function jsonBody(text: string): Body {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse('The body is not JSON, though its Content-Type says so.', text)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse('The body is JSON but no object; send {"name": value}.', text)
  if (nestsBeyond(MAX_LEVELS, value))
    return refuse(`The body is JSON of more than ${MAX_LEVELS} levels; no call of this API needs three.`, text)
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

/** The text fields of a multipart form; a file in it is ignored. */
function multipartBody(text: string, boundary: string): Body {
  const fields = new Map<string, string>()
  const warnings: string[] = []
  for (const part of text.split(`--${boundary}`).slice(1)) {
    if (part.startsWith('--')) break
    const [, head, value] = /^\r?\n(.*?)\r?\n\r?\n(.*?)\r?\n?$/s.exec(part) ?? []
    const name = /^content-disposition:.*?\bname="([^"]*)"/im.exec(head ?? '')?.[1]
    if (name === undefined || value === undefined)
      return refuse('The body is not multipart/form-data, though its Content-Type says so.', text)
    if (/\bfilename\*?=/i.test(head!))
      warnings.push(`The file in the field ${name} is ignored; no call of this API takes one.`)
    else if (!fields.has(name)) fields.set(name, value)
  }
  return { text, fields, ...(warnings.length > 0 && { warnings }) }
}

/** Whether a value is nested deeper than that: to print it would recurse as deep. */
const nestsBeyond = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => nestsBeyond(levels - 1, inner)))

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
