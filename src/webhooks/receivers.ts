import { Agent, request } from 'node:http'
import { getOrMake } from '../lib/get-or-make.js'
import { Limit } from '../lib/limit.js'

/** Deliveries to one receiver at once. Each is a connection, and a small server takes only so many. */
const MAX_AT_ONCE = 32

/** What the deliveries of all merchants of a sandbox share. */
export class Receivers {
  /** Hosts beyond private addresses that may be sent to. */
  readonly hosts: readonly string[]
  /** Where the sandbox itself listens. */
  readonly ownUrl: () => string | undefined
  readonly #limits = new Map<string, Limit>()
  /** One for all deliveries, as to make one takes longer than a delivery. Connections are not kept: a receiver may end them. */
  readonly #plain = { request, agent: new Agent() }
  #secure: Promise<unknown> | undefined

  constructor(hosts: readonly string[] = [], ownUrl: () => string | undefined = () => undefined) {
    this.hosts = hosts
    this.ownUrl = ownUrl
  }

  /** What sends by HTTP, or with the first need by HTTPS. Its type is Node's, which users of the package may not have. */
  async clientOf({ protocol }: { readonly protocol: string }): Promise<unknown> {
    if (protocol === 'http:') return this.#plain
    this.#secure ??= import('node:https').then((https) => ({ request: https.request, agent: new https.Agent() }))
    return this.#secure
  }

  /** Runs a delivery once there is room for it at its receiver. */
  async run<Result>(url: string, deliver: () => Promise<Result>): Promise<Result> {
    const receiver = URL.canParse(url) ? new URL(url).origin : ''
    const limit = getOrMake(this.#limits, receiver, () => new Limit(MAX_AT_ONCE))
    try {
      return await limit.run(deliver)
    } finally {
      if (limit.isIdle) this.#limits.delete(receiver)
    }
  }
}
