import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'
import type { Choice, Identity } from '../api/call.js'
import type { Credential, Operation, Route, Vendor } from '../api/vendor.js'
import { Refusal } from '../lib/errors.js'
import type { Merchant } from '../merchants/merchant.js'
import type { MerchantRegistry } from '../merchants/registry.js'

/** What stands at one path, by method: an operation, or several that a field tells apart. */
interface Place {
  readonly path: string
  readonly methods: Map<string, Operation | Choice>
}

interface Match {
  readonly vendor: Vendor
  readonly place: Place
  readonly params: Readonly<Record<string, string>>
}

const ANY_METHOD = 'ALL'

/** Paths whose place is remembered, and the longest that is. */
const MAX_KNOWN = 1000
const LONGEST_KNOWN = 200
const NOWHERE = 'nowhere'

/** Where one vendor's operations are. */
class Routes {
  readonly vendor: Vendor
  readonly prefix: string
  readonly #known = new Map<string, Match | typeof NOWHERE>()
  readonly #router = new SmartRouter<Place>({ routers: [new RegExpRouter(), new TrieRouter()] })

  constructor(vendor: Vendor) {
    this.vendor = vendor
    this.prefix = `/${vendor.name}/`
    const places = new Map<string, Place>()
    for (const operation of vendor.operations)
      for (const route of [operation, ...(operation.also ?? [])]) {
        const place = places.get(route.path) ?? { path: route.path, methods: new Map() }
        place.methods.set(route.method, joined(place.methods.get(route.method), route, operation))
        places.set(route.path, place)
      }
    // A path without variable parts goes first: /wallets/all is no wallet named "all".
    const literalFirst = [...places.values()].sort((a, b) => Number(isVariable(a)) - Number(isVariable(b)))
    for (const place of literalFirst) this.#router.add(ANY_METHOD, place.path, place)
  }

  /** What stands at a path. Looking it up takes longer than all else of identifying, so the latest are remembered. */
  find(path: string): Match | undefined {
    const known = this.#known.get(path)
    if (known !== undefined) return known === NOWHERE ? undefined : known
    const match = this.#look(path)
    if (this.#known.size >= MAX_KNOWN) this.#known.clear()
    if (path.length <= LONGEST_KNOWN) this.#known.set(path, match ?? NOWHERE)
    return match
  }

  #look(path: string): Match | undefined {
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

/** An operation beside what stands at its place already. Of those told apart, the one without `when` is the default. */
function joined(before: Operation | Choice | undefined, { when }: Route, operation: Operation): Operation | Choice {
  const choice = isChoice(before) ? before : undefined
  const field = when?.field ?? choice?.field
  if (field === undefined) return operation
  const alone = before === undefined || isChoice(before) ? [] : [['', before] as const]
  return { field, operations: new Map([...alone, ...(choice?.operations ?? []), [when?.is ?? '', operation]]) }
}

const isChoice = (standing: Operation | Choice | undefined): standing is Choice =>
  standing !== undefined && 'operations' in standing

/** The operation that a choice comes to, by its field in the body, else by the parameter of that name. */
export function chosen({ field, operations }: Choice, arrival: Arrival): Operation | undefined {
  return operations.get(arrival.field(field) ?? arrival.parameter(field) ?? '')
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
  parameter(name: string): string | null
  field(name: string): string | undefined
}

/** Authorization headers whose meaning is remembered: a client sends the same one with every request. */
const MAX_CREDENTIALS = 1000

/** Finds out whose request it is: vendor, operation, merchant. The only place that tells vendors apart. */
export class Identifier {
  readonly #routes: readonly Routes[]
  readonly #merchants: MerchantRegistry
  readonly #credentials = new Map<Vendor, Map<string | null, Credential>>()

  constructor(vendors: readonly Vendor[], merchants: MerchantRegistry) {
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
    const standing = match?.place.methods.get(method)
    const choice = isChoice(standing) ? standing : undefined
    // A body may decide; without one it is known now.
    const operation = isChoice(standing) ? (method === 'GET' ? chosen(standing, arrival) : undefined) : standing
    const params = match?.params ?? {}
    const owner = key === undefined ? this.#holder(operation, params) : this.#ownerOf(vendor, key)
    const unmade = owner instanceof Refusal ? owner : undefined
    return {
      vendor,
      operation,
      choice,
      allow: match === undefined || standing ? [] : [...match.place.methods.keys()],
      params,
      merchant: owner === undefined || owner instanceof Refusal ? this.#merchants.anonymous : owner,
      unmade,
      credential,
      knownKeys: () => this.#merchants.activeKeys(vendor.name),
    }
  }

  /** Whose a key is, or why the disk does not let it make a merchant. */
  #ownerOf(vendor: Vendor, key: string): Merchant | Refusal | undefined {
    try {
      return this.#merchants.byKey(vendor.name, key)
    } catch (error) {
      if (error instanceof Refusal) return error
      throw error
    }
  }

  /** Whose a page is that a browser opens without a key. */
  #holder(operation: Operation | undefined, params: Identity['params']): Merchant | undefined {
    if (operation?.heldBy === undefined) return undefined
    for (const merchant of this.#merchants.all()) if (operation.heldBy(merchant, params)) return merchant
    return undefined
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
      if (known.size >= MAX_CREDENTIALS) known.clear()
      known.set(authorization, credential)
    }
    return credential
  }
}

function speaks(vendor: Vendor, authorization: string | null): boolean {
  return authorization?.trim().split(/\s/, 1)[0]?.toLowerCase() === vendor.scheme
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
