import { test as base } from 'vitest'
import {
  createSandbox,
  type ExploreOptions,
  explore as exploreFlow,
  type Flow,
  type Options,
  type Sandbox,
} from '../index.js'
import { printJournal, saved, type TestSandbox, testSandbox } from './test-sandbox.js'

export type { TestSandbox }

/**
 * vitest's `test` with a `sandbox`: one server per worker, and a fresh merchant per test, so that tests may run
 * concurrently. A test that fails prints its merchant's calls, and the command that repeats them.
 * `sandboxOptions` are the server's; delays are off unless they say otherwise.
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
  sandbox: async ({ sandboxServer, task, onTestFailed }, use) => {
    // The same in every run, because draws follow from it; a retry is a merchant of its own.
    const key = ['sandbox', task.id, task.result?.retryCount ?? 0, task.result?.repeatCount ?? 0].join('_')
    const sandbox = testSandbox(sandboxServer.url!, key, sandboxServer.control.merchant(key))
    onTestFailed(() => printJournal(sandbox))
    await use(sandbox)
    // Not dropped: a test that failed prints its journal later, and the oldest of 1,000 makes room.
  },
})

/**
 * A test that explores a flow. It fails with the report, and with a capsule of each finding, where a fault at one of the
 * flow's calls costs money.
 *
 * @example
 * import { explore } from 'wallet-sandbox/vitest'
 *
 * explore(({ url, key }) => checkout({ baseUrl: url, apiKey: key }), { name: 'no lost answer costs money' })
 */
export function explore(flow: Flow, { name = 'explore', ...options }: ExploreOptions & { name?: string } = {}): void {
  base(name, { timeout: 0 }, async () => {
    const report = await exploreFlow(flow, options)
    if (report.findings.length === 0) return
    const capsules = report.findings.map(
      ({ schedule, capsule }) => `${schedule}: npx wallet-sandbox replay ${saved(capsule)}`,
    )
    throw new Error([String(report), ...capsules].join('\n'))
  })
}
