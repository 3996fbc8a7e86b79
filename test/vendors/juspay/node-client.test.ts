import { InvalidRequestError, Juspay } from 'expresscheckout-nodejs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createSandbox, type Sandbox } from '../../../src/index.js'
import { SILENT } from './client.js'
import { nodeLibrary } from './node-library.js'

let sandbox: Sandbox
let client: Juspay

beforeAll(async () => {
  sandbox = await createSandbox(SILENT)
  client = await nodeLibrary(sandbox)
})

afterAll(async () => {
  vi.restoreAllMocks()
  await sandbox.close()
})

test('creates, reads and updates a customer', async () => {
  const created = await client.customer.create({
    object_reference_id: 'ravi@shop.example',
    mobile_number: '9812345678',
    email_address: 'ravi@shop.example',
    first_name: 'Ravi',
    last_name: 'Rao',
    mobile_country_code: '91',
    'options.get_client_auth_token': 'true',
  })
  expect(created).toMatchObject({
    object: 'customer',
    first_name: 'Ravi',
    juspay: { client_auth_token: expect.stringMatching(/^tkn_/) },
  })
  expect(created.http.statusCode).toBe(200)
  expect(created.http.headers).toMatchObject({ 'x-jp-merchant-id': 'acme', 'x-response-id': expect.any(String) })

  expect(await client.customer.get('ravi@shop.example')).toMatchObject({ id: created.id, last_name: 'Rao' })
  expect(await client.customer.update(created.id as string, { last_name: 'Nair' } as never)).toMatchObject({
    id: created.id,
    last_name: 'Nair',
  })
  const twice = client.customer.create({ object_reference_id: 'ravi@shop.example' } as never)
  await expect(twice).rejects.toSatisfy(
    (error) => error instanceof InvalidRequestError && error.error_code === 'unique' && error.error_info !== undefined,
  )
  await expect(client.customer.get('nobody')).rejects.toMatchObject({ error_code: 'object_not_found' })
})

test('creates an order and asks for its status', async () => {
  const created = await client.order.create({ order_id: 'sdk-1', amount: 10.1, customer_id: 'customer@gmail.com' })
  expect(created).toMatchObject({ order_id: 'sdk-1', status: 'CREATED', status_id: 1 })
  const status = { id: created.id, status_id: 10, amount: 10.1, customer_id: 'cst_om2l6ctlptxwxuzj' }
  expect(await client.order.status('sdk-1')).toMatchObject(status)
  await expect(client.order.status('sdk-2')).rejects.toThrow('"status":"NOT_FOUND"')
})

test('a wrong key is the error it knows', async () => {
  const stranger = new Juspay({ apiKey: 'wrong:', merchantId: 'acme', baseUrl: 'https://sandbox.juspay.test' })
  await expect(stranger.customer.get('guest_user')).rejects.toMatchObject({
    name: 'AuthenticationError',
    error_code: 'access_denied',
  })
})
