import { Refusal } from './errors.js'
import type { Exchange } from './exchange.js'
import type { ApiKey } from './merchants.js'

/**
 * The check every vendor makes of an API key. A refusal says what was wrong and shows a key that works, never the one
 * that was sent.
 *
 * @param howTo how the vendor's clients send a key
 */
export function requireKey(exchange: Exchange, howTo: (key: string) => string): ApiKey {
  const { vendor, credential, world, knownKeys } = exchange.identity
  const { key, fault } = credential
  const refuse = (sentence: string) => {
    const known = knownKeys()
    const remedy = known.length === 0 ? '' : ` ${howTo(known[0]!)} Keys that exist: ${known.slice(0, 5).join(', ')}.`
    return new Refusal('invalid_authentication', `${sentence}${remedy}`)
  }
  if (exchange.header('authorization') === null) throw refuse('The request has no Authorization header.')
  if (fault !== undefined || key === undefined) throw refuse(fault ?? 'The Authorization header holds no key.')
  const record = world.keys[vendor.name].get(key)
  if (record === undefined) throw refuse(`The API key is not one of ${vendor.name}'s here.`)
  if (record.status !== 'active') throw refuse(`The API key is ${record.status}.`)
  exchange.apiKey = record
  return record
}
