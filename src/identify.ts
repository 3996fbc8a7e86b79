import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'
import type { Identity } from './exchange.js'
import type { Merchants } from './merchants.js'
import type { Operation, Vendor } from './vendor.js'

interface Match {
  readonly operation: Operation
  readonly params: Readonly<Record<string, string>>
}

/** Where one vendor's operations are. */
class Routes {
  readonly vendor: Vendor
  readonly #router = new SmartRouter<Operation>({ routers: [new RegExpRouter(), new TrieRouter()] })
  readonly #methods: readonly string[]

  constructor(vendor: Vendor) {
    this.vendor = vendor
    this.#methods = [...new Set(vendor.operations.map(({ method }) => method))]
    // A path without variable parts goes first: /wallets/all is no wallet named "all".
    const literalFirst = [...vendor.operations].sort(
      (a, b) => Number(a.path.includes(':')) - Number(b.path.includes(':')),
    )
    for (const operation of literalFirst) this.#router.add(operation.method, operation.path, operation)
  }

  find(method: string, path: string): Match | undefined {
    const [found, stash] = this.#router.match(method, path)
    const first = found[0]
    if (first === undefined) return undefined
    const [operation, given] = first
    const params: Record<string, string> = {}
    for (const name in given) {
      const value = given[name]
      params[name] = decoded(typeof value === 'number' ? (stash?.[value] ?? '') : (value ?? ''))
    }
    return { operation, params }
  }

  /** The path under any method, and the methods it has. */
  elsewhere(path: string): { match: Match; methods: readonly string[] } | undefined {
    const matches = this.#methods.flatMap((method) => this.find(method, path) ?? [])
    return matches[0] && { match: matches[0], methods: [...new Set(matches.map(({ operation }) => operation.method))] }
  }
}

function decoded(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** What identification looks at. */
interface Arrival {
  readonly path: string
  readonly request: { readonly method: string }
  header(name: string): string | null
}

/** Finds out whose request it is: vendor, operation, merchant. The only place that tells vendors apart. */
export class Identifier {
  readonly #routes: readonly Routes[]
  readonly #merchants: Merchants

  constructor(vendors: readonly Vendor[], merchants: Merchants) {
    this.#routes = vendors.map((vendor) => new Routes(vendor))
    this.#merchants = merchants
  }

  identify(arrival: Arrival): Identity {
    const authorization = arrival.header('authorization')
    const method = arrival.request.method === 'HEAD' ? 'GET' : arrival.request.method
    const { routes, path } = this.#prefixed(arrival.path)
    const found = routes.flatMap((candidate) => {
      const match = candidate.find(method, path)
      if (match) return [{ vendor: candidate.vendor, match, allow: [] as readonly string[], served: true }]
      const other = candidate.elsewhere(path)
      return other ? [{ vendor: candidate.vendor, match: other.match, allow: other.methods, served: false }] : []
    })
    const chosen = choose(found, authorization)
    const vendor = chosen?.vendor ?? this.#strangers(routes, authorization)
    const { key } = vendor.credential(authorization)
    return {
      vendor,
      operation: chosen?.served ? chosen.match.operation : undefined,
      allow: chosen?.allow ?? [],
      params: chosen?.match.params ?? {},
      world: (key === undefined ? undefined : this.#merchants.byKey(vendor.name, key)) ?? this.#merchants.nobody,
      key,
      knownKeys: () => this.#merchants.activeKeys(vendor.name),
    }
  }

  /** `/juspay/…` and `/juicyway/…` name a vendor without doubt. */
  #prefixed(path: string): { routes: readonly Routes[]; path: string } {
    for (const candidate of this.#routes) {
      const prefix = `/${candidate.vendor.name}`
      if (path.startsWith(`${prefix}/`)) return { routes: [candidate], path: path.slice(prefix.length) }
    }
    return { routes: this.#routes, path }
  }

  /** Who answers for a path that nobody has. */
  #strangers(routes: readonly Routes[], authorization: string | null): Vendor {
    return (routes.find(({ vendor }) => speaks(vendor, authorization)) ?? routes[0]!).vendor
  }
}

function speaks(vendor: Vendor, authorization: string | null): boolean {
  return authorization?.slice(0, vendor.scheme.length + 1).toLowerCase() === `${vendor.scheme} `
}

interface Candidate {
  readonly vendor: Vendor
  readonly match: Match
  readonly allow: readonly string[]
  readonly served: boolean
}

/**
 * Where vendors share a path: a path without variable parts goes before one with them, then the form of the wallet's id
 * decides, then the Authorization scheme; what is left belongs to the first vendor.
 */
function choose(found: readonly Candidate[], authorization: string | null): Candidate | undefined {
  if (found.length < 2) return found[0]
  return (
    found.find(({ match }) => !match.operation.path.includes(':')) ??
    found.find(({ vendor, match }) => vendor.walletId.test(match.params.wallet ?? '')) ??
    found.find(({ vendor }) => speaks(vendor, authorization)) ??
    found[0]
  )
}
