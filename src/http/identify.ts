import type { Body } from '../api/body.js'
import { type ApiRequest, type Credential, credentialNeed, type Identity, type Params } from '../api/call.js'
import type { NameOf, Operation, Vendor } from '../api/vendor.js'
import { Refusal } from '../lib/errors.js'
import { getOrMake } from '../lib/get-or-make.js'
import { decoded } from '../lib/text.js'
import type { Merchant } from '../merchants/merchant.js'
import type { MerchantRegistry } from '../merchants/registry.js'
import { type Found, PathTable } from './router.js'

interface Place {
  readonly path: string
  readonly isLiteral: boolean
  readonly methods: readonly string[]
}

/** A vendor that has a path, and what it has there. */
interface Owner {
  readonly vendor: Vendor
  readonly found: Found<Place>
}

/**
 * Finds whose a request is by its path. This is the only place that chooses the vendor. The vendor that has the path gets it, a
 * literal path before one with a parameter. Then the form of the wallet's id decides, then the Authorization scheme, then
 * the order of vendors.
 */
export class VendorPaths {
  readonly #all: readonly Vendor[]
  readonly #places = new PathTable<Place>()

  constructor(vendors: readonly Vendor[]) {
    this.#all = vendors
    for (const { base, endpoints } of vendors)
      for (const path of new Set(endpoints.map((endpoint) => endpoint.path))) {
        const methods = endpoints.filter((endpoint) => endpoint.path === path).map(({ method }) => method)
        this.#places.add(base + path, { path, isLiteral: !path.includes(':'), methods })
      }
  }

  /** The path below the prefix of its vendor, such as `/juspay/wallets/x`; one that names its vendor stays as it is. */
  resolve(path: string, authorization: () => string | null): string {
    const named = this.#named(path)
    if (named) return named.base + normalize(named, path.slice(named.base.length))
    const aliased = this.#all.find(({ alias }) => alias !== undefined && path.startsWith(`${alias}/`))
    if (aliased) return aliased.base + normalize(aliased, path.slice(aliased.alias!.length))
    const owner = this.#ownerOf(path, authorization)
    return owner.base + normalize(owner, path)
  }

  /** What there is at a resolved path that no route with its method matches. */
  at(resolved: string) {
    const vendor = this.#named(resolved)!
    const { thing, params: parts = {} } = this.#places.find(resolved) ?? {}
    const params: Params = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, decoded(part)]))
    const path = resolved.slice(vendor.base.length)
    return { vendor, path, route: thing?.path, methods: thing?.methods ?? [], params }
  }

  #named(path: string): Vendor | undefined {
    return this.#all.find(({ base }) => path.startsWith(base) && path[base.length] === '/')
  }

  #ownerOf(path: string, authorization: () => string | null): Vendor {
    // A wallet's path with a slash that one vendor ignores is not that vendor's for the slash alone.
    const trimmed = withoutSlash(path)
    const owners: Owner[] = []
    for (const vendor of this.#all) {
      const found = this.#places.find(vendor.base + trimmed)
      if (found && (!found.thing.isLiteral || normalize(vendor, path) === trimmed)) owners.push({ vendor, found })
    }
    return owners.length === 1 ? owners[0]!.vendor : this.#choose(owners, authorization)
  }

  #choose(owners: readonly Owner[], authorization: () => string | null): Vendor {
    const literal = owners.filter(({ found }) => found.thing.isLiteral)
    const owner =
      literal.length === 1
        ? literal[0]
        : owners.find(({ vendor, found }) => vendor.walletId.test(decoded(found.params.wallet ?? '')))
    if (owner) return owner.vendor
    const candidates = owners.length === 0 ? this.#all : owners.map(({ vendor }) => vendor)
    return candidates.find((vendor) => speaks(vendor, authorization())) ?? candidates[0]!
  }
}

/** The path as the vendor's routes have it. */
const normalize = (vendor: Vendor, path: string) => (vendor.ignoresTrailingSlash ? withoutSlash(path) : path)

const withoutSlash = (path: string) => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path)

