import { defineVendor } from '../../api/vendor.js'
import { drawUuid } from '../../lib/random.js'
import { authenticate, credential } from './auth.js'
import { errors } from './errors.js'
import { routes } from './routes.js'

export const juicyway = defineVendor({
  name: 'juicyway',
  servers: { production: 'https://api.spendjuice.com', sandbox: 'https://api-sandbox.spendjuice.com' },
  routes,
  ignoresTrailingSlash: false,
  walletId: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  holdsAtProviders: false,
  scheme: 'Bearer',
  credential,
  authenticate,
  checkHeaders: () => {},
  addHeaders: (headers, { merchant, operationId, resource, occurrence }) => {
    headers['x-request-id'] = drawUuid(merchant.seed, 'request', merchant.id, operationId, resource, occurrence)
  },
  errors,
  suite: async () => (await import('./checks.js')).suite,
  learner: async () => (await import('./learn.js')).learner,
})
