import type { Call } from '../../api/call.js'
import type { Outcome } from '../../api/outcome.js'
import { type Field, type FieldSchema, field, TEXT } from '../../api/request.js'
import { LONGEST } from '../../lib/bounds.js'
import { nearestOrAll } from '../../lib/did-you-mean.js'
import { Refusal, type RefusalDetails } from '../../lib/errors.js'
import { counted, hidePassword, isWebUrl, quote, WEB_URL_FORM } from '../../lib/text.js'
import { GATEWAYS } from '../../wallets/gateways.js'
import { MAX_MINOR, type Minor, majorOf, parseMinor } from '../../wallets/money.js'
import { MISSING_FIELD } from './errors.js'

/** The kinds of fields that requests have. Texts are those of a form; JSON with the same names is read too. */

/** What the text of a field comes to. @throws Refusal */
type Read<Value> = (text: string | undefined, name: string, longest?: number) => Value

const formField = <Value>(name: string, description: string, schema: FieldSchema, read: Read<Value>): Field<Value> =>
  field(name, description, schema, (call, sentAs) => read(call.field(sentAs), sentAs, schema.maxLength))

const unprocessable = (name: string, sentence: string) => new Refusal('unprocessable', sentence, { fields: [name] })

const bounded: Read<string | undefined> = (text, name, longest = LONGEST.text) => {
  if (text === undefined || text.length <= longest) return text
  throw unprocessable(name, `The field ${name} is ${text.length} characters long; allowed: up to ${longest}.`)
}

export const filled: Read<string | undefined> = (text, name, longest) => {
  if (bounded(text, name, longest)?.trim() !== '') return text
  throw unprocessable(name, `The field ${name} is empty; give it a value, or leave it out.`)
}

/** Clients send what an order has none of as empty text. */
const orEmpty =
  <Value>(read: Read<Value>): Read<Value> =>
  (text, name, longest) =>
    read(text === '' ? undefined : text, name, longest)

export const missing = (name: string, { operationId }: Call): Refusal =>
  new Refusal('bad_request', `The field ${name} is missing; ${operationId} needs it.`, {
    code: MISSING_FIELD,
    message: `${name} is required.`,
    fields: [name],
  })

export const required = <Value>(one: Field<Value>, refusal = missing): Field<Exclude<Value, undefined>> => ({
  ...one,
  required: true,
  read: (call, prefix) => {
    const value = one.read(call, prefix)
    if (value === undefined) throw refusal(one.name, call)
    return value as Exclude<Value, undefined>
  },
})

export const sentText = (name: string, description: string) => formField(name, description, TEXT, (text) => text)

/** A text that is not empty where it is sent. */
export const text = (name: string, description: string) => formField(name, description, TEXT, filled)

export const orderText = (name: string, description: string, maxLength: number = LONGEST.text, read = filled) =>
  formField(name, description, { ...TEXT, minLength: 0, maxLength }, orEmpty(read))

/** A field of the merchant's own, which may be blank. */
const ownText = (name: string) => orderText(name, "A field of the merchant's own", LONGEST.note, bounded)
export const UDF = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`udf${i + 1}`, ownText(`udf${i + 1}`)]))

/** One of several words. @param refusal why a text is none of them */
export const choice = <const Choice extends string>(
  name: string,
  description: string,
  choices: readonly Choice[],
  refusal: (text: string) => Refusal,
) =>
  formField(name, description, { type: 'string', enum: choices }, (text) => {
    const known = choices.find((one) => one === text)
    if (known === undefined && text !== undefined) throw refusal(text)
    return known
  })

/** The name of a wallet. @param details of the refusal, where the vendor has words for it */
export const gateway = (name: string, details: RefusalDetails = { message: `Invalid ${name}.` }) =>
  choice(name, 'The wallet', GATEWAYS, (text) => {
    filled(text, name)
    return new Refusal('bad_request', `The ${name} is ${quote(text)}.${nearestOrAll(text, GATEWAYS)}`, details)
  })

const AMOUNT = { ...TEXT, pattern: '^\\d+(\\.\\d{1,2})?$', maxLength: 16 }

