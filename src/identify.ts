import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'
import type { Identity } from './exchange.js'
import type { Merchants } from './merchants.js'
import type { Credential, Operation, Vendor } from './vendor.js'

/** The operations at one path, by method. */
interface Place {
  readonly path: string
  readonly operations: Map<string, Operation>
}

interface Match {
  readonly vendor: Vendor
  readonly place: Place
  readonly params: Readonly<Record<string, string>>
}

const ANY_METHOD = 'ALL'

/** Where one vendor's operations are. */
class Routes {
  readonly vendor: Vendor
  readonly prefix: string
  readonly #router = new SmartRouter<Place>({ routers: [new RegExpRouter(), new TrieRouter()] })

  constructor(vendor: Vendor) {
    this.vendor = vendor
    this.prefix = `/${vendor.name}/`
    const places = new Map<string, Place>()
    for (const operation of vendor.operations) {
      const place = places.get(operation.path) ?? { path: operation.path, operations: new Map() }
      place.operations.set(operation.method, operation)
      places.set(operation.path, place)
    }
    // A path without variable parts goes first: /wallets/all is no wallet named "all".
    const literalFirst = [...places.values()].sort((a, b) => Number(isVariable(a)) - Number(isVariable(b)))
    for (const place of literalFirst) this.#router.add(ANY_METHOD, place.path, place)
  }

  find(path: string): Match | undefined {
    const [found, stash] = this.#router.match(ANY_METHOD, path)
    const first = found[0]
    if (first === undefined) return undefined
    const [place, given] = first
    const params: Record<string, string> = {}
    for (const name in given) {
      const value = given[name]
      params[name] = decoded(typeof value === 'number' ? (stash?.[value] ?? '') : (value ?? ''))
    }
    return { vendor: this.vendor, place, params }
  }
}

const isVariable = ({ path }: Place) => path.includes(':')

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

/** Authorization headers whose meaning is remembered: a client sends the same one with every request. */
const MOST_CREDENTIALS = 1000

/** Finds out whose request it is: vendor, operation, merchant. The only place that tells vendors apart. */
export class Identifier {
  readonly #routes: readonly Routes[]
  readonly #merchants: Merchants
  readonly #credentials = new Map<Vendor, Map<string | null, Credential>>()

  constructor(vendors: readonly Vendor[], merchants: Merchants) {
    this.#routes = vendors.map((vendor) => new Routes(vendor))
    this.#merchants = merchants
    for (const vendor of vendors) this.#credentials.set(vendor, new Map())
  }

  identify(arrival: Arrival): Identity {
    const authorization = arrival.header('authorization')
    const match = this.#match(arrival.path, authorization)
    const vendor = match?.vendor ?? this.#stranger(arrival.path, authorization)
    const credential = this.#credential(vendor, authorization)
    const { key } = credential
    const method = arrival.request.method === 'HEAD' ? 'GET' : arrival.request.method
    const operation = match?.place.operations.get(method)
    return {
      vendor,
      operation,
      allow: match === undefined || operation ? [] : [...match.place.operations.keys()],
      params: match?.params ?? {},
      world: (key === undefined ? undefined : this.#merchants.byKey(vendor.name, key)) ?? this.#merchants.nobody,
      credential,
      knownKeys: () => this.#merchants.activeKeys(vendor.name),
    }
  }

  /** `/juspay/…` and `/juicyway/…` name a vendor without doubt; else every vendor is asked. */
  #match(path: string, authorization: string | null): Match | undefined {
    const named = this.#named(path)
    if (named) return named.find(path.slice(named.prefix.length - 1))
    const matches: Match[] = []
    for (const routes of this.#routes) {
      const match = routes.find(path)
      if (match) matches.push(match)
    }
    return matches.length < 2 ? matches[0] : choose(matches, authorization)
  }

  #named(path: string): Routes | undefined {
    return this.#routes.find(({ prefix }) => path.startsWith(prefix))
  }

  /** Who answers for a path that nobody has. */
  #stranger(path: string, authorization: string | null): Vendor {
    return (this.#named(path) ?? this.#routes.find(({ vendor }) => speaks(vendor, authorization)) ?? this.#routes[0]!)
      .vendor
  }

  #credential(vendor: Vendor, authorization: string | null): Credential {
    const known = this.#credentials.get(vendor)!
    let credential = known.get(authorization)
    if (credential === undefined) {
      credential = vendor.credential(authorization)
      if (known.size >= MOST_CREDENTIALS) known.clear()
      known.set(authorization, credential)
    }
    return credential
  }
}

function speaks(vendor: Vendor, authorization: string | null): boolean {
  return authorization?.slice(0, vendor.scheme.length + 1).toLowerCase() === `${vendor.scheme} `
}

/**
 * Where vendors share a path: a path without variable parts goes before one with them, then the form of the wallet's id
 * decides, then the Authorization scheme; what is left belongs to the first vendor.
 */
function choose(matches: readonly Match[], authorization: string | null): Match | undefined {
  return (
    matches.find(({ place }) => !isVariable(place)) ??
    matches.find(({ vendor, params }) => vendor.walletId.test(params.wallet ?? '')) ??
    matches.find(({ vendor }) => speaks(vendor, authorization)) ??
    matches[0]
  )
}
