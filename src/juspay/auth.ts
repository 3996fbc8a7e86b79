import { checkKey } from '../authenticate.js'
import { Refusal } from '../errors.js'
import type { Exchange } from '../exchange.js'
import type { Credential } from '../vendor.js'

/** Basic authentication: the API key as user name, an empty password ("Authorization" on each of the pages). */
export function credential(authorization: string | null): Credential {
  if (authorization === null) return { key: undefined }
  const [, scheme = '', encoded = ''] = /^(\S+)(?:\s+(.*))?$/.exec(authorization.trim()) ?? []
  if (scheme.toLowerCase() !== 'basic') return { key: undefined, fault: 'The Authorization scheme is not Basic.' }
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded) || encoded.replace(/=+$/, '').length % 4 === 1)
    return { key: undefined, fault: 'What follows "Basic" is not base64.' }
  const decoded = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  if (colon < 0) return { key: decoded, fault: 'The decoded credentials have no colon after the API key.' }
  const key = decoded.slice(0, colon)
  if (key === '') return { key: undefined, fault: 'The user name, which is the API key, is empty.' }
  if (colon < decoded.length - 1) return { key, fault: 'A password is given; it must be empty.' }
  return { key }
}

export function authenticate(exchange: Exchange): Refusal | undefined {
  return checkKey(exchange, (key) => `Send the key as Basic user name with an empty password, as curl -u ${key}: does.`)
}

/** The most customers whose routing id is remembered per merchant. */
const MOST_ROUTED = 10_000

/**
 * The header rules of the pages. The vendor's own samples break some of them, so a break is a warning on the journal
 * entry, and a refusal in strict mode alone.
 */
export function validate(exchange: Exchange): void {
  const merchantId = exchange.header('x-merchantid')
  if (merchantId !== null && merchantId !== exchange.merchantId) {
    const sentence =
      "x-merchantid names another merchant than the API key's, which x-jp-merchant-id names; case matters."
    if (exchange.options.strict) throw new Refusal('invalid_authentication', sentence)
    exchange.warnings.push(sentence)
  }
  const routingId = exchange.header('x-routing-id')
  if (routingId === null || routingId === '')
    require(exchange, 'x-routing-id', 'send the customer id, the same on every request of a customer')
  else compareRouting(exchange, routingId)
  if (exchange.operationId === 'juspay.refreshAllWallets') {
    if (merchantId === null) require(exchange, 'x-merchantid', 'send the merchant id, as x-jp-merchant-id names it')
    const type = exchange.header('content-type')
    if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type ?? ''))
      require(exchange, 'Content-Type', 'send application/x-www-form-urlencoded')
  }
  const version = exchange.header('version')
  if (version !== null && !isVersion(version))
    exchange.warnings.push('The version header is no date; send one such as 2019-09-17.')
}

/** Versions of the API are dates. */
export const isVersion = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))

/** The operations whose pages require headers; of the others no page is known to. */
const WITH_HEADER_RULES: ReadonlySet<string> = new Set([
  'juspay.getWallet',
  'juspay.listWallets',
  'juspay.refreshAllWallets',
])

function require(exchange: Exchange, header: string, remedy: string): void {
  const sentence = `The header ${header} is missing or not as required on ${exchange.operationId}: ${remedy}.`
  if (exchange.options.strict && WITH_HEADER_RULES.has(exchange.operationId))
    throw new Refusal('bad_request', sentence, { message: `${header} header is required.` })
  exchange.warnings.push(sentence)
}

/** "It's crucial that you use the same x-routing-id for all requests tied to the same customer" (each of the pages). */
function compareRouting(exchange: Exchange, routingId: string): void {
  const { routing } = exchange.world
  const customer = exchange.customer?.id
  if (customer === undefined) return
  const before = routing.get(customer)
  if (before !== undefined && before !== routingId)
    exchange.warnings.push(
      `x-routing-id is "${routingId}", but customer ${customer} came with "${before}" before; send the same one on all requests of a customer.`,
    )
  if (before === undefined && routing.size >= MOST_ROUTED) routing.delete(routing.keys().next().value!)
  routing.set(customer, routingId)
}
