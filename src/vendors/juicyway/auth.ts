import { checkKey } from '../../api/authenticate.js'
import type { Call, Credential } from '../../api/call.js'
import { Refusal } from '../../lib/errors.js'

/** `Authorization: Bearer KEY`; the vendor's newer pages send the key alone. */
export function credential(authorization: string | null): Credential {
  if (authorization === null) return { key: undefined }
  const words = authorization.trim().split(/\s+/)
  const isBearer = words[0]!.toLowerCase() === 'bearer'
  const [key, ...others] = isBearer ? words.slice(1) : words
  if (!isBearer && (key === '' || others.length > 0 || /^basic$/i.test(key!)))
    return {
      key: undefined,
      fault: 'The Authorization scheme is not Bearer.',
      ...(others[0] && { misplaced: basicKey(others[0]) }),
    }
  if (key === undefined || others.length > 0)
    return { key: undefined, fault: 'After "Bearer" stands one key, without spaces in it.' }
  if (key.startsWith('live_')) return { key: undefined, fault: 'The API key is a live one, and this is a sandbox.' }
  return { key }
}

const basicKey = (encoded: string) => Buffer.from(encoded, 'base64').toString('utf8').split(':', 1)[0]!

export function authenticate(call: Call): Refusal | undefined {
  const refusal = checkKey(call, (key) => `Send the header Authorization: Bearer ${key}.`)
  if (refusal) return refusal
  const { permissions } = call.apiKey!
  const needed = call.operation?.changes ? 'write' : 'read'
  if (permissions === null || permissions.includes(needed)) return undefined
  const sentence = `The API key has no permission to ${needed}; it has ${permissions.join(', ') || 'none at all'}.`
  return new Refusal('forbidden', sentence)
}
