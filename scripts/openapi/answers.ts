import { readFileSync } from 'node:fs'
import type { JsonSchema } from '../../src/api/json-schema.js'
import { VENDORS } from '../../src/vendors/index.js'
import { divergencesOf } from '../../src/verify/compare.js'
import { byEnd } from '../descriptions.js'
import { ANSWER_KEYS, type AnswerKey, TIMES } from './answer-keys.js'
import { servedCalls } from './calls.js'
import { either, nullable } from './json-schema.js'

/** How operations answer when they serve, as seen in what the sandbox answers to the calls. */

/** How an operation answers when it serves. */
interface OperationAnswer {
  readonly statuses: readonly number[]
  /** Absent for a page, or for a way to another one. */
  readonly body?: JsonSchema
}

/** By the id of the operation. */
export type Answers = Readonly<Record<string, OperationAnswer>>

export const ANSWERS_FILE = new URL('answers.schema.json', import.meta.url)

export const answersOnDisk = () => readFileSync(ANSWERS_FILE, 'utf8')

/** The text of the file. @throws Error naming an operation that no call reaches, or a key without a description */
export async function answerSchemas(): Promise<string> {
  const entries = await servedCalls()
  const answers = VENDORS.flatMap(({ name, operations }) =>
    operations.map(({ id }) => {
      const responses = entries.flatMap(({ operation, response }) => (operation === id && response ? [response] : []))
      if (responses.length === 0) throw new Error(`scripts/openapi/calls.ts has no call of ${id}`)
      const bodies = responses.flatMap(({ body }) => (body.startsWith('{') ? [JSON.parse(body)] : []))
      const statuses = [...new Set(responses.map(({ status }) => status))]
      if (bodies.length === 0) return [id, { statuses }]
      const body = schemaOf(bodies, [id.slice(name.length + 1)], ANSWER_KEYS[name])
      for (const one of bodies)
        for (const { at, expected, came } of divergencesOf(body, one, id))
          throw new Error(`scripts/openapi/answer-keys.ts: ${at} has to be ${expected}, but an answer has ${came}`)
      return [id, { statuses, body }]
    }),
  )
  return print(Object.fromEntries(answers))
}

type Keys = Readonly<Record<string, AnswerKey>>
type Keyed = Readonly<Record<string, unknown>>

/** What the table has for a key; the whole body has none. */
function knownOf(path: readonly string[], keys: Keys): Exclude<AnswerKey, string> {
  if (path.length === 1) return {}
  const known = byEnd(keys, path)
  if (known === undefined) throw new Error(`scripts/openapi/answer-keys.ts has nothing for ${path.join('.')}`)
  return typeof known === 'string' ? { description: known } : known
}

/** The schema that all values at one place fit. @throws Error for a key that the table does not have */
export function schemaOf(values: readonly unknown[], path: readonly string[], keys: Keys): JsonSchema {
  const { isSeen, canBeNull, ...known } = knownOf(path, keys)
  const given = values.filter((value) => value !== null)
  const schema = { ...shapeOf(given, path, keys, known), ...(isSeen && constants(given)) }
  return schema.type !== 'null' && (canBeNull || given.length < values.length) ? nullable(schema) : schema
}

function shapeOf(values: readonly unknown[], path: readonly string[], keys: Keys, known: JsonSchema): JsonSchema {
  const type = known.type ?? typeOf(values, path)
  if (type === 'array') {
    const rows = values.flat()
    return { type, ...known, items: rows.length === 0 ? {} : shapeOf(rows, path, keys, {}) }
  }
  if (type === 'object') {
    const objects = values as readonly Keyed[]
    if (known.additionalProperties === true) {
      const isNamed = ([name]: readonly [string, unknown]) => byEnd(keys, [...path, name]) !== undefined
      const named = objects.map((one) => Object.fromEntries(Object.entries(one).filter(isNamed)))
      return { type, ...known, ...propertiesOf(named, path, keys) }
    }
    if (known.additionalProperties) return { type, ...known }
    const [form, ...others] = formsOf(objects).map((rows) => propertiesOf(rows, path, keys))
    if (others.length === 0) return { type, ...known, ...form, additionalProperties: false }
    return { ...known, ...either(...[form, ...others].map((one) => ({ type, ...one, additionalProperties: false }))) }
  }
  const isFormed = ['pattern', 'format', 'enum', 'const'].some((keyword) => keyword in known)
  const pattern = isFormed ? undefined : TIMES.find((time) => values.length > 0 && values.every(fits(time)))
  return { type, ...known, ...(pattern && { pattern }) }
}

const fits = (pattern: string) => (value: unknown) => typeof value === 'string' && new RegExp(pattern).test(value)

const kindOf = (value: unknown) => (Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value)

function typeOf(values: readonly unknown[], path: readonly string[]): string {
  const [kind = 'null', ...others] = new Set(values.map(kindOf))
  if (others.length === 0) return kind
  const kinds = [kind, ...others].join(' and ')
  throw new Error(`scripts/openapi/answer-keys.ts has no type for ${path.join('.')}, which is ${kinds}`)
}

function constants(values: readonly unknown[]): object {
  const [first, ...others] = new Set(values)
  return others.length === 0 ? { const: first } : { enum: [first, ...others] }
}

/** The keys of objects that have them in one order, and which of them all have. */
function propertiesOf(rows: readonly Keyed[], path: readonly string[], keys: Keys) {
  const names = [...new Set(rows.toSorted(byLength).flatMap((row) => Object.keys(row)))]
  const valuesOf = (name: string) => rows.flatMap((row) => (name in row ? [row[name]] : []))
  return {
    properties: Object.fromEntries(names.map((name) => [name, schemaOf(valuesOf(name), [...path, name], keys)])),
    required: names.filter((name) => rows.every((row) => name in row)),
  }
}

/** Those with the most keys come first: they have each in its place. */
const byLength = (a: Keyed, b: Keyed) => Object.keys(b).length - Object.keys(a).length

/** Objects by the order of their keys. Two orders that differ by one key alone are one, in which it can be left out. */
function formsOf(rows: readonly Keyed[]): readonly (readonly Keyed[])[] {
  const forms: { readonly names: readonly string[]; readonly rows: Keyed[] }[] = []
  for (const row of rows.toSorted(byLength)) {
    const names = Object.keys(row)
    const form = forms.find((one) => isWithin(names, one.names))
    if (form) form.rows.push(row)
    else forms.push({ names, rows: [row] })
  }
  return forms.map((form) => form.rows)
}

/** Whether the names are all of the others in the same order, or all but one. */
const isWithin = (names: readonly string[], others: readonly string[]) =>
  others.length - names.length <= 1 && others.filter((name) => names.includes(name)).join() === names.join()

/** A property a line: a change of a body is seen as one. */
const print = (answers: Answers) =>
  `${JSON.stringify(answers, null, 2).replace(/([{[])\n\s*([^{}[\]]*?)\n\s*([}\]])/g, (_, start, content, end) => `${start} ${content.replace(/\n\s*/g, ' ')} ${end}`)}\n`
