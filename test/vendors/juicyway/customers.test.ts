import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createSandbox, type Fixtures, type Scenario } from '../../../src/index.js'
import { basic, TARGETS, withSandbox } from '../../contract/targets.js'
import { every } from '../../every.js'
import { CUSTOMER, client, GLOBEX_CUSTOMER, idempotencyKey, inProcess, UNKNOWN } from './client.js'

const CLOCK = '2025-09-22T09:01:09Z'
const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)

const ADDRESS = { line1: '123 Test Lane', city: 'Lagos', state: 'Lagos', zip_code: '100001', country: 'NG' }
/** The published request. */
const JAMES = {
  first_name: 'James',
  last_name: 'Okafor',
  email: 'james.okafor@example.com',
  phone: '+2348012345678',
  type: 'individual',
  billing_address: { ...ADDRESS, line2: 'Suite 456' },
}

/** The customer whom the published answers show. */
const SAMPLE = '6f7e1e7f-93d1-4fcc-b7a4-738f869615c8'
const SAMPLE_FIXTURES: Fixtures = {
  merchants: [
    {
      id: 'acme',
      juicywayApiKeys: [{ key: 'test_acme_juicyway' }],
      customers: [
        {
          id: SAMPLE,
          firstName: 'Test',
          lastName: 'Customer',
          emailAddress: 'test@custom.com',
          mobileNumber: '+2348012345678',
          billingAddress: {
            line1: '123 Test lane',
            line2: '3456 Mike Drive',
            city: 'Anon',
            state: 'Acme',
            zipCode: '12345',
            country: 'US',
          },
          dateCreated: '2024-03-15T12:00:00Z',
          lastUpdated: '2024-03-15T12:00:00Z',
        },
      ],
    },
  ],
}
const SAMPLE_DATA =
  `"id":"${SAMPLE}","first_name":"Test","last_name":"Customer","email":"test@custom.com",` +
  '"phone_number":"+2348012345678","billing_address":{"line1":"123 Test lane","line2":"3456 Mike Drive",' +
  '"city":"Anon","state":"Acme","zip_code":"12345","country":"US"}'

