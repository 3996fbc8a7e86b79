import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../errors.js'
import { inPackage, plainReason, readJson } from '../files.js'
import type { PlaceOf } from '../schema.js'
import type { FixtureMerchant, Fixtures } from './fixtures.js'

const SHIPPED = inPackage('fixtures/published.json')

/**
 * The fixtures to start with: the shipped ones, a file, all JSON files of a folder as one, or those given.
 *
 * @throws InputError naming file, place and what is allowed
 */
export async function readFixtures(source: string | Fixtures | undefined): Promise<Fixtures> {
  // The shipped file is held against the schema by a test, so that a start need not load zod for it.
  if (source === undefined) return readJson(SHIPPED) as Fixtures
  // A copy, because a customer is read when it is first asked for.
  if (typeof source !== 'string') return structuredClone(await checked(source, 'fixtures'))
  const files = jsonFiles(source)
  if (files.length === 1) return checked(readJson(files[0]!), files[0]!)
  const [{ check, pathText }, { fixturesForm, fixturesFrom, isConsistent, isFormed }] = await checkers()
  // A file of a folder is checked for its form alone: what it names may stand in another one.
  const parts = files.map((file) => {
    const data = readJson(file)
    return { file, merchants: (isFormed(data) ? data : check(fixturesForm, data, file)).merchants }
  })
  const { merchants, origins } = joined(parts)
  const placeOf: PlaceOf = ([, m, list, i, ...rest]) => {
    const origin = origins.get(merchants[m as number]?.[list as ListName]?.[i as number])
    return origin === undefined ? source : `${origin.file}:${pathText([...origin.path, ...rest])}`
  }
  const whole = { merchants }
  return isConsistent(whole) ? whole : check(fixturesFrom(placeOf), whole, source, placeOf)
}

/** Loaded where there is something to check. */
const checkers = () => Promise.all([import('../schema.js'), import('./fixtures.js')])

async function checked(data: unknown, where: string): Promise<Fixtures> {
  const [{ check }, { fixturesSchema, isConsistent, isFormed }] = await checkers()
  return isFormed(data) && isConsistent(data) ? data : check(fixturesSchema, data, where)
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

type ListName = Exclude<keyof FixtureMerchant, 'id' | 'snapshot'>

/** Where an entry of a merchant's list stands. */
interface Origin {
  readonly file: string
  readonly path: readonly PropertyKey[]
}

interface Part {
  readonly file: string
  readonly merchants: readonly FixtureMerchant[]
}

/** Merchants by id; what several files say of one merchant is put together. */
function joined(parts: readonly Part[]): { merchants: FixtureMerchant[]; origins: Map<unknown, Origin> } {
  const merchants = new Map<string, FixtureMerchant>()
  const origins = new Map<unknown, Origin>()
  for (const { file, ...part } of parts)
    for (const [m, { id, snapshot: _, ...lists }] of part.merchants.entries()) {
      const merchant = merchants.get(id) ?? { id }
      for (const [name, list] of Object.entries(lists) as [ListName, never[]][]) {
        for (const [i, entry] of list.entries()) origins.set(entry, { file, path: ['merchants', m, name, i] })
        merchant[name] = [...(merchant[name] ?? []), ...list] as never
      }
      merchants.set(id, merchant)
    }
  return { merchants: [...merchants.values()], origins }
}