const speaks = ({ scheme }: Vendor, authorization: string | null) =>
  authorization?.trim().split(/\s/, 1)[0]?.toLowerCase() === scheme.toLowerCase()

/** A request as far as it is known before it is a call. */
interface Asking {
  readonly operation: Operation | undefined
  readonly params: Params
  readonly request: ApiRequest
  readonly body: Body | undefined
  readonly credential: Credential
}

/** Authorization headers whose meaning is remembered: a client sends the same one with every request. */
const MAX_CREDENTIALS = 1000

/** Finds whose a call is by its key. */
export function createIdentifier(registry: MerchantRegistry, namesKeys: boolean) {
  const credentials = new Map<Vendor, Map<string | null, Credential>>()

  function identify(vendor: Vendor, asking: Asking): Identity {
    const { params, credential } = asking
    const { key } = credential
    const bearer = credential.isAbsent ? byToken(vendor, asking) : undefined
    const owner = asking.operation?.belongsTo
      ? hostOf(asking.operation, params, asking.request.search)
      : key === undefined
        ? (named(asking) ?? bearer?.merchant)
        : ownerOf(vendor, key)
    const unavailable = owner instanceof Refusal ? owner : undefined
    const merchant = owner === undefined || owner instanceof Refusal ? registry.anonymous : owner
    return {
      vendor: vendor.name,
      params,
      merchant,
      note: registry.noteOn(merchant),
      credential,
      tokenHolder: bearer?.holder,
      unavailable,
      knownKeys: () => (namesKeys ? registry.activeKeys(vendor.name) : []),
      isKey: (text) => [...registry.activeKeys(vendor.name)].includes(text) || registry.has(text),
    }
  }

  /** Whose a key is, or why the disk does not let it make a merchant. */
  function ownerOf(vendor: Vendor, key: string): Merchant | Refusal | undefined {
    try {
      return registry.byKey(vendor.name, key)
    } catch (error) {
      if (error instanceof Refusal) return error
      throw error
    }
  }

  /** The merchant that a call names which needs no key. None is made for it. */
  function named({ operation, params, body, credential }: Asking): Merchant | undefined {
    if (!credential.isAbsent || operation?.belongsTo || credentialNeed(operation, body?.fields ?? new Map()) !== 'none')
      return undefined
    const field = operation?.names?.merchant
    const id = params.merchant ?? (field === undefined ? undefined : body?.fields.get(field))
    return id !== undefined && registry.has(id) ? registry.byId(id) : undefined
  }

  function byToken(vendor: Vendor, { operation, params, request, body }: Asking) {
    const { tokenField, tokenHolder } = vendor
    if (tokenField === undefined || tokenHolder === undefined) return undefined
    const query = new URLSearchParams(request.search)
    const find = (name: string) => body?.fields.get(name) ?? query.get(name) ?? undefined
    const token = find(tokenField)
    if (token === undefined) return undefined
    const nameOf: NameOf = (kind) => {
      const field = operation?.names?.[kind]
      return params[kind] ?? (field === undefined ? undefined : find(field))
    }
    for (const merchant of registry.all()) {
      const holder = tokenHolder(merchant, token, nameOf)
      if (holder !== undefined) return { merchant, holder }
    }
    return undefined
  }

  /**
   * Whose a page is that a browser opens: the merchant's that its address names, in the path or as the parameter `merchant`.
   * An address that names none is of the only merchant that has what it shows.
   */
  function hostOf(operation: Operation, params: Params, search: string): Merchant | undefined {
    const name = params.merchant ?? new URLSearchParams(search).get('merchant')
    const merchants = name === null ? [...registry.all()] : [registry.get(name)]
    const [host, ...others] = merchants.filter((merchant) => merchant && operation.belongsTo!(merchant, params))
    return others.length === 0 ? host : undefined
  }

  function credential(vendor: Vendor, authorization: string | null): Credential {
    const known = getOrMake(credentials, vendor, () => new Map<string | null, Credential>())
    if (known.size >= MAX_CREDENTIALS) known.clear()
    return getOrMake(known, authorization, () => vendor.credential(authorization))
  }

  return { identify, credential }
}
