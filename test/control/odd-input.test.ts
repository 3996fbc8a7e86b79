import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../src/control/client.js'
import { createSandbox, InputError, record, type Sandbox, verify } from '../../src/index.js'
import { handlers } from '../../src/testing/msw.js'
import { every } from '../every.js'

/** Whatever a caller in the same process gives, it gets an answer or an InputError of whole sentences. */

const circle: Record<string, unknown> = {}
circle.self = circle
const thrower = new Proxy(
  {},
  { get: fail, has: fail, ownKeys: fail, getOwnPropertyDescriptor: fail, getPrototypeOf: fail },
)
function fail(): never {
  throw new Error('touched')
}

const ODD: readonly unknown[] = [
  ...[undefined, null, {}, [], 1n, Symbol('odd'), circle, () => 1, thrower, Number.NaN, '', '\ud800', new Map()],
  ...[Object.create(null), { toJSON: fail }, Proxy.revocable({}, {}).proxy, new Date(Number.NaN)],
  // Where an object is right, what it holds may not be.
  ...[{ by: 1n }, { only: circle }, { merchants: [thrower] }, { merchants: [{ id: 'a', customers: [1n] }] }],
]

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await createSandbox({ latency: 'off', clock: '2023-09-11T08:30:00Z' })
})
afterAll(() => sandbox.close())

/** Every function in an object, by the way to it. */
function methodsOf(object: object, path: string): [string, (...given: unknown[]) => unknown][] {
  return Object.entries(object).flatMap(([name, value]) =>
    typeof value === 'function'
      ? [[`${path}.${name}`, value]]
      : typeof value === 'object' && value !== null
        ? methodsOf(value, `${path}.${name}`)
        : [],
  )
}

/** @throws unless it comes to an answer, or to sentences for a user */
async function expectSentence(act: () => unknown): Promise<void> {
  let error: unknown
  try {
    const answer = await act()
    // A stream, or a sandbox, is left again.
    await (answer as AsyncIterator<unknown> | undefined)?.return?.()
    await (answer as Partial<Sandbox> | undefined)?.close?.()
    return
  } catch (thrown) {
    error = thrown
  }
  if (!(error instanceof InputError)) throw error
  expect(error.lines.length).toBeGreaterThan(0)
  for (const line of error.lines) expect(line).toMatch(/^(?! ).{8,}$/u)
}

const WRAPPED = ODD.flatMap((odd) => [[odd], ['wlt_q23xzki3pazgtezo', odd]])

test('every method of the control, of all merchants, of one and over a socket', async () => {
  const remote = connect(await sandbox.listen(), 'acme')
  const methods = [
    ...methodsOf(sandbox.control, 'control'),
    ...methodsOf(sandbox.control.merchant('acme'), 'merchant'),
    ...methodsOf(remote, 'remote'),
  ]
  // One that waits for an event is told of odd patterns alone.
  const asked = methods.filter(([name]) => !name.endsWith('.next'))
  expect(asked.length).toBeGreaterThan(60)
  await every(
    asked.flatMap(([name, method]) => WRAPPED.map((given) => [name, given, method] as const)),
    ([, given, method]) => expectSentence(() => method(...given)),
  )
}, 120_000)

const RESPONSES = ODD.map((body) => ({
  name: 's',
  rules: [{ name: 'r', effect: { response: { status: 200, body } } }],
}))

test('the response of a scenario, and what its body holds', () =>
  every([...RESPONSES, ...ODD.map((odd) => ({ name: odd, rules: odd }))], async (scenario) => {
    await expectSentence(() => sandbox.control.scenario.put(scenario as never))
    const answer = await sandbox.fetch('http://x/customers/guest_user/wallets', {
      headers: { authorization: `Basic ${btoa('acme_test_key:')}` },
    })
    expect(answer.headers.get('x-sandbox-reason') ?? '').not.toContain('itself failed')
  }))

const OPTIONS = [
  ...[
    'fixtures',
    'scenario',
    'seed',
    'clock',
    'latency',
    'data',
    'watch',
    'tlsCert',
    'tlsKey',
    'strict',
    'errorBodies',
  ],
  ...['tokenTtl', 'testOtp', 'paymentMethodDelay', 'maxMerchants', 'journalSize', 'cors', 'webhookHosts', 'verified'],
  ...['verdict', 'controlToken', 'log'],
]

test('createSandbox, and each of its options', () =>
  every(
    ODD.flatMap((odd) => [odd, ...OPTIONS.map((name) => ({ [name]: odd }))]),
    (options) => expectSentence(() => createSandbox(options as never)),
  ))

test('listen', () =>
  every(
    ODD.flatMap((odd) => [odd, { port: odd }, { host: odd }]),
    async (at) => {
      await using one = await createSandbox({ latency: 'off' })
      await expectSentence(() => one.listen(at as never))
    },
  ))

test('verify, record and the handlers for msw', async () => {
  const target = { baseUrl: 'http://127.0.0.1:1', key: 'k' }
  const session = { upstream: 'http://127.0.0.1:1', out: join(mkdtempSync(join(tmpdir(), 'odd-')), 'f.json') }
  await every(
    ODD.flatMap((odd) => [
      ...[
        odd,
        ...['baseUrl', 'key', 'customer', 'wallet', 'vendor', 'writes', 'timeout'].map((name) => ({
          ...target,
          [name]: odd,
        })),
      ].map((options) => [verify, options] as const),
      ...[
        odd,
        ...['upstream', 'out', 'scenarioOut', 'replace', 'redact', 'port', 'host', 'timeout'].map((name) => ({
          ...session,
          replace: true,
          [name]: odd,
        })),
      ].map((options) => [recorded, options] as const),
      [(one: never) => handlers(one), typeof odd === 'object' ? null : odd] as const,
      [(urls: never) => handlers(sandbox, urls), odd] as const,
    ]),
    ([act, given]) => expectSentence(() => act(given as never)),
  )
})

async function recorded(options: never): Promise<void> {
  await (await record(options)).stop()
}

test('a body that never comes is given up when the sandbox closes', async () => {
  const closing = await createSandbox({ latency: 'off' })
  const body = new ReadableStream({ pull: () => new Promise(() => {}) })
  const request = {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('acme_test_key:')}` },
    body,
    duplex: 'half',
  }
  const pending = closing.fetch('http://x/orders', request as RequestInit)
  const outcome = expect(pending).rejects.toThrow(/^fetch: the sandbox was closed before the request had an answer/)
  await closing.close()
  await outcome
})
