import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { nearestOrAll } from '../lib/did-you-mean.js'
import { Faults, InputError } from '../lib/errors.js'
import { inPackage, readJson, readValue } from '../lib/files.js'
import { asJson } from '../lib/given.js'
import { isObject } from '../lib/json.js'
import { load } from '../lib/load.js'
import type { CatalogVendor } from './catalog.js'
import { compile } from './compile.js'
import { type Link, merged } from './extend.js'
import type { Scenario, ScenarioRule } from './schema.js'
import { MAX_RULES, tooManyRules } from './terms.js'

const SHIPPED = inPackage('scenarios')

export interface ShippedScenario {
  readonly name: string
  readonly description: string
}

export const describeShipped = (): ShippedScenario[] =>
  shippedScenarios().map((name) => ({ name, description: readShipped(name).description ?? '' }))

export function shippedScenarios(): string[] {
  const files = readdirSync(SHIPPED).filter((file) => file.endsWith('.json') && !file.endsWith('.schema.json'))
  return files.map((file) => basename(file, '.json')).sort()
}

/** A test holds the shipped files against the schema, so that a start need not load zod for them. */
export const readShipped = (name: string) => readJson(join(SHIPPED, `${name}.json`)) as Scenario

/** Reads a scenario with what it extends. @param files whether they may be files @throws InputError with every fault */
export async function readProgram(source: unknown, vendors: readonly CatalogVendor[], { files = true } = {}) {
  const where = typeof source === 'string' ? source : 'scenario'
  const faults = new Faults(where)
  if (isFile(source) && !files)
    throw new InputError(`scenario:name: is "${source}"; allowed: the name of a shipped scenario, or a whole scenario`)
  const chain = await readChain(source, faults, files)
  const { scenario, placeOf } = merged(chain)
  const count = scenario.rules?.length ?? 0
  if (count > MAX_RULES) faults.add(`${where}:rules: ${tooManyRules(count)}`)
  return {
    program: compile(scenario, vendors, where, placeOf, faults),
    /** Those that it was read from, which `--watch` follows. */
    files: chain.flatMap(({ file }) => file ?? []),
    placeOf,
  }
}

/** A scenario and what it extends, itself first. */
async function readChain(first: unknown, faults: Faults, files: boolean): Promise<readonly Link[]> {
  const chain: Link[] = []
  for (let source = first; source !== undefined; source = parentOf(chain, files))
    chain.push(await readLink(source, faults))
  return chain
}

const isFile = (source: unknown): source is string => typeof source === 'string' && !/^[\w-]+$/.test(source)

async function readLink(source: unknown, faults: Faults): Promise<Link> {
  if (isFile(source))
    return { given: await soundPart(await readValue(source), source, faults), where: source, file: resolve(source) }
  const where = 'scenario'
  if (typeof source !== 'string')
    return { given: await soundPart(asJson(source, where), where, faults), where, file: undefined }
  const unknown = notShipped(source)
  if (unknown !== undefined) throw new InputError(`scenario "${source}" ${unknown}`)
  return { given: readShipped(source), where: source, file: undefined }
}

/** What is wrong with a name that no shipped scenario has. */
function notShipped(name: string): string | undefined {
  const shipped = shippedScenarios()
  if (shipped.includes(name)) return undefined
  return `is none of the shipped ones.${nearestOrAll(name, shipped, 'Shipped')}; a file is given by its path, such as ./${name}.json`
}

/** How many scenarios one may extend, each extended by the one before. */
const MAX_PARENTS = 4

/** What the last of a chain extends: the name of a shipped scenario, or a file beside it. */
function parentOf(chain: readonly Link[], files: boolean): string | undefined {
  const { given, where, file } = chain.at(-1)!
  const name = given.extends
  if (name === undefined) return undefined
  const refuse = (sentence: string) => new InputError(`${where}:extends: is "${name}"${sentence}`)
  if (isFile(name) && !files) throw refuse('; allowed: the name of a shipped scenario')
  if (chain.length > MAX_PARENTS)
    throw refuse(`, one too many in a row; allowed: at most ${MAX_PARENTS} scenarios, each extended by the one before`)
  if (!isFile(name)) {
    const unknown = notShipped(name)
    if (unknown !== undefined) throw refuse(`, which ${unknown}`)
    return name
  }
  const parent = file === undefined || isAbsolute(name) ? name : join(dirname(where), name)
  if (chain.some((link) => link.file === resolve(parent)))
    throw refuse(', which leads back to where it is read from; allowed: a scenario that does not extend this one')
  if (!existsSync(parent))
    throw refuse(`, and there is no file ${parent}; allowed: a path from the folder of this file`)
  return parent
}

/** What of a scenario has the right form, so that its meaning is checked in the same pass. */
async function soundPart(data: unknown, where: string, faults: Faults): Promise<Scenario> {
  const { scenarioSchema, sentencesOf } = await load(() => import('./schema.js'))
  const sentences = sentencesOf(scenarioSchema, data, where)
  for (const { line } of sentences) faults.add(line)
  if (sentences.length === 0) return data as Scenario
  const isBad = (...place: unknown[]) => sentences.some(({ path }) => place.every((part, i) => path[i] === part))
  const { rules, latency, extends: parent } = isObject(data) ? (data as Partial<Scenario>) : {}
  const models = isObject(latency) ? Object.entries(latency) : []
  return {
    ...(!isBad('extends') && { extends: parent }),
    name: 'at fault',
    latency: Object.fromEntries(models.filter(([key]) => !isBad('latency', key))),
    // A rule at fault keeps its place, as others are named by theirs.
    rules: Array.isArray(rules) ? rules.map((rule, i) => soundRule(rule, (...part) => isBad('rules', i, ...part))) : [],
  }
}

/** A rule without its parts at fault. What an effect may be follows from the match, so it does not go without that. */
function soundRule(rule: ScenarioRule, isBad: (...part: string[]) => boolean): ScenarioRule {
  if (!isBad()) return rule
  if (!isObject(rule) || isBad('match')) return HARMLESS
  const { match, effect } = rule
  return isBad('effect') ? { ...HARMLESS, match: { operation: match?.operation } } : { ...HARMLESS, match, effect }
}

const HARMLESS = { name: 'at fault', effect: { delay: { fixed: 0 } } } as const
