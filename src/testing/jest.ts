import { relative } from 'node:path'
import { connect } from '../control/client.js'
import { InputError } from '../lib/errors.js'
import { quote } from '../lib/text.js'
import { URL_VARIABLE } from './jest-server.js'
import { printJournal, type TestSandbox, testSandbox } from './test-sandbox.js'

export type { TestSandbox }

/** What this module uses of jest's globals. */
interface Jest {
  afterEach(hook: () => Promise<void>): void
  expect: { getState(): { testPath?: string; currentTestName?: string } }
}
const { afterEach, expect } = globalThis as unknown as Jest

/** Tests under way by name: one that is when jest leaves it has run out of time. */
const underWay = new Map<string | undefined, TestSandbox>()
let runs = 0

afterEach(async () => {
  const sandbox = underWay.get(expect.getState().currentTestName)
  if (sandbox) await printJournal(sandbox)
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
    const sandbox = open()
    const { currentTestName } = expect.getState()
    underWay.set(currentTestName, sandbox)
    try {
      await test(sandbox, ...cells)
    } catch (error) {
      await printJournal(sandbox)
      throw error
    } finally {
      underWay.delete(currentTestName)
    }
  }

/** Its key is the same in every run, because draws follow from it. */
function open(): TestSandbox {
  const url = process.env[URL_VARIABLE]
  if (url === undefined)
    throw new InputError('globalSetup: has not started a sandbox; allowed: "wallet-sandbox/jest/setup"')
  const file = relative(process.cwd(), expect.getState().testPath ?? '').replaceAll(/\W+/g, '_')
  const key = `sandbox_${file.slice(-80)}_${++runs}`
  return testSandbox(url, key, connect(url, key))
}
