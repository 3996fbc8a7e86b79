import { InputError } from '../errors.js'
import type { FixtureMerchant, Fixtures } from '../store/fixtures.js'
import { drop, type Scope, stored, storing } from './scope.js'

export interface StateControl {
  /** The whole state as a fixture file. */
  get(): Promise<Fixtures>
  /**
   * Replaces the state. Of all merchants: those the file does not name are dropped, those that are new are made. Of one:
   * it takes what the file says of its id, or of the only merchant there. Bad fixtures change nothing.
   */
  put(fixtures: Fixtures): Promise<{ readonly merchants: readonly string[] }>
}

export function stateControl(scope: Scope): StateControl {
  return {
    async get() {
      const world = scope.one()
      return { merchants: world ? [world.export()] : Array.from(scope.merchants.all(), (each) => each.export()) }
    },
    async put(given) {
      const { merchants } = structuredClone(await scope.forms.check('fixtures', given, 'state'))
      const world = scope.one()
      const left = world ? [] : await storing(() => scope.merchants.restoreAll(merchants))
      if (world) scope.merchants.restore(world, pick(merchants, world.id, 'state'))
      await stored(scope.merchants)
      for (const unnamed of left) await drop(scope.merchants, unnamed)
      return { merchants: world ? [world.id] : merchants.map(({ id }) => id) }
    },
  }
}

/** What a file says of one merchant. @throws InputError when it tells of several others */
export function pick(merchants: readonly FixtureMerchant[], id: string, where: string): FixtureMerchant {
  const named = merchants.find((merchant) => merchant.id === id)
  if (named) return named
  if (merchants.length === 1) return merchants[0]!
  const ids = merchants.map((merchant) => merchant.id).join(', ')
  throw new InputError(`${where}:merchants: are ${ids}; allowed: one of the id "${id}", or one alone`)
}
