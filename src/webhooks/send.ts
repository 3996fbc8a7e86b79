import { lookup } from 'node:dns'
import type * as http from 'node:http'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { WebhookSettings } from '../fixture-files/webhook.js'
import { hidePassword, isWebUrl, portOf, quote, WEB_URL_FORM } from '../lib/text.js'
import type { WebhookEvent } from '../wallets/model.js'
import type { Receivers } from './receivers.js'

type HttpClient = Pick<typeof http, 'request'> & { readonly agent: http.Agent }

/** Marks every attempt to deliver, so that a sandbox knows one that was sent to a sandbox. */
export const DELIVERY_HEADER = 'x-sandbox-delivery'

/** How long a receiver may take, in ms. */
export const TIMEOUT_MS = 5_000
/** How much of its answer is read, in bytes. */
const MAX_ANSWER = 65_536

/** What became of an attempt: a status, or why there is none. */
export interface AttemptResult {
  readonly status: number | null
  readonly reason: string | null
}

/** What becomes of an attempt that a recording does not make: it is listed, and its event waits as before. */
export const NOT_SENT: AttemptResult = { status: null, reason: 'not sent: recording' }

/** The family of a valid address. `isIP` would compile its expression at every start, which takes 4 % of it. */
const familyOf = (address: string) => (address.includes(':') ? 'ipv6' : 'ipv4')

function networks(...subnets: readonly (readonly [network: string, prefix: number])[]): BlockList {
  const list = new BlockList()
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, familyOf(network))
  return list
}

const THIS_MACHINE = [
  ['127.0.0.0', 8],
  ['::1', 128],
] as const

const LOOPBACK = networks(...THIS_MACHINE, ['0.0.0.0', 32], ['::', 128])
const PRIVATE = networks(...THIS_MACHINE, ['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['fc00::', 7])

const isIn = (list: BlockList, address: string) => list.check(address, familyOf(address))

const isOfThisMachine = (address: string) =>
  isIn(LOOPBACK, address) ||
  Object.values(networkInterfaces()).some((all) => all?.some((each) => each.address === address))

/** Why an address is not sent to; undefined for one that is. */
type Refuse = (address: string) => string | undefined

/** A mock must not be turned on strangers, nor reach its own control API from within. */
function refusalOf(target: URL, host: string, { hosts, ownUrl }: Receivers): Refuse {
  const own = ownUrl()
  const isOwnPort = own !== undefined && portOf(own) === portOf(target.href)
  const isNamed = hosts.includes(host) || hosts.includes('*')
  return (address) => {
    if (isOwnPort && isOfThisMachine(address)) return `${target.host} is the sandbox itself; events go to a receiver`
    if (isNamed || isIn(PRIVATE, address)) return undefined
    return `${host} is not a loopback or private address; name it in --webhook-hosts to send there`
  }
}

/** Finds those addresses of a host that may be sent to. */
const guarded =
  (refuse: Refuse): LookupFunction =>
  (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 4)
      const open = addresses.filter(({ address }) => refuse(address) === undefined)
      const [first] = open
      if (first === undefined) return callback(new Error(refuse(addresses[0]!.address)), '', 4)
      return options.all ? callback(null, open) : callback(null, first.address, first.family)
    })
  }

export type Send = typeof send

/** @param to the receiver, with what only it is sent. @param signal aborts when the time is over */
export async function send(
  { body }: WebhookEvent,
  { url, username, password, headers }: WebhookSettings,
  date: string,
  receivers: Receivers,
  signal: AbortSignal,
): Promise<AttemptResult> {
  if (!isWebUrl(url))
    return { status: null, reason: `the address is ${quote(hidePassword(url))}; allowed: ${WEB_URL_FORM}` }
  const target = new URL(url)
  const host = target.hostname.replace(/^\[|\]$/g, '')
  const refuse = refusalOf(target, host, receivers)
  const reason = isIP(host) === 0 ? undefined : refuse(host)
  if (reason !== undefined) return { status: null, reason }
  const { request, agent } = (await receivers.clientOf(target)) as HttpClient
  const credentials = username === undefined ? {} : { auth: `${username}:${password ?? ''}` }
  const own = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), date }
  const options: http.RequestOptions = {
    method: 'POST',
    agent,
    signal,
    ...credentials,
    lookup: guarded(refuse),
    headers: { ...own, ...headers, [DELIVERY_HEADER]: '1' },
  }
  return new Promise((resolve) => {
    let status: number | null = null
    const fail = (error: Error) => {
      const why = error.name === 'AbortError' ? `no answer within ${TIMEOUT_MS} ms` : error.message
      resolve({ status: null, reason: why })
    }
    // One that changes the protocol ends without an answer and without an error.
    const end = () =>
      status === null ? fail(new Error('the receiver did not answer')) : resolve({ status, reason: null })
    request(target, options, (response) => {
      status = response.statusCode ?? null
      let read = 0
      // A redirect is not followed, and a long answer is not read to its end: the status is what counts.
      response.on('data', (piece: Buffer) => {
        read += piece.length
        if (read > MAX_ANSWER) response.destroy()
      })
      response.on('close', end)
      response.on('error', () => {})
    })
      .on('error', fail)
      .on('close', end)
      .end(body)
  })
}
