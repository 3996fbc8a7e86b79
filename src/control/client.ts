import { setTimeout as sleep } from 'node:timers/promises'
import { InputError } from '../lib/errors.js'
import { platformFetch } from '../lib/platform.js'
import { matcher } from '../scenarios/pattern.js'
import { CONTROL_BASE } from './base.js'
import type { MerchantControl } from './control.js'

/** How often a client that waits for an event looks for it, in ms. */
const POLL_MS = 20

/** Control over a socket: all but streams, which `GET …/requests/stream` and `GET …/events` give. */
export type RemoteControl = Omit<MerchantControl, 'events' | 'requests'> & {
  readonly requests: Omit<MerchantControl['requests'], 'stream'>
}

/** The control of one merchant of a sandbox that listens at a URL. What the sandbox refuses rejects with an InputError. */
export function connect(url: string, merchant: string): RemoteControl {
  // Each answer has the shape that the method of the same path says.
  const ask = async (method: string, path: string, body?: unknown): Promise<never> => {
    const sent =
      body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const at = `${url}${CONTROL_BASE}/merchants/${encodeURIComponent(merchant)}${path}`
    const response = await platformFetch(at, { method, ...sent })
    const answer = (await response.json()) as { error?: { details: string[] } }
    if (answer.error) throw new InputError(answer.error.details)
    return answer as never
  }
  const webhooks = () => ask('GET', '/webhooks') as ReturnType<MerchantControl['webhooks']['get']>
  const given = new Set<string>()
  return {
    reset: (options) => ask('POST', '/reset', options),
    state: { get: () => ask('GET', '/state'), put: (fixtures) => ask('PUT', '/state', fixtures) },
    scenario: {
      get: () => ask('GET', '/scenario'),
      put: (scenario) => ask('PUT', '/scenario', scenario),
      delete: () => ask('DELETE', '/scenario'),
    },
    clock: {
      get: () => ask('GET', '/clock'),
      put: (to) => ask('PUT', '/clock', to),
      advance: (by) => ask('POST', '/clock/advance', { by }),
    },
    webhooks: {
      get: webhooks,
      put: (webhook) => ask('PUT', '/webhook', webhook),
      redeliver: (event) => ask('POST', `/webhooks/${encodeURIComponent(event)}/redeliver`),
      async next({ event = '*', order = '*' } = {}) {
        const [isEvent, isOrder] = [matcher(event), matcher(order)]
        for (;;) {
          const { deliveries } = await webhooks()
          const next = deliveries.find(
            (delivery) =>
              isEvent(delivery.name) && isOrder(delivery.order) && !given.has(`${delivery.event} ${delivery.attempt}`),
          )
          if (next) {
            given.add(`${next.event} ${next.attempt}`)
            return next
          }
          await sleep(POLL_MS)
        }
      },
    },
    requests: {
      get: (filter = {}) => ask('GET', `/requests?${queryOf(filter)}`),
      delete: () => ask('DELETE', '/requests'),
      count: (match) => ask('POST', '/requests/count', { match }),
    },
    wallet: (id) => ask('GET', `/wallets/${encodeURIComponent(id)}`),
    wallets: (filter = {}) => ask('GET', `/wallets?${queryOf(filter)}`),
    expireToken: (id) => ask('POST', `/wallets/${encodeURIComponent(id)}/expire-token`),
    delink: (id) => ask('POST', `/wallets/${encodeURIComponent(id)}/delink`),
    provider: (id, provider) => ask('PUT', `/wallets/${encodeURIComponent(id)}/provider`, provider),
    capsule: () => ask('GET', '/capsule'),
    verdict: ({ levels } = {}) =>
      ask('GET', levels === undefined ? '/verdict' : `/verdict?levels=${encodeURIComponent(levels)}`),
    latency: (mode) => (mode === undefined ? ask('GET', '/latency') : ask('PUT', '/latency', mode)),
  }
}

const queryOf = (filter: object) =>
  new URLSearchParams(Object.entries(filter).map(([name, value]): [string, string] => [name, String(value)]))
