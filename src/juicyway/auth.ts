import { requireKey } from '../authenticate.js'
import { Refusal } from '../errors.js'
import type { Exchange } from '../exchange.js'
import type { Credential } from '../vendor.js'

/** `Authorization: Bearer KEY`; the vendor's newer pages send the key alone. */
export function credential(authorization: string | null): Credential {
  if (authorization === null) return { key: undefined }
  const parts = authorization.trim().split(/\s+/)
  if (parts.length === 1 && parts[0] !== '' && !/^(bearer|basic)$/i.test(parts[0]!)) return { key: parts[0]! }
  if (parts[0]?.toLowerCase() !== 'bearer') return { key: undefined, fault: 'The Authorization scheme is not Bearer.' }
  if (parts.length !== 2) return { key: undefined, fault: 'After "Bearer" stands one key, without spaces in it.' }
  if (parts[1]!.startsWith('live_'))
    return { key: undefined, fault: 'The API key is a live one, and this is a sandbox.' }
  return { key: parts[1]! }
}

export function authenticate(exchange: Exchange): void {
  const { permissions } = requireKey(exchange, (key) => `Send the header Authorization: Bearer ${key}.`)
  const needed = exchange.identity.operation?.changes ? 'write' : 'read'
  if (permissions !== null && !permissions.includes(needed))
    throw new Refusal(
      'forbidden',
      `The API key has no permission to ${needed}; it has ${permissions.join(', ') || 'none at all'}.`,
    )
}
