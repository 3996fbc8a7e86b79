import type { FixtureMerchant, Fixtures } from '../fixtures/schema.js'
import { InputError } from '../lib/errors.js'
import { checkInput } from './check.js'
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
      const merchant = scope.one()
      return { merchants: merchant ? [merchant.export()] : Array.from(scope.registry.all(), (each) => each.export()) }
    },
    async put(given) {
      const { merchants } = structuredClone(await checkInput('fixtures', given, 'state'))
      const merchant = scope.one()
      const left = merchant ? [] : await storing(() => scope.registry.restoreAll(merchants))
      if (merchant) {
        const fixture = pick(merchants, merchant.id, 'state')
        merchant.perform('state.put', { merchants: [fixture] }, () => scope.registry.restore(merchant, fixture))
      }
      await stored(scope.registry)
      for (const unnamed of left) await drop(scope.registry, unnamed)
      return { merchants: merchant ? [merchant.id] : merchants.map(({ id }) => id) }
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
