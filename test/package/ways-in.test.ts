import { execFile, execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ROOT } from '../build.js'
import { newProject } from './project.js'

const run = promisify(execFile)

function project(type: 'module' | 'commonjs', files: Record<string, string>): string {
  const folder = newProject(type)
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

const USE = `
async function main() {
  const sandbox = await createSandbox({ clock: '2023-09-11T08:30:00Z', latency: 'off', fixtures: { merchants: [{ id: 'm' }] } })
  const url = await sandbox.listen()
  const response = await fetch(url + '/wallets/wlt_a', { headers: { authorization: 'Basic ' + btoa('sandbox_a:') } })
  await sandbox.control.scenario.put('flaky')
  const refused = await createSandbox({ seed: 'x' }).catch((error) => error instanceof InputError && error.message)
  console.log(response.status, (await sandbox.control.requests.get()).total, refused)
  await sandbox.close()
}
main()
`
const SAYS = '400 1 options.seed: is "x"; allowed: a whole number\n'

test.each([
  ['an ES module', 'module', 'main.mjs', "import { createSandbox, InputError } from 'wallet-sandbox'"],
  ['a CommonJS module', 'commonjs', 'main.cjs', "const { createSandbox, InputError } = require('wallet-sandbox')"],
] as const)('%s uses the package', async (_, type, name, imports) => {
  const folder = project(type, { [name]: `${imports}\n${USE}` })
  expect((await run(process.execPath, [name], { cwd: folder })).stdout).toBe(SAYS)
})

describe('types', () => {
  beforeAll(() => {
    execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { cwd: ROOT })
  })

  const CODE = `
import { createSandbox, InputError, type Options, type Sandbox, type Scenario } from 'wallet-sandbox'
const options: Options = { seed: 1, latency: 0.5 }
const scenario: Scenario = { name: 's', rules: [{ name: 'r', effect: { error: 'server_error' } }] }
export async function use(): Promise<number> {
  const sandbox: Sandbox = await createSandbox({ ...options, scenario })
  const { requests } = await sandbox.control.merchant('acme').requests.get({ operation: 'juspay.*' })
  // @ts-expect-error there is no such option
  await createSandbox({ sed: 1 }).catch((error) => error instanceof InputError && error.lines)
  return requests[0]!.response!.status!
}
`
  test.each([
    ['module', 'nodenext', 'nodenext'],
    ['commonjs', 'nodenext', 'nodenext'],
    ['module', 'node16', 'node16'],
    ['commonjs', 'node16', 'node16'],
    ['module', 'esnext', 'bundler'],
  ] as const)(
    'are found by a %s project with module %s, moduleResolution %s',
    async (type, module, moduleResolution) => {
      const compilerOptions = {
        module,
        moduleResolution,
        target: 'es2022',
        strict: true,
        noEmit: true,
        types: ['node'],
      }
      const folder = project(type, {
        'use.ts': CODE,
        'tsconfig.json': JSON.stringify({ compilerOptions, files: ['use.ts'] }),
      })
      const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
      await expect(run(process.execPath, [tsc, '-p', '.'], { cwd: folder })).resolves.toMatchObject({ stdout: '' })
    },
  )
})

describe('wallet-sandbox/vitest', () => {
  const TESTS = `
import { describe } from 'vitest'
import { test } from 'wallet-sandbox/vitest'

const WALLET = '/wallets/wlt_q23xzki3pazgtezo'
describe.concurrent('each has a merchant of its own', () => {
  for (let n = 0; n < 200; n++)
    test('test ' + n, async ({ sandbox, expect }) => {
      await sandbox.control.clock.put({ now: new Date(Date.UTC(2020, 0, 1) + n * 1000).toISOString() })
      await sandbox.control.provider('wlt_q23xzki3pazgtezo', { balance: n })
      await sandbox.control.scenario.put({ name: 's', rules: [{ name: 'r', when: { nth: 2 }, effect: { error: 'server_error' } }] })
      const refresh = async () => (await sandbox.fetch(WALLET + '?command=refresh')).json()
      expect((await refresh()).current_balance).toBe(n)
      expect((await sandbox.fetch(WALLET + '?command=refresh')).status).toBe(500)
      const external = await fetch(sandbox.url + WALLET, { headers: { authorization: 'Basic ' + btoa(sandbox.key + ':') } })
      expect((await external.json()).current_balance).toBe(n)
      expect((await sandbox.control.requests.get()).total).toBe(3)
    })
})
`
  const vitest = (folder: string) =>
    run(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder]).catch(
      (error) => error,
    )

  test('200 concurrent tests on one sandbox do not disturb each other', async () => {
    const folder = project('module', { 'users.test.mjs': TESTS })
    expect((await vitest(folder)).stdout).toMatch(/Tests .*200 passed/)
  })

  test('a test that fails prints what its merchant was asked', async () => {
    const failing = `
import { test as base } from 'wallet-sandbox/vitest'
const test = base.extend({ sandboxOptions: [{ clock: '2023-09-11T08:30:00Z' }, { scope: 'worker' }] })
test('fails', async ({ sandbox, expect }) => {
  expect((await sandbox.control.clock.get()).now).toBe('2023-09-11T08:30:00.000Z')
  await sandbox.fetch('/wallets/wlt_none')
  expect((await sandbox.fetch('/wallets/wlt_q23xzki3pazgtezo')).status).toBe(404)
})
test('passes', async ({ sandbox }) => { await sandbox.fetch('/quiet') })
`
    const { stdout, stderr } = await vitest(project('module', { 'users.test.mjs': failing }))
    expect(stdout).toMatch(/1 failed.*1 passed/)
    expect(stdout + stderr).toMatch(/GET \/wallets\/wlt_none {2}400 {2}.*has no wallet "wlt_none"/)
    expect(stdout + stderr).toMatch(/GET \/wallets\/wlt_q23xzki3pazgtezo {2}200/)
    expect(stdout + stderr).not.toContain('GET /quiet')
  })
})
