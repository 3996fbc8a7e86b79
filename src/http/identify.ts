import type { ApiRequest, Credential, Identity, Params } from '../api/call.js'
import type { Operation, Vendor } from '../api/vendor.js'
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
  readonly prefix: string
  readonly #routes: readonly Route[]

  constructor(vendor: Vendor) {
    this.vendor = vendor
    this.prefix = `/${vendor.name}/`
    const paths = new Set(vendor.endpoints.map(({ path }) => path))
    this.#routes = Array.from(paths, (path) => ({
      path,
      form: new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
      isLiteral: !path.includes(':'),
    }))
  }

  find(path: string): Route | undefined {
    return this.#routes.find(({ form }) => form.test(path))
  }

  /** The methods of a path, and its variable parts. */
  at(path: string): { methods: string[]; params: Params } {
    const route = this.find(path)
    const methods = this.vendor.endpoints
      .filter((endpoint) => endpoint.path === route?.path)
      .map(({ method }) => method)
    const parts = Object.entries(route?.form.exec(path)?.groups ?? {})
    return { methods, params: Object.fromEntries(parts.map(([name, part]) => [name, decode(part)])) }
  }
}

/**
 * Tells whose a request is by its path. This is the only place that tells vendors apart: by who has the path, a literal
 * path before one with a parameter, then the form of the wallet's id, then the Authorization scheme, then the first one.
 */
export class VendorPaths {
  readonly #all: readonly Routes[]

  constructor(vendors: readonly Vendor[]) {
    this.#all = vendors.map((vendor) => new Routes(vendor))
  }

  /** The path below the prefix of its vendor, such as `/juspay/wallets/x`; one that names its vendor stays as it is. */
  resolve(path: string, authorization: () => string | null): string {
    return this.#named(path) ? path : `/${this.#vendorOf(path, authorization).name}${path}`
  }

  /** What there is at a resolved path that no route with its method matches. */
  at(resolved: string) {
    const routes = this.#named(resolved)!
    const path = resolved.slice(routes.prefix.length - 1)
    return { vendor: routes.vendor, path, ...routes.at(path) }
  }

  #named(path: string): Routes | undefined {
    return this.#all.find(({ prefix }) => path.startsWith(prefix))
  }

  #vendorOf(path: string, authorization: () => string | null): Vendor {
    const owners = this.#all.flatMap((routes) => {
      const route = routes.find(path)
      return route ? [{ vendor: routes.vendor, route }] : []
    })
    if (owners.length === 1) return owners[0]!.vendor
    const candidates: readonly { vendor: Vendor }[] = owners.length === 0 ? this.#all : owners
    const owner =
      owners.find(({ route }) => route.isLiteral) ??
      owners.find(({ vendor, route }) => vendor.walletId.test(decode(route.form.exec(path)?.groups?.wallet ?? ''))) ??
      candidates.find(({ vendor }) => speaks(vendor, authorization())) ??
      candidates[0]!
    return owner.vendor
  }
}

const speaks = ({ scheme }: Vendor, authorization: string | null) =>
  authorization?.trim().split(/\s/, 1)[0]?.toLowerCase() === scheme

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** Authorization headers whose meaning is remembered: a client sends the same one with every request. */
const MAX_CREDENTIALS = 1000

/** Tells whose a call is by its key. */
export class Identifier {
  readonly #registry: MerchantRegistry
  readonly #credentials = new Map<Vendor, Map<string | null, Credential>>()

  constructor(registry: MerchantRegistry) {
    this.#registry = registry
  }

  /** @param operation the operation asked for, where the path alone tells */
  identify(vendor: Vendor, operation: Operation | undefined, params: Params, request: ApiRequest): Identity {
    const credential = this.#credential(vendor, request.header('authorization'))
    const { key } = credential
    const owner = key === undefined ? this.#holder(operation, params) : this.#ownerOf(vendor, key)
    const unavailable = owner instanceof Refusal ? owner : undefined
    return {
      vendor: vendor.name,
      params,
      merchant: owner === undefined || owner instanceof Refusal ? this.#registry.anonymous : owner,
      credential,
      unavailable,
      knownKeys: () => this.#registry.activeKeys(vendor.name),
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
