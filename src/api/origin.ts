import { Refusal } from '../lib/errors.js'
import { quote } from '../lib/text.js'
import { DELIVERY_HEADER } from '../webhooks/send.js'
import type { Call } from './call.js'
import type { HeaderOf } from './public-url.js'

/** Which senders are refused: pages of other sites, and sandboxes that deliver an event. */

export const EVENT_REFUSED = `The request carries ${DELIVERY_HEADER}, so it is an event of a sandbox; allowed: a webhook address that is not a sandbox's.`

/**
 * What shows that a page of another site sent a request, and what is allowed; undefined for the sandbox's own pages and
 * for clients that are not browsers.
 * @param own URLs of the sandbox: the one that the request names, and the one that clients use
 */
export function foreignPage(header: HeaderOf, ...own: readonly (string | undefined)[]): string | undefined {
  const origin = header('origin') ?? undefined
  if (origin !== undefined && !own.some((url) => isSameHost(origin, url ?? '')))
    return `The Origin ${quote(origin)} is another site's; allowed: no Origin, or the sandbox's own`
  const site = header('sec-fetch-site') ?? 'none'
  if (site === 'none' || site === 'same-origin') return undefined
  return `Sec-Fetch-Site is ${quote(site)}; allowed: same-origin, none, or no such header`
}

function isSameHost(origin: string, own: string): boolean {
  const [from, to] = [origin, own].map((url) => (URL.canParse(url) ? new URL(url).host : ''))
  return from !== '' && from === to
}

/** Whether `--cors` lets pages of an origin call the vendors. */
export const isAllowedOrigin = (allowed: readonly string[], origin: string | null): boolean =>
  allowed.includes('*') || (origin !== null && allowed.includes(origin))

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Why a vendor's call is refused for its sender, whatever it calls. A page of another site must not change anything by a key
 * or a token; a shop's form without either is let through.
 */
export function refuseSender(call: Call): Refusal | undefined {
  if (call.header(DELIVERY_HEADER) !== null) return new Refusal('forbidden', EVENT_REFUSED)
  if (READS.has(call.method)) return undefined
  if (call.header('authorization') === null && call.identity.tokenHolder === undefined) return undefined
  const foreign = foreignPage((name) => call.header(name), call.request.hostUrl, call.baseUrl)
  if (foreign === undefined || isAllowedOrigin(call.options.cors, call.header('origin'))) return undefined
  return new Refusal('forbidden', `${foreign}. A page may send a key or a token if --cors names its origin.`)
}
