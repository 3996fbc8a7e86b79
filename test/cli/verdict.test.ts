import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { main } from '../../src/cli/main.js'
import { createSandbox, type Sandbox } from '../../src/index.js'
import { basic, CUSTOMER } from '../control/helpers.js'
import { every } from '../every.js'

let sandbox: Sandbox
let url: string

beforeAll(async () => {
  sandbox = await createSandbox({ scenario: 'instant', controlToken: 'open-sesame' })
  url = await sandbox.listen()
  const send = (key: string, path: string, headers = {}) =>
    sandbox.fetch(`http://x${path}`, { headers: { ...basic(key), ...headers } })
  await send('sandbox_right', `/customers/${CUSTOMER}/wallets`, { 'x-routing-id': CUSTOMER })
  await send('sandbox_careless', `/customers/${CUSTOMER}/wallets`)
  await send('sandbox_wrong', `/customers/${CUSTOMER}?otp=123456`)
})
afterAll(() => sandbox.close())

async function run(...argv: string[]) {
  const out: string[] = []
  const err: string[] = []
  const status = await main(['verdict', ...argv], {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    isTerminal: false,
  })
  return { status, out: out.join('\n'), err: err.join('\n') }
}

test('the status says whether a rule of level fail is broken', async () => {
  const cases: [argv: string[], status: number, said: RegExp][] = [
    [['--merchant', 'sandbox_right'], 0, /^verdict: ok \(0 findings\)$/],
    [
      ['--merchant', 'sandbox_careless'],
      0,
      /^warn +routing-id-missing +x-routing-id is missing.*\n +merchant sandbox_careless, requests 1\n +published: “x-routing-id.*\nverdict: warn \(1 finding\)$/,
    ],
    [['--merchant', 'sandbox_careless', '--verdict', 'routing-id-missing=fail'], 1, /verdict: fail/],
    [['--merchant', 'sandbox_wrong'], 1, /^fail +secret-in-query .*\nverdict: fail \(1 finding\)$/s],
    [['--merchant', 'sandbox_wrong', '--verdict', 'all=off'], 0, /^verdict: ok \(0 findings\)$/],
    [[], 1, /verdict: fail \(2 findings\)$/],
  ]
  await every(cases, async ([argv, status, said]) => {
    const answer = await run('--url', url, '--token', 'open-sesame', ...argv)
    expect([answer.status, answer.err]).toEqual([status, ''])
    expect(answer.out).toMatch(said)
  })
})

test('as JSON it is the answer of the control API; token and server come from the variables too', async () => {
  vi.stubEnv('WALLET_SANDBOX_CONTROL_TOKEN', 'open-sesame')
  vi.stubEnv('WALLET_SANDBOX_PORT', new URL(url).port)
  const { status, out } = await run('--json')
  vi.unstubAllEnvs()
  expect([status, JSON.parse(out)]).toEqual([1, await sandbox.control.verdict()])
})

test('as JUnit, and in the summary of a job', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'verdict-'))
  vi.stubEnv('GITHUB_STEP_SUMMARY', join(folder, 'summary.md'))
  const judged = (merchant: string) =>
    run('--url', url, '--token', 'open-sesame', '--merchant', merchant, '--junit', join(folder, `${merchant}.xml`))
  for (const merchant of ['sandbox_right', 'sandbox_careless', 'sandbox_wrong']) await judged(merchant)
  vi.unstubAllEnvs()
  const xml = (merchant: string) => readFileSync(join(folder, `${merchant}.xml`), 'utf8')
  expect(xml('sandbox_right')).toContain('tests="1" failures="0" skipped="0"')
  expect(xml('sandbox_careless')).toContain('tests="1" failures="0" skipped="1"')
  expect(xml('sandbox_wrong')).toMatch(/failures="1".*<testcase classname="secret-in-query".*<failure message="/s)
  const summary = readFileSync(join(folder, 'summary.md'), 'utf8')
  expect(summary.match(/^verdict: .*$/gm)).toEqual([
    ...['verdict: ok (0 findings)', 'verdict: warn (1 finding)', 'verdict: fail (1 finding)'],
  ])
  rmSync(folder, { recursive: true })
})

test('a path of the URL goes before that of the verdict', async () => {
  const asked: (string | undefined)[] = []
  const server = createServer(({ url: path }, response) => {
    asked.push(path)
    response.end('{"verdict":"ok","findings":[]}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  for (const path of ['', '/', '/_sandbox/', '/pay', '/pay/', '/pay/_sandbox/#requests'])
    expect(await run('--url', `http://127.0.0.1:${port}${path}`)).toMatchObject({ status: 0 })
  server.close()
  const at = (base: string) => `${base}/_sandbox/verdict`
  expect(asked).toEqual([at(''), at(''), at(''), at('/pay'), at('/pay'), at('/pay')])
})

test('what cannot be asked is said in one line, with status 2', async () => {
  const page = createServer((_, response) => response.end('<html>'))
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
  const other = `http://127.0.0.1:${(page.address() as { port: number }).port}`
  const cases: [argv: string[], said: RegExp][] = [
    [['--url', url], /answered 401: /],
    [['--url', url, '--token', 'open-sesame', '--merchant', 'nobody'], /answered 404: There is no merchant "nobody"/],
    [['--url', other], /answered 200 and no verdict; allowed: /],
    [['--url', 'http://127.0.0.1:1'], /nothing answers at http:\/\/127\.0\.0\.1:1; allowed: /],
    [['--url', 'nowhere'], /^wallet-sandbox: --url is "nowhere"; allowed: /],
    [['--url', url, '--verdict', 'x=fail'], /^wallet-sandbox: --verdict is "x=fail"; allowed: /],
    [['here'], /verdict takes no operand/],
  ]
  await every(cases, async ([argv, said]) => {
    const { status, out, err } = await run(...argv)
    expect([status, out]).toEqual([2, ''])
    expect(err).toMatch(said)
    expect(err.split('\n')).toHaveLength(1)
  })
  page.close()
})
