import type { Adapter } from 'lowdb'
import { TextFile } from 'lowdb/node'
import type { z } from 'zod'
import { fromCustomer, fromOrder, toCustomer } from '../fixture-files/convert.js'
import type { FixtureCustomer } from '../fixture-files/schema.js'
import { InputError } from '../lib/errors.js'
import { readJson } from '../lib/files.js'
import { getOrMake } from '../lib/get-or-make.js'
import { load } from '../lib/load.js'
import type { Customer, Order } from '../wallets/model.js'
import { NO_ORDERS } from '../wallets/orders.js'
import { CustomerIndex } from './customer-index.js'
import type { documentSchema } from './document-schema.js'

/** What is known of a merchant beside its customers. */
export type MerchantRecord = Readonly<z.output<typeof documentSchema>['record']>

/** What a merchant differs in from its fixtures. */
export interface MerchantDocument {
  record: MerchantRecord
  /** The customers that were changed. */
  customers: CustomerIndex
}

export const newDocument = (record: MerchantRecord): MerchantDocument => ({ record, customers: new CustomerIndex() })

/** What never changes is printed once. */
const printed = new WeakMap<Customer | Order, string>()

const printOnce = <Value extends Customer | Order>(value: Value, formOf: (value: Value) => object) =>
  getOrMake(printed, value, () => JSON.stringify(formOf(value)))

/** Of several orders each apart: a change of one does not print the others again, nor is their text kept twice. */
function print(customer: Customer): string {
  if (customer.orders.length <= 1) return printOnce(customer, fromCustomer)
  const text = printOnce(customer, () => fromCustomer({ ...customer, orders: NO_ORDERS }))
  const orders = Array.from(customer.orders, (order) => printOnce(order, fromOrder))
  return `${text.slice(0, -1)},"orders":[${orders.join(',')}]}`
}

/** A document as a JSON file, with its customers in the form of fixtures. The file is replaced whole. */
export function documentFile(path: string): Adapter<MerchantDocument> {
  const file = new TextFile(path)
  return {
    /** @throws InputError when the file is not JSON, or not a merchant's */
    async read() {
      const { check, documentSchema } = await load(() => import('./document-schema.js'))
      const { record, customers } = check(documentSchema, readJson(path), path)
      return { record, customers: indexOf(customers, path) }
    },
    write({ record, customers }) {
      const rows = Array.from(customers.customers.values(), print).join(',\n')
      return file.write(`{"record":${JSON.stringify(record)},\n"customers":[\n${rows}\n]}\n`)
    },
  }
}

function indexOf(customers: readonly FixtureCustomer[], path: string): CustomerIndex {
  const index = new CustomerIndex()
  for (const [i, customer] of customers.entries()) {
    if (index.customers.has(customer.id))
      throw new InputError(`${path}:customers[${i}].id: is "${customer.id}" twice; allowed: each customer once`)
    index.put(toCustomer(customer))
  }
  return index
}
