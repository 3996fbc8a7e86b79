import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { callsBefore, toCurl, toTest } from '../../src/inspector/client/again.js'
import type { Entry, Scenario } from '../../src/inspector/client/control-answers.js'
import type { Sandbox } from '../../src/sandbox.js'
import { VENDORS } from '../../src/vendors/index.js'
import { ask, basic, REFRESH, sandboxFor, WALLET } from '../control/helpers.js'
import { newProject, runIn } from '../package/project.js'

/** A call as the page copies it, in the programs that it is copied for. */

const run = promisify(execFile)

async function journalOf(sandbox: Sandbox): Promise<Entry[]> {
  return (await sandbox.control.requests.get()).requests as Entry[]
}

const schemes = Object.fromEntries(VENDORS.map(({ name, scheme }) => [name, scheme]))

/** The newest call as the page copies it. */
async function copied(sandbox: Sandbox): Promise<string> {
  const entries = await journalOf(sandbox)
  const entry = entries.at(-1)!
  const { merchants } = await sandbox.control.merchants.list()
  const scenario = (await sandbox.control.scenario.get()) as Scenario
  return toTest(entry, callsBefore(entry, entries), scenario, { merchants, schemes })
}

const ORDER = 'order_id=tea-1&amount=109.55&customer_id=customer@gmail.com'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

const THIRD = { name: 'third', match: { operation: 'juspay.refresh*' }, when: { nth: 3 } }

const CALLS: Readonly<Record<string, (sandbox: Sandbox) => Promise<unknown>>> = {
  'a wallet': (sandbox) => ask(sandbox, WALLET),
  'a wallet that is not there': (sandbox) => ask(sandbox, `${WALLET}'x"`),
  'a revoked key': (sandbox) => ask(sandbox, WALLET, 'acme_revoked_key'),
  'an unknown key': (sandbox) => ask(sandbox, WALLET, 'nobody'),
  'no key': (sandbox) => sandbox.fetch(`http://sandbox${WALLET}`),
  'a key of its own': (sandbox) => ask(sandbox, WALLET, 'sandbox_mine'),
  'the other vendor': (sandbox) =>
    sandbox.fetch('http://sandbox/wallets/b1e0c2d4-6f7a-4b8c-9d0e-1f2a3b4c5d6e', {
      headers: { authorization: 'Bearer test_acme_juicyway' },
    }),
  'an order': async (sandbox) => {
    const headers = { ...basic('acme_test_key'), ...FORM }
    await fetch(`${await sandbox.listen()}/orders`, { method: 'POST', headers, body: ORDER })
  },
  'the third refresh': async (sandbox) => {
    await sandbox.control.scenario.put({
      name: 'third',
      rules: [{ ...THIRD, effect: { error: 'provider_unavailable' } }],
    })
    for (let i = 0; i < 3; i++) await ask(sandbox, REFRESH)
  },
  'a reset': async (sandbox) => {
    await sandbox.control.scenario.put({ name: 'reset', rules: [{ ...THIRD, effect: { fault: 'reset' } }] })
    for (let i = 0; i < 3; i++) await ask(sandbox, REFRESH).catch(() => {})
  },
  'a token that was renewed after its end': async (sandbox) => {
    await ask(sandbox, WALLET)
    await sandbox.control.clock.advance('16m')
    await ask(sandbox, WALLET)
  },
}

test('a call copied as a test passes in a project', async () => {
  const project = newProject('module', { 'vitest.config.mjs': 'export default {}' })
  onTestFinished(() => rmSync(project, { recursive: true }))
  for (const [name, call] of Object.entries(CALLS)) {
    const sandbox = await sandboxFor()
    await call(sandbox)
    writeFileSync(join(project, `${name.replaceAll(' ', '-')}.test.ts`), await copied(sandbox))
  }
  const report = join(project, 'report.json')
  const flags = ['--reporter=json', `--outputFile=${report}`, '--no-isolate', '--no-file-parallelism']
  await runIn(project, 'vitest', 'run', ...flags)
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { name: string; status: string; message: string }[]
  }
  expect(testResults.filter(({ status }) => status !== 'passed')).toEqual([])
  expect(testResults.length).toBe(Object.keys(CALLS).length)
})

test('a call copied as curl is the same call', async () => {
  const sandbox = await sandboxFor()
  const url = await sandbox.listen()
  const { merchants } = await sandbox.control.merchants.list()
  for (const name of [
    'a wallet that is not there',
    'a revoked key',
    'no key',
    'the other vendor',
    'an order',
  ] as const) {
    await CALLS[name]!(sandbox)
    const entry = (await journalOf(sandbox)).at(-1)!
    const line = toCurl(entry, { merchants, schemes }, url)
    await run('sh', ['-c', `${line} -s`])
    const again = (await journalOf(sandbox)).at(-1)!
    expect(again.id).toBeGreaterThan(entry.id)
    const asked = ({ request: { method, path, body }, reason }: Entry) => [method, path, body, reason]
    // An order is made once.
    if (name === 'an order') expect(asked(again).slice(0, 3)).toEqual(asked(entry).slice(0, 3))
    else expect(asked(again)).toEqual(asked(entry))
  }
})
