import { checkKey } from '../../api/authenticate.js'
import type { Call } from '../../api/call.js'
import type { Credential } from '../../api/vendor.js'
import { Refusal } from '../../lib/errors.js'

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

export function authenticate(call: Call): Refusal | undefined {
  return checkKey(call, (key) => `Send the key as Basic user name with an empty password, as curl -u ${key}: does.`)
}

/** The most customers whose routing id is remembered per merchant. */
const MAX_ROUTED = 10_000

/**
 * The header rules of the pages. The vendor's own samples break some of them, so a break is a warning on the journal
 * entry, and a refusal in strict mode alone.
 */
export function validate(call: Call): void {
  const merchantId = call.header('x-merchantid')
  if (merchantId !== null && merchantId !== call.merchantId) {
    const sentence =
      "x-merchantid names another merchant than the API key's, which x-jp-merchant-id names; case matters."
    if (call.options.strict) throw new Refusal('invalid_authentication', sentence)
    call.warnings.push(sentence)
  }
  const routingId = call.header('x-routing-id')
  if (routingId === null || routingId === '')
    require(call, 'x-routing-id', 'send the customer id, the same on every request of a customer')
  else compareRouting(call, routingId)
  if (call.operationId === 'juspay.refreshAllWallets') {
    if (merchantId === null) require(call, 'x-merchantid', 'send the merchant id, as x-jp-merchant-id names it')
    const type = call.header('content-type')
    if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type ?? ''))
      require(call, 'Content-Type', 'send application/x-www-form-urlencoded')
  }
  const version = call.header('version')
  if (version !== null && !isVersion(version))
    call.warnings.push('The version header is no date; send one such as 2019-09-17.')
}

/** Versions of the API are dates. */
export const isVersion = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))

/** The operations whose pages require headers; of the others no page is known to. */
const WITH_HEADER_RULES: ReadonlySet<string> = new Set([
  'juspay.getWallet',
  'juspay.listWallets',
  'juspay.refreshAllWallets',
])

function require(call: Call, header: string, remedy: string): void {
  const sentence = `The header ${header} is missing or not as required on ${call.operationId}: ${remedy}.`
  if (call.options.strict && WITH_HEADER_RULES.has(call.operationId))
    throw new Refusal('bad_request', sentence, { message: `${header} header is required.` })
  call.warnings.push(sentence)
}

/** "It's crucial that you use the same x-routing-id for all requests tied to the same customer" (each of the pages). */
function compareRouting(call: Call, routingId: string): void {
  const { routing } = call.merchant
  const customer = call.customer?.id
  if (customer === undefined) return
  const before = routing.get(customer)
  if (before !== undefined && before !== routingId)
    call.warnings.push(
      `x-routing-id is "${routingId}", but customer ${customer} came with "${before}" before; send the same one on all requests of a customer.`,
    )
  if (before === undefined && routing.size >= MAX_ROUTED) routing.delete(routing.keys().next().value!)
  routing.set(customer, routingId)
}
