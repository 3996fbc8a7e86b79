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

/** A body from its text, form-encoded or JSON. Nested JSON is kept as its text, null left out. */
export function parseBody(text: string, contentType: string | null): Body {
  try {
    const json = jsonOf(text, contentType)
    return json ? { text, json, fields: flatten(json) } : { text, fields: formFields(text) }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { text, fields: NO_BODY.fields, fault: error }
  }
}

/** The fields of a form; of several of one name, the first. */
function formFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) if (!fields.has(name)) fields.set(name, value)
  return fields
}

/** The fields of a JSON body with their types; undefined for a body of another type, and for none. */
function jsonOf(text: string, contentType: string | null): ReadonlyMap<string, unknown> | undefined {
  if (text === '' || !/^application\/(.*\+)?json/i.test(contentType ?? '')) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Refusal('bad_request', 'The body is not JSON, though its Content-Type says so.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal('bad_request', 'The body is JSON but no object; send {"name": value}.')
  if (nestsBeyond(MAX_LEVELS, value))
    throw new Refusal(
      'bad_request',
      `The body is JSON of more than ${MAX_LEVELS} levels; no call of this API needs three.`,
    )
  return new Map(Object.entries(value))
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
