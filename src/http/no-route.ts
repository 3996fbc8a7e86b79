import type { Choice, Vendor } from '../api/vendor.js'
import { Refusal } from '../lib/errors.js'
import { shownPath } from '../lib/path.js'
import { capitalized } from '../lib/text.js'

/** Paths that the refusal of an unknown path names. */
const MAX_PATHS_SHOWN = 5

/** Why no operation answers at a path: the path is unknown, or has other methods. */
export function noRoute(vendor: Vendor, method: string, path: string, methods: readonly string[]): Refusal {
  if (methods.length === 0) return unknownPath(vendor, path)
  const allow = (methods.includes('GET') ? [...methods, 'HEAD'] : methods).join(', ')
  return new Refusal('method_not_allowed', `${method} is not a method of this path; it has ${allow}.`, {
    headers: { allow },
  })
}

export function noChoice({ field, operations }: Choice): Refusal {
  const known = [...operations.keys()].filter((text) => text !== '').join(', ')
  return new Refusal('bad_request', `The field ${field} is missing or unknown; known here: ${known}.`, {
    code: 'bad_request',
    message: `Invalid ${field}`,
  })
}

/** The page that lists what is served. */
const LIST = 'docs/requests.md'

function unknownPath({ name, endpoints, unserved }: Vendor, path: string): Refusal {
  const shown = path.length > 80 ? `${path.slice(0, 80)}…` : path
  if (unserved?.test(path)) {
    return new Refusal(
      'not_found',
      `The path ${shown} is part of ${capitalized(name)}'s API, not served by this sandbox; ${LIST} lists what is.`,
    )
  }
  const known = new Set(endpoints.map((endpoint) => `${endpoint.method} ${shownPath(endpoint.path)}`))
  const alike = (endpoint: string) => sharedStart(path, endpoint.slice(endpoint.indexOf('/')))
  const nearest = [...known].sort((a, b) => alike(b) - alike(a)).slice(0, MAX_PATHS_SHOWN)
  return new Refusal('not_found', `${name} has no path ${shown}; it has ${nearest.join(', ')} and others.`)
}

function sharedStart(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}
