import { createHash, timingSafeEqual } from 'node:crypto'
import { EVENT_REFUSED, foreignPage } from '../api/origin.js'
import { type PublicAddress, publicUrlOf } from '../api/public-url.js'
import { isLoopback, isPrivateName } from '../lib/hosts.js'
import { quote } from '../lib/text.js'
import { DELIVERY_HEADER } from '../webhooks/send.js'
import { ControlError } from './errors.js'

/** What the guard looks at: a request that came over a socket, and where the server listens. */
export interface GuardedRequest extends PublicAddress {
  header(name: string): string | undefined
  /** The host that was given to listen on. */
  readonly boundHost: string | undefined
  readonly token: string | undefined
}

const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/

/**
 * Keeps web pages away: a page in a developer's browser must not steer the sandbox beside it. Origin and Sec-Fetch-Site
 * say where a page comes from. A domain that was pointed at this machine shows in Host.
 *
 * @throws ControlError naming the header and what would be let through
 */
export function refuseWebPages(arrival: GuardedRequest): void {
  const host = arrival.header('host') ?? ''
  const hostUrl = `http://${host}`
  const publicUrl = publicUrlOf(arrival, hostUrl, arrival.header)
  const foreign = foreignPage(arrival.header, hostUrl, publicUrl)
  if (foreign !== undefined)
    throw new ControlError('forbidden', `${foreign}. Call the control API from a test or a shell, not from a web page.`)
  if (!isOurs(host, arrival, publicUrl))
    throw new ControlError(
      'forbidden',
      `The Host ${quote(host)} is a foreign name; allowed: ${
        isLoopback(arrival.boundHost ?? '127.0.0.1')
          ? 'localhost, 127.0.0.1 and [::1]'
          : 'an address, a name without a dot, a name below .local, .internal, .test or .localhost; with --control-token any'
      }; with --public-url its host too.`,
    )
}

/** An order may name the sandbox itself as the receiver of its events. @throws ControlError for an event */
export function refuseDelivery(header: GuardedRequest['header']): void {
  if (header(DELIVERY_HEADER) !== undefined) throw new ControlError('forbidden', EVENT_REFUSED)
}

/** @throws ControlError unless the request carries the token, compared in constant time */
export function requireToken({ header, token }: GuardedRequest): void {
  if (token === undefined) return
  const [, given = ''] = /^bearer (.*)$/i.exec(header('authorization') ?? '') ?? []
  if (timingSafeEqual(digest(given), digest(token))) return
  throw new ControlError(
    'unauthorized',
    'The control API needs the header Authorization: Bearer TOKEN, with the token of --control-token.',
    { 'www-authenticate': 'Bearer' },
  )
}

const digest = (text: string) => createHash('sha256').update(text).digest()

/**
 * A server on loopback goes by loopback's names and the one it was given, and each by its public one; a trusted proxy
 * knows whom it lets through. One that others may reach goes by an address
 * or a name that is none of the public ones, such as a container's; with a token, which a page cannot know, by any name.
 */
function isOurs(host: string, arrival: GuardedRequest, publicUrl: string | undefined): boolean {
  const { boundHost = '127.0.0.1', token } = arrival
  const name = host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '')
  if (publicUrl !== undefined && (arrival.publicUrl === undefined || name === new URL(publicUrl).hostname)) return true
  if (isLoopback(name) || name === boundHost.toLowerCase() || name === `[${boundHost.toLowerCase()}]`) return true
  if (isLoopback(boundHost)) return false
  return token !== undefined || ADDRESS.test(name) || isPrivateName(name)
}
