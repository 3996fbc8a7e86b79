import { drawUuid } from '../random.js'
import type { Vendor } from '../vendor.js'
import { authenticate, credential } from './auth.js'
import { errors } from './errors.js'
import { operations } from './operations.js'

/** Juicyway's wallet API. */
export const juicyway: Vendor = {
  name: 'juicyway',
  operations,
  walletId: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  holdsAtProviders: false,
  scheme: 'bearer',
  credential,
  authenticate,
  validate: () => {},
  sign: (headers, { world, operationId, resource, occurrence }) => {
    headers['x-request-id'] = drawUuid(world.seed, 'request', world.id, operationId, resource, occurrence)
  },
  errors,
}
