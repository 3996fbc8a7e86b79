import type { Call } from '../../../api/call.js'
import { inferred, published } from '../../../api/evidence.js'
import { once } from '../../../api/idempotency.js'
import type { Operation } from '../../../api/vendor.js'
import { Refusal } from '../../../lib/errors.js'
import { drawUuid } from '../../../lib/random.js'
import { quote } from '../../../lib/text.js'
import { newCustomer } from '../../../wallets/customers.js'
import type { Customer } from '../../../wallets/model.js'
import { PAGES } from '../pages.js'
import { requireCustomer } from '../require.js'
import { customerData, datedCustomerData, newCustomerData } from '../wire/customers.js'
import { CUSTOMER_CHANGE, NEW_CUSTOMER, readForm } from './profile.js'

export const createCustomer: Operation = {
  id: 'juicyway.createCustomer',
  summary: 'Creates a customer.',
  body: Object.values(NEW_CUSTOMER),
  names: { customer: 'email' },
  changes: true,
  evidence: published(PAGES.createCustomer),
  errors: {
    bad_request: inferred(`the body of ${PAGES.updateCustomer}; what is required by ${PAGES.createCustomer}`),
    unprocessable: inferred(`the body of ${PAGES.updateCustomer}; for an email in use by analogy`),
  },
  run: once((call) => {
    const given = readForm(call, NEW_CUSTOMER)
    const now = call.merchant.clock.timestamp()
    const profile = { mobileCountryCode: null, ...given, dateCreated: now, lastUpdated: now }
    const customer = newCustomer(freeId(call, given.emailAddress), null, profile)
    return { customer, answer: { status: 201, body: { data: newCustomerData(customer) } } }
  }),
}

/** Calls of Fetch Customer that a key has in an hour, as its page says. */
const MAX_HOURLY = 1000
const HOUR_S = 3600

export const getCustomer: Operation = {
  id: 'juicyway.getCustomer',
  summary: 'Shows a customer.',
  evidence: published(PAGES.fetchCustomer),
  errors: { customer_not_found: published(`${PAGES.fetchCustomer}; the body is that of Update Customer`) },
  run: (call) => {
    const headers = rateLimit(call)
    return { status: 200, headers, body: { data: datedCustomerData(requireCustomer(call, headers)) } }
  },
}

export const updateCustomer: Operation = {
  id: 'juicyway.updateCustomer',
  summary: 'Changes the fields of a customer that are sent.',
  body: Object.values(CUSTOMER_CHANGE),
  changes: true,
  evidence: published(PAGES.updateCustomer),
  errors: {
    bad_request: published(PAGES.updateCustomer),
    customer_not_found: published(PAGES.updateCustomer),
    unprocessable: published(PAGES.updateCustomer),
  },
  run: (call) => {
    const { merchant } = call
    const before = requireCustomer(call)
    const change = readForm(call, CUSTOMER_CHANGE)
    if (change.emailAddress && change.emailAddress !== before.profile.emailAddress) freeId(call, change.emailAddress)
    const customer: Customer = {
      ...before,
      profile: {
        ...before.profile,
        ...change,
        // A number with its country code replaces one that came in two parts.
        mobileCountryCode: change.mobileNumber === undefined ? before.profile.mobileCountryCode : null,
        lastUpdated: merchant.clock.timestamp(),
      },
    }
    merchant.state.put(customer)
    return { status: 200, body: { data: customerData(customer) } }
  },
}

/** An id that follows from the email, so that an email in use is found without a search. */
function freeId({ merchant }: Call, email: string): string {
  for (let n = 0; ; n++) {
    const id = drawUuid(merchant.seed, 'customer', merchant.id, email.toLowerCase(), n)
    const other = merchant.state.customer(id)
    if (other === undefined) return id
    if (other.profile.emailAddress?.toLowerCase() === email.toLowerCase())
      throw new Refusal('unprocessable', `Customer ${id} has the email ${quote(email)} already; send another.`, {
        faults: { email: ['Email is already in use'] },
      })
  }
}

/** The headers of this call alone. The hours are those of the merchant's clock; only a scenario answers 429. */
function rateLimit({ merchant, operationId, key }: Call): Readonly<Record<string, string>> {
  const hour = Math.floor(merchant.clock.now() / 1000 / HOUR_S)
  const calls = merchant.occurrence(`rate of ${operationId} ${key} ${hour}`) + 1
  return {
    'x-ratelimit-limit': String(MAX_HOURLY),
    'x-ratelimit-remaining': String(Math.max(0, MAX_HOURLY - calls)),
    'x-ratelimit-reset': String((hour + 1) * HOUR_S),
  }
}
