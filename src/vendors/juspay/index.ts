import { defineVendor } from '../../api/vendor.js'
import { drawHexPair } from '../../lib/random.js'
import { authenticate, checkHeaders, credential, TOKEN_FIELD } from './auth.js'
import { tokenHolder } from './client-token.js'
import { errors } from './errors.js'
import { routes, UNSERVED } from './routes.js'
import { EVENT_NAMES } from './wire/events.js'

const MERCHANT_HEADER = 'x-jp-merchant-id'

/** Juspay's wallet API, as its Express Checkout pages have it. */
export const juspay = defineVendor({
  name: 'juspay',
  servers: { production: 'https://api.juspay.in', sandbox: 'https://sandbox.juspay.in' },
  routes,
  // The prefix of a sample of the vendor's, which merchants use.
  alias: '/ecr',
  unserved: UNSERVED,
  // Recorded for /orders/ by the vendor's client libraries.
  ignoresTrailingSlash: true,
  walletId: /^wl[tm]_/,
  holdsAtProviders: true,
  scheme: 'Basic',
  events: EVENT_NAMES,
  credential,
  tokenField: TOKEN_FIELD,
  tokenHolder,
  authenticate,
  checkHeaders,
  merchantHeader: MERCHANT_HEADER,
  addHeaders: (headers, { merchant, operationId, resource, occurrence }) => {
    const [requestId, responseId] = drawHexPair(merchant.seed, 'answer', merchant.id, operationId, resource, occurrence)
    headers['x-request-id'] = requestId
    headers['x-response-id'] = responseId
    if (merchant.id !== '') headers[MERCHANT_HEADER] = merchant.id
  },
  errors,
  suite: async () => (await import('./checks.js')).suite,
  learner: async () => (await import('./learn.js')).learner,
})
