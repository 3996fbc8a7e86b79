import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { fixtureFileSchema } from '../src/fixture-files/schema.js'
import { ERROR_NAMES } from '../src/lib/errors.js'
import { scenarioSchema } from '../src/scenarios/schema.js'
import { VENDORS } from '../src/vendors/index.js'
import { GATEWAYS } from '../src/wallets/gateways.js'
import { byEnd, DESCRIPTIONS } from './descriptions.js'
import { ANSWERS_FILE, answerSchemas } from './openapi/answers.js'

/** The JSON Schemas that editors complete with, from the zod schemas that check, and the ids of operations. Run to write them. */

const OPERATION_IDS = VENDORS.flatMap(({ operations }) => operations.map(({ id }) => id))

export const SCHEMA_FILES = {
  'fixtures/fixtures.schema.json': fixtureFileSchema,
  'scenarios/scenario.schema.json': scenarioSchema,
} as const

export function jsonSchema(file: keyof typeof SCHEMA_FILES): string {
  const schema = z.toJSONSchema(SCHEMA_FILES[file], { io: 'input' }) as Schema
  describe(schema, [])
  return `${JSON.stringify(schema)}\n`
}

/** The part of a JSON Schema that is looked at here. */
interface Schema {
  description?: string
  properties?: Record<string, Schema>
  propertyNames?: object
  additionalProperties?: Schema
  items?: Schema
  anyOf?: Schema[]
  [other: string]: unknown
}

/** Known values, and whatever has the form of others: an editor offers the ones and marks what is neither. */
const known = (values: readonly string[], others: string) => ({ anyOf: [{ enum: values }, { pattern: others }] })

const PATTERN = '[*?]'
/** The vendors' names for gateways; those of no sample are allowed. */
const GATEWAY = '^[A-Z][A-Z0-9_]*$'

/** Values that a field knows, by the end of its path. */
const VALUES: Readonly<Record<string, object>> = {
  'match.operation': known(OPERATION_IDS, PATTERN),
  'match.event': known(
    VENDORS.flatMap(({ events = [] }) => events),
    PATTERN,
  ),
  'effect.error': { enum: ERROR_NAMES },
  'wallets.wallet': known(GATEWAYS, GATEWAY),
  'payments.gateway': known(GATEWAYS, GATEWAY),
}

/** Gives each field its description and the values it knows. @throws Error for a field without a description */
function describe(schema: Schema, path: readonly string[]): void {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const place = [...path, name]
    const description = byEnd(DESCRIPTIONS, place)
    if (description === undefined) throw new Error(`scripts/descriptions.ts has nothing for ${place.join('.')}`)
    describe(field, place)
    Object.assign(field, { description, ...byEnd(VALUES, place) })
    if (name === 'postRedirects') Object.assign(field.items!, known(GATEWAYS, GATEWAY))
    if (place.join('.') === 'latency') {
      field.propertyNames = known(OPERATION_IDS, PATTERN)
      // Names of fields are offered from the fields alone.
      field.properties = Object.fromEntries(OPERATION_IDS.map((id) => [id, { $ref: '#/$defs/latency' }]))
      schema.$defs = { latency: { description: 'How slow the operation is.', ...field.additionalProperties } }
      field.additionalProperties = { $ref: '#/$defs/latency' }
    }
  }
  const inner = [schema.items, schema.additionalProperties, ...(schema.anyOf ?? [])]
  for (const one of inner) if (typeof one === 'object') describe(one, path)
}

export const schemaOnDisk = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')

/** The types of scenarios name operations, and stand below the vendors. */
const operationIds = () => `/** The operations there are, for completion of types; \`npm run schemas\` writes them. */
export const OPERATION_IDS = [
${OPERATION_IDS.map((id) => `  '${id}',`).join('\n')}
] as const
`

if (process.argv[1]?.endsWith('schemas.ts')) {
  writeFileSync(new URL('../src/scenarios/operation-ids.ts', import.meta.url), operationIds())
  for (const file of Object.keys(SCHEMA_FILES) as (keyof typeof SCHEMA_FILES)[])
    writeFileSync(new URL(`../${file}`, import.meta.url), jsonSchema(file))
  writeFileSync(ANSWERS_FILE, await answerSchemas())
}
