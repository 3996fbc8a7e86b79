import { LONGEST } from '../lib/bounds.js'
import type { JsonSchema } from './json-schema.js'

/** A field of a form, of a JSON body or of a query. */
export interface Field {
  readonly schema: JsonSchema
  readonly required: boolean
  /** Plain English, without the full stop at its end. */
  readonly description: string
}

export type Fields = Readonly<Record<string, Field>>

/** What can be sent to an operation, beside what its path, its headers and its choice of command say. */
export interface OperationRequest {
  /** One sentence. */
  readonly summary: string
  readonly query?: Fields
  readonly body?: Fields
}

/** By the id of the operation. */
export type OperationRequests = Readonly<Record<string, OperationRequest>>

type Rest = Omit<JsonSchema, 'type' | 'description'>

const field = (type: string, description: string, { required = false, ...rest }: Rest & { required?: boolean }) => ({
  schema: { type, ...rest },
  required,
  description,
})

export const text = (description: string, rest: Rest & { required?: boolean } = {}): Field =>
  field('string', description, { minLength: 1, maxLength: LONGEST.text, ...rest })

export const choice = (
  description: string,
  choices: readonly string[],
  rest: Rest & { required?: boolean } = {},
): Field => field('string', description, { enum: choices, ...rest })

export const wholeNumber = (description: string, rest: Rest = {}): Field =>
  field('integer', description, { minimum: 0, maximum: 999_999_999, ...rest })

export const flag = (description: string): Field => field('boolean', description, {})

export const url = (description: string): Field =>
  field('string', description, { format: 'uri', pattern: '^https?://', maxLength: LONGEST.url })
