import { drawHexPair } from '../random.js'
import type { Vendor } from '../vendor.js'
import { authenticate, credential, validate } from './auth.js'
import { errors } from './errors.js'
import { operations } from './operations/index.js'

/** Juspay's wallet API, as its Express Checkout pages have it. */
export const juspay: Vendor = {
  name: 'juspay',
  operations,
  walletId: /^wl[tm]_/,
  holdsAtProviders: true,
  scheme: 'basic',
  credential,
  authenticate,
  validate,
  sign: (headers, { world, operationId, resource, occurrence }) => {
    const [requestId, responseId] = drawHexPair(world.seed, 'answer', world.id, operationId, resource, occurrence)
    headers['x-request-id'] = requestId
    headers['x-response-id'] = responseId
    if (world.id !== '') headers['x-jp-merchant-id'] = world.id
  },
  errors,
}
