import { rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandHere } from '../spawn.js'
import { BABELRC, newProject, runIn } from './project.js'

/** A user's test. Each call loads another part of the package late; several at once must not fail one another. */
const loading = (runner: string) => `
import { expect } from 'vitest'
${runner}
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
for (const [part, options] of all) test(part + ' with ' + JSON.stringify(options), () => use(part, options))
`

/** What a test of jest or vitest does with a merchant of its own. */
const OWN_MERCHANT = `
const WALLET = '/wallets/wlt_q23xzki3pazgtezo'
async function live(sandbox, n, expect) {
  const now = new Date(Date.UTC(2020, 0, 1) + n * 1000).toISOString()
  await sandbox.control.clock.put({ now })
  await sandbox.control.provider('wlt_q23xzki3pazgtezo', { balance: n })
  const effect = n % 2 === 0 ? { error: 'server_error' } : { fault: 'reset' }
  await sandbox.control.scenario.put({ name: 's', rules: [{ name: 'r', when: { nth: 2 }, effect }] })
  const refresh = () => sandbox.fetch(WALLET + '?command=refresh')
  expect((await (await refresh()).json()).current_balance).toBe(n)
  expect(await refresh().then(({ status }) => status, (error) => error.message)).toBe(n % 2 === 0 ? 500 : 'fetch failed')
  const external = await fetch(sandbox.url + WALLET, { headers: { authorization: 'Basic ' + btoa(sandbox.key + ':') } })
  expect((await external.json()).current_balance).toBe(n)
  expect((await sandbox.control.requests.get()).total).toBe(3)
  expect((await sandbox.control.clock.get()).now).toBe(now)
}
`

/** A test that does not release a call that a scenario holds. */
const HOLDING = `
async function holding(sandbox) {
  await sandbox.control.scenario.put({ name: 's', rules: [{ name: 'r', effect: { hold: 'debit' } }] })
  await sandbox.fetch('/wallets/wlt_held')
}
`
const NAMED = 'Held as "debit" when the test ended: GET /wallets/wlt_held'

/** What jsdom hides from a test, of all that Node has. */
const HIDDEN =
  'fetch Request Response TextEncoder TextDecoder ReadableStream WritableStream TransformStream CompressionStream structuredClone setImmediate BroadcastChannel MessageChannel'

const POOLS = ['threads', 'forks', 'vmThreads', 'vmForks']

