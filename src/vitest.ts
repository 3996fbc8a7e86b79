import { test as base } from 'vitest'
import type { MerchantControl } from './control/control.js'
import { createSandbox, type Options, type Sandbox } from './index.js'
import type { JournalEntry } from './journal/record.js'

/** What a test has of the sandbox: a merchant of its own, which no other test sees. */
export interface TestSandbox {
  /** An API key of the merchant, good for every vendor. */
  readonly key: string
  readonly merchantId: string
  /** The base URL for a client, such as `http://127.0.0.1:40123`. */
  readonly url: string
  /** The platform's `fetch`, for paths too. A request without Authorization is sent with the key, as Juspay's clients do. */
  fetch(input: string | URL, init?: RequestInit): Promise<Response>
  /** State, scenario, clock, journal and wallets of the merchant. */
  readonly control: MerchantControl
}

/** Merchants that this process has made: a key is used by one test alone. */
let made = 0

/**
 * vitest's `test` with a `sandbox`: one server per worker, and a fresh merchant per test, so that tests may run
 * concurrently. A test that fails prints what its merchant was asked. `sandboxOptions` are the server's; delays are off
 * unless they say otherwise.
 *
 * @example
 * import { test } from 'wallet-sandbox/vitest'
 *
 * test('shows the wallet', async ({ sandbox, expect }) => {
 *   const client = new WalletClient({ baseUrl: sandbox.url, apiKey: sandbox.key })
 *   expect(await client.balance('wlt_q23xzki3pazgtezo')).toBe(250)
 * })
 */
export const test = base.extend<{
  sandbox: TestSandbox
  sandboxOptions: Options
  sandboxServer: Sandbox
}>({
  sandboxOptions: [{}, { scope: 'worker' }],
  sandboxServer: [
    async ({ sandboxOptions }, use) => {
      const server = await createSandbox({ latency: 'off', ...sandboxOptions })
      await server.listen()
      await use(server)
      await server.close()
    },
    { scope: 'worker' },
  ],
  sandbox: async ({ sandboxServer, onTestFailed }, use) => {
    const key = `sandbox_test_${process.pid}_${++made}`
    const control = sandboxServer.control.merchant(key)
    const url = sandboxServer.url!
    onTestFailed(async () => {
      // biome-ignore lint/suspicious/noConsole: vitest shows what a test prints beside its error
      console.error(summary(key, (await control.requests.get()).requests))
    })
    await use({ key, merchantId: key, url, control, fetch: (input, init) => send(new URL(input, url), key, init) })
    // Not dropped: a test that failed prints its journal later, and the oldest of 1,000 makes room.
  },
})

function send(url: URL, key: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  if (!headers.has('authorization')) headers.set('authorization', `Basic ${btoa(`${key}:`)}`)
  return fetch(url, { ...init, headers })
}

/** What a merchant was asked, a line per call. */
function summary(key: string, requests: readonly JournalEntry[]): string {
  const lines = requests.map(({ request, response, reason, rule, warnings }) =>
    [
      `${request.method} ${request.path}${request.query === '' ? '' : `?${request.query}`}`,
      response?.status ?? 'no answer',
      ...(rule === null ? [] : [`rule "${rule}"`]),
      ...(reason === null ? [] : [reason]),
      ...warnings,
    ].join('  '),
  )
  return [`The sandbox was asked by ${key}:`, ...(lines.length === 0 ? ['nothing'] : lines)].join('\n  ')
}
