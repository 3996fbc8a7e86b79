import type { Address, Customer, Profile } from '../../../wallets/model.js'

/** A customer as Create Customer shows it; the sandbox verifies no identity, so KYC stays open. */
export function newCustomerData({ id, profile }: Customer) {
  return { id, status: 'pending_kyc', created_at: profile.dateCreated }
}

/** A customer as Update Customer shows it. */
export const customerData = ({ id, profile }: Customer) => ({
  id,
  first_name: profile.firstName,
  last_name: profile.lastName,
  email: profile.emailAddress,
  phone_number: phoneNumber(profile),
  billing_address: profile.billingAddress ? billingAddress(profile.billingAddress) : null,
})

/** A customer as Fetch Customer shows it. */
export function datedCustomerData(customer: Customer) {
  const { dateCreated, lastUpdated } = customer.profile
  return Object.assign(customerData(customer), { created_at: dateCreated, updated_at: lastUpdated })
}

const phoneNumber = ({ mobileCountryCode: code, mobileNumber: number }: Profile) =>
  code === null || number === null ? number : `+${code}${number}`

function billingAddress({ line1, line2, city, state, zipCode, country }: Address) {
  return { line1, line2, city, state, zip_code: zipCode, country }
}
