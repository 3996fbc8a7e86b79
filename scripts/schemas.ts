import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { fixtureFileSchema } from '../src/fixtures/schema.js'
import { scenarioSchema } from '../src/scenarios/schema.js'

/** The JSON Schemas that editors complete with, from the zod schemas that check. Run to write them. */
export const SCHEMA_FILES = {
  'fixtures/fixtures.schema.json': fixtureFileSchema,
  'scenarios/scenario.schema.json': scenarioSchema,
} as const

export function jsonSchema(file: keyof typeof SCHEMA_FILES): string {
  return `${JSON.stringify(z.toJSONSchema(SCHEMA_FILES[file], { io: 'input' }), null, 2)}\n`
}

export const schemaOnDisk = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')

if (process.argv[1]?.endsWith('schemas.ts'))
  for (const file of Object.keys(SCHEMA_FILES) as (keyof typeof SCHEMA_FILES)[])
    writeFileSync(new URL(`../${file}`, import.meta.url), jsonSchema(file))
