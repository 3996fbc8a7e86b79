import { lookup } from 'node:dns'
import type { RequestOptions } from 'node:http'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import type { WebhookEvent, WebhookSettings } from './event.js'

/** How long a receiver may take, in ms. */
export const TIMEOUT_MS = 5_000
/** How much of its answer is read, in bytes. */
const MAX_ANSWER = 65_536

/** What became of an attempt: a status, or why there is none. */
export interface Outcome {
  readonly status: number | null
  readonly reason: string | null
}

/** Addresses of this machine and of private networks. */
const PRIVATE = new BlockList()
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv4')
PRIVATE.addAddress('::1', 'ipv6')
PRIVATE.addSubnet('fc00::', 7, 'ipv6')
PRIVATE.addSubnet('fe80::', 10, 'ipv6')

const isPrivate = (address: string) => PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

const foreign = (host: string) => `${host} is no loopback or private address; name it in --webhook-hosts to send there`

/** Finds a host's address, and refuses one that is neither private nor named: a mock must not be turned on strangers. */
const guarded: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 4)
    const known = addresses.find(({ address }) => isPrivate(address))
    if (known === undefined) return callback(new Error(foreign(host)), '', 4)
    return options.all ? callback(null, [known] as never, known.family) : callback(null, known.address, known.family)
  })
}

/** Sends one event, and says what became of it. */
export type Send = typeof send

/** Sends one event. It never throws: what goes wrong is the outcome. @param signal aborts when the time is over */
export async function send(
  { url, body }: WebhookEvent,
  { username, password, headers }: Partial<WebhookSettings>,
  date: string,
  hosts: readonly string[],
  signal: AbortSignal,
): Promise<Outcome> {
  const target = new URL(url)
  const host = target.hostname.replace(/^\[|\]$/g, '')
  const isNamed = hosts.includes(host) || hosts.includes('*')
  if (!isNamed && isIP(host) !== 0 && !isPrivate(host)) return { status: null, reason: foreign(host) }
  const { request } = target.protocol === 'https:' ? await import('node:https') : await import('node:http')
  const credentials = username === undefined ? {} : { auth: `${username}:${password ?? ''}` }
  const options: RequestOptions = {
    method: 'POST',
    agent: false,
    signal,
    ...credentials,
    ...(isNamed ? {} : { lookup: guarded }),
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), date, ...headers },
  }
  return new Promise((resolve) => {
    const fail = (error: Error) =>
      resolve({
        status: null,
        reason: error.name === 'AbortError' ? `no answer within ${TIMEOUT_MS} ms` : error.message,
      })
    request(target, options, (response) => {
      let read = 0
      // A redirect is not followed, and a long answer is not read to its end: the status is what counts.
      response.on('data', (piece: Buffer) => {
        read += piece.length
        if (read > MAX_ANSWER) response.destroy()
      })
      response.on('close', () => resolve({ status: response.statusCode ?? null, reason: null }))
      response.on('error', () => {})
    })
      .on('error', fail)
      .end(body)
  })
}