const FILES = {
  'hiding.cjs': `
const { TestEnvironment } = require('jest-environment-node')
module.exports = class extends TestEnvironment {
  constructor(...given) {
    super(...given)
    for (const name of '${HIDDEN}'.split(' ')) delete this.global[name]
  }
}
`,
  'hidden.test.ts': `/** @jest-environment ./hiding.cjs */
import { withSandbox } from 'wallet-sandbox/jest'
import { createSandbox, InputError, record, verify } from 'wallet-sandbox'
test('what needs the platform says so', async () => {
  const WAYS = {
    createSandbox: () => createSandbox(),
    record: () => record({ upstream: 'http://127.0.0.1:1' }),
    verify: () => verify({ baseUrl: 'http://127.0.0.1:1', key: 'k' }),
  }
  for (const [name, way] of Object.entries(WAYS)) {
    const error = await way().catch((error) => error)
    expect(error).toBeInstanceOf(InputError)
    expect(error.message).toMatch(new RegExp('^' + name + ': this environment, .* has no Request, Response, .*; allowed: the environment "node", as @jest-environment node .*, or withSandbox'))
  }
})
test('the helper works', withSandbox(async (sandbox) => {
  expect(typeof fetch).toBe('undefined')
  await sandbox.control.provider('wlt_q23xzki3pazgtezo', { balance: 5 })
  expect((await (await sandbox.fetch('/wallets/wlt_q23xzki3pazgtezo?command=refresh')).json()).current_balance).toBe(5)
}))
test('prints', withSandbox(async (sandbox) => {
  await sandbox.fetch('/wallets/wlt_none')
  throw new Error('the first error')
}))
test('cannot print', async () => {
  process.env.JEST_WALLET_SANDBOX_URL = 'http://127.0.0.1:1'
  await withSandbox(() => { throw new Error('the second error') })()
})
`,
  '.babelrc': BABELRC,
  'jest.config.cjs': `module.exports = {
    globalSetup: 'wallet-sandbox/jest/setup',
    globalTeardown: 'wallet-sandbox/jest/teardown',
    globals: { walletSandbox: { clock: '2023-09-11T08:30:00Z' } },
  }`,
  'loading.test.mjs': loading("import { test } from 'vitest'"),
  'pools.config.mjs': `export default { test: { projects: ${JSON.stringify(POOLS.map((pool) => ({ test: { name: pool, pool, include: ['loading.test.mjs'] } })))} } }`,
  'loading.node.mjs': loading("import { test } from 'node:test'"),
  'concurrent.test.mjs': `
import { describe } from 'vitest'
import { test } from 'wallet-sandbox/vitest'
${OWN_MERCHANT}
describe.concurrent('each has a merchant of its own', () => {
  for (let n = 0; n < 200; n++) test('test ' + n, ({ sandbox, expect }) => live(sandbox, n, expect))
})
`,
  'failing.test.mjs': `
import { test as base } from 'wallet-sandbox/vitest'
const test = base.extend({ sandboxOptions: [{ clock: '2023-09-11T08:30:00Z' }, { scope: 'worker' }] })
test('fails', async ({ sandbox, expect }) => {
  expect((await sandbox.control.clock.get()).now).toBe('2023-09-11T08:30:00.000Z')
  await sandbox.fetch('/wallets/wlt_none')
  expect((await sandbox.fetch('/wallets/wlt_q23xzki3pazgtezo')).status).toBe(404)
})
test('is late', { timeout: 2000 }, async ({ sandbox }) => { await sandbox.fetch('/wallets/wlt_late'); await new Promise(() => {}) })
test('passes', async ({ sandbox }) => { await sandbox.fetch('/quiet') })
`,
  'own.jest.test.ts': `
import { withSandbox, type TestSandbox } from 'wallet-sandbox/jest'
import { InputError } from 'wallet-sandbox'
${OWN_MERCHANT}
test.concurrent.each(Array.from({ length: 20 }, (_, n) => n))('test %i', withSandbox((sandbox: TestSandbox, n: number) => live(sandbox, n, expect)))
`,
  'control.jest.test.ts': `
import { withSandbox } from 'wallet-sandbox/jest'
test('every method of control works over the socket', withSandbox(async ({ control, fetch }) => {
  const start = { now: '2023-09-11T08:30:00.000Z', mode: 'frozen' }
  expect(await control.clock.get()).toEqual(start)
  expect((await control.clock.put({ mode: 'real' })).mode).toBe('real')
  await control.clock.put({ now: start.now })
  expect((await control.clock.advance('16m')).now).toBe('2023-09-11T08:46:00.000Z')
  expect((await control.scenario.put('flaky')).name).toBe('flaky')
  expect((await control.scenario.get()).name).toBe('flaky')
  expect((await control.scenario.delete()).name).toBe('none')
  expect((await control.latency()).mode).toBe('off')
  expect((await control.latency({ mode: 'virtual' })).mode).toBe('virtual')
  const state = await control.state.get()
  expect(await control.state.put(state)).toEqual({ merchants: [state.merchants[0].id] })
  await fetch('/wallets/wlt_q23xzki3pazgtezo')
  expect((await control.requests.get({ status: 200, limit: 5 })).total).toBe(1)
  expect(await control.requests.count({ path: '/wallets/*' })).toEqual({ count: 1 })
  expect((await control.requests.count({ path: '/orders' })).nearest).toHaveLength(1)
  expect(await control.requests.delete()).toEqual({ total: 0 })
  expect((await control.provider('wlt_q23xzki3pazgtezo', { balance: 95.5 })).id).toBe((await control.wallet('wlt_q23xzki3pazgtezo')).id)
  expect(await control.webhooks.put({ url: 'http://127.0.0.1:9/hooks' })).toEqual({ url: 'http://127.0.0.1:9/hooks' })
  expect(await control.webhooks.get()).toEqual({ deliveries: [] })
  await expect(control.webhooks.redeliver('none')).rejects.toThrow(/There is no event "none"/)
  await expect(control.clock.advance('soon')).rejects.toThrow('advance:by: is "soon"')
  expect((await control.reset({ only: ['clock'] })).reset).toEqual(['clock'])
  expect(await control.clock.get()).toEqual(start)
}))
`,
  'held.test.mjs': `
import { test } from 'wallet-sandbox/vitest'
${HOLDING}
test('is held', { timeout: 4000 }, ({ sandbox }) => holding(sandbox))
`,
  'held.spec.ts': `
import { withSandbox } from 'wallet-sandbox/jest'
${HOLDING}
test('is held', withSandbox(holding), 4000)
`,
  'failing.jest.test.ts': `
import { withSandbox } from 'wallet-sandbox/jest'
test('fails', withSandbox(async (sandbox) => {
  await sandbox.fetch('/wallets/wlt_none')
  expect(1).toBe(2)
}))
test('is late', withSandbox(async (sandbox) => {
  await sandbox.fetch('/wallets/wlt_late')
  await new Promise(() => {})
}), 200)
test('passes', withSandbox(async (sandbox) => { await sandbox.fetch('/quiet') }))
`,
}

