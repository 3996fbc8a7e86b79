import type { Call } from '../../api/call.js'
import { type Field, type FieldSchema, field, TEXT } from '../../api/request.js'
import { LONGEST } from '../../lib/bounds.js'
import { type ErrorName, Refusal } from '../../lib/errors.js'
import { quote } from '../../lib/text.js'
import { MAX_MINOR, type Minor } from '../../wallets/money.js'

/** The kinds of fields that requests have: typed values of a JSON body, and texts of a query. */

/** @param fault the vendor's words where there is a value */
export function wrong(
  name: string,
  value: unknown,
  allowed: string,
  error: ErrorName = 'bad_request',
  fault = `Invalid ${name}`,
): Refusal {
  const faults = { [name]: [value === undefined ? `Missing ${name}` : fault] }
  return new Refusal(error, `${name} is ${quote(value)}; send ${allowed}.`, { faults })
}

/** The value of a field of the body. @throws Refusal where the body is not JSON */
export function jsonValue({ body: { json } }: Call, name: string): unknown {
  if (json) return json.get(name)
  throw new Refusal('bad_request', 'The body is not JSON; send an object, with Content-Type: application/json.', {
    message: 'The body is not JSON',
  })
}

/** @param read what a value comes to; undefined stands for one that is left out */
const bodyField = <Value>(
  name: string,
  description: string,
  schema: FieldSchema,
  read: (value: unknown) => Value,
): Field<Value> => field(name, description, schema, (call) => read(jsonValue(call, name)))

const oneOf = (choices: readonly string[]) => choices.map((known) => `"${known}"`).join(' or ')

export const choice = <const Choice extends string>(
  name: string,
  description: string,
  choices: readonly Choice[],
  error?: ErrorName,
) =>
  bodyField(name, description, { type: 'string', enum: choices, required: true }, (value) => {
    const choice = choices.find((known) => known === value)
    if (choice === undefined) throw wrong(name, value, oneOf(choices), error)
    return choice
  })

export const id = (name: string, description: string) =>
  bodyField(name, description, { ...TEXT, required: true }, (value) => {
    if (typeof value !== 'string' || value === '') throw wrong(name, value, 'the id as text')
    return value
  })

/** A text; null where it is left out, null or empty. */
export const text = (name: string, description: string) =>
  bodyField(name, description, { ...TEXT, minLength: 0 }, (value = null) => {
    if (value === null || value === '') return null
    if (typeof value !== 'string' || value.length > LONGEST.text)
      throw wrong(name, value, `text of up to ${LONGEST.text} characters, or leave it out`)
    return value
  })

export const amount = (name: string, description: string) =>
  bodyField(name, description, { type: 'integer', minimum: 1, maximum: MAX_MINOR, required: true }, (value): Minor => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > MAX_MINOR)
      throw wrong(name, value, 'a number of minor units such as 1500: whole, above 0, without quotation marks')
    return value
  })

export const parameter = (
  name: string,
  description: string,
  schema: FieldSchema = TEXT,
  isAllowed = (_: string) => true,
  allowed = 'text',
) =>
  field(name, description, schema, (call) => {
    const value = call.parameter(name) ?? undefined
    if (value === undefined || isAllowed(value)) return value
    throw wrong(name, value, `${allowed}, or leave it out`)
  })

export const filter = (name: string, description: string, choices: readonly string[]) =>
  parameter(name, description, { type: 'string', enum: choices }, (text) => choices.includes(text), oneOf(choices))
