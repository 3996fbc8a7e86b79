import { NONE } from '../lib/none.js'
import type { Customer, Order, PayLaterAccount, Profile } from './model.js'
import { NO_ORDERS } from './orders.js'

export const NO_PROFILE: Profile = {
  mobileCountryCode: null,
  mobileNumber: null,
  emailAddress: null,
  firstName: null,
  lastName: null,
  dateCreated: null,
  lastUpdated: null,
}

/** What is not known of an account is in the customer's favour. */
export const NEW_PAY_LATER: PayLaterAccount = { exists: true, limit: null, hasDues: false, kycExpired: false }

export const newCustomer = (id: string, objectReferenceId: string | null, profile: Profile): Customer => ({
  id,
  objectReferenceId,
  guest: false,
  profile,
  orders: NO_ORDERS,
  wallets: NONE,
  currencyWallets: NONE,
  outbox: NONE,
  answered: NONE,
})

export const guestWith = (order: Order): Customer => ({
  ...newCustomer(`guest_${order.id}`, null, NO_PROFILE),
  guest: true,
  orders: NO_ORDERS.with(order),
})
