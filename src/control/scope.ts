import { Refusal } from '../errors.js'
import type { Merchants } from '../merchants.js'
import { didYouMean } from '../nearest.js'
import type { Vendor } from '../vendor.js'
import type { World } from '../world.js'
import type { Forms } from './check.js'
import { ControlError } from './errors.js'

/** What a resource of the control API acts on: every merchant, or one. Looked up anew for each act. */
export interface Scope {
  readonly merchants: Merchants
  readonly vendors: readonly Vendor[]
  readonly forms: Forms
  /** The one merchant; undefined for all of them. */
  one(): World | undefined
  /** Whose clock and scenario answer for the scope: the merchant's, or the server's. */
  lead(): World
  /** All worlds acted on; among all of them also the one of requests that are no merchant's. */
  worlds(): World[]
}

export function scopeOf(shared: Pick<Scope, 'merchants' | 'vendors' | 'forms'>, id?: string): Scope {
  const { merchants } = shared
  const one = () => (id === undefined ? undefined : find(merchants, id))
  const worlds = () => {
    const world = one()
    return world ? [world] : [merchants.nobody, ...merchants.all()]
  }
  return { ...shared, one, lead: () => one() ?? merchants.nobody, worlds }
}

/** Resolves when everything that was changed is on disk. @throws ControlError when it could not be stored */
export const stored = (merchants: Merchants): Promise<void> => storing(() => merchants.stored())

/** Drops a merchant, on disk too. @throws ControlError when the disk keeps it */
export const drop = (merchants: Merchants, world: World): Promise<void> =>
  storing(async () => merchants.drop(world)?.stored())

/** Does what may fail for the disk. @throws ControlError when it does */
export async function storing<Outcome>(act: () => Outcome | Promise<Outcome>): Promise<Outcome> {
  try {
    return await act()
  } catch (error) {
    throw inControlTerms(error)
  }
}

const inControlTerms = (error: unknown) =>
  error instanceof Refusal ? new ControlError('not_stored', error.reason) : error

/** @throws ControlError when there is no such merchant, or it cannot be made; the key of a `sandbox_…` merchant makes it */
export function find(merchants: Merchants, id: string): World {
  const world = foundOrMade(merchants, id)
  if (world) return world
  const ids = Array.from(merchants.all(), (other) => other.id)
  throw new ControlError(
    'not_found',
    `There is no merchant "${id}".${didYouMean(id, ids)} Merchants: ${ids.slice(0, 10).join(', ')}.`,
  )
}

function foundOrMade(merchants: Merchants, id: string): World | undefined {
  try {
    return merchants.byId(id)
  } catch (error) {
    throw inControlTerms(error)
  }
}
