import { z } from 'zod'
import { LONGEST } from './bounds.js'
import { didYouMean, nearestOrAll } from './did-you-mean.js'
import { InputError, MAX_FAULTS } from './errors.js'
import { HEADER_TEXT, isWellFormed, KIND_NAMES, quote } from './text.js'

/** Building blocks for the zod schemas of everything a user writes, so that each fault reads as one sentence. */

/** An `error` option that names what was given and what is allowed. */
export function allowed(what: string) {
  return {
    error: ({ input, expected }: { input?: unknown; expected?: string }) => {
      if (input === undefined) return `is missing; required: ${what}`
      const hint = expected === 'string' && typeof input === 'number' ? `; quote it: "${input}"` : ''
      return `is ${quote(input)}; allowed: ${what}${hint}`
    },
  }
}

/** An object that knows all its fields; an unknown one is named, with the nearest known name. */
export function object<Shape extends z.ZodRawShape>(shape: Shape, what = 'an object') {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return allowed(what).error(issue)
      const unknown = issue.keys.slice(0, MAX_FAULTS)
      return unknown.map((key) => `has an unknown field "${key}".${fieldHint(key, shape)}`).join('; ')
    },
  })
}

/**
 * One of several objects, recognised by the field that only it has, or something else, such as a text:
 * `kind({ fixed: object({ fixed: … }) }, 'a model', z.literal('published'))`. A fault inside the object that is meant is
 * reported at its own place.
 */
export function kind<
  const Members extends Readonly<Record<string, z.ZodType>>,
  const Others extends readonly z.ZodType[],
>(members: Members, what: string, ...others: Others) {
  const names = Object.keys(members)
  const texts = others.flatMap((other) => (other instanceof z.ZodLiteral ? [...other.values] : []))
  const choice = `${what}: one of ${[...texts.map((one) => `"${one}"`), ...names.map((name) => `{"${name}"}`)].join(', ')}`
  const options = [...Object.values(members), ...others] as readonly (Members[keyof Members] | Others[number])[]
  return z.union(options, {
    error: ({ input }) => {
      if (typeof input !== 'object' || input === null || Array.isArray(input)) return allowed(choice).error({ input })
      const given = Object.keys(input).slice(0, MAX_FAULTS)
      const chosen = given.filter((name) => names.includes(name))
      if (chosen.length > 1)
        return `has ${chosen.map((name) => `"${name}"`).join(' and ')} together; allowed: ${choice}`
      const unknown = given.find((name) => didYouMean(name, names) !== '') ?? given[0]
      if (unknown === undefined) return `is empty; required: ${choice}`
      const held = names.map((name) => [name, shapeOf(members[name]!)[name]] as const)
      return `has an unknown field "${unknown}".${fieldHint(unknown, Object.fromEntries(held))}`
    },
  })
}

/** The fields of an object, or of all that it can be. */
function shapeOf(schema: z.core.$ZodType | undefined): Readonly<Record<string, z.core.$ZodType>> {
  if (schema instanceof z.ZodOptional) return shapeOf(schema.unwrap())
  if (schema instanceof z.ZodUnion) return Object.assign({}, ...schema.options.map(shapeOf))
  return schema instanceof z.ZodObject ? schema.shape : {}
}

/** Where a field belongs that an object does not have: inside another one, or under a name like it. */
function fieldHint(field: string, shape: Readonly<Record<string, z.core.$ZodType | undefined>>): string {
  const names = Object.keys(shape)
  const owner = names.find((name) => Object.hasOwn(shapeOf(shape[name]), field))
  return owner === undefined ? nearestOrAll(field, names) : ` It is a field of "${owner}".`
}

export function oneOf<const Values extends readonly string[]>(values: Values) {
  return z.enum(values, allowed(values.map((value) => `"${value}"`).join(', ')))
}

export const text = (what?: string, most: number = LONGEST.text) => {
  const form = allowed(what ?? `text of 1 to ${most} characters`)
  return z.string(form).min(1, form).max(most, form).refine(isWellFormed, allowed('text without lone surrogates'))
}

/** A schema of text whose type names what an editor offers; any other text is taken too. */
export const offering = <Name extends string>(schema: z.ZodString) =>
  schema as unknown as z.ZodType<Name | (string & {})>

export const headerText = (most: number = LONGEST.text) => {
  const what = allowed(`text of 1 to ${most} printable ASCII characters without a blank at either end`)
  return z.string(what).regex(new RegExp(`^(?=.{1,${most}}$)${HEADER_TEXT}$`), what)
}

