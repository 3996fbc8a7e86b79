import { relative, sep } from 'node:path'
import { connect } from '../control/client.js'
import { InputError } from '../lib/errors.js'
import { NODE_ENVIRONMENT } from '../lib/platform.js'
import { quote } from '../lib/text.js'
import { URL_VARIABLE } from './jest-server.js'
import { keyOf, printJournal, type TestName, type TestSandbox, testSandbox } from './test-sandbox.js'

export type { TestSandbox }

/** What this module uses of jest's globals. */
interface Jest {
  afterEach(hook: () => Promise<void>): void
  expect: { getState(): { testPath?: string; currentTestName?: string } }
}
const { afterEach, expect } = globalThis as unknown as Jest

if (!('fetch' in globalThis))
  // biome-ignore lint/suspicious/noConsole: runners show what a file prints beside its errors
  console.warn(`This environment, such as jsdom, hides fetch from what is tested. What has it is ${NODE_ENVIRONMENT}.`)

/** By name: one that is under way when jest leaves it has run out of time. */
const underWay = new Map<string, { readonly name: TestName; readonly sandbox: TestSandbox }>()
/** How often a test of each name was begun. */
const runs = new Map<string, number>()

afterEach(async () => {
  const late = underWay.get(expect.getState().currentTestName ?? '')
  if (late) await printJournal(late.sandbox, late.name)
})

/**
 * The function of a test that gets a sandbox: a fresh merchant of the server that `wallet-sandbox/jest/setup` started. What
 * `test.each` gives comes behind it. A test that fails prints its merchant's calls.
 *
 * @example
 * import { withSandbox } from 'wallet-sandbox/jest'
 *
 * test('shows the wallet', withSandbox(async (sandbox) => {
 *   const client = new WalletClient({ baseUrl: sandbox.url, apiKey: sandbox.key })
 *   expect(await client.balance('wlt_q23xzki3pazgtezo')).toBe(250)
 * }))
 */
export const withSandbox =
  <Cells extends unknown[]>(test: (sandbox: TestSandbox, ...cells: Cells) => unknown) =>
  async (...cells: Cells): Promise<void> => {
    if (typeof test !== 'function') throw new InputError(`withSandbox: is given ${quote(test)}; allowed: a function`)
    const name = nameOf()
    const url = process.env[URL_VARIABLE]
    if (url === undefined)
      throw new InputError('globalSetup: has not started a sandbox; allowed: "wallet-sandbox/jest/setup"')
    const key = keyOf(name)
    const sandbox = testSandbox(url, key, connect(url, key))
    underWay.set(name.fullName, { name, sandbox })
    try {
      await test(sandbox, ...cells)
    } catch (error) {
      await printJournal(sandbox, name)
      throw error
    } finally {
      underWay.delete(name.fullName)
    }
  }

/** jest knows a test by its full name alone. A retry is begun under the same one. */
function nameOf(): TestName {
  const { testPath = '', currentTestName = '' } = expect.getState()
  const run = runs.get(currentTestName) ?? 0
  runs.set(currentTestName, run + 1)
  const path = relative(process.cwd(), testPath).replaceAll(sep, '/')
  return { path, name: currentTestName, fullName: currentTestName, runs: [run] }
}
