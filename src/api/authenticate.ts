import { Refusal } from '../lib/errors.js'
import { SANDBOX_KEY_PREFIX } from '../lib/key-prefixes.js'
import type { Call } from './call.js'

/** Keys that one hint names, at most. */
const MAX_KEYS_SHOWN = 5

/**
 * Checks an API key, for every vendor. The refusal says what was wrong and names keys that work, never the one that
 * was sent. It is returned and not thrown, because V8 compiles calls that throw later.
 * @param howTo how the vendor's clients send a key
 */
export function checkKey(call: Call, howTo: (key: string) => string): Refusal | undefined {
  const { vendor, credential } = call.identity
  const { key, laxity, misplaced } = credential
  const fault = credential.fault ?? (call.options.strict ? laxity : undefined)
  const { apiKey } = call
  if (fault === undefined && key !== undefined && apiKey?.status === 'active') return undefined
  const refuse = (...sentences: string[]) => new Refusal('invalid_authentication', sentences.join(' '))
  if (misplaced !== undefined && call.identity.isKey(misplaced))
    return refuse(`${fault} The key in it is right.`, howTo('YOUR_KEY'))
  const known = knownKeys(call)
  const keys =
    known.length === 0 ? [] : [`Keys that exist: ${known.join(', ')}, and any that begins with ${SANDBOX_KEY_PREFIX}.`]
  const form = [howTo(known[0] ?? 'YOUR_KEY'), ...keys]
  if (call.header('authorization') === null) return refuse('The request has no Authorization header.', ...form)
  if (fault !== undefined || key === undefined)
    return refuse(fault ?? 'The Authorization header holds no key.', ...form)
  // The form is right: only what to send in its place is missing.
  const said = apiKey === undefined ? `not one of ${vendor}'s here` : apiKey.status
  return refuse(`The API key is ${said}.`, ...(keys.length > 0 ? keys : form))
}

/** Keys that work here, never one that was sent; none where the one that was sent works. */
function knownKeys(call: Call): string[] {
  const { key } = call
  if (call.apiKey?.status === 'active') return []
  const authorization = call.header('authorization')
  const isSent = (known: string) => key?.includes(known) || authorization?.includes(known)
  const shown: string[] = []
  for (const candidate of call.identity.knownKeys()) {
    if (!isSent(candidate)) shown.push(candidate)
    if (shown.length === MAX_KEYS_SHOWN) break
  }
  return shown
}
