import { decoded } from '../../lib/text.js'
import { type Filter, NO_FILTER } from './journal.js'

/** What of the page stands in its address. */
export interface Address {
  /** `requests` where it is not one that there is. */
  readonly view: string
  /** The call that is open, or asked for, by its merchant, empty for a call of none, and its number in the journal. */
  readonly call: { readonly merchant: string; readonly id: number } | undefined
  readonly order: { readonly merchant: string; readonly reference: string } | undefined
  /** Whether times are in the browser's own zone, and not in UTC. */
  readonly isLocal: boolean
}

/** Reads `#VIEW?merchant=…&status=…&zone=local&call=MERCHANT/ID`, and the short forms `#call/MERCHANT/ID` and `#order/MERCHANT/REFERENCE`. */
export function addressIn(hash: string): Address & { readonly filter: Filter } {
  const [path = '', query = ''] = hash.slice(1).split('?')
  const [first = '', merchant = '', ...rest] = path.split('/').map(decoded)
  const given = new URLSearchParams(query)
  const filter = Object.fromEntries(Object.keys(NO_FILTER).map((name) => [name, given.get(name) ?? ''])) as Filter
  const [, ...named] = /^(.*)\/(.*)$/s.exec(given.get('call') ?? '') ?? []
  const [ofCall, id] = first === 'call' ? [merchant, rest[0]] : named
  return {
    view: first === 'call' || first === '' ? 'requests' : first,
    call: id === undefined ? undefined : { merchant: ofCall ?? '', id: Number(id) },
    order: first === 'order' && rest.length > 0 ? { merchant, reference: rest.join('/') } : undefined,
    isLocal: given.get('zone') === 'local',
    filter,
  }
}

/** @param filter with the chosen merchant */
export function hashOf({ view, call, order, isLocal }: Address, filter: Filter): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(filter)) if (value !== '') query.set(name, value)
  if (isLocal) query.set('zone', 'local')
  if (call !== undefined) query.set('call', `${call.merchant}/${call.id}`)
  const path = order === undefined ? `#${view}` : orderAddress(order.merchant, order.reference)
  return `${path}${query.size === 0 ? '' : `?${query}`}`
}

/** The page's address with a call of the journal open. @param merchant null for a call of none */
export const callAddress = (merchant: string | null, id: number) => `#call/${encodeURIComponent(merchant ?? '')}/${id}`

export const orderAddress = (merchant: string | null, reference: string) =>
  `#order/${encodeURIComponent(merchant ?? '')}/${encodeURIComponent(reference)}`
