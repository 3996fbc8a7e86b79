import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InputError } from '../errors.js'
import { plainReason, readJson } from '../files.js'
import type { FixtureMerchant, Fixtures } from './fixtures.js'

const SHIPPED = fileURLToPath(new URL('../../fixtures/published.json', import.meta.url))

/**
 * The fixtures to start with: the shipped ones, a file, all JSON files of a folder as one, or those given.
 *
 * @throws InputError naming file, place and what is allowed
 */
export async function readFixtures(source: string | Fixtures | undefined): Promise<Fixtures> {
  // The shipped file is held against the schema by a test, so that a start need not load zod for it.
  if (source === undefined) return readJson(SHIPPED) as Fixtures
  if (typeof source !== 'string') return checked(source, 'fixtures')
  const files = jsonFiles(source)
  if (files.length === 1) return checked(readJson(files[0]!), files[0]!)
  const parts: Fixtures[] = []
  for (const file of files) parts.push(await checkedAlone(readJson(file), file))
  return checked({ merchants: joined(parts) }, source)
}

async function checked(data: unknown, where: string): Promise<Fixtures> {
  const [{ check }, { fixturesSchema }] = await Promise.all([import('../schema.js'), import('./fixtures.js')])
  return check(fixturesSchema, data, where)
}

/** A file of a folder: its form alone, because what it names may stand in another file. */
async function checkedAlone(data: unknown, file: string): Promise<Fixtures> {
  const [{ check }, { fixturesForm }] = await Promise.all([import('../schema.js'), import('./fixtures.js')])
  return check(fixturesForm, data, file)
}

function jsonFiles(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path]
    const names = readdirSync(path).filter((name) => name.endsWith('.json') && !name.endsWith('.schema.json'))
    if (names.length > 0) return names.sort().map((name) => join(path, name))
  } catch (error) {
    throw new InputError(
      `${path}: cannot be read: ${plainReason(error)}; allowed: a fixture file, or a folder of JSON files`,
    )
  }
  throw new InputError(`${path}: has no JSON file in it; allowed: a fixture file, or a folder of JSON files`)
}

/** Merchants by id; what several files say of one merchant is put together. */
function joined(parts: readonly Fixtures[]): FixtureMerchant[] {
  const merchants = new Map<string, FixtureMerchant>()
  for (const { id, ...lists } of parts.flatMap((part) => part.merchants)) {
    const merchant = merchants.get(id) ?? { id }
    for (const [name, list] of Object.entries(lists) as [Exclude<keyof FixtureMerchant, 'id'>, never[]][])
      merchant[name] = [...(merchant[name] ?? []), ...list] as never
    merchants.set(id, merchant)
  }
  return [...merchants.values()]
}
