import { expect, test } from 'vitest'
import { createSandbox } from '../../src/index.js'
import { faultsOf } from '../../src/schema.js'
import { fixturesSchema } from '../../src/store/fixtures.js'
import { generate } from '../../src/store/generate.js'

test('equal arguments make equal fixtures, another seed others', () => {
  const made = JSON.stringify(generate(20, 7))
  expect(JSON.stringify(generate(20, 7))).toBe(made)
  expect(JSON.stringify(generate(20, 8))).not.toBe(made)
  // More customers follow the same ones.
  expect(generate(21, 7).merchants[0]!.customers!.slice(0, 20)).toEqual(generate(20, 7).merchants[0]!.customers)
})

test.each([1, 2, 300])('%i customers are valid fixtures', (customers) => {
  const fixtures = generate(customers, customers)
  expect(faultsOf(fixturesSchema, fixtures, 'generated')).toEqual([])
  expect(fixtures.merchants[0]!.customers).toHaveLength(customers)
})

test('customers have names and mobile numbers, and wallets of every kind', () => {
  const customers = generate(200, 1).merchants[0]!.customers!
  for (const customer of customers) {
    expect(customer.firstName).toMatch(/^\p{Lu}/u)
    expect(customer.lastName).toMatch(/^\p{Lu}/u)
    expect(customer.mobileCountryCode).toBe('91')
    expect(customer.mobileNumber).toMatch(/^[6-9]\d{9}$/)
    expect(customer.emailAddress).toMatch(/^[a-z.]+\.\d+@example\.com$/)
    expect(customer.wallets!.length).toBeGreaterThanOrEqual(2)
    expect(customer.wallets!.some(({ linked }) => linked)).toBe(true)
    expect(customer.wallets!.some(({ linked }) => !linked)).toBe(true)
  }
  const wallets = customers.flatMap((customer) => customer.wallets!)
  expect(new Set(wallets.map(({ wallet }) => wallet)).size).toBeGreaterThanOrEqual(8)
  const types = new Set(wallets.flatMap(({ subDetails = [] }) => subDetails.map((sub) => sub.paymentMethod)))
  expect([...types]).toEqual(expect.arrayContaining(['PAYTM_POSTPAID', 'AMAZONPAYLATER', 'SIMPL_SOD']))
  expect(wallets.some(({ balance, provider }) => provider !== undefined && provider.balance !== balance)).toBe(true)
})

test('they are served', async () => {
  const fixtures = generate(3, 1)
  const sandbox = await createSandbox({ fixtures, latency: 'off' })
  const headers = { authorization: `Basic ${btoa('acme_test_key:')}` }
  for (const { id, objectReferenceId, wallets } of fixtures.merchants[0]!.customers!)
    for (const name of [id, objectReferenceId!]) {
      const url = `https://sandbox.juspay.in/customers/${encodeURIComponent(name)}/wallets`
      expect(await (await sandbox.fetch(url, { headers })).json()).toMatchObject({ total: wallets!.length })
    }
  await sandbox.close()
})
