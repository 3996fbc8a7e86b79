import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { jsonSchema, SCHEMA_FILES, schemaOnDisk } from '../../scripts/schemas.js'
import { fixturesSchema } from '../../src/fixture-files/cross-checks.js'
import { faultsOf } from '../../src/lib/check.js'
import { readJson } from '../../src/lib/files.js'
import { compile } from '../../src/scenarios/compile.js'
import { scenarioSchema, type WholeScenario } from '../../src/scenarios/schema.js'
import { VENDORS } from '../../src/vendors/index.js'

const shipped = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

describe('what ships unchecked at start', () => {
  test('the fixtures are valid', () => {
    expect(faultsOf(fixturesSchema, readJson(shipped('fixtures/published.json')), 'published.json')).toEqual([])
  })

  const scenarios = readdirSync(shipped('scenarios')).filter((file) => !file.endsWith('.schema.json'))
  test.each(scenarios)('scenario %s is valid and names itself', (file) => {
    const scenario = readJson(shipped(`scenarios/${file}`))
    expect(faultsOf(scenarioSchema, scenario, file)).toEqual([])
    expect(compile(scenario as WholeScenario, VENDORS).name).toBe(file.replace('.json', ''))
  })
})

test.each(Object.keys(SCHEMA_FILES) as (keyof typeof SCHEMA_FILES)[])('%s is what its zod schema says', (file) => {
  expect(schemaOnDisk(file)).toBe(jsonSchema(file))
})