/** @param details of the refusal, where the vendor has words for it */
export const amount = (name: string, description: string, details?: RefusalDetails) =>
  formField(name, `${description}, in rupees with at most two decimals`, AMOUNT, (text, as): Minor | undefined => {
    const minor = text === undefined ? undefined : parseMinor(text)
    if (text === undefined || (minor !== undefined && minor > 0)) return minor
    const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text
    throw new Refusal(
      'bad_request',
      `The field ${as} is "${shown}"; allowed: decimal text from 0.01 up to ${majorOf(MAX_MINOR)} with at most two decimals, such as 109.55.`,
      details ?? {
        message: `${as} should be an amount with at most two decimals.`,
        fields: [as],
        faults: Number(text) < 0 ? { [as]: ['Invalid amount'] } : {},
      },
    )
  })

/** Where a browser or an event is to be sent: http and https alone, so that no page of the sandbox runs a script. */
const webUrl: Read<string | undefined> = (text, name) => {
  if (text === undefined || isWebUrl(text)) return text
  throw unprocessable(name, `The field ${name} is ${quote(hidePassword(text))}; allowed: ${WEB_URL_FORM}.`)
}

const WEB_URL = { type: 'string', format: 'uri', pattern: '^https?://', maxLength: LONGEST.url }

export const url = (name: string, description: string) => formField(name, description, WEB_URL, webUrl)

export const orderUrl = (name: string, description: string) => formField(name, description, WEB_URL, orEmpty(webUrl))

/** A boolean as clients print it: Python's is `True`. */
export const flag = (name: string, description: string) =>
  field(name, description, { type: 'boolean' }, (call) =>
    /^(true|1)$/i.test(call.field(name) ?? call.parameter(name) ?? ''),
  )

const numberOfRows = (name: string, description: string) =>
  field(name, description, { type: 'integer', minimum: 0, maximum: 999_999_999 }, (call) => {
    const text = call.parameter(name)
    if (text === null) return undefined
    if (/^\d{1,9}$/.test(text)) return Number(text)
    const sentence = `The parameter ${name} is not a whole number from 0 to 999999999; send ${name}=10, or leave it out.`
    throw new Refusal('bad_request', sentence, { message: `${name} should be a whole number.` })
  })

const OFFSET = numberOfRows('offset', 'How many rows to leave out at the beginning')
const COUNT = numberOfRows('count', 'The most rows to answer with')
export const PAGE = [OFFSET, COUNT]

export function range(call: Call, defaultCount: number): { from: number; to: number } {
  const from = OFFSET.read(call) ?? 0
  return { from, to: from + (COUNT.read(call) ?? defaultCount) }
}

const DEFAULT_COUNT = 10

/** The body of a list in parts, looking no further than the part. @param total the number of all rows */
export function listBody<Row>(call: Call, rows: Iterable<Row>, total: number, body: (row: Row) => object) {
  const { from, to } = range(call, DEFAULT_COUNT)
  const end = Math.min(to, total)
  const list: object[] = []
  let place = 0
  // The row behind the part may be far: guests lie between customers.
  for (const row of from < end ? rows : []) {
    if (place++ >= from) list.push(body(row))
    if (place === end) break
  }
  return { list, offset: from, count: list.length, total, object: 'list' }
}

/** What becomes of a call beyond a limit that the vendor publishes: a warning, and a refusal in strict mode. */
export function warnOrRefuse(
  { options }: Call,
  { warnings }: Outcome,
  { sentence, ...details }: RefusalDetails & { readonly sentence: string },
): void {
  if (options.strict) throw new Refusal(details.fields ? 'unprocessable' : 'bad_request', sentence, details)
  warnings.push(sentence)
}

/** The length of an order_id and of a unique_request_id (published). */
const SHORT = { least: 0, most: 20 }

/** What becomes of a text that has more or fewer characters than the vendor publishes. */
export function checkLength(call: Call, outcome: Outcome, name: string, text: string, { least, most } = SHORT): void {
  // A character takes one unit or two, so most texts need not be counted.
  if (2 * least <= text.length && text.length <= most) return
  const { length } = [...text]
  if (least <= length && length <= most) return
  const allowed = length < least ? `at least ${least}` : `fewer than ${most + 1}`
  warnOrRefuse(call, outcome, {
    sentence: `The field ${name} has ${counted(length, 'character')}; the vendor takes ${allowed}.`,
    fields: [name],
  })
}
