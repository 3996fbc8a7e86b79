import { execFile, spawnSync } from 'node:child_process'
import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSandbox } from '../../src/index.js'
import { ROOT } from '../build.js'
import { BABELRC, newProject, runIn } from '../package/project.js'
import { blocks, read } from './pages.js'
import { expectPrinted } from './printed.js'

/** Runs every program of docs/testing.md as a project that has the package installed would. */

const PROGRAMS = Object.fromEntries(blocks(read('docs/testing.md')).map(({ name, code }) => [name, code]))
const EXAMPLES = ['conftest.py', 'test_wallets.py', 'testcontainers.ts']

/** Passes only where no other test has used the merchant. */
const ONCE = `
from test_wallets import get

def test_fresh(wallets):
    get(wallets, "/customers/guest_user/wallets")
    assert wallets.control("GET", "requests")["total"] == 1
`

const FAILING = `
from test_wallets import get

def test_fails(wallets):
    assert get(wallets, "/wallets/wlt_q23xzki3pazgtezo")["current_balance"] == 251
`

let project: string
beforeAll(() => {
  project = newProject('module', { ...PROGRAMS, '.babelrc': BABELRC })
  for (const name of EXAMPLES) copyFileSync(join(ROOT, 'docs/examples', name), join(project, name))
  writeFileSync(join(project, 'fresh_test.py'), ONCE)
  writeFileSync(join(project, 'failing_test.py'), FAILING)
})
afterAll(() => rmSync(project, { recursive: true }))

test('every block of the page is run here', () => {
  expect(Object.keys(PROGRAMS)).toEqual([
    'refresh.test.mjs',
    'clock.test.mjs',
    'jest.config.cjs',
    'refresh.test.ts',
    'unknown.test.mjs',
    'plain.mjs',
    'wallets.msw.mjs',
    'clients.mjs',
    'action.yml',
  ])
})

test('vitest runs its tests', async () => {
  expect((await runIn(project, 'vitest', 'run', 'refresh.test.mjs', 'clock.test.mjs')).out).toMatch(/Tests .*2 passed/)
})

test('jest runs its tests', async () => {
  expect((await runIn(project, 'jest', 'refresh.test.ts')).out).toMatch(/Tests: +3 passed/)
})

test('node --test runs its tests', async () => {
  const { out } = await runIn(project, 'node', '--test', '--test-reporter', 'tap', 'unknown.test.mjs')
  expect(out).toMatch(/^# pass 1$/m)
})

test.each(['plain.mjs', 'wallets.msw.mjs', 'clients.mjs'])('%s prints what its comments say', async (name) => {
  expectPrinted(PROGRAMS[name]!, (await runIn(project, 'node', name)).out)
})

test('the recipe of Testcontainers has no error of type', async () => {
  const options = '--noEmit --strict --skipLibCheck --types node --module nodenext --target es2022'.split(' ')
  expect(await runIn(project, 'tsc', ...options, 'testcontainers.ts')).toEqual({ status: 0, out: '' })
})

const hasPytest = spawnSync('python3', ['-c', 'import pytest']).status === 0

/** Runs one file of tests. Plugins of whoever runs this are none of the example's. */
const pytest = async (file: string, env: Record<string, string> = {}) => {
  const argv = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', file]
  const options = { cwd: project, env: { ...process.env, PYTEST_DISABLE_PLUGIN_AUTOLOAD: '1', ...env } }
  return promisify(execFile)('python3', argv, options).then(
    ({ stdout }) => ({ status: 0, stdout }),
    ({ code, stdout }: { code: number; stdout: string }) => ({ status: code, stdout }),
  )
}

test.skipIf(!hasPytest)('pytest runs its tests, where it is installed', async () => {
  expect(await pytest('test_wallets.py')).toEqual({ status: 0, stdout: expect.stringContaining('2 passed') })
})

test.skipIf(!hasPytest)('pytest uses the command or the running sandbox that it is given', async () => {
  const env = { WALLET_SANDBOX_BIN: join(ROOT, 'dist/bin.js') }
  expect((await pytest('test_wallets.py', env)).stdout).toContain('2 passed')
  const refused = await pytest('test_wallets.py', { ...env, WALLET_SANDBOX_SEED: 'x' })
  expect(refused.stdout).toMatch(/wallet-sandbox does not start: .*WALLET_SANDBOX_SEED is "x"; allowed: a whole number/)
  const none = await pytest('test_wallets.py', { WALLET_SANDBOX_BIN: '/nowhere/wallet-sandbox' })
  expect(none.stdout).toContain('wallet-sandbox does not start: [Errno 2]')

  await using sandbox = await createSandbox({ latency: 'off', controlToken: 'secret' })
  const running = { WALLETS_URL: await sandbox.listen(), WALLET_SANDBOX_CONTROL_TOKEN: 'secret' }
  // A second run begins with merchants as fresh as those of the first.
  for (const _ of [1, 2]) expect((await pytest('fresh_test.py', running)).stdout).toContain('1 passed')
  expect(sandbox.control.health().merchants).toBeGreaterThan(2)
})

test.skipIf(!hasPytest)('a test of pytest that fails prints its calls and saves its capsule', async () => {
  const capsules = join(project, 'capsules')
  const { status, stdout } = await pytest('failing_test.py', { WALLET_SANDBOX_CAPSULES: capsules })
  expect(status).toBe(1)
  expect(stdout).toContain('assert 250 == 251')
  expect(stdout).toContain('GET /wallets/wlt_q23xzki3pazgtezo  200')
  expect(stdout).toContain('failed: failing_test.py::test_fails')
  const [, file] = /npx wallet-sandbox open (.*\.capsule\.json)/.exec(stdout)!
  expect(file!.slice(capsules.length)).toMatch(/^.sandbox_failing-test_test-fails_[0-9a-f]{8}\.capsule\.json$/)
  expect((await runIn(project, 'node', 'node_modules/wallet-sandbox/dist/bin.js', 'replay', file!)).status).toBe(0)
})
