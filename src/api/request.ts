import { LONGEST } from '../lib/bounds.js'
import type { Sparse } from '../lib/given.js'
import type { Call } from './call.js'
import type { JsonSchema } from './json-schema.js'

/** A field of a form, of a JSON body or of a query: how it is described, and how it is read. */
export interface Field<Value = unknown> {
  readonly name: string
  readonly schema: JsonSchema
  readonly required: boolean
  /** Plain English, without the full stop at its end. */
  readonly description: string
  /** Undefined where it is left out. @param prefix before its name in the request @throws Refusal */
  read(call: Call, prefix?: string): Value
}

/** Fields by the keys of their values. */
export type Fields = Readonly<Record<string, Field>>

/** What a request has of a table. */
export type Values<Table extends Fields> = Sparse<{ [Key in keyof Table]: ReturnType<Table[Key]['read']> }>

/** The fields of a table, read in its order: the first that is wrong is the one that is refused. @throws Refusal */
export function readAll<Table extends Fields>(call: Call, table: Table, prefix?: string): Values<Table> {
  let values: Record<string, unknown> | undefined
  for (const key in table) {
    const value = table[key]!.read(call, prefix)
    if (value === undefined) continue
    values ??= {}
    values[key] = value
  }
  return (values ?? NOTHING) as Values<Table>
}

/** An order keeps it for each group of fields that were not sent. */
const NOTHING = {}

export const TEXT = { type: 'string', minLength: 1, maxLength: LONGEST.text }

/** A JSON Schema, and whether a request must have the field. */
export interface FieldSchema {
  readonly required?: boolean
  readonly maxLength?: number
  readonly [keyword: string]: unknown
}

/** @param read the value in a call, of the field under the name with its prefix */
export const field = <Value>(
  name: string,
  description: string,
  { required = false, ...schema }: FieldSchema,
  read: (call: Call, name: string) => Value,
): Field<Value> => ({
  name,
  schema,
  required,
  description,
  read: (call, prefix) => read(call, prefix === undefined ? name : prefix + name),
})
