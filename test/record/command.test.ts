import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { main } from '../../src/cli/main.js'
import { createSandbox } from '../../src/index.js'
import { juspayHeaders } from '../contract/targets.js'
import { serve } from '../spawn.js'

const folder = mkdtempSync(join(tmpdir(), 'wallet-sandbox-record-command-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function run(...argv: string[]) {
  const err: string[] = []
  const status = await main(argv, { out: () => {}, err: (line) => err.push(line), isTerminal: false })
  return { status, err }
}

test.each<[string[], string]>([
  [['record'], 'record needs --upstream and --out; allowed: record --upstream URL --out FILE'],
  [['record', '--upstream', 'x', '--out', 'y'], '--upstream is "x"; allowed: the URL of a server'],
  [['record', 'more'], 'record takes no operand, but "more" is given; allowed: flags alone'],
  [['start', '--no-redact'], '--no-redact is not a flag of start; allowed: record --no-redact'],
])('%j is refused', async (argv, sentence) => {
  const { status, err } = await run(...argv)
  expect({ status, err: err[0] }).toEqual({ status: 2, err: expect.stringContaining(sentence) })
})

test('a signal writes what was learned and reports the rest', async () => {
  await using upstream = await createSandbox({ latency: 'off' })
  const [out, scenario] = [join(folder, 'out.json'), join(folder, 'scenario.json')]
  const flags = ['--upstream', await upstream.listen(), '--out', out, '--scenario-out', scenario]
  const recording = serve(['record', '--redact', ...flags])
  const url = await recording.url()
  await (await fetch(`${url}/customers/guest_user/wallets`, { headers: juspayHeaders() })).text()
  expect(await recording.stop('SIGINT')).toMatchObject({ status: 0 })
  const lines = recording.err.trimEnd().split('\n')
  expect(lines).toEqual([
    '1 call',
    'merchant acme: API key acme_recorded_key',
    'latency of juspay.listWallets: 1 call, too few for percentiles; 10 are needed',
  ])
  expect(readFileSync(join(folder, 'out.report.txt'), 'utf8')).toBe(`${lines.join('\n')}\n`)
  expect(await run('validate', out, scenario)).toEqual({ status: 0, err: [] })
})
