import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { transformSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SETTINGS, type SettingName, variableOf } from '../../src/config.js'
import { fixturesSchema } from '../../src/fixtures/schema.js'
import { createSandbox, type Fixtures, type Sandbox } from '../../src/index.js'
import { faultsOf } from '../../src/lib/check.js'
import { readJson } from '../../src/lib/files.js'
import { ROOT } from '../build.js'

const run = promisify(execFile)
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')

/** The text under a heading. */
const section = (heading: string) => README.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? ''

/** The blocks of code in one language. */
const blocks = (language: string, text = README) =>
  Array.from(text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms')), ([, code]) => code!)

/** Each curl line of the console blocks with what is shown below it. */
const shown = blocks('console').flatMap((block) =>
  block.split(/^\$ /m).flatMap((part) => {
    const [line, ...output] = part.trim().split('\n')
    return line?.startsWith('curl ') ? [{ line, output: output.join('\n') }] : []
  }),
)

describe('curl', () => {
  let sandbox: Sandbox
  let url: string
  beforeAll(async () => {
    sandbox = await createSandbox({ latency: 'virtual' })
    url = await sandbox.listen()
  })
  afterAll(() => sandbox.close())

  test('there are examples', () => expect(shown.length).toBeGreaterThanOrEqual(5))

  test.each(shown)('$line', async ({ line, output }) => {
    expect(line).toContain('http://127.0.0.1:8080/')
    const command = line.replace('curl ', 'curl --silent ').replace('http://127.0.0.1:8080', url)
    const { stdout } = await run('sh', ['-c', command])
    const lines = stdout.replaceAll('\r', '').split('\n')
    if (!line.includes(' -i ')) expect(stdout).toBe(output)
    // Of the headers those are shown that matter, and … stands for what differs from call to call.
    else
      for (const part of output.split('\n'))
        if (part.endsWith('…')) expect(lines.some((other) => other.startsWith(part.slice(0, -1)))).toBe(true)
        else expect(lines).toContain(part)
  })
})

describe('the flags', () => {
  test.each(Object.keys(SETTINGS) as SettingName[])('%s has its row', (name) => {
    const { flag, fallback, meaning, ...rest } = SETTINGS[name]
    const written = 'value' in rest ? `${flag} ${rest.value.replaceAll('|', '\\|')}` : flag
    expect(README).toContain(`| \`${written}\` | \`${variableOf(name)}\` | ${fallback} | ${meaning} |\n`)
  })

  test('no row is of a flag that does not exist', () => {
    const rows = Array.from(README.matchAll(/^\| `(--[\w-]+)/gm), ([, flag]) => flag)
    expect(rows.sort()).toEqual(
      Object.values(SETTINGS)
        .map(({ flag }) => flag)
        .sort(),
    )
  })
})

test('the library example does what it says', async () => {
  const [example] = blocks('ts', section('Four ways in'))
  const tail = 'console.log(JSON.stringify({ status: response.status, wallet, url, live: (await fetch(url)).status }))'
  const { code } = transformSync(`${example}\n${tail}`, { loader: 'ts', target: 'node20', format: 'esm' })
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code], { cwd: ROOT })
  expect(JSON.parse(stdout)).toMatchObject({
    status: 200,
    wallet: { id: 'wlt_q23xzki3pazgtezo', current_balance: 250, linked: 'true' },
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    live: 404,
  })
})

test('the two wallets of the examples live as they say', async () => {
  const life = blocks('ts', section("A wallet's life")).join('\n')
  const { code } = transformSync(life, { loader: 'ts', target: 'node20', format: 'esm' })
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code], { cwd: ROOT })
  expect(stdout).toBe('CHARGED\nWallet is frozen\n')
})

test('the fixture example is valid and served', async () => {
  const [example] = blocks('json', section('Fixtures'))
  const fixtures = JSON.parse(example!) as Fixtures
  expect(faultsOf(fixturesSchema, fixtures, 'README.md')).toEqual([])
  const sandbox = await createSandbox({ fixtures, latency: 'off' })
  const headers = { authorization: `Basic ${btoa('acme_test_key:')}` }
  const balance = async (path: string) => {
    const response = await sandbox.fetch(`https://sandbox.juspay.in/customers/asha@example.com/${path}`, { headers })
    return ((await response.json()) as { list: { current_balance: number }[] }).list[0]!.current_balance
  }
  expect(await balance('wallets')).toBe(109.55)
  expect(await balance('wallets/refresh-balances')).toBe(95.5)
  await sandbox.close()
})

test('the keys are those of the shipped fixtures', () => {
  const { merchants } = readJson(join(ROOT, 'fixtures/published.json')) as Fixtures
  const rows = Array.from(section('Keys').matchAll(/^\| (`.*?) \| `(\w+)` \|/gm), ([, keys, merchant]) =>
    Array.from(keys!.matchAll(/`(\w+)`/g), ([, key]) => `${merchant} ${key}`),
  ).flat()
  const shipped = merchants.flatMap(({ id, juspayApiKeys = [], juicywayApiKeys = [] }) =>
    [...juspayApiKeys, ...juicywayApiKeys].map(({ key }) => `${id} ${key}`),
  )
  expect(rows.sort()).toEqual(shipped.sort())
})

test('the container example sets variables that exist', () => {
  const variables = Array.from(
    blocks('yaml')
      .join()
      .matchAll(/WALLET_SANDBOX_\w+/g),
    ([name]) => name,
  )
  const known = (Object.keys(SETTINGS) as SettingName[]).map(variableOf)
  expect(variables.length).toBeGreaterThan(0)
  expect(known).toEqual(expect.arrayContaining(variables))
})
