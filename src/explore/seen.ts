import { endpointsOf } from '../api/vendor.js'
import type { Entry } from '../journal/entry.js'
import { pathPattern, shownPath } from '../lib/path.js'
import type { Merchant } from '../merchants/merchant.js'
import { VENDORS } from '../vendors/index.js'
import { ClientCall } from '../verdict/client-call.js'
import type { Verdict } from '../verdict/verdict.js'
import type { Logged } from '../webhooks/webhooks.js'
import { accountsOf } from './accounts.js'

/** The calls and events of a run, by names that hold in every run of a flow. */

/** What the client says in the end. */
export interface Said {
  readonly outcome: 'success' | 'failure' | 'pending' | 'timeout' | 'interrupted'
  /** Of a success, unless two flows ran at once. */
  readonly value?: unknown
  readonly message?: string
}

export type Seen = ReturnType<typeof seenIn>

export const seenIn = ({ journal, webhooks, state }: Merchant, said: Said, { findings }: Verdict) => ({
  said,
  calls: callsOf(journal.entries()),
  events: eventsOf(webhooks.log),
  accounts: accountsOf(state),
  broken: findings.filter(({ level }) => level === 'fail'),
})

export type FlowCall = ReturnType<typeof callsOf>[number]
export type FlowEvent = ReturnType<typeof eventsOf>[number]

const OPERATIONS = new Map(
  VENDORS.flatMap((vendor) => vendor.operations.map((operation) => [operation.id, { vendor, operation }] as const)),
)

/** The name of the thing at a place: its kind, and its number among those of that. */
const numbered = (kinds: readonly string[], at: number) =>
  `${kinds[at]}#${kinds.slice(0, at + 1).filter((kind) => kind === kinds[at]).length}`
export const kindOf = (name: string) => name.slice(0, name.lastIndexOf('#'))
export const numberOf = (name: string) => Number(name.slice(name.lastIndexOf('#') + 1))

/**
 * The calls of a run, named by their operation and their number among the calls of that: `juspay.debitWallet#1`, with the
 * request `POST /txns`, whose path has the parts that name something in braces. Some call no operation.
 */
export function callsOf(entries: readonly Entry[]) {
  const seen = entries.map((entry) => {
    const { method, path } = entry.request
    const { vendor, operation } = OPERATIONS.get(entry.about.operation ?? '') ?? {}
    const forms = vendor ? endpointsOf(vendor, operation!).map((endpoint) => endpoint.path) : []
    const form = forms.find((each) => new RegExp(`${pathPattern(each)}/?$`).test(path)) ?? forms[0]
    const request = `${method} ${form === undefined ? path : shownPath(form)}`
    return { request, vendor, operation, client: new ClientCall(entry) }
  })
  const kinds = seen.map(({ operation, request }) => operation?.id ?? request)
  return seen.map((call, at) => ({ name: numbered(kinds, at), ...call }))
}

/** The events of a run that went to a receiver, such as `ORDER_SUCCEEDED#1`, and whether another follows from the same change. */
function eventsOf(log: readonly Logged[]) {
  const first = log.map(({ delivery }) => delivery).filter(({ attempt, url }) => attempt === 1 && url !== null)
  const kinds = first.map(({ name }) => name)
  const changes = first.map(({ order, body }) => `${order} ${(body as { date_created?: string }).date_created}`)
  return kinds.map((_, at) => ({
    name: numbered(kinds, at),
    isFollowed: changes.lastIndexOf(changes[at]!) > at,
  }))
}
