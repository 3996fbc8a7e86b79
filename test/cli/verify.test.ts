import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { main } from '../../src/cli/main.js'
import { createSandbox } from '../../src/index.js'

async function run(...argv: string[]) {
  const lines = { out: [] as string[], err: [] as string[] }
  const streams = {
    out: (line: string) => lines.out.push(line),
    err: (line: string) => lines.err.push(line),
    isTerminal: false,
  }
  return { status: await main(['verify', ...argv], streams), ...lines }
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'verify-'))
  onTestFinished(() => rmSync(made, { recursive: true }))
  return made
}

test('exits 0 where nothing diverges, and writes the reports', async () => {
  await using sandbox = await createSandbox({ latency: 'off' })
  const [report, junit] = [join(folder(), 'report.json'), join(folder(), 'junit.xml')]
  const url = await sandbox.listen()
  const asked = ['--base-url', url, '--key', 'acme_test_key', '--customer', 'customer@gmail.com']
  const { status, out, err } = await run(...asked, '--report', report, '--junit', junit)
  expect({ status, err }).toEqual({ status: 0, err: [] })
  expect(out[0]).toMatch(/^result +operation +ending +status +grade$/)
  expect(out.at(-1)).toMatch(new RegExp(`^${url}: \\d+ passed, 0 diverged, \\d+ skipped$`))
  expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ report: 'wallet-sandbox verify', diverged: 0 })
  expect(readFileSync(report, 'utf8')).not.toContain('acme_test_key')
  const xml = readFileSync(junit, 'utf8')
  expect(xml).toMatch(/<testsuite name="wallet-sandbox verify juspay" tests="\d+" failures="0" skipped="\d+"/)
  expect(xml).toContain('<testcase classname="juspay.getWallet" name="success"/>')
  expect(xml).toMatch(/<skipped message="writes, and --writes is not given"\/>/)
})

test('exits 1 where something diverges, and names it', async () => {
  const server = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const junit = join(folder(), 'junit.xml')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { status, out } = await run('--base-url', url, '--key', 'k', '--junit', junit)
  expect(status).toBe(1)
  expect(out).toContain('juspay.getWallet wallet_not_found: status is 200; expected: 400')
  expect(readFileSync(junit, 'utf8')).toContain('<failure message="status is 200; expected: 400"/>')
})

test.each([
  ['nothing', [], 'verify needs --base-url and --key; allowed: verify --base-url URL --key KEY'],
  ['another vendor', ['--vendor', 'visa'], '--vendor is "visa"; allowed: "juspay" or "juicyway"'],
  [
    'writes to a server that may be real',
    ['--base-url', 'https://api.juspay.in', '--writes'],
    'writes: api.juspay.in is not known to be a sandbox, and customers, orders and wallets would be made there; allowed: with --writes-to api.juspay.in (writesTo)',
  ],
  ['a server that is none', ['--base-url', 'http://127.0.0.1:9'], 'GET http://127.0.0.1:9 cannot be asked: '],
] as const)('exits 2 with one sentence: %s', async (_, argv, sentence) => {
  const given =
    argv.length === 0
      ? []
      : ['--key', 'k', ...(argv.includes('--base-url' as never) ? [] : ['--base-url', 'http://127.0.0.1:9']), ...argv]
  const { status, err } = await run(...given)
  expect(status).toBe(2)
  expect(err).toHaveLength(1)
  expect(err[0]).toContain(`wallet-sandbox: ${sentence}`)
})