describe.each(TARGETS)('$name', (target) => {
  const JUSPAY_WORDS = /juspay|error_message|error_code|error_info|"object"/i

  test('the guide’s first calls', () =>
    withSandbox(target, { clock: CLOCK }, async (send) => {
      const authorization = 'Bearer test_acme_juicyway'
      const seen: string[] = []
      const call = async (method: string, path: string, body?: unknown) => {
        const reply = await client(send)(method, path, body, { authorization })
        seen.push(reply.text, [...reply.headers].join('\n'))
        return reply
      }
      const created = await call('POST', '/customers', JAMES)
      expect(created.status).toBe(201)
      const { id } = created.body.data
      expect(created.text).toBe(`{"data":{"id":"${id}","status":"pending_kyc","created_at":"${CLOCK}"}}`)
      expect(id).toEqual(UUID)

      const wallet = (await call('POST', '/wallets', { currency: 'NGN', customer_id: id })).body.data
      expect(wallet).toMatchObject({ customer_id: id, status: 'active', balance: { amount: 0, currency: 'NGN' } })
      const account = await call('POST', `/wallets/${wallet.id}/payment-method`, { type: 'bank_account' })
      expect(account.body.data.payment_methods).toHaveLength(1)
      const credit = { wallet_id: wallet.id, amount: 150_000, type: 'credit' }
      expect((await call('POST', '/wallets/transactions', credit)).body.data.balance_after).toBe(150_000)
      const frozen = await call('PATCH', `/wallets/${wallet.id}/status`, { status: 'frozen', reason: 'lost phone' })
      expect(frozen.body.data).toMatchObject({ status: 'frozen', balance: { amount: 150_000, currency: 'NGN' } })
      expect((await call('POST', '/wallets/transactions', credit)).body.error.code).toBe('validation_error')
      expect((await call('GET', `/customers/${id}`)).body.data).toEqual({
        id,
        first_name: 'James',
        last_name: 'Okafor',
        email: 'james.okafor@example.com',
        phone_number: '+2348012345678',
        billing_address: { ...ADDRESS, line2: 'Suite 456' },
        created_at: CLOCK,
        updated_at: CLOCK,
      })
      // Nothing that is refused on the way is refused in the other vendor's words.
      const refused = [
        await call('POST', '/customers', {}),
        await call('POST', '/customers', JAMES),
        await call('GET', `/customers/${UNKNOWN}`),
        await call('DELETE', `/customers/${id}`),
        await call('GET', '/wallets/malformed'),
      ]
      expect(refused.map(({ status }) => status)).toEqual([400, 422, 404, 405, 404])
      expect(seen.filter((text) => JUSPAY_WORDS.test(text) || /x-jp-|x-response-id/.test(text))).toEqual([])
    }))

  test('the published bodies come byte for byte', () =>
    withSandbox(target, { fixtures: SAMPLE_FIXTURES, clock: '2024-03-16T12:00:00Z' }, async (send) => {
      const path = `/customers/${SAMPLE}`
      const BYTES: readonly (readonly [method: string, path: string, body: object | undefined, answer: string])[] = [
        [
          ...(['GET', path, undefined] as const),
          `200 {"data":{${SAMPLE_DATA},"created_at":"2024-03-15T12:00:00Z","updated_at":"2024-03-15T12:00:00Z"}}`,
        ],
        [
          ...(['PATCH', path, { phone_number: '08012345678' }] as const),
          '400 {"error":{"code":"invalid_request","message":"Invalid parameters provided","details":{"phone_number":["Invalid phone number format"]}}}',
        ],
        [
          ...(['PATCH', `/customers/${UNKNOWN}`, {}] as const),
          '404 {"error":{"code":"not_found","message":"Customer not found"}}',
        ],
        [
          ...(['PATCH', path, { email: 'test@' }] as const),
          '422 {"error":{"code":"validation_error","message":"The request contains invalid parameters","details":{"email":["Invalid email format"]}}}',
        ],
        [
          ...([
            'PATCH',
            path,
            { phone_number: '+2348012345678', billing_address: { line1: '123 Test lane', city: 'Anon' } },
          ] as const),
          `200 {"data":{${SAMPLE_DATA}}}`,
        ],
      ]
      await every(BYTES, async ([method, at, body, answer]) => {
        const { status, text, headers } = await client(send)(method, at, body)
        expect(`${status} ${text}`).toBe(answer)
        expect(headers.get('x-sandbox-fidelity')).toBe('published')
      })
    }))

  test('whose /customers is', () =>
    withSandbox(target, {}, async (send) => {
      const bearer = 'Bearer test_acme_juicyway'
      const juspay = basic('acme_test_key:')
      const UNAUTHORIZED = '{"error":{"code":"unauthorized","message":"Unauthorized"}}'
      const DENIED = /^{"status":"error","error_code":"access_denied","error_info":/
      const NOT_ALLOWED = '{"error":{"code":"method_not_allowed","message":"Method not allowed"}}'
      const NO_CUSTOMER = '{"error":{"code":"not_found","message":"Customer not found"}}'
      const NO_JUSPAY_CUSTOMER = /object_not_found|Customer/
      const ROWS: readonly (readonly [string, string | undefined, number, string | RegExp])[] = [
        ['POST /customers', bearer, 400, /^{"error":{"code":"invalid_request"/],
        ['POST /customers', juspay, 400, /object_reference_id/],
        ['POST /customers', undefined, 401, DENIED],
        ['POST /customers', 'test_acme_juicyway', 401, DENIED],
        ['POST /customers', 'bearer\ttest_acme_juicyway', 400, /^{"error":{"code":"invalid_request"/],
        ['POST /customers', 'Bearer unknown', 401, UNAUTHORIZED],
        ['POST /customers', 'Bearer acme_test_key', 401, UNAUTHORIZED],
        ['POST /customers', 'Digest x', 401, DENIED],
        ['POST /juicyway/customers', bearer, 400, /^{"error":{"code":"invalid_request"/],
        ['POST /juicyway/customers', juspay, 401, UNAUTHORIZED],
        ['POST /juicyway/customers', undefined, 401, UNAUTHORIZED],
        ['POST /juspay/customers', juspay, 400, /object_reference_id/],
        ['POST /juspay/customers', bearer, 401, DENIED],
        ['POST /juspay/customers', undefined, 401, DENIED],
        ['GET /customers', bearer, 405, NOT_ALLOWED],
        ['GET /customers', juspay, 200, /^{"list":/],
        [`GET /customers/${CUSTOMER}`, bearer, 200, /^{"data":/],
        [`GET /customers/${CUSTOMER}`, juspay, 200, /"object":"customer"/],
        [`GET /customers/${CUSTOMER}`, undefined, 401, DENIED],
        [`GET /customers/${GLOBEX_CUSTOMER}`, bearer, 404, NO_CUSTOMER],
        [`GET /juicyway/customers/${CUSTOMER}`, bearer, 200, /^{"data":/],
        [`GET /juspay/customers/${CUSTOMER}`, juspay, 200, /"object":"customer"/],
        ['GET /customers/nobody', juspay, 404, NO_JUSPAY_CUSTOMER],
        ['GET /customers/nobody', bearer, 404, NO_CUSTOMER],
      ]
      await every(ROWS, async ([request, authorization, status, body]) => {
        const [method, path] = request.split(' ') as [string, string]
        const headers = {
          ...(authorization !== undefined && { authorization }),
          ...(method === 'POST' && { 'content-type': 'application/json' }),
        }
        const response = await send(path, { method, headers, ...(method === 'POST' && { body: '{}' }) })
        const text = await response.text()
        expect([response.status, text]).toEqual([status, typeof body === 'string' ? body : expect.stringMatching(body)])
      })
    }))
})

test('each field is named where it is wrong', () =>
  withSandbox(inProcess, {}, async (send) => {
    const call = client(send)
    const without = (name: keyof typeof JAMES) =>
      Object.fromEntries(Object.entries(JAMES).filter(([key]) => key !== name))
    const missing = (...names: string[]) => Object.fromEntries(names.map((name) => [name, [`Missing ${name}`]]))
    const NAME = 'x'.repeat(101)
    const addressed = (address: unknown) => ({ ...JAMES, billing_address: address })
    const CASES: readonly (readonly [body: object, status: number, details: object])[] = [
      [{}, 400, missing('first_name', 'last_name', 'email', 'phone_number', 'billing_address', 'type')],
      [without('phone'), 400, missing('phone_number')],
      [{ ...JAMES, phone: '08012345678' }, 400, { phone: ['Invalid phone number format'] }],
      [{ ...JAMES, phone_number: 7 }, 400, { phone_number: ['Invalid phone number format'] }],
      [
        { ...JAMES, first_name: NAME, last_name: 'R2' },
        400,
        { first_name: ['Invalid first_name'], last_name: ['Invalid last_name'] },
      ],
      [{ ...JAMES, type: 'business|individual' }, 400, { type: ['Invalid type'] }],
      [{ ...JAMES, email: 'no address' }, 422, { email: ['Invalid email format'] }],
      [{ ...JAMES, email: '' }, 422, { email: ['Invalid email format'] }],
      [{ ...JAMES, email: 'no address', type: 7 }, 400, { type: ['Invalid type'] }],
      [addressed('Lagos'), 400, { billing_address: ['Invalid billing_address'] }],
      [addressed([]), 400, { billing_address: ['Invalid billing_address'] }],
      [
        addressed({ ...ADDRESS, country: 'Nigeria' }),
        400,
        { 'billing_address.country': ['Invalid billing_address.country'] },
      ],
      [
        addressed({ line1: 'x' }),
        400,
        missing(...['city', 'state', 'zip_code', 'country'].map((name) => `billing_address.${name}`)),
      ],
    ]
    await every(CASES, async ([body, status, details]) => {
      const reply = await call('POST', '/customers', body)
      expect([reply.status, reply.body.error.details]).toEqual([status, details])
      for (const name of Object.keys(details)) expect(reply.headers.get('x-sandbox-reason')).toContain(`${name} is `)
    })
    expect((await call('POST', '/customers', { ...JAMES, phone: undefined, phone_number: JAMES.phone })).status).toBe(
      201,
    )
    const again = await call('POST', '/customers', { ...JAMES, email: JAMES.email.toUpperCase() })
    expect([again.status, again.body.error.details]).toEqual([422, { email: ['Email is already in use'] }])
  }))

test('an update changes what it names; an empty text clears, null does not', () =>
  withSandbox(inProcess, { clock: CLOCK }, async (send) => {
    const call = client(send)
    const { id } = (await call('POST', '/customers', JAMES)).body.data
    const other = (await call('POST', '/customers', { ...JAMES, email: 'ada@example.com' })).body.data
    const update = (body: object) => call('PATCH', `/customers/${id}`, body)
    const before = (await update({})).body.data
    expect((await update({ first_name: null, last_name: '', billing_address: { city: 'Abuja' } })).body.data).toEqual({
      ...before,
      last_name: null,
      billing_address: { ...before.billing_address, city: 'Abuja' },
    })
    expect((await update({ billing_address: { line2: '' } })).body.data.billing_address.line2).toBeNull()
    expect((await update({ email: 'ada@example.com' })).body.error.details).toEqual({
      email: ['Email is already in use'],
    })
    expect((await update({ email: 'james@example.com' })).body.data.email).toBe('james@example.com')
    // The email that was given up is free.
    const third = await call('POST', '/customers', JAMES)
    expect(third.status).toBe(201)
    expect(new Set([id, other.id, third.body.data.id]).size).toBe(3)
    // A customer of the other vendor's has no address to complete.
    const partly = await call('PATCH', '/customers/guest_user', { billing_address: { city: 'Abuja' } })
    expect(partly.status).toBe(400)
  }))

test('a repeated Idempotency-Key makes one customer', () =>
  withSandbox(inProcess, {}, async (send) => {
    const call = client(send)
    const first = await call('POST', '/customers', JAMES, idempotencyKey('k'))
    const second = await call('POST', '/customers', JAMES, idempotencyKey('k'))
    expect([second.status, second.text, second.headers.get('idempotent-replayed')]).toEqual([201, first.text, 'true'])
    expect((await call('POST', '/customers', { ...JAMES, type: 'business' }, idempotencyKey('k'))).status).toBe(422)
  }))

test('a customer is the same in every run, is journaled, and survives a restart and a snapshot', async () => {
  const data = mkdtempSync(join(tmpdir(), 'juicyway-'))
  try {
    const options = { data, clock: CLOCK, latency: 'off' } as const
    const made = await createSandbox(options)
    const created = await client(await inProcess.reach(made))('POST', '/customers', JAMES)
    const { id } = created.body.data
    const { requests } = await made.control.requests.get({ operation: 'juicyway.createCustomer' })
    expect(requests).toMatchObject([{ customer: JAMES.email, grade: 'published', response: { status: 201 } }])
    const state = await made.control.state.get()
    await made.close()

    await using again = await createSandbox(options)
    const shown = await client(await inProcess.reach(again))('GET', `/customers/${id}`)
    expect(shown.body.data).toMatchObject({ id, billing_address: { ...ADDRESS, line2: 'Suite 456' } })

    await using other = await createSandbox({ clock: CLOCK, latency: 'off' })
    const call = client(await inProcess.reach(other))
    expect((await call('GET', `/customers/${id}`)).status).toBe(404)
    await other.control.state.put(state)
    expect((await call('GET', `/customers/${id}`)).text).toBe(shown.text)
    await other.control.reset()
    expect((await call('POST', '/customers', JAMES)).text).toBe(created.text)
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
})

describe('rates', () => {
  const rates = (headers: Headers) => ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}`))
  const RESET = String(Date.parse('2025-09-22T10:00:00Z') / 1000)

  test('Fetch Customer alone counts down, for each key, until the hour is over', async () => {
    await using sandbox = await createSandbox({ clock: CLOCK, latency: 'off' })
    const send = await inProcess.reach(sandbox)
    const call = client(send)
    const fetched = async (path = CUSTOMER, as = call) => rates((await as('GET', `/customers/${path}`)).headers)
    expect(await fetched()).toEqual(['1000', '999', RESET])
    expect(await fetched(UNKNOWN)).toEqual(['1000', '998', RESET])
    expect(await fetched(CUSTOMER, client(send, 'test_acme_masked'))).toEqual(['1000', '999', RESET])
    await sandbox.control.clock.advance('1h')
    expect(await fetched()).toEqual(['1000', '999', String(Number(RESET) + 3600)])
    const others = [
      await call('POST', '/customers', JAMES),
      await call('PATCH', `/customers/${CUSTOMER}`, {}),
      await call('GET', '/wallets/all'),
    ]
    expect(others.map(({ headers }) => rates(headers))).toEqual(Array(3).fill([null, null, null]))
  })

  test('a scenario holds the published rate of Create Customer, and says Retry-After', async () => {
    const rule: NonNullable<Scenario['rules']>[number] = {
      name: '100 a minute',
      match: { operation: 'juicyway.createCustomer' },
      when: { after: 100, per: 'merchant', window: { to: '1m' } },
      effect: { error: 'rate_limited' },
    }
    const scenario = { name: 'rates', rules: [rule] }
    await using sandbox = await createSandbox({ scenario, clock: CLOCK, latency: 'off' })
    const call = client(await inProcess.reach(sandbox))
    const create = (n: number) => call('POST', '/customers', { ...JAMES, email: `james.${n}@example.com` })
    for (let n = 0; n < 100; n++) expect((await create(n)).status).toBe(201)
    const refused = await create(100)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
    expect(refused.text).toBe('{"error":{"code":"rate_limited","message":"Too many requests"}}')
    await sandbox.control.clock.advance('1m')
    expect((await create(100)).status).toBe(201)
  })
})
