import type { Body } from '../api/body.js'
import type { ApiRequest, Credential, Identity, Params } from '../api/call.js'
import type { NameOf, Operation, Vendor } from '../api/vendor.js'
import { Refusal } from '../lib/errors.js'
import type { Merchant } from '../merchants/merchant.js'
import type { MerchantRegistry } from '../merchants/registry.js'

/** A path of a vendor's API. */
interface Route {
  readonly path: string
  readonly form: RegExp
  readonly isLiteral: boolean
}

/** The routes of one vendor, in the order in which they are written. */
class Routes {
  readonly vendor: Vendor
  /** The vendor's prefix, such as `/juspay`. */
  readonly base: string
  readonly #routes: readonly Route[]

  constructor(vendor: Vendor) {
    this.vendor = vendor
    this.base = `/${vendor.name}`
    const paths = new Set(vendor.endpoints.map(({ path }) => path))
    this.#routes = Array.from(paths, (path) => ({
      path,
      form: new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
      isLiteral: !path.includes(':'),
    }))
  }

  /** The path as its routes have it. */
  normalize(path: string): string {
    return this.vendor.ignoresTrailingSlash ? withoutSlash(path) : path
  }

  find(path: string): Route | undefined {
    return this.#routes.find(({ form }) => form.test(path))
  }

  /** The methods of a path, and its variable parts. */
  at(path: string): { methods: string[]; params: Params; route: string | undefined } {
    const route = this.find(path)
    const methods = this.vendor.endpoints
      .filter((endpoint) => endpoint.path === route?.path)
      .map(({ method }) => method)
    const parts = Object.entries(route?.form.exec(path)?.groups ?? {})
    const params = Object.fromEntries(parts.map(([name, part]) => [name, decode(part)]))
    return { methods, params, route: route?.path }
  }
}

/**
 * Tells whose a request is by its path. This is the only place that tells vendors apart. Whoever has the path gets it, a
 * literal path before one with a parameter. Then the form of the wallet's id decides, then the Authorization scheme, then
 * the order of vendors.
 */
export class VendorPaths {
  readonly #all: readonly Routes[]

  constructor(vendors: readonly Vendor[]) {
    this.#all = vendors.map((vendor) => new Routes(vendor))
  }

  /** The path below the prefix of its vendor, such as `/juspay/wallets/x`; one that names its vendor stays as it is. */
  resolve(path: string, authorization: () => string | null): string {
    const named = this.#named(path)
    if (named) return named.base + named.normalize(path.slice(named.base.length))
    const routes = this.#ownerOf(path, authorization)
    return `/${routes.vendor.name}${routes.normalize(path)}`
  }

  /** What there is at a resolved path that no route with its method matches. */
  at(resolved: string) {
    const routes = this.#named(resolved)!
    const path = resolved.slice(routes.base.length)
    return { vendor: routes.vendor, path, ...routes.at(path) }
  }

  #named(path: string): Routes | undefined {
    return this.#all.find(({ base }) => path.startsWith(`${base}/`))
  }

  #ownerOf(path: string, authorization: () => string | null): Routes {
    // A wallet's path with a slash that one vendor ignores is not that vendor's for the slash alone.
    const trimmed = withoutSlash(path)
    const owners = this.#all.flatMap((routes) => {
      const route = routes.find(trimmed)
      return route && (!route.isLiteral || routes.normalize(path) === trimmed) ? [{ routes, route }] : []
    })
    if (owners.length === 1) return owners[0]!.routes
    const walletIn = ({ form }: Route) => decode(form.exec(trimmed)?.groups?.wallet ?? '')
    const literal = owners.filter(({ route }) => route.isLiteral)
    const owner =
      literal.length === 1
        ? literal[0]
        : owners.find(({ routes, route }) => routes.vendor.walletId.test(walletIn(route)))
    if (owner) return owner.routes
    const candidates = owners.length === 0 ? this.#all : owners.map(({ routes }) => routes)
    return candidates.find(({ vendor }) => speaks(vendor, authorization())) ?? candidates[0]!
  }
}

const withoutSlash = (path: string) => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path)

const speaks = ({ scheme }: Vendor, authorization: string | null) =>
  authorization?.trim().split(/\s/, 1)[0]?.toLowerCase() === scheme

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** A request as far as it is known before it is a call. */
interface Asking {
  /** The operation, where it is known. */
  readonly operation: Operation | undefined
  readonly params: Params
  readonly request: ApiRequest
  /** Where it has been read. */
  readonly body: Body | undefined
}

/** Authorization headers whose meaning is remembered: a client sends the same one with every request. */
const MAX_CREDENTIALS = 1000

/** Tells whose a call is by its key. */
export class Identifier {
  readonly #registry: MerchantRegistry
  readonly #namesKeys: boolean
  readonly #credentials = new Map<Vendor, Map<string | null, Credential>>()

  /** @param namesKeys whether keys that work may be named in a hint */
  constructor(registry: MerchantRegistry, namesKeys: boolean) {
    this.#registry = registry
    this.#namesKeys = namesKeys
  }

  identify(vendor: Vendor, { operation, params, request, body }: Asking): Identity {
    const authorization = request.header('authorization')
    const credential = this.#credential(vendor, authorization)
    const { key } = credential
    const byToken = authorization === null ? this.#byToken(vendor, { operation, params, request, body }) : undefined
    const owner =
      key === undefined ? (byToken?.merchant ?? this.#holder(operation, params)) : this.#ownerOf(vendor, key)
    const unavailable = owner instanceof Refusal ? owner : undefined
    const merchant = owner === undefined || owner instanceof Refusal ? this.#registry.anonymous : owner
    return {
      vendor: vendor.name,
      params,
      merchant,
      note: this.#registry.noteOn(merchant),
      credential,
      tokenHolder: byToken?.holder,
      unavailable,
      knownKeys: () => (this.#namesKeys ? this.#registry.activeKeys(vendor.name) : []),
      isKey: (text) => this.#isKey(vendor, text),
    }
  }

  /** Whose a key is, or why the disk does not let it make a merchant. */
  #ownerOf(vendor: Vendor, key: string): Merchant | Refusal | undefined {
    try {
      return this.#registry.byKey(vendor.name, key)
    } catch (error) {
      if (error instanceof Refusal) return error
      throw error
    }
  }

  #isKey({ name }: Vendor, text: string): boolean {
    for (const key of this.#registry.activeKeys(name)) if (key === text) return true
    return this.#registry.has(text)
  }

  /** Whose a customer's own token is. */
  #byToken(vendor: Vendor, { operation, params, request, body }: Asking) {
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
    for (const merchant of this.#registry.all()) {
      const holder = tokenHolder(merchant, token, nameOf)
      if (holder !== undefined) return { merchant, holder }
    }
    return undefined
  }

  /** Whose a page is that a browser opens without a key. */
  #holder(operation: Operation | undefined, params: Params): Merchant | undefined {
    if (operation?.belongsTo === undefined) return undefined
    for (const merchant of this.#registry.all()) if (operation.belongsTo(merchant, params)) return merchant
    return undefined
  }

  #credential(vendor: Vendor, authorization: string | null): Credential {
    const known = this.#credentials.get(vendor) ?? new Map<string | null, Credential>()
    this.#credentials.set(vendor, known)
    let credential = known.get(authorization)
    if (credential === undefined) {
      credential = vendor.credential(authorization)
      if (known.size >= MAX_CREDENTIALS) known.clear()
      known.set(authorization, credential)
    }
    return credential
  }
}
