import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { newProject, runIn } from '../package/project.js'
import { BIN } from '../spawn.js'

/** The command with what people put behind it, from the package as it is installed. */

const SHOP = `
const sender = ({ url, key }) => async (path, fields) => {
    const init = fields ? { method: 'POST', body: new URLSearchParams(fields) } : {}
    const headers = { authorization: 'Basic ' + btoa(key + ':'), 'x-routing-id': 'asha' }
    return (await fetch(url + path, { headers, signal: AbortSignal.timeout(3000), ...init })).json()
  }
export const paid = async (context) => (await sender(context)('/orders/tea-1')).status === 'CHARGED'
export async function buy(context, more = 1) {
  const send = sender(context)
  const pay = async (order) => {
    await send('/orders', { order_id: order, amount: '109.55', customer_id: 'cst_om2l6ctlptxwxuzj' })
    const { token } = await send('/wallets/wlt_q23xzki3pazgtezo')
    const debit = { payment_method_type: 'WALLET', payment_method: 'MOBIKWIK', direct_wallet_token: token }
    return send('/txns', { order_id: order, ...debit })
  }
  const { status } = await pay('tea-1').catch((error) => { if (more) return pay('tea-2'); throw error })
  if (status !== 'CHARGED') throw new Error('not paid: ' + status)
  return status
}
`
const OF_ENVIRONMENT = `{ url: process.env.WALLETS_URL, key: process.env.WALLET_SANDBOX_KEY }`
const PYTHON = `
import base64, json, os, urllib.parse, urllib.request

def send(path, fields=None):
    key = base64.b64encode((os.environ["WALLET_SANDBOX_KEY"] + ":").encode()).decode()
    data = urllib.parse.urlencode(fields).encode() if fields else None
    request = urllib.request.Request(os.environ["WALLETS_URL"] + path, data, {"Authorization": "Basic " + key})
    return json.load(urllib.request.urlopen(request, timeout=3))

def pay(order):
    send("/orders", {"order_id": order, "amount": "109.55", "customer_id": "cst_om2l6ctlptxwxuzj"})
    token = send("/wallets/wlt_q23xzki3pazgtezo")["token"]
    debit = {"payment_method_type": "WALLET", "payment_method": "MOBIKWIK", "direct_wallet_token": token}
    return send("/txns", {"order_id": order, **debit})

def test_buy():
    try:
        paid = pay("tea-1")
    except OSError:
        paid = pay("tea-2")
    assert paid["status"] == "CHARGED"
`
const project = newProject('module', {
  'shop.mjs': SHOP,
  'run.mjs': `import { buy } from './shop.mjs'\nconsole.log(JSON.stringify(await buy(${OF_ENVIRONMENT})))\n`,
  'till.mjs': `import { buy } from './shop.mjs'\nawait buy(${OF_ENVIRONMENT}, 0).catch(() => process.exit(75))\n`,
  'nightly.mjs': `import { paid } from './shop.mjs'\nprocess.exit((await paid(${OF_ENVIRONMENT})) ? 0 : 1)\n`,
  'shop.test.mjs': `import { expect, test } from 'vitest'\nimport { buy } from './shop.mjs'\ntest('buys', async () => expect(await buy(${OF_ENVIRONMENT})).toBe('CHARGED'))\n`,
  'test_shop.py': PYTHON,
  'explore.test.mjs': `import { explore } from 'wallet-sandbox/vitest'\nimport { buy } from './shop.mjs'\nexplore(buy, { only: ['juspay.debitWallet#1:reset:after-commit'] })\n`,
})
afterAll(() => rmSync(project, { recursive: true }))

const AT = ['--only', 'juspay.debitWallet#1:reset:after-commit,juspay.debitWallet#1:reset:before-commit']
/** What finds something alone, where each run costs a runner's start. */
const AFTER = ['--only', 'juspay.debitWallet#1:reset:after-commit']
const FOUND = /call 3\) lost after the commit \(reset\): order tea-1 charged twice, 219\.10 for 109\.55/
const LAST = '3 calls, 2 schedules, depth 1: 1 charges twice'
const LAST_AFTER = '3 calls, 1 schedule, depth 1: 1 charges twice'

function explored(command: readonly string[], flags: readonly string[] = AT, environment = {}) {
  const bin = join(project, 'node_modules/.bin/wallet-sandbox')
  const { VITEST, VITEST_WORKER_ID, ...env } = process.env
  const options = { cwd: project, encoding: 'utf8', env: { ...env, ...environment } } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'explore', ...flags, '--', ...command], options)
  return { status, out: stdout, err: stderr, last: stdout.trimEnd().split('\n').at(-1) }
}

test('node, with every report', () => {
  const summary = join(project, 'summary.md')
  const { status, out, last } = explored(['node', 'run.mjs'], [...AT, '--jobs', '2', '--junit', 'explore.xml'], {
    GITHUB_STEP_SUMMARY: summary,
  })
  expect([status, last]).toEqual([1, LAST])
  expect(out).toMatch(FOUND)
  expect(readFileSync(join(project, 'explore.xml'), 'utf8')).toContain('tests="2" failures="1"')
  expect(readFileSync(summary, 'utf8')).toContain('| 3 POST /txns |')
  const capsule = 'explore-findings/juspay.debitWallet-1-reset-after-commit.capsule.json'
  const replayed = spawnSync(process.execPath, [BIN, 'replay', capsule], { cwd: project, encoding: 'utf8' })
  expect(replayed.stdout).toMatch(/6 requests, every answer as recorded/)
  const lost = explored(
    ['node', 'run.mjs'],
    [...AFTER, '--seed', '7', '--reconcile', 'node nightly.mjs', '--findings', 'run.mjs'],
  )
  expect([lost.status, lost.last, lost.err]).toEqual([
    2,
    LAST_AFTER,
    `wallet-sandbox: ${capsule.replace('explore-findings', 'run.mjs')}: cannot be written: it is not a folder\n`,
  ])
  expect(lost.out).toContain(
    `  wallet-sandbox explore --seed 7 --reconcile 'node nightly.mjs' --only 'juspay.debitWallet#1:reset:after-commit' -- node run.mjs`,
  )
  const json = JSON.parse(explored(['node', 'run.mjs'], [...AFTER, '--json']).out)
  expect(json).toMatchObject({ depth: 1, summary: LAST_AFTER, findings: [{ kind: 'charged twice' }] })
})

