import { timestamp } from '../../../lib/clock.js'
import type { Customer } from '../../../wallets/model.js'
import { offsetTime, wholeSeconds } from './times.js'

/** A token for the vendor's browser and app SDKs, and when it ends (epoch ms). */
export interface ClientAuth {
  readonly token: string
  readonly expiresAt: number
}

export const createdCustomerBody = ({ id, objectReferenceId, profile }: Customer, auth: ClientAuth | undefined) => ({
  id,
  object: 'customer',
  object_reference_id: objectReferenceId,
  mobile_country_code: profile.mobileCountryCode,
  mobile_number: profile.mobileNumber,
  email_address: profile.emailAddress,
  first_name: profile.firstName,
  last_name: profile.lastName,
  date_created: wholeSeconds(profile.dateCreated),
  last_updated: wholeSeconds(profile.lastUpdated),
  juspay: auth && { client_auth_token: auth.token, client_auth_token_expiry: timestamp(auth.expiresAt) },
})

/** The body of Get Customer, and a row of the list. With a token the published order is another. */
export const customerBody = (customer: Customer, auth?: ClientAuth, time = wholeSeconds) =>
  auth ? customerWithAuth(customer, auth) : withoutAuth(customer, time)

/** The body of Update Customer, whose sample is the one with the older form of times. */
export const updatedCustomerBody = (customer: Customer, auth: ClientAuth | undefined) =>
  customerBody(customer, auth, offsetTime)

const withoutAuth = ({ id, objectReferenceId, profile }: Customer, time: typeof wholeSeconds) => ({
  id,
  object: 'customer',
  object_reference_id: objectReferenceId,
  mobile_number: profile.mobileNumber,
  date_created: time(profile.dateCreated),
  last_updated: time(profile.lastUpdated),
  email_address: profile.emailAddress,
  first_name: profile.firstName,
  last_name: profile.lastName,
  mobile_country_code: profile.mobileCountryCode,
})

const customerWithAuth = ({ id, objectReferenceId, profile }: Customer, auth: ClientAuth) => ({
  object_reference_id: objectReferenceId,
  object: 'customer',
  mobile_number: profile.mobileNumber,
  mobile_country_code: profile.mobileCountryCode,
  last_updated: wholeSeconds(profile.lastUpdated),
  last_name: profile.lastName,
  juspay: { client_auth_token_expiry: timestamp(auth.expiresAt), client_auth_token: auth.token },
  id,
  first_name: profile.firstName,
  email_address: profile.emailAddress,
  date_created: wholeSeconds(profile.dateCreated),
})