let project: string
beforeAll(() => {
  project = newProject('commonjs', FILES)
})
afterAll(() => rmSync(project, { recursive: true }))

test('vitest runs it in each of its pools', async () => {
  const { out } = await runIn(project, 'vitest', 'run', '--config', 'pools.config.mjs')
  for (const pool of POOLS) expect(out).toMatch(new RegExp(`${pool} .*loading\\.test\\.mjs .*13 tests`))
  expect(out).toMatch(/Tests .*52 passed/)
})

test('node --test runs it', async () => {
  const { status, out } = await runIn(project, 'node', '--test', '--test-reporter', 'tap', 'loading.node.mjs')
  expect(out).toMatch(/^# pass 13$/m)
  expect(status).toBe(0)
})

describe('wallet-sandbox/vitest', () => {
  let out: string
  beforeAll(async () => {
    ;({ out } = await runIn(project, 'vitest', 'run', 'concurrent', 'failing.test', 'held.test'))
  })

  test('200 concurrent tests on one sandbox, each with faults and a clock of its own, do not disturb each other', () => {
    expect(out).toMatch(/Tests .*3 failed.*201 passed/)
  })

  test('a test that fails prints what its merchant was asked', async () => {
    await expectJournals(out)
    expect(out).toMatch(/GET \/wallets\/wlt_q23xzki3pazgtezo {2}200/)
  })

  test('a call that is held when a test ends is named in its failure', () => {
    expect(out).toContain(NAMED)
  })
})

describe('wallet-sandbox/jest', () => {
  test('tests of several files share one server undisturbed; one that fails, is late or holds a call says why', async () => {
    const { out } = await runIn(project, 'jest', 'jest.test.ts', 'held.spec')
    expect(out).not.toContain('hides fetch')
    expect(out).toMatch(/Tests: +3 failed, 22 passed/)
    expect(out).toContain(NAMED)
    await expectJournals(out)
  })

  test('where the environment hides fetch, as jsdom does, and no print hides the error of a test', async () => {
    const { out } = await runIn(project, 'jest', 'hidden.test.ts')
    expect(out).toMatch(/Tests: +2 failed, 2 passed/)
    expect(
      out.match(/hides fetch .* the environment "node", as @jest-environment node in the first comment/g),
    ).toHaveLength(1)
    expect(out).toMatch(/● prints\s+the first error/)
    expect(out).toMatch(/GET \/wallets\/wlt_none {2}400/)
    expect(out).toMatch(/● cannot print\s+the second error/)
    expect(out).toMatch(/What the sandbox was asked by sandbox_\S+ cannot be shown: fetch failed/)
  })

  test('without its set-up one sentence says so', async () => {
    const globals = 'globalThis.afterEach = () => {}; globalThis.expect = { getState: () => ({}) }'
    const call = "require('wallet-sandbox/jest').withSandbox(() => {})().catch(({ message }) => console.log(message))"
    const { out } = await runIn(project, 'node', '--eval', `${globals}; ${call}`)
    expect(out).toBe('globalSetup: has not started a sandbox; allowed: "wallet-sandbox/jest/setup"\n')
  })
})

/** Their capsules repeat what they were asked, too. */
async function expectJournals(out: string): Promise<void> {
  for (const wallet of ['wlt_none', 'wlt_late'])
    expect(out).toMatch(new RegExp(`GET /wallets/${wallet} {2}400 {2}.*has no wallet "${wallet}"`))
  expect(out).not.toContain('GET /quiet')
  const written = out.matchAll(/failed: (\S*failing\S*) > (.+)\n\s*npx wallet-sandbox open (\S+)/g)
  const capsules = Array.from(written, ([, file, name, capsule]) => ({ file: file!, name: name!, capsule: capsule! }))
  expect(capsules).toHaveLength(2)
  for (const { file, name, capsule } of capsules) {
    expect(dirname(capsule)).toBe(join(project, 'capsules'))
    const [, ofFile, ofTest] = /^sandbox_([A-Za-z0-9.-]{1,24})_([A-Za-z0-9.-]{1,24})_[0-9a-f]{8}\.capsule\.json$/.exec(
      basename(capsule),
    )!
    expect([file.startsWith(ofFile!), name.replaceAll(' ', '-').includes(ofTest!)]).toEqual([true, true])
  }
  const replayed = await commandHere(['replay', ...capsules.map(({ capsule }) => capsule)])
  expect(replayed).toMatchObject({ status: 0, err: '' })
  expect(replayed.out.match(/every answer as recorded/g)).toHaveLength(2)
}
