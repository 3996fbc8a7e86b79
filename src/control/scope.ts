import type { Vendor } from '../api/vendor.js'
import type { CapsuleOptions } from '../capsule/make.js'
import { didYouMean } from '../lib/did-you-mean.js'
import { Refusal } from '../lib/errors.js'
import { givenText } from '../lib/given.js'
import type { Merchant } from '../merchants/merchant.js'
import type { MerchantRegistry } from '../merchants/registry.js'
import type { Strictness } from '../verdict/levels.js'
import { ControlError } from './errors.js'

/** The options of a sandbox that the control API shows. */
export type ControlOptions = CapsuleOptions & { readonly verdict: Strictness }

/** What a resource of the control API acts on: every merchant, or one. Looked up anew for each act. */
export interface Scope {
  readonly registry: MerchantRegistry
  readonly vendors: readonly Vendor[]
  readonly options: ControlOptions
  /** The one merchant; undefined for all of them. */
  one(): Merchant | undefined
  /** Whose clock and scenario answer for the scope: the merchant's, or the server's. */
  lead(): Merchant
  /** All merchants acted on; among them the one that holds requests of unknown merchants. */
  merchants(): Merchant[]
}

export type Shared = Pick<Scope, 'registry' | 'vendors' | 'options'>

export function scopeOf(shared: Shared, id?: string): Scope {
  const { registry } = shared
  const one = () => (id === undefined ? undefined : find(registry, id))
  const merchants = () => {
    const merchant = one()
    return merchant ? [merchant] : [registry.anonymous, ...registry.all()]
  }
  return { ...shared, one, lead: () => one() ?? registry.anonymous, merchants }
}

/** Carries out a control request, and keeps it with each merchant for its capsule. */
export const record = <Result>(merchants: readonly Merchant[], name: string, input: unknown, act: () => Result) =>
  merchants.reduceRight((inner, merchant) => () => merchant.perform(name, input, inner), act)()

/** Resolves when everything that was changed is on disk. @throws ControlError when it could not be stored */
export const stored = (registry: MerchantRegistry): Promise<void> => storing(() => registry.stored())

/** Does what may fail for the disk. @throws ControlError when it does */
export async function storing<Result>(act: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await act()
  } catch (error) {
    throw inControlTerms(error)
  }
}

const inControlTerms = (error: unknown) =>
  error instanceof Refusal ? new ControlError('not_stored', error.reason) : error

/** @throws ControlError for a merchant that is unknown or cannot be made; the key of a `sandbox_…` merchant makes it */
export function find(registry: MerchantRegistry, id: string): Merchant {
  try {
    const merchant = registry.byId(givenText(id, 'merchant'))
    if (merchant) return merchant
  } catch (error) {
    throw inControlTerms(error)
  }
  const ids = Array.from(registry.all(), (other) => other.id)
  throw new ControlError(
    'not_found',
    `There is no merchant "${id}".${didYouMean(id, ids)} Merchants: ${ids.slice(0, 10).join(', ')}.`,
  )
}
