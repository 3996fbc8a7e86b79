import { didYouMean, meant, nearest } from '../lib/did-you-mean.js'
import { ERROR_NAMES, type ErrorName } from '../lib/errors.js'
import { pathPattern } from '../lib/path.js'
import type { CatalogVendor } from './catalog.js'
import { isPattern, matcher } from './pattern.js'

/** What a writer of a scenario meant by a name that there is not. */

/** The error that a status or its usual words stand for. */
const ERRORS: Readonly<Record<string, ErrorName>> = {
  400: 'bad_request',
  401: 'invalid_authentication',
  unauthorized: 'invalid_authentication',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  413: 'payload_too_large',
  422: 'unprocessable',
  429: 'rate_limited',
  500: 'server_error',
  502: 'provider_unavailable',
  503: 'provider_unavailable',
  504: 'provider_timeout',
  timeout: 'provider_timeout',
}

export function errorMeant(given: string): string {
  const parts = given.toLowerCase().match(/[a-z]+|\d+/g) ?? []
  const word = parts.find((part) => Object.hasOwn(ERRORS, part))
  return didYouMean(given, ERROR_NAMES) || meant(word === undefined ? [] : [ERRORS[word]!])
}

/** The operations that answer at a path, whose parameters may stand there as `{id}` or `:id`. */
export const operationsAt = (vendors: readonly CatalogVendor[], path: string, method?: string) =>
  vendors.flatMap(({ operations, endpoints }) => {
    const here = endpoints.filter(
      (each) => (method ?? each.method) === each.method && new RegExp(`^${pathPattern(each.path)}$`).test(path),
    )
    return operations.filter((operation) => here.some((endpoint) => endpoint.operations.includes(operation)))
  })

const SENT = /^(?:([a-z]+) +)?(?:https?:\/\/[^/]+)?(\/[^\s?#]*)/i

/** An operation may be given by its method and path, without the vendor's name, or with another vendor's. */
export function operationMeant(vendors: readonly CatalogVendor[], given: string): string {
  const [, method, path] = SENT.exec(given) ?? []
  if (path !== undefined) return meant(operationsAt(vendors, path, method?.toUpperCase()).map(({ id }) => id))
  const ids = vendors.flatMap(({ operations }) => operations.map(({ id }) => id))
  if (isPattern(given) && ids.some(matcher(`*.${given}`))) return meant([`*.${given}`])
  const bare = (id: string) => id.slice(id.indexOf('.') + 1)
  const called = (name: string | undefined) => meant(ids.filter((id) => bare(id) === name))
  const wanted = bare(given)
  return (
    called(ids.map(bare).find((name) => name.toLowerCase() === wanted.toLowerCase())) ||
    didYouMean(given, ids) ||
    called(nearest(wanted, ids.map(bare)))
  )
}
