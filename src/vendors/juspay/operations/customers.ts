import { inferred, published } from '../../../api/evidence.js'
import { readAll } from '../../../api/request.js'
import type { Operation } from '../../../api/vendor.js'
import { Refusal } from '../../../lib/errors.js'
import { quote } from '../../../lib/text.js'
import { NO_PROFILE, newCustomer } from '../../../wallets/customers.js'
import type { Customer } from '../../../wallets/model.js'
import { badOrigin, siblingDenied, unknownCustomer } from '../errors.js'
import { checkLength, listBody, PAGE, required, text } from '../fields.js'
import { CLIENT_LIBRARIES, PAGES, sample } from '../pages.js'
import { answer, requireCustomer } from '../require.js'
import { createdCustomerBody, customerBody, updatedCustomerBody } from '../wire/customers.js'
import { clientAuth, drawId, WANTS_TOKEN } from './tokens.js'

const REFERENCE = required(
  text('object_reference_id', "The merchant's own id of the customer, of 8 or more characters"),
)

const PROFILE = {
  mobileCountryCode: text('mobile_country_code', 'Without the plus sign; 91 where it is left out'),
  mobileNumber: text('mobile_number', 'Without the country code'),
  emailAddress: text('email_address', 'An e-mail address'),
  firstName: text('first_name', 'The first name'),
  lastName: text('last_name', 'The last name'),
}

const denied = { invalid_authentication: siblingDenied, forbidden: badOrigin }

export const createCustomer: Operation = {
  id: 'juspay.createCustomer',
  summary: 'Creates a customer.',
  body: [REFERENCE, ...Object.values(PROFILE), WANTS_TOKEN],
  names: { customer: 'object_reference_id' },
  changes: true,
  latency: {
    percentiles: { 50: 15, 90: 20.85, 99: 35.57, 99.9: 883.28, 99.99: 1022.85 },
    timeoutMs: 1000,
    source: PAGES.brazilCreateCustomer,
  },
  evidence: published(sample('create-customer')),
  errors: {
    ...denied,
    conflict: published(PAGES.createCustomer),
    unprocessable: published(PAGES.createCustomer),
    bad_request: inferred('the code "nullable" for a missing field; the form by analogy'),
  },
  run: (call, outcome) => {
    const { merchant } = call
    const objectReferenceId = REFERENCE.read(call)
    checkLength(call, outcome, 'object_reference_id', objectReferenceId, LONG)
    const now = merchant.clock.timestamp()
    // The sandbox's merchants are Indian.
    const known = { ...NO_PROFILE, mobileCountryCode: '91', dateCreated: now, lastUpdated: now }
    const profile = { ...known, ...readAll(call, PROFILE) }
    const id = drawId(call, 'cst_', objectReferenceId)
    const taken = [objectReferenceId, id].find((name) => merchant.state.find('customer', name) !== undefined)
    if (taken !== undefined)
      throw new Refusal(
        'conflict',
        `There is a customer ${quote(taken)} already; read it, or send another object_reference_id.`,
      )
    const customer = newCustomer(id, objectReferenceId, profile)
    merchant.state.put(customer)
    return answer(createdCustomerBody(customer, clientAuth(call, customer)))
  },
}

export const getCustomer: Operation = {
  id: 'juspay.getCustomer',
  summary: 'Shows a customer.',
  query: [WANTS_TOKEN],
  latency: {
    percentiles: { 50: 7, 90: 10.57, 99: 17.57, 99.9: 27.28, 99.99: 33.71 },
    source: PAGES.brazilGetCustomer,
  },
  evidence: published(sample('get-customer')),
  errors: { ...denied, customer_not_found: { ...published(PAGES.getCustomer), answer: unknownCustomer } },
  run: (call) => {
    const customer = requireCustomer(call)
    return answer(customerBody(customer, clientAuth(call, customer)))
  },
}

export const updateCustomer: Operation = {
  id: 'juspay.updateCustomer',
  summary: 'Changes the fields of a customer that are sent.',
  body: [...Object.values(PROFILE), WANTS_TOKEN],
  changes: true,
  evidence: published(sample('update-customer')),
  errors: {
    ...denied,
    customer_not_found: { ...inferred(`the 404 of ${PAGES.getCustomer}`), answer: unknownCustomer },
  },
  run: (call) => {
    const { merchant } = call
    const before = requireCustomer(call)
    const lastUpdated = merchant.clock.timestamp()
    const customer: Customer = { ...before, profile: { ...before.profile, ...readAll(call, PROFILE), lastUpdated } }
    merchant.state.put(customer)
    return answer(updatedCustomerBody(customer, clientAuth(call, customer)))
  },
}

export const listCustomers: Operation = {
  id: 'juspay.listCustomers',
  summary: 'Lists customers.',
  query: PAGE,
  evidence: inferred(`the call of ${CLIENT_LIBRARIES}; rows as ${sample('get-customer')}`),
  errors: denied,
  run: (call) => {
    const { state } = call.merchant
    return answer(listBody(call, state.customerIds(), state.count, (id) => customerBody(state.customer(id)!)))
  },
}

/** The length of an object_reference_id (published). */
const LONG = { least: 8, most: Number.POSITIVE_INFINITY }
