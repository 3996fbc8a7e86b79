import { faker } from '@faker-js/faker/locale/en_IN'
import { majorOf } from '../wallets/money.js'
import type { FixtureCustomer, FixtureSubDetail, Fixtures, FixtureWallet } from './fixtures.js'

/** Makes fixtures up. Loaded only by the command that does so: faker costs more time than the whole start. */

const { datatype, date, helpers, number, person, string } = faker

/** Wallets that customers hold, and the account that some keep beside the wallet itself. */
const GATEWAYS: Readonly<Record<string, Omit<FixtureSubDetail, 'balance'> | null>> = {
  PAYTM: { paymentMethod: 'PAYTM_POSTPAID' },
  MOBIKWIK: null,
  AMAZONPAY: { paymentMethod: 'AMAZONPAYLATER', paymentMethodType: 'CONSUMER_FINANCE' },
  PHONEPE: null,
  SIMPL: { paymentMethod: 'SIMPL_SOD' },
  FREECHARGE: null,
  AIRTEL: null,
  LAZYPAY: null,
}

/** Every time lies before this one, so that nothing depends on when the command is run. */
const LATEST = '2023-09-11T08:30:00Z'

const second = (date: Date) => `${date.toISOString().slice(0, 19)}Z`

/**
 * One merchant with the keys of the shipped fixtures. Each customer has wallets at two to four providers, the first of
 * them linked and the last not. Equal arguments make equal fixtures.
 */
export function generate(customers: number, seed: number): Fixtures {
  faker.seed(seed)
  faker.setDefaultRefDate(LATEST)
  return {
    merchants: [
      {
        id: 'acme',
        juspayApiKeys: [{ key: 'acme_test_key' }],
        juicywayApiKeys: [{ key: 'test_acme_juicyway' }],
        customers: Array.from({ length: customers }, (_, i) => customer(i + 1)),
      },
    ],
  }
}

function customer(nth: number): FixtureCustomer {
  const firstName = person.firstName()
  const lastName = person.lastName()
  const mobileNumber = helpers.fromRegExp('[6-9][0-9]{9}')
  const emailAddress = `${firstName}.${lastName}.${nth}@example.com`.toLowerCase().replaceAll(/[^a-z0-9.@]/g, '')
  const dateCreated = date.past({ years: 2 })
  const gateways = helpers.arrayElements(Object.keys(GATEWAYS), number.int({ min: 2, max: 4 }))
  const linked = gateways.map((_, i) => i === 0 || (i < gateways.length - 1 && number.int(1) === 1))
  return {
    id: `cst_${string.alphanumeric({ length: 16, casing: 'lower' })}`,
    objectReferenceId: emailAddress,
    mobileCountryCode: '91',
    mobileNumber,
    emailAddress,
    firstName,
    lastName,
    dateCreated: second(dateCreated),
    lastUpdated: second(date.between({ from: dateCreated, to: LATEST })),
    wallets: gateways.map((gateway, i) => wallet(gateway, linked[i]!, mobileNumber, dateCreated)),
  }
}

function wallet(gateway: string, linked: boolean, mobile_number: string, customerSince: Date): FixtureWallet {
  const own = { id: `wlt_${string.alphanumeric({ length: 16, casing: 'lower' })}`, wallet: gateway }
  const metadata = { mobile_number }
  if (!linked) return { ...own, metadata }
  const beside = datatype.boolean() ? GATEWAYS[gateway] : null
  const accounts = [...(beside ? [beside] : []), { paymentMethod: gateway }]
  const lastRefreshed = second(date.between({ from: customerSince, to: LATEST }))
  const seen = holdings(accounts)
  return {
    ...own,
    linked,
    balance: seen.balance,
    lastRefreshed,
    subDetails: seen.subDetails.map((sub) => ({ ...sub, lastRefreshed })),
    // Half the customers have spent or added money since, which the next refresh shows.
    ...(datatype.boolean() ? { provider: holdings(accounts) } : {}),
    metadata,
  }
}

/** A balance for each account; the wallet's own is that of the account with its name, which comes last. */
function holdings(accounts: readonly Omit<FixtureSubDetail, 'balance'>[]) {
  const subDetails = accounts.map((account) => ({ ...account, balance: majorOf(number.int(1_000_000)) }))
  return { balance: subDetails.at(-1)!.balance, subDetails }
}
