import { Refusal } from '../lib/errors.js'
import { SANDBOX_KEY_PREFIX } from '../merchants/registry.js'
import type { Call } from './call.js'

/** Keys that one hint names, at most. */
const MAX_KEYS_SHOWN = 5

/**
 * Checks an API key, for every vendor. The refusal says what was wrong and shows a key that works, never the one that
 * was sent. It is returned and not thrown, because V8 compiles calls that throw later.
 *
 * @param howTo how the vendor's clients send a key
 */
export function checkKey(call: Call, howTo: (key: string) => string): Refusal | undefined {
  const { vendor, credential } = call.identity
  const { key, laxity, misplaced } = credential
  const fault = credential.fault ?? (call.options.strict ? laxity : undefined)
  const refuse = (sentence: string) => new Refusal('invalid_authentication', `${sentence} ${remedy(call, howTo)}`)
  if (call.header('authorization') === null) return refuse('The request has no Authorization header.')
  if (misplaced !== undefined && call.identity.isKey(misplaced))
    return new Refusal('invalid_authentication', `${fault} The key in it is right. ${howTo('YOUR_KEY')}`)
  if (fault !== undefined || key === undefined) return refuse(fault ?? 'The Authorization header holds no key.')
  const { apiKey } = call
  if (apiKey === undefined) return refuse(`The API key is not one of ${vendor}'s here.`)
  return apiKey.status === 'active' ? undefined : refuse(`The API key is ${apiKey.status}.`)
}

/** How to do it right, with keys that work here; never one that was sent. */
function remedy(call: Call, howTo: (key: string) => string): string {
  const { key } = call
  const authorization = call.header('authorization')
  const isSent = (known: string) => key?.includes(known) || authorization?.includes(known)
  if (call.apiKey?.status === 'active') return howTo('YOUR_KEY')
  const shown: string[] = []
  for (const candidate of call.identity.knownKeys()) {
    if (!isSent(candidate)) shown.push(candidate)
    if (shown.length === MAX_KEYS_SHOWN) break
  }
  if (shown[0] === undefined) return howTo('YOUR_KEY')
  return `${howTo(shown[0])} Keys that exist: ${shown.join(', ')}, and any that begins with ${SANDBOX_KEY_PREFIX}.`
}
