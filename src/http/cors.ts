import type { ApiRequest } from '../api/call.js'
import { isAllowedOrigin } from '../api/origin.js'

/** Web pages of named origins may call the vendors, with a customer's own token, and never the control API. */

/** What a page may read of an answer beside its body. */
const EXPOSED = 'x-request-id, x-response-id, x-jp-merchant-id, x-sandbox-reason, x-sandbox-rule, x-sandbox-latency-ms'

/** Headers for every answer to a page that may read it; undefined for any other request. */
export function headersForPage(origins: readonly string[], request: ApiRequest): Record<string, string> | undefined {
  if (origins.length === 0) return undefined
  const origin = request.header('origin')
  if (origin === null || !isAllowedOrigin(origins, origin)) return undefined
  return { 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED, vary: 'Origin' }
}

export function preflight(origins: readonly string[], request: ApiRequest): Response | undefined {
  if (request.method !== 'OPTIONS' || request.header('access-control-request-method') === null) return undefined
  const headers = headersForPage(origins, request)
  if (headers === undefined) return undefined
  return new Response(null, {
    status: 204,
    headers: {
      ...headers,
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': request.header('access-control-request-headers') ?? '*',
      'access-control-max-age': '600',
    },
  })
}
