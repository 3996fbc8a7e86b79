import type { FixtureMerchant, Fixtures } from '../fixture-files/schema.js'
import { lostSecrets } from '../fixture-files/webhook.js'
import { InputError } from '../lib/errors.js'
import { checkInput } from './check.js'
import { type Scope, stored, storing } from './scope.js'

export interface StateControl {
  /** The whole state as a fixture file. */
  get(): Promise<Fixtures>
  /**
   * Replaces the state. Of all merchants: those the file does not name are dropped, those that are new are made. Of one:
   * it takes what the file says of its id, or of the only merchant there. Bad fixtures change nothing. Secrets of a webhook
   * that are `***`, as `get` shows them, stay as they are; `warnings` name those of merchants that have none.
   */
  put(fixtures: Fixtures): Promise<{ readonly merchants: readonly string[]; readonly warnings?: readonly string[] }>
}

export function stateControl(scope: Scope): StateControl {
  return {
    async get() {
      const merchant = scope.one()
      return {
        merchants: await Promise.all(Array.from(merchant ? [merchant] : scope.registry.all(), (each) => each.export())),
      }
    },
    async put(state) {
      const { merchants } = await checkInput('fixtures', state, 'state')
      const merchant = scope.one()
      const given = merchant ? [pick(merchants, merchant.id, 'state')] : merchants
      const webhooks = new Map(Array.from(scope.registry.all(), ({ id, webhook }) => [id, webhook]))
      const lost = lostSecrets(given, (id) => webhooks.get(id))
      const left = merchant ? [] : await storing(() => scope.registry.restoreAll(merchants))
      if (merchant)
        merchant.perform('state.put', { merchants: given }, () => scope.registry.restore(merchant, given[0]!))
      await stored(scope.registry)
      for (const unnamed of left) await storing(() => scope.registry.drop(unnamed))
      const ids = merchant ? [merchant.id] : merchants.map(({ id }) => id)
      return lost.length === 0 ? { merchants: ids } : { merchants: ids, warnings: lost }
    },
  }
}

/** A file's part about one merchant. @throws InputError when it has several others */
export function pick(merchants: readonly FixtureMerchant[], id: string, where: string): FixtureMerchant {
  const named = merchants.find((merchant) => merchant.id === id)
  if (named) return named
  if (merchants.length === 1) return merchants[0]!
  const ids = merchants.map((merchant) => merchant.id).join(', ')
  throw new InputError(`${where}:merchants: are ${ids}; allowed: one of the id "${id}", or one alone`)
}
