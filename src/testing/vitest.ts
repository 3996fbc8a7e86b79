import { test as base, type RunnerTestCase } from 'vitest'
import {
  createSandbox,
  type ExploreOptions,
  explore as exploreFlow,
  type Flow,
  type Options,
  type Sandbox,
} from '../index.js'
import { keyOf, printJournal, saved, type TestName, type TestSandbox, testSandbox } from './test-sandbox.js'

export type { TestSandbox }

/**
 * vitest's `test` with a `sandbox`: one server per worker, and a fresh merchant per test, so that tests may run
 * concurrently. A test that fails prints its merchant's calls, and the command that opens them.
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
    const name = nameOf(task)
    const key = keyOf(name)
    const sandbox = testSandbox(sandboxServer.url!, key, sandboxServer.control.merchant(key))
    onTestFailed(() => printJournal(sandbox, name))
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
    const capsules = report.findings.map(({ schedule, capsule }) => `${schedule}: ${saved(capsule.merchant, capsule)}`)
    throw new Error([String(report), ...capsules].join('\n'))
  })
}

/** A retry is a merchant of its own, and so is each of several tests with one name. */
function nameOf(task: Readonly<RunnerTestCase>): TestName {
  const names = [task.name]
  for (let suite = task.suite; suite !== undefined; suite = suite.suite) names.unshift(suite.name)
  const namesakes = (task.suite ?? task.file).tasks.filter(({ name }) => name === task.name)
  const nth = namesakes.findIndex(({ id }) => id === task.id)
  return {
    path: task.file.name,
    name: task.name,
    fullName: names.join(' > '),
    runs: [task.result?.retryCount ?? 0, task.result?.repeatCount ?? 0, nth],
  }
}