export const headerName = () =>
  z
    .string(allowed('the name of a header'))
    .regex(
      /^(?!(connection|content-length|host|transfer-encoding)$)[!#$%&'*+.^_`|~\w-]+$/i,
      allowed('names of HTTP headers other than those of the connection'),
    )

export const wholeNumber = (
  least = Number.MIN_SAFE_INTEGER,
  most = Number.MAX_SAFE_INTEGER,
  what = `a whole number${least < 0 ? '' : ` from ${least}`}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}`,
) => z.int(allowed(what)).min(least, allowed(what)).max(most, allowed(what))

export const flag = () => z.boolean(allowed('true or false'))

/**
 * Stops where more faults were found than are reported: an issue of zod's takes a kilobyte, and a list may have a fault
 * for every two bytes. What was checked is not copied.
 */
const BoundedArray = z.core.$constructor<z.ZodArray, z.core.$ZodArrayDef>('BoundedArray', (inst, def) => {
  z.ZodArray.init(inst, def)
  const parse = inst._zod.parse
  inst._zod.parse = (payload, context) => {
    const { value: items, issues } = payload
    if (!Array.isArray(items)) return parse(payload, context)
    for (let i = 0; i < items.length && issues.length <= MAX_FAULTS; i++) {
      const checked = def.element._zod.run({ value: items[i], issues: [] }, context) as z.core.ParsePayload
      if (checked.issues.length > 0) issues.push(...z.core.util.prefixIssues(i, checked.issues))
    }
    return payload
  }
})

export function list<Item extends z.ZodType>(item: Item) {
  return new BoundedArray({ type: 'array', element: item, ...allowed('a list') }) as z.ZodArray<Item>
}

/** Stops as a list does. */
const BoundedRecord = z.core.$constructor<z.ZodRecord, z.core.$ZodRecordDef>('BoundedRecord', (inst, def) => {
  z.ZodRecord.init(inst, def)
  const parse = inst._zod.parse
  inst._zod.parse = (payload, context) => {
    const { value: fields, issues } = payload
    if (!z.core.util.isPlainObject(fields)) return parse(payload, context)
    for (const [name, value] of Object.entries(fields)) {
      const checked = parse({ value: { [name]: value }, issues: [] }, context) as z.core.ParsePayload
      issues.push(...checked.issues)
      if (issues.length > MAX_FAULTS) break
    }
    return payload
  }
})

/** An object of any names. */
export function record<Key extends z.core.$ZodRecordKey, Value extends z.ZodType>(
  key: Key,
  value: Value,
  what: { error: z.core.$ZodErrorMap },
) {
  const made: unknown = new BoundedRecord({ type: 'record', keyType: key, valueType: value, ...what })
  return made as z.ZodRecord<Key, Value>
}

const INSTANT = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?Z$/

/** Only the last days of a month need a calendar, and asking it costs more than all the rest. */
const isInstant = (text: string) => INSTANT.test(text) && (text.slice(8, 10) < '29' || !Number.isNaN(Date.parse(text)))

export const instant = () => {
  const what = allowed('a UTC time such as "2023-09-11T08:30:00Z"')
  return z.string(what).refine(isInstant, what)
}

/** `merchants[0].customers[2].id` */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? String(part) : `${text}.${String(part)}`
  }, '')
}

/** Names the place of a path: `file:path`. */
export type PlaceOf = (path: readonly PropertyKey[]) => string

const placeIn =
  (where: string): PlaceOf =>
  (path) =>
    `${where}:${pathText(path) || '(top)'}`

/** The faults of `data`, one sentence each: `where:path: what is wrong, what is allowed`. */
export function faultsOf(schema: z.ZodType, data: unknown, where: string, placeOf = placeIn(where)): string[] {
  const lines = sentencesOf(schema, data, where, placeOf).map(({ line }) => line)
  return lines.length > MAX_FAULTS ? [...lines.slice(0, MAX_FAULTS), `${where}: and more`] : lines
}

/** The faults of `data`, each with its path. */
export function sentencesOf(schema: z.ZodType, data: unknown, where: string, placeOf = placeIn(where)) {
  const result = schema.safeParse(data, { error: inWords })
  if (result.success) return []
  return sentences(result.error.issues, data).map(({ path, message }) => ({
    path,
    line: `${placeOf(path)}: ${message}`,
  }))
}

/** What is allowed where a schema does not say it, by what zod expects. */
const EXPECTED: Readonly<Record<string, string>> = {
  ...KIND_NAMES,
  int: KIND_NAMES.integer,
  tuple: KIND_NAMES.array,
  null: 'null',
}

/** The sentence of an issue whose schema has none, with that of each member of a union in it. */
function inWords(issue: z.core.$ZodRawIssue): string {
  const { expected, values, errors } = issue as {
    readonly expected?: string
    readonly values?: readonly unknown[]
    readonly errors?: readonly (readonly Sentence[])[]
  }
  const allowedBy = (faults: readonly Sentence[]) => /(?:allowed|required): ([^;]*)/.exec(faults[0]!.message)?.[1] ?? []
  const what = errors?.flatMap(allowedBy).join(', or ') || values?.map(quote).join(', ') || EXPECTED[expected ?? '']
  return allowed(what ?? 'another value').error(issue)
}

interface Sentence {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** Issues at the places where the faults are: inside the member of a union that is meant, and at the key of a record. */
function sentences(issues: readonly z.core.$ZodIssue[], data: unknown): Sentence[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'invalid_key') return { path: issue.path, message: issue.issues[0]?.message ?? issue.message }
    if (issue.code !== 'invalid_union') return issue
    const input = issue.path.reduce<unknown>((value, part) => (value as Record<PropertyKey, unknown>)[part], data)
    const inside = issue.errors.filter((member) => member.every((fault) => isInside(fault, input)))
    const fewest = Math.min(...inside.map(unknownFields))
    const meant = inside.filter((member) => unknownFields(member) === fewest)
    if (meant.length !== 1) return issue
    return sentences(meant[0]!, input).map(({ path, message }) => ({ path: [...issue.path, ...path], message }))
  })
}

/** How many fields a member of a union does not know. */
const unknownFields = (faults: readonly z.core.$ZodIssue[]) =>
  faults.flatMap((fault) => (fault.code === 'unrecognized_keys' && fault.path.length === 0 ? fault.keys : [])).length

/** Whether a fault lies within a value of the right kind, rather than the value being of another kind. */
function isInside({ code, path }: z.core.$ZodIssue, input: unknown): boolean {
  const [first, second] = path
  if (first === undefined) return code === 'unrecognized_keys'
  return second !== undefined || (input as Record<PropertyKey, unknown>)[first] !== undefined
}

/** @throws InputError naming every fault. */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
  where: string,
  placeOf?: PlaceOf,
): z.output<Schema> {
  const faults = faultsOf(schema, data, where, placeOf)
  if (faults.length > 0) throw new InputError(faults)
  return data as z.output<Schema>
}