test('vitest, behind the command and around the flow', async () => {
  const vitest = ['node', join(project, 'node_modules/vitest/vitest.mjs'), 'run', 'shop.test.mjs']
  expect(explored(vitest, AFTER)).toMatchObject({ status: 1, last: LAST_AFTER })
  const { status, out } = await runIn(project, 'vitest', 'run', 'explore.test.mjs')
  expect([status, FOUND.test(out), /open .*capsule\.json/.test(out)]).toEqual([1, true, true])
})

const hasPytest = spawnSync('python3', ['-c', 'import pytest']).status === 0
test.skipIf(!hasPytest)('pytest, where it is installed', () => {
  const pytest = ['python3', '-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'test_shop.py']
  const { status, out, last } = explored(pytest, AFTER)
  expect([status, last, FOUND.test(out)]).toEqual([1, LAST_AFTER, true])
})

test('what it refuses, before anything is concluded', () => {
  expect(explored(['node', '-e', '0']).err).toMatch(/made no call at the sandbox.*WALLETS_URL/)
  expect(explored(['no-such-program']).err).toContain('no-such-program: there is no such file or folder')
  expect(
    explored([
      'node',
      '-e',
      "fetch(process.env.WALLETS_URL + '/wallets/x', { headers: { authorization: 'Basic ' + btoa(process.env.WALLET_SANDBOX_KEY + ':') } }).then(() => process.exit(3))",
    ]).err,
  ).toMatch(/did not succeed without a fault: exit 3/)
  expect(explored(['node', 'run.mjs'], ['--only', 'juspay.debitWallet#9:reset']).err).toMatch(
    /"juspay.debitWallet#9:reset" is not a schedule of this flow/,
  )
  expect(explored([]).status).toBe(2)
  const nowhere = explored(['node', 'run.mjs'], [...AFTER, '--findings', '/dev/null/capsules'])
  expect([nowhere.status, nowhere.err]).toEqual([
    2,
    expect.stringMatching(/^wallet-sandbox: \/dev\/null\/capsules\/\S+: cannot be written: it is not a folder\n$/),
  ])
})

test('--reconcile settles what a run leaves pending', () => {
  const alone = explored(['node', 'till.mjs'], AFTER)
  expect([alone.status, alone.last]).toEqual([1, '3 calls, 1 schedule, depth 1: 1 leaves a payment pending'])
  const settled = explored(['node', 'till.mjs'], [...AFTER, '--reconcile', 'node nightly.mjs'])
  expect([settled.status, settled.last]).toEqual([0, 'no finding among 1 schedule of depth 1'])
})

test('--keep serves the runs with findings until it is stopped', async () => {
  const flags = [...AFTER, '--findings', join(project, 'kept'), '--keep']
  const child = spawn(process.execPath, [BIN, 'explore', ...flags, '--', 'node', 'run.mjs'], { cwd: project })
  const [line] = (await once(child.stderr.setEncoding('utf8'), 'data')) as [string]
  const url = /the runs with findings: (\S+)\n/.exec(line)![1]
  const { merchants } = (await (await fetch(`${url}merchants`)).json()) as { merchants: { id: string }[] }
  const explored = merchants.map(({ id }) => id).filter((id) => id.startsWith('sandbox_explore_'))
  expect(explored).toEqual(['sandbox_explore_juspay.debitWallet-1-reset-after-commit'])
  const { requests } = (await (await fetch(`${url}merchants/${explored[0]}/requests?status=200`)).json()) as {
    requests: { operation: string }[]
  }
  expect(requests.filter(({ operation }) => operation === 'juspay.debitWallet')).toHaveLength(1)
  child.kill('SIGINT')
  expect(await once(child, 'close')).toEqual([1, null])
})

test('Ctrl-C ends the runs, and prints what is there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'explore-'))
  const ready = join(folder, 'ready')
  // The third run, the first with a fault, hangs.
  const script = join(folder, 'hang.mjs')
  const wait = `import { writeFileSync } from 'node:fs'\nawait fetch(process.env.WALLETS_URL + '/wallets/wlt_q23xzki3pazgtezo', { headers: { authorization: 'Basic ' + btoa(process.env.WALLET_SANDBOX_KEY + ':') } })\nif (!process.env.WALLETS_MERCHANT.includes('clean')) { writeFileSync(${JSON.stringify(ready)}, String(process.pid)); setInterval(() => {}, 1000) }\n`
  writeFileSync(script, wait)
  const flags = ['--only', 'juspay.getWallet#1:slow', '--findings', folder]
  const child = spawn(process.execPath, [BIN, 'explore', ...flags, '--', 'node', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  child.stdout.on('data', (piece) => {
    out += piece
  })
  await expect.poll(() => existsSync(ready)).toBe(true)
  child.kill('SIGINT')
  const status = await new Promise((resolve) => child.on('close', resolve))
  expect([status, out]).toEqual([130, expect.stringContaining('1 schedule left out: the exploration was interrupted')])
  expect(() => process.kill(Number(readFileSync(ready, 'utf8')), 0)).toThrow('ESRCH')
  rmSync(folder, { recursive: true })
})
