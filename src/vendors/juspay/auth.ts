import { checkKey } from '../../api/authenticate.js'
import { type Call, type Credential, type CredentialNeed, credentialNeed } from '../../api/call.js'
import type { Outcome } from '../../api/outcome.js'
import { timestamp } from '../../lib/clock.js'
import { Refusal } from '../../lib/errors.js'
import { quote } from '../../lib/text.js'
import { clientTokenEnd, namedHolder } from './client-token.js'
import { MISSING_FIELD, OTHER_MERCHANT } from './errors.js'

/** Basic authentication: the API key as user name, an empty password ("Authorization" on each of the pages). */
export function credential(authorization: string | null): Credential {
  if (authorization === null) return { key: undefined, isAbsent: true }
  const [, scheme = '', encoded = ''] = /^(\S+)(?:\s+(.*))?$/.exec(authorization.trim()) ?? []
  if (scheme.toLowerCase() !== 'basic')
    return { key: undefined, fault: 'The Authorization scheme is not Basic.', misplaced: encoded || scheme }
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded) || encoded.replace(/=+$/, '').length % 4 === 1)
    return { key: undefined, fault: 'What follows "Basic" is not base64.', misplaced: encoded.replace(/:$/, '') }
  const decoded = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  // The vendor's published Node library sends the bare key so.
  if (colon < 0) return { key: decoded, laxity: 'The decoded credentials have no colon after the API key.' }
  const key = decoded.slice(0, colon)
  if (key === '')
    return { key: undefined, fault: 'The user name, which is the API key, is empty.', isAbsent: decoded === ':' }
  if (colon < decoded.length - 1) return { key, fault: 'A password is given; it must be empty.' }
  return { key }
}

const denied = (sentence: string) => new Refusal('invalid_authentication', sentence)

/** The field or parameter in which a customer's own token is sent. */
export const TOKEN_FIELD = 'client_auth_token'

export function authenticate(call: Call): Refusal | undefined {
  const need = credentialNeed(call.operation, call.body.fields)
  if (call.identity.credential.isAbsent) {
    if (need === 'none') return checkMerchant(call)
    const token = call.field(TOKEN_FIELD) ?? call.parameter(TOKEN_FIELD)
    if (token !== null) return checkToken(call, token, need)
  }
  return checkKey(call, (key) => `Send the key as Basic user name with an empty password, as curl -u ${key}: does.`)
}

/** A copy goes by the id of its original too, which clients keep in their settings. @param where the subject of a sentence */
export function checkNamedMerchant(call: Call, { warnings }: Outcome, where: string, named: string): void {
  const { merchantId, merchant, options } = call
  if (named === merchantId) return
  const sentence = `${where} names another merchant than the API key's, which is ${merchantId}; case matters.`
  if (options.strict || named !== merchant.blueprint.original)
    throw new Refusal('invalid_authentication', sentence, OTHER_MERCHANT)
  warnings.push(sentence)
}

function checkMerchant(call: Call): Refusal | undefined {
  if (call.merchantId !== '') return undefined
  const id = call.nameOf('merchant')
  if (id) return denied(`There is no merchant ${quote(id)}, and the call has no key; case matters.`)
  const field = call.operation?.names?.merchant ?? ''
  return new Refusal('bad_request', `The field ${field} is missing; a call without a key names its merchant in it.`, {
    code: MISSING_FIELD,
    fields: [field],
  })
}

function checkToken(call: Call, token: string, need: CredentialNeed): Refusal | undefined {
  const { identity, merchant, operationId } = call
  if (need !== 'key or token')
    return denied(
      `A ${TOKEN_FIELD} is not a credential for ${operationId}; it opens the customer's own calls: create, authenticate and link a wallet, debit it, and read the order.`,
    )
  const { tokenHolder } = identity
  const mayUse = tokenHolder !== undefined && (!call.operation!.changes || isOwn(call, tokenHolder))
  const endsAt = !mayUse ? undefined : clientTokenEnd(merchant, tokenHolder, token)
  if (endsAt === undefined)
    return denied(
      `The ${TOKEN_FIELD} is not the customer's whom the request names; ask for one with options.get_client_auth_token.`,
    )
  if (merchant.clock.now() < endsAt) return undefined
  return denied(`The ${TOKEN_FIELD} ended at ${timestamp(endsAt)}; a token lives 15 minutes.`)
}

/** Whether what a request names is the token's customer's: of a guest's order it may read alone. */
const isOwn = (call: Call, tokenHolder: string) =>
  namedHolder(call.merchant, (kind) => call.nameOf(kind))?.id === tokenHolder

/** The headers that some pages require: how each is written, the form of its value, and what to send. */
const HEADER_RULES: Readonly<Record<string, { title?: string; form: RegExp; remedy: string }>> = {
  'x-routing-id': { form: /./, remedy: 'send the customer id, the same on every request of a customer' },
  'x-merchantid': { form: /^/, remedy: 'send the merchant id, as x-jp-merchant-id names it' },
  'content-type': {
    title: 'Content-Type',
    form: /^application\/x-www-form-urlencoded\s*(;|$)/i,
    remedy: 'send application/x-www-form-urlencoded',
  },
}

/** Every call should carry it; the pages of some require it. */
const ROUTING_HEADER = 'x-routing-id'

/** The vendor's own samples break some of these rules, so a break is a warning, and a refusal in strict mode alone. */
export function checkHeaders(call: Call, { warnings }: Outcome): void {
  const { operation, operationId, options } = call
  const { laxity } = call.identity.credential
  if (laxity !== undefined) warnings.push(laxity)
  const merchantId = call.header('x-merchantid')
  if (merchantId === null && call.header('x-merchant-id') !== null)
    warnings.push('The header x-merchant-id is misspelt, so it is not read; the vendor calls it x-merchantid.')
  if (merchantId !== null && merchantId !== call.merchantId) {
    const sentence =
      "x-merchantid names another merchant than the API key's, which x-jp-merchant-id names; case matters."
    if (options.strict) throw denied(sentence)
    warnings.push(sentence)
  }
  const required: readonly string[] = operation?.requiredHeaders ?? []
  const sentences: string[] = []
  const refused: string[] = []
  for (const name of required.includes(ROUTING_HEADER) ? required : [...required, ROUTING_HEADER]) {
    const { title = name, form, remedy } = HEADER_RULES[name]!
    const value = call.header(name)
    if (value !== null && form.test(value)) continue
    sentences.push(`The header ${title} is missing or not as required on ${operationId}: ${remedy}.`)
    if (options.strict && required.includes(name)) refused.push(title)
  }
  if (refused.length > 0)
    throw new Refusal('bad_request', sentences.join(' '), {
      message: `${refused.join(', ')} ${refused.length === 1 ? 'header is' : 'headers are'} required.`,
    })
  warnings.push(...sentences)
  const routingId = call.header(ROUTING_HEADER)
  if (routingId) compareRouting(call, warnings, routingId)
  const version = call.header('version')
  if (version !== null && !isVersion(version))
    warnings.push('The version header is not a date; send one such as 2019-09-17.')
}

export const isVersion = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))

/** "It's crucial that you use the same x-routing-id for all requests tied to the same customer" (each of the pages). */
function compareRouting(call: Call, warnings: string[], routingId: string): void {
  const { routing } = call.merchant
  const customer = call.customer?.id
  if (customer === undefined) return
  const before = routing.get(customer)
  if (before !== undefined && before !== routingId)
    warnings.push(
      `x-routing-id is "${routingId}", but customer ${customer} came with "${before}" before; send the same one on all requests of a customer.`,
    )
  routing.set(customer, routingId)
}
