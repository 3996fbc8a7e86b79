import type { Order, Profile, TopUp } from '../wallets/model.js'
import { majorOf, minorOf } from '../wallets/money.js'
import type { FixtureCustomer, FixtureOrder, FixtureTopUp } from './fixtures.js'

/** The fixture forms of what a person is and pays. As in the rest of a customer, each direction undoes the other. */

export function toProfile(fixture: FixtureCustomer): Profile {
  return {
    mobileCountryCode: fixture.mobileCountryCode ?? null,
    mobileNumber: fixture.mobileNumber ?? null,
    emailAddress: fixture.emailAddress ?? null,
    firstName: fixture.firstName ?? null,
    lastName: fixture.lastName ?? null,
    dateCreated: fixture.dateCreated ?? null,
    lastUpdated: fixture.lastUpdated ?? null,
  }
}

export const fromProfile = (profile: Profile) => present(profile)

/** An object without its nulls. */
function present<Type extends object>(values: Type): { [Name in keyof Type]?: NonNullable<Type[Name]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as {
    [Name in keyof Type]?: NonNullable<Type[Name]>
  }
}

export function toTopUp({ id, reference, amount, status, returnUrl }: FixtureTopUp): TopUp {
  return { id, reference, amount: minorOf(amount)!, status: status ?? 'PENDING', returnUrl: returnUrl ?? null }
}

export function fromTopUp({ returnUrl, ...topUp }: TopUp): FixtureTopUp {
  return { ...topUp, amount: majorOf(topUp.amount), ...present({ returnUrl }) }
}

export function toOrder(fixture: FixtureOrder): Order {
  return {
    id: fixture.id,
    reference: fixture.reference,
    customerName: fixture.customerName ?? null,
    amount: minorOf(fixture.amount)!,
    currency: fixture.currency ?? 'INR',
    email: fixture.email ?? null,
    phone: fixture.phone ?? null,
    returnUrl: fixture.returnUrl ?? null,
    createdAt: fixture.createdAt,
    payments: fixture.payments ?? [],
  }
}

export function fromOrder({ customerName, email, phone, returnUrl, payments, ...order }: Order): FixtureOrder {
  return {
    ...order,
    amount: majorOf(order.amount),
    ...present({ customerName, email, phone, returnUrl }),
    payments: payments.map((payment) => ({ ...payment })),
  }
}
