import { spawnSync } from 'node:child_process'
import { copyFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../build.js'
import { BABELRC, newProject, runIn } from '../package/project.js'
import { commandHere } from '../spawn.js'
import { blocks, read } from './pages.js'
import { expectPrinted } from './printed.js'

/** Runs every program of docs/testing.md as a project that has the package installed would. */

const PROGRAMS = Object.fromEntries(blocks(read('docs/testing.md')).map(({ name, code }) => [name, code]))
const EXAMPLES = ['conftest.py', 'test_wallets.py', 'testcontainers.ts']

let project: string
beforeAll(() => {
  project = newProject('module', { ...PROGRAMS, '.babelrc': BABELRC })
  for (const name of EXAMPLES) copyFileSync(join(ROOT, 'docs/examples', name), join(project, name))
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
test.skipIf(!hasPytest)('pytest runs its tests, where it is installed', () => {
  const { stdout, status } = spawnSync('python3', ['-m', 'pytest', '-q', '-p', 'no:cacheprovider'], {
    cwd: project,
    // Plugins of whoever runs this are none of the example's.
    env: { ...process.env, PYTEST_DISABLE_PLUGIN_AUTOLOAD: '1' },
    encoding: 'utf8',
  })
  expect([stdout, status]).toEqual([expect.stringContaining('2 passed'), 0])
})

test.skipIf(!hasPytest)('a test of pytest that fails leaves its capsule under its name', async () => {
  const test = 'def test_third_refresh(wallets):\n    get(wallets, "/wallets/wlt_q23xzki3pazgtezo")\n    assert False\n'
  writeFileSync(join(project, 'test_refresh.py'), `from test_wallets import get\n\n\n${test}`)
  const folder = join(project, 'capsules')
  const { stdout } = spawnSync('python3', ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'test_refresh.py'], {
    cwd: project,
    env: { ...process.env, PYTEST_DISABLE_PLUGIN_AUTOLOAD: '1', WALLET_SANDBOX_CAPSULES: folder },
    encoding: 'utf8',
  })
  const [file, ...others] = readdirSync(folder)
  expect([file, others]).toEqual([
    expect.stringMatching(/^sandbox_test-refresh_test-third-refresh_[0-9a-f]{8}\.capsule\.json$/),
    [],
  ])
  expect(stdout).toContain(
    `failed: test_refresh.py::test_third_refresh\nnpx wallet-sandbox open ${join(realpathSync(folder), file!)}\n`,
  )
  expect(await commandHere(['replay', join(folder, file!)])).toMatchObject({ status: 0, err: '' })
})
