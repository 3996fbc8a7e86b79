import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { didYouMean } from '../lib/did-you-mean.js'
import { InputError } from '../lib/errors.js'
import { inPackage, readJson } from '../lib/files.js'
import { asJson } from '../lib/given.js'
import { load } from '../lib/load.js'
import type { Scenario } from './schema.js'

const SHIPPED = inPackage('scenarios')

export interface ShippedScenario {
  readonly name: string
  readonly description: string
}

/** The scenarios that come with the package. */
export const describeShipped = (): Promise<ShippedScenario[]> =>
  Promise.all(
    shippedScenarios().map(async (name) => ({ name, description: (await readScenario(name)).description ?? '' })),
  )

/** Names of the scenarios that come with the package. */
export function shippedScenarios(): string[] {
  return readdirSync(SHIPPED)
    .filter((file) => file.endsWith('.json') && !file.endsWith('.schema.json'))
    .map((file) => basename(file, '.json'))
    .sort()
}

/** A shipped scenario, the scenario in a file, or the one given. @throws InputError when it is not one. */
export async function readScenario(source: string | Scenario): Promise<Scenario> {
  if (typeof source !== 'string') return checkScenario(asJson(source, 'scenario'), 'scenario')
  // Shipped files are held against the schema by a test, so that a start need not load zod for them.
  if (scenarioFile(source) === undefined) {
    const shipped = shippedScenarios()
    if (shipped.includes(source)) return readJson(join(SHIPPED, `${source}.json`)) as Scenario
    throw new InputError(
      `scenario "${source}" is none of the shipped ones.${didYouMean(source, shipped)} Shipped: ${shipped.join(', ')}; a file is given by its path, such as ./${source}.json`,
    )
  }
  return checkScenario(readJson(source), source)
}

/** The file that a scenario is in; undefined for a shipped one, which is named, and for one given as a value. */
export function scenarioFile(source: string | Scenario): string | undefined {
  return typeof source !== 'string' || /^[\w-]+$/.test(source) ? undefined : source
}

/** @throws InputError naming every fault of form */
export async function checkScenario(data: unknown, where: string): Promise<Scenario> {
  const { check, scenarioSchema } = await load(() => import('./schema.js'))
  return check(scenarioSchema, data, where)
}
