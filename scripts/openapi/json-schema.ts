import type { JsonSchema } from '../../src/api/json-schema.js'

/** JSON Schemas in few words. */

type Properties = Readonly<Record<string, JsonSchema>>

/**
 * An object of these keys, in this order, and no other.
 *
 * @param optional those that an answer may leave out
 */
export const object = (properties: Properties, optional: readonly string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
})

export const list = (items: JsonSchema, description?: string): JsonSchema => ({
  type: 'array',
  ...(description && { description }),
  items,
})

export const map = (values: JsonSchema, description?: string): JsonSchema => ({
  type: 'object',
  ...(description && { description }),
  additionalProperties: values,
})

/** Forms that differ in the order of their keys alone fit each other, so that a body may fit several. */
export const either = (...schemas: readonly JsonSchema[]): JsonSchema => ({ anyOf: schemas })
export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` })

const scalar =
  (type: string) =>
  (description: string, rest: object = {}): JsonSchema => ({ type, description, ...rest })
export const text = scalar('string')
export const number = scalar('number')
export const integer = scalar('integer')
export const flag = scalar('boolean')
export const constant = (value: string): JsonSchema => ({ type: 'string', const: value })

/** A value, or null where there is none. */
export const nullable = (schema: JsonSchema): JsonSchema =>
  typeof schema.type === 'string' && schema.type !== 'object' && schema.enum === undefined
    ? { ...schema, type: [schema.type, 'null'] }
    : { anyOf: [schema, { type: 'null' }] }
