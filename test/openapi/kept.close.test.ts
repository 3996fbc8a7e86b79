import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSandbox, type Fixtures, type Options, type Sandbox } from '../../src/index.js'
import { every } from '../every.js'
import {
  hostile,
  hostileRequestsOf,
  OPERATIONS,
  type Operation,
  prepared,
  type Request,
  requestsWith,
  textFieldsOf,
} from './generator.js'

/** What is answered with success can be read, put and found by the next start. */

/** The last second at which a clock may stand, with the longest delays. */
const LAST = { clock: '9998-12-31T23:59:59Z', paymentMethodDelay: '365d', tokenTtl: '365d' }

const inFolder = (): Options => ({ data: mkdtempSync(join(tmpdir(), 'kept-')) })

/** What is held. Attempts to deliver go on meanwhile. */
const heldIn = (state: Fixtures): Fixtures =>
  JSON.parse(JSON.stringify(state, (key, value) => (key === 'attempts' || key === 'nextAt' ? undefined : value)))

/** @throws what `PUT …/state` says of the answer of `GET …/state` */
async function expectKept(sandbox: Sandbox): Promise<void> {
  const state = await sandbox.control.state.get()
  const before = heldIn(state)
  await sandbox.control.state.put(state)
  expect(heldIn(await sandbox.control.state.get())).toEqual(before)
}

/** Closes it, and looks whether the next start finds the same. */
async function expectFoundAgain(sandbox: Sandbox, options: Options): Promise<void> {
  const customersOf = async ({ control }: Sandbox) =>
    new Map(heldIn(await control.state.get()).merchants.map(({ id, customers }) => [id, customers]))
  const before = await customersOf(sandbox)
  await sandbox.close()
  await using next = await createSandbox({ ...options, latency: 'off' })
  expect(await customersOf(next)).toEqual(before)
}

/** @throws unless the sandbox answers, and not with a failure of its own */
async function ask(fetch: typeof globalThis.fetch, { method }: Operation, { url, headers, body }: Request) {
  const response = await fetch(url, { method, headers, redirect: 'manual', ...(body !== undefined && { body }) })
  void response.body?.cancel()
  const reason = response.headers.get('x-sandbox-reason')
  expect(response.status, `${method} ${url} ${body}: ${reason}`).not.toBe(500)
}

/** What is the same of one merchant as of all is asked of all. */
const CHANGES = OPERATIONS.filter(({ method, path }) => method !== 'GET' && !path.includes('/merchants/{merchant}/'))

/** A second path of an operation has parameters of its own, and the body of the first, which `npm run soak` sends there too. */
const fieldsOf = (operation: Operation) =>
  textFieldsOf(operation).filter(({ place }) => process.env.SOAK || !(place === 'body' && /\.\d$/.test(operation.id)))

test.each(CHANGES.filter((operation) => fieldsOf(operation).length > 0))(
  '$id keeps what it accepts, in a data folder at the end of time',
  async (operation) => {
    const options: Options = { ...inFolder(), ...LAST }
    const { sandbox, known } = await prepared(options)
    await every(fieldsOf(operation), async (field) => {
      for (const request of requestsWith(field, hostile(field.schema), operation, known))
        await ask(sandbox.fetch, operation, request)
      await expectKept(sandbox)
    })
    await expectFoundAgain(sandbox, options)
  },
  120_000,
)

test('ids that are made of the longest ids are kept, and the pages at them open', async () => {
  const id = 'm'.repeat(256)
  const options: Options = { ...inFolder(), ...LAST }
  const sandbox = await createSandbox({ ...options, latency: 'off' })
  const acme = (await sandbox.control.merchant('acme').state.get()).merchants[0]!
  const { juspayApiKeys, juicywayApiKeys, ...rest } = acme
  await sandbox.control.state.put({ merchants: [acme, { ...rest, id }] })
  const headers = { authorization: `Basic ${btoa(`test_${id}_juspay:`)}`, 'content-type': 'application/json' }
  const post = async (path: string, fields: object) =>
    (
      await sandbox.fetch(`http://x${path}`, { method: 'POST', headers, body: JSON.stringify(fields) })
    ).json() as Promise<never>
  const order = { order_id: '\0🙂'.padEnd(256, 'o'), amount: 9_999_999_999.99, customer_id: 'customer@gmail.com' }
  await post('/orders', order)
  const wallet = { order_id: order.order_id, payment_method_type: 'WALLET', payment_method: 'MOBIKWIK' }
  const { token } = await post('/wallets/wlt_q23xzki3pazgtezo', { command: 'refresh' })
  for (const fields of [wallet, { ...wallet, direct_wallet_token: token }]) {
    const { payment } = (await post('/txns', fields)) as { payment: { authentication: { url: string } } }
    expect((await sandbox.fetch(payment.authentication.url)).status).toBe(200)
  }
  await expectKept(sandbox)
  await expectFoundAgain(sandbox, options)
}, 60_000)

const CLIENTS = 50
const CALLS = process.env.SOAK ? 20_000 : 500

/** Not what takes the merchants away, or the answers from the vendors. */
const SOAKED = OPERATIONS.filter(
  ({ id, method }) =>
    !/^control\.(put|delete)\.(.*\.)?(state|scenario|merchants\.merchant|webhook)$/.test(id) || method === 'GET',
)

test(`${CLIENTS} clients with ${CALLS} hostile calls end nothing`, async () => {
  const options: Options = { ...inFolder(), scenario: 'instant', journalSize: 500 }
  const { sandbox, known } = await prepared(options)
  const acme = sandbox.control.merchant('acme')
  await acme.webhooks.put(null)
  const base = await sandbox.listen()
  const one = fc
    .constantFrom(...SOAKED)
    .chain((operation) => fc.tuple(fc.constant(operation), hostileRequestsOf(operation, known)))
  const faults: string[] = []
  const client = async (n: number) => {
    for (const [operation, request] of fc.sample(one, { numRuns: CALLS / CLIENTS, seed: n }))
      await ask(fetch, operation, { ...request, url: request.url.replace('http://sandbox', base) }).catch(
        (error: Error) => faults.push(`${error.message} ${error.cause ?? ''}`),
      )
  }
  await Promise.all(Array.from({ length: CLIENTS }, (_, n) => client(n)))
  expect(faults).toEqual([])
  await expectKept(sandbox)
  await expectFoundAgain(sandbox, options)
}, 1_200_000)
