import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../build.js'
import { newProject } from './project.js'

/** A user's test. Each call loads another part of the package late; several at once must not fail one another. */
const USERS_TEST = `
import { expect, test } from 'vitest'
import { createSandbox } from 'wallet-sandbox'

const scenario = { name: 'mine', rules: [{ name: 'broken', effect: { error: 'server_error' } }] }
const fixtures = { merchants: [{ id: 'mine', juspayApiKeys: [{ key: 'mine_test_key' }] }] }
const PARTS = {
  control: async (sandbox) => {
    await sandbox.control.clock.put({ now: '2023-09-11T08:30:00Z' })
    await sandbox.control.scenario.put('instant')
  },
  http: async (sandbox) => {
    const response = await fetch(await sandbox.listen() + '/_sandbox/scenario', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(scenario),
    })
    expect(await response.json()).toMatchObject({ name: 'mine' })
  },
  state: async (sandbox) => sandbox.control.state.put(await sandbox.control.state.get()),
}
const use = async (part, options) => {
  const sandbox = await createSandbox(options)
  await PARTS[part](sandbox)
  await sandbox.close()
}
const OPTIONS = [undefined, { fixtures }, { scenario }, { fixtures, scenario }]
const all = Object.keys(PARTS).flatMap((part) => OPTIONS.map((options) => [part, options]))

test('everything at once', () => Promise.all(all.map(([part, options]) => use(part, options))))
test.each(all)('%s with %j', use)
`

let project: string
beforeAll(() => {
  project = newProject()
  writeFileSync(join(project, 'users.test.mjs'), USERS_TEST)
})
afterAll(() => rmSync(project, { recursive: true }))

test.each(['threads', 'forks', 'vmThreads', 'vmForks'])('vitest runs it in its pool %s', async (pool) => {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const { stdout } = await promisify(execFile)(process.execPath, [vitest, 'run', '--root', project, '--pool', pool])
  expect(stdout).toMatch(/Tests .*13 passed/)
})
