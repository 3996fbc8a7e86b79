import { setTimeout as sleep } from 'node:timers/promises'
import { InputError } from '../lib/errors.js'
import { asJson, givenText } from '../lib/given.js'
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
  // Each answer has the shape that the method of the same path returns.
  const ask = async (method: string, path: string, body?: unknown): Promise<never> => {
    const sent =
      body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(asJson(body, 'body')) }
    const at = `${url}${CONTROL_BASE}/merchants/${idIn(merchant, 'merchant')}${path}`
    const response = await platformFetch(at, { method, ...sent })
    const answer = (await response.json()) as { error?: { details: string[] } }
    if (answer.error) throw new InputError(answer.error.details)
    return answer as never
  }
  const webhooks = () => ask('GET', '/webhooks') as ReturnType<MerchantControl['webhooks']['get']>
  const holds = () => ask('GET', '/holds') as ReturnType<MerchantControl['holds']['get']>
  const given = new Set<string>()
  /** The first that was not given out before, once there is one. */
  const polled = async <Item>(read: () => Promise<readonly Item[]>, keyOf: (item: Item) => string): Promise<Item> => {
    for (;;) {
      const next = (await read()).find((item) => !given.has(keyOf(item)))
      if (next === undefined) {
        await sleep(POLL_MS)
        continue
      }
      given.add(keyOf(next))
      return next
    }
  }
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
      redeliver: (event) => ask('POST', `/webhooks/${idIn(event, 'webhooks')}/redeliver`),
      async next(match = {}) {
        const { event = '*', order = '*' } = asJson(match, 'nextWebhook') as typeof match
        const [isEvent, isOrder] = [matcher(event), matcher(order)]
        return polled(
          async () => (await webhooks()).deliveries.filter((one) => isEvent(one.name) && isOrder(one.order)),
          ({ event: id, attempt }) => `${id} ${attempt}`,
        )
      },
    },
    holds: {
      get: holds,
      release: (hold, how) => ask('POST', `/holds/${idIn(hold, 'hold')}/release`, how ?? {}),
      async next(match = {}) {
        const { hold = '*' } = asJson(match, 'nextHold') as typeof match
        const isMeant = matcher(hold)
        return polled(
          async () => (await holds()).holds.filter((one) => isMeant(one.hold)),
          ({ hold: name, call, since }) => `${name} ${call} ${since}`,
        )
      },
    },
    requests: {
      get: (filter = {}) => ask('GET', `/requests?${queryOf(filter)}`),
      delete: () => ask('DELETE', '/requests'),
      count: (match) => ask('POST', '/requests/count', { match }),
    },
    wallet: (id) => ask('GET', `/wallets/${idIn(id, 'wallet')}`),
    wallets: (filter = {}) => ask('GET', `/wallets?${queryOf(filter)}`),
    expireToken: (id) => ask('POST', `/wallets/${idIn(id, 'wallet')}/expire-token`),
    delink: (id) => ask('POST', `/wallets/${idIn(id, 'wallet')}/delink`),
    provider: (id, provider) => ask('PUT', `/wallets/${idIn(id, 'wallet')}/provider`, provider),
    timeline: (order) => ask('GET', `/orders/${idIn(order, 'order')}/timeline`),
    capsule: () => ask('GET', '/capsule'),
    verdict: (given = {}) => ask('GET', `/verdict?${queryOf(given)}`),
    latency: (mode) => (mode === undefined ? ask('GET', '/latency') : ask('PUT', '/latency', mode)),
  }
}

const idIn = (given: unknown, where: string) => encodeURIComponent(givenText(given, where))

const queryOf = (filter: object) =>
  new URLSearchParams(
    Object.entries(Object(asJson(filter, 'filter'))).map(([name, value]): [string, string] => [name, String(value)]),
  )
