import { drawText, HEX } from '../random.js'
import type { Vendor } from '../vendor.js'
import { authenticate, credential, validate } from './auth.js'
import { errors } from './errors.js'
import { operations } from './operations.js'

/** Juspay's wallet API, as its Express Checkout pages have it. */
export const juspay: Vendor = {
  name: 'juspay',
  operations,
  walletId: /^wl[tm]_/,
  scheme: 'basic',
  credential,
  authenticate,
  validate,
  headers: ({ world, operationId, resource, occurrence }) => ({
    'x-request-id': drawText(HEX, 32, world.seed, 'request', world.id, operationId, resource, occurrence),
    'x-response-id': drawText(HEX, 32, world.seed, 'response', world.id, operationId, resource, occurrence),
    'x-jp-merchant-id': world.id,
  }),
  errors,
}
