import { Refusal } from '../../errors.js'
import type { Exchange } from '../../exchange.js'
import { inferred, type Operation, published } from '../../vendor.js'
import type { Customer, Profile } from '../../wallets/model.js'
import {
  BRAZIL_CREATE_CUSTOMER_PAGE,
  BRAZIL_GET_CUSTOMER_PAGE,
  CLIENT_LIBRARIES,
  CREATE_CUSTOMER_PAGE,
  GET_CUSTOMER_PAGE,
  sample,
} from '../pages.js'
import { createdCustomerBody, customerBody } from '../wire/customers.js'
import { answer, askedCustomer, quoted } from './asked.js'
import { optionalText, range, requiredText } from './fields.js'
import { clientAuth, drawId } from './tokens.js'

const createCustomer: Operation = {
  id: 'juspay.createCustomer',
  method: 'POST',
  path: '/customers',
  names: { customer: 'object_reference_id' },
  changes: true,
  latency: {
    percentiles: { 50: 15, 90: 20.85, 99: 35.57, 99.9: 883.28, 99.99: 1022.85 },
    source: BRAZIL_CREATE_CUSTOMER_PAGE,
  },
  evidence: {
    success: published(sample('create-customer')),
    conflict: published(CREATE_CUSTOMER_PAGE),
    unprocessable: published(CREATE_CUSTOMER_PAGE),
    bad_request: inferred('the code "nullable" for a missing field; the form by analogy'),
  },
  run: (exchange) => {
    const { world } = exchange
    const objectReferenceId = requiredText(exchange, 'object_reference_id')
    const now = world.clock.timestamp()
    const profile: Profile = {
      mobileCountryCode: HOME_COUNTRY_CODE,
      mobileNumber: null,
      emailAddress: null,
      firstName: null,
      lastName: null,
      ...givenProfile(exchange),
      dateCreated: now,
      lastUpdated: now,
    }
    if (world.state.customer(objectReferenceId))
      throw new Refusal(
        'conflict',
        `There is a customer ${quoted(objectReferenceId)} already; read it, or send another object_reference_id.`,
      )
    const id = drawId(exchange, 'cst_', objectReferenceId)
    const customer: Customer = {
      ...{ id, objectReferenceId, guest: false, profile },
      ...{ orders: [], wallets: [], currencyWallets: [] },
    }
    world.state.put(customer)
    return answer(createdCustomerBody(customer, clientAuth(exchange, customer)))
  },
}

const getCustomer: Operation = {
  id: 'juspay.getCustomer',
  method: 'GET',
  path: '/customers/:customer',
  changes: false,
  latency: {
    percentiles: { 50: 7, 90: 10.57, 99: 17.57, 99.9: 27.28, 99.99: 33.71 },
    source: BRAZIL_GET_CUSTOMER_PAGE,
  },
  evidence: { success: published(sample('get-customer')), customer_not_found: published(GET_CUSTOMER_PAGE) },
  run: (exchange) => {
    const customer = askedCustomer(exchange)
    return answer(customerBody(customer, clientAuth(exchange, customer)))
  },
}

const updateCustomer: Operation = {
  id: 'juspay.updateCustomer',
  method: 'POST',
  path: '/customers/:customer',
  changes: true,
  evidence: {
    success: published(sample('update-customer')),
    customer_not_found: inferred(`the 404 of ${GET_CUSTOMER_PAGE}`),
  },
  run: (exchange) => {
    const { world } = exchange
    const before = askedCustomer(exchange)
    const lastUpdated = world.clock.timestamp()
    const customer: Customer = { ...before, profile: { ...before.profile, ...givenProfile(exchange), lastUpdated } }
    world.state.put(customer)
    return answer(customerBody(customer, clientAuth(exchange, customer)))
  },
}

/** Rows of a list when the client names no number. */
const DEFAULT_COUNT = 10

const listCustomers: Operation = {
  id: 'juspay.listCustomers',
  method: 'GET',
  path: '/customers',
  changes: false,
  evidence: { success: inferred(`the call of ${CLIENT_LIBRARIES}; rows as ${sample('get-customer')}`) },
  run: (exchange) => {
    const { state } = exchange.world
    const { from, to } = range(exchange, DEFAULT_COUNT)
    const list = page(state.customers(), from, to).map((customer) => customerBody(customer))
    return answer({ list, offset: from, count: list.length, total: state.count, object: 'list' })
  },
}

export const customerOperations = [createCustomer, getCustomer, updateCustomer, listCustomers] as const

/** The sandbox's merchants are Indian. */
const HOME_COUNTRY_CODE = '91'

function givenProfile(exchange: Exchange): Partial<Profile> {
  const given = {
    mobileCountryCode: optionalText(exchange, 'mobile_country_code'),
    mobileNumber: optionalText(exchange, 'mobile_number'),
    emailAddress: optionalText(exchange, 'email_address'),
    firstName: optionalText(exchange, 'first_name'),
    lastName: optionalText(exchange, 'last_name'),
  }
  return Object.fromEntries(Object.entries(given).filter(([, text]) => text !== undefined))
}

/** Rows `from` up to `to`, looking no further than these. */
function page(customers: Iterable<Customer>, from: number, to: number): Customer[] {
  const rows: Customer[] = []
  let row = 0
  for (const customer of customers) {
    if (row >= to) break
    if (customer.guest) continue
    if (row++ >= from) rows.push(customer)
  }
  return rows
}
