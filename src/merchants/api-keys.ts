import { KEY_LISTS, type KeyListName, perVendor, VENDOR_NAMES, type VendorName } from '../fixture-files/key-lists.js'
import type { FixtureApiKey, FixtureMerchant } from '../fixture-files/schema.js'
import { type WebhookSettings, withSecrets } from '../fixture-files/webhook.js'
import { KnownKeys } from '../journal/known-keys.js'
import { Faults } from '../lib/errors.js'

export interface ApiKey {
  readonly key: string
  status: 'active' | 'revoked' | 'expired'
  readonly masked: boolean
  /** Null for a key that may do everything. */
  readonly permissions: readonly string[] | null
}

export type Keys = Readonly<Record<VendorName, ReadonlyMap<string, ApiKey>>>

/** A merchant's keys, and how it is set up for payments, in the form of a fixture. */
export type KeyLists = Pick<FixtureMerchant, KeyListName | 'responseKey' | 'postRedirects' | 'webhook'>

const NAMES = [...Object.values(KEY_LISTS), 'responseKey', 'postRedirects', 'webhook'] as const

export function toKeys(lists: KeyLists): Keys {
  return perVendor((vendor) => new Map(lists[KEY_LISTS[vendor]]?.map((given) => [given.key, toApiKey(given)])))
}

export function fromKeys(keys: Keys): Required<Pick<FixtureMerchant, KeyListName>> {
  const lists = VENDOR_NAMES.map((vendor) => [KEY_LISTS[vendor], Array.from(keys[vendor].values(), fromApiKey)])
  return Object.fromEntries(lists) as Required<Pick<FixtureMerchant, KeyListName>>
}

function toApiKey({ key, status = 'active', masked = false, permissions }: FixtureApiKey): ApiKey {
  return { key, status, masked, permissions: permissions ?? null }
}

function fromApiKey({ key, status, masked, permissions }: ApiKey): FixtureApiKey {
  return {
    key,
    ...(status === 'active' ? {} : { status }),
    ...(masked ? { masked } : {}),
    ...(permissions === null ? {} : { permissions: [...permissions] as FixtureApiKey['permissions'] }),
  }
}

/** Those of a whole merchant. @param known the secrets of its webhook, where they are not shown */
export function keyListsOf(given: KeyLists, known?: WebhookSettings): KeyLists {
  const fields = NAMES.map((name) => [name, given[name]] as const)
  const { webhook, ...lists }: KeyLists = Object.fromEntries(fields.filter(([, value]) => value !== undefined))
  return { ...lists, ...(webhook && { webhook: withSecrets(webhook, known) }) }
}

interface Owner {
  readonly id: string
  readonly keys: Keys
}

/** Finds the owner of a key, in the words of each vendor. */
export class KeyOwners<Merchant extends Owner> {
  readonly #owners = perVendor(() => new Map<string, Merchant>())
  /** All keys but those that are their merchant's id. */
  readonly known = new KnownKeys()

  get(vendor: VendorName, key: string): Merchant | undefined {
    return this.#owners[vendor].get(key)
  }

  add(owner: Merchant): void {
    for (const vendor of VENDOR_NAMES)
      for (const key of owner.keys[vendor].keys()) {
        this.#owners[vendor].set(key, owner)
        if (key !== owner.id) this.known.add(key)
      }
  }

  /** Takes the keys of one owner away, and never those of another with an equal key. */
  remove(owner: Merchant): void {
    for (const vendor of VENDOR_NAMES)
      for (const key of owner.keys[vendor].keys())
        if (this.#owners[vendor].get(key) === owner) {
          this.#owners[vendor].delete(key)
          if (!VENDOR_NAMES.some((name) => this.#owners[name].has(key))) this.known.remove(key)
        }
  }

  /** @param replaced owners whose keys are free @throws InputError for a key of another owner, or of two claims */
  refuseTaken(claims: readonly { id: string; keys: KeyLists }[], replaced: readonly Merchant[]): void {
    const faults = new Faults('keys')
    for (const vendor of VENDOR_NAMES) {
      const claimed = new Map<string, string>()
      for (const { id, keys } of claims)
        for (const { key } of keys[KEY_LISTS[vendor]] ?? []) {
          const owner = this.get(vendor, key)
          const holder = claimed.get(key) ?? (owner && !replaced.includes(owner) ? owner.id : undefined)
          if (holder !== undefined && holder !== id)
            faults.add(
              `${KEY_LISTS[vendor]}: merchant "${id}" has a key of merchant "${holder}"; allowed: keys of its own`,
            )
          claimed.set(key, id)
        }
    }
    faults.refuse()
  }
}
