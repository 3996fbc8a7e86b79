import type { JsonSchema } from '../api/json-schema.js'
import { KIND_NAMES } from '../lib/text.js'

/** Compares a value with the shape that it should have. What is said of the value never holds the value itself. */

type Aspect = 'answer' | 'status' | 'headers' | 'keys' | 'order' | 'type' | 'format'

export interface Divergence {
  readonly aspect: Aspect
  /** `body.list[].token`, a header, or empty for the whole answer. */
  readonly at: string
  readonly expected: string
  /** The form of what came: digits as 9, letters as a and A. */
  readonly came: string
}

/** The keywords that answers are described with. */
interface Shape extends JsonSchema {
  readonly anyOf?: readonly Shape[]
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Shape
  readonly items?: Shape
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly format?: string
  readonly 'x-decimals'?: number
}

type Keyed = Readonly<Record<string, unknown>>

/** @param at the place of the value, such as `body` */
export function divergencesOf(schema: JsonSchema, value: unknown, at: string): readonly Divergence[] {
  const shape = schema as Shape
  if (shape.anyOf) return nearest(shape.anyOf, value, at)
  const kinds = typeof shape.type === 'string' ? [shape.type] : (shape.type ?? [])
  if (kinds.length > 0 && !kinds.some((kind) => isOf(kind, value)))
    return [{ aspect: 'type', at, expected: kinds.map(nameOfKind).join(' or '), came: nameOfKind(kindOf(value)) }]
  if (value === null) return []
  const form = formFault(shape, value)
  if (form !== undefined) return [{ aspect: 'format', at, expected: form, came: formOf(value) }]
  if (Array.isArray(value)) return rowsOf(shape, value, at)
  return typeof value === 'object' ? [...ofObject(shape, value as Keyed, at)] : []
}

/** Of several forms the one that the value is nearest to. Another kind of value is further than any number of keys. */
function nearest(shapes: readonly Shape[], value: unknown, at: string): readonly Divergence[] {
  const found = shapes.map((shape) => divergencesOf(shape, value, at))
  const isOtherKind = (faults: readonly Divergence[]) => faults[0]?.aspect === 'type' && faults[0].at === at
  const sameKind = found.filter((faults) => !isOtherKind(faults))
  if (sameKind.length > 0) return sameKind.reduce((best, next) => (next.length < best.length ? next : best))
  const expected = [...new Set(found.map(([fault]) => fault!.expected))].join(' or ')
  return [{ ...found[0]![0]!, expected }]
}

/** Rows differ alike: what several share is reported once. */
function rowsOf({ items }: Shape, rows: readonly unknown[], at: string): readonly Divergence[] {
  if (items === undefined) return []
  const all = rows.flatMap((row) => divergencesOf(items, row, `${at}[]`))
  return [...new Map(all.map((one) => [`${one.aspect} ${one.at}`, one])).values()]
}

function* ofObject(shape: Shape, value: Keyed, at: string): Generator<Divergence> {
  const { properties = {}, required = [], additionalProperties = true } = shape
  const given = Object.keys(value)
  const others = given.filter((key) => !Object.hasOwn(properties, key))
  const expected = Object.keys(properties).filter((key) => Object.hasOwn(value, key))
  const came = given.filter((key) => Object.hasOwn(properties, key))
  const place = expected.findIndex((key, i) => key !== came[i])
  for (const key of required)
    if (!Object.hasOwn(value, key))
      yield { aspect: 'keys', at: `${at}.${key}`, expected: 'the key', came: 'no such key' }
  if (additionalProperties === false)
    for (const key of others)
      yield { aspect: 'keys', at: `${at}.${safeKey(key)}`, expected: 'no such key', came: 'the key' }
  if (place >= 0) yield { aspect: 'order', at, expected: expected.join(', '), came: came.join(', ') }
  for (const key of expected) yield* divergencesOf(properties[key]!, value[key], `${at}.${key}`)
  if (typeof additionalProperties === 'object')
    for (const key of others) yield* divergencesOf(additionalProperties, value[key], `${at}.*`)
}

/** A key may be made of what the account holds; words are none. */
const safeKey = (key: string) => (/^[A-Za-z_]{1,40}$/.test(key) ? key : `(${formOf(key)})`)

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value
}

const isOf = (kind: string, value: unknown) =>
  kind === 'integer' ? Number.isSafeInteger(value) : kind === kindOf(value)

const nameOfKind = (kind: string) => (KIND_NAMES as Readonly<Record<string, string>>)[kind] ?? kind

const FORMATS: Readonly<Record<string, readonly [form: RegExp, name: string]>> = {
  uuid: [/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/, 'a UUID'],
  'date-time': [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, 'a time such as 2025-07-24T08:08:07Z'],
  uri: [/^https?:\/\/\S+$/, 'a URL'],
}

/** What the value should look like, where it does not. */
function formFault(shape: Shape, value: unknown): string | undefined {
  if (shape.const !== undefined && value !== shape.const) return JSON.stringify(shape.const)
  if (shape.enum && !shape.enum.includes(value)) return shape.enum.map((one) => JSON.stringify(one)).join(' or ')
  if (typeof value === 'number') {
    const decimals = shape['x-decimals']
    const isFine = decimals === undefined || Number(value.toFixed(decimals)) === value
    return isFine ? undefined : `at most ${decimals} decimals`
  }
  if (typeof value !== 'string') return undefined
  if (shape.pattern !== undefined && !new RegExp(shape.pattern).test(value)) return `text that matches ${shape.pattern}`
  const [form, name] = FORMATS[shape.format ?? ''] ?? []
  return form && !form.test(value) ? name : undefined
}

const LONGEST_FORM = 40

/** What a value looks like, without the value. */
function formOf(value: unknown): string {
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return `a number of the form ${masked(String(value))}`
  if (typeof value !== 'string') return nameOfKind(kindOf(value))
  if (value === '') return 'empty text'
  return value.length > LONGEST_FORM ? `text of ${value.length} characters` : `text of the form ${masked(value)}`
}

const masked = (text: string) =>
  text
    .replace(/\p{Lu}/gu, 'A')
    .replace(/\p{L}/gu, (letter) => (letter === 'A' ? 'A' : 'a'))
    .replace(/\p{N}/gu, '9')
    .replace(/[^\x20-\x7e]/g, '?')

/** The schema of a body whose words are known: these keys in this order, with these values, but for ids that are drawn. */
export function schemaOf(body: unknown): JsonSchema {
  if (Array.isArray(body)) return { type: 'array', ...(body.length > 0 && { items: schemaOf(body[0]) }) }
  if (typeof body === 'object' && body !== null)
    return {
      type: 'object',
      properties: Object.fromEntries(Object.entries(body).map(([key, value]) => [key, schemaOf(value)])),
      required: Object.keys(body),
      additionalProperties: false,
    }
  return typeof body === 'string' && FORMATS.uuid![0].test(body) ? { type: 'string', format: 'uuid' } : { const: body }
}
