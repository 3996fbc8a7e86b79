import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { createSandbox } from '../../src/index.js'
import { ROOT } from '../build.js'
import { newProject } from '../package/project.js'

const run = promisify(execFile)
const CONSUMER = join(ROOT, 'test/consumer/node_modules')

/** The README's story by a client made from the document of the package: the third refresh fails. */
const STORY = `
import createClient from 'openapi-fetch'
import type { paths } from './wallet-sandbox.js'

const client = createClient<paths>({ baseUrl: process.argv[2]! })
const headers = { authorization: 'Basic ' + btoa('acme_test_key:') }
const header = { 'x-routing-id': 'customer_1122', 'x-merchantid': 'acme' }

const wallet = await client.GET('/juspay/wallets/{wallet}', {
  params: { path: { wallet: 'wlt_q23xzki3pazgtezo' }, header },
  headers,
})
if (wallet.data && 'current_balance' in wallet.data) console.log(wallet.data.current_balance)

const { data: scenario } = await client.PUT('/_sandbox/scenario', {
  body: {
    name: 'third-refresh-fails',
    rules: [
      {
        name: 'third refresh',
        match: { operation: 'juspay.refreshAllWallets' },
        when: { nth: 3 },
        effect: { error: 'provider_unavailable' },
      },
    ],
  },
})
console.log(scenario?.rules[0]?.fired)

const refresh = () =>
  client.GET('/juspay/customers/{customer}/wallets/refresh-balances', {
    params: { path: { customer: 'cst_om2l6ctlptxwxuzj' }, header },
    headers,
  })
for (let n = 1; n <= 3; n++) {
  const { data, error, response } = await refresh()
  console.log(response.status, data ? data.list.length > 0 : 'error_code' in error! && error.error_code)
}

// @ts-expect-error there is no such path
await client.GET('/juspay/wallet/{wallet}', {}).catch(() => {})
// @ts-expect-error the wallet has no such field
wallet.data?.balance
`

test('a client made from the package’s document type-checks, and lives the story of the README', async () => {
  const folder = newProject('module')
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const document = join(folder, 'node_modules/wallet-sandbox/dist/openapi.json')
  expect(JSON.parse(readFileSync(document, 'utf8')).openapi).toBe('3.1.0')
  const openApiTypescript = join(CONSUMER, 'openapi-typescript/bin/cli.js')
  await run(process.execPath, [openApiTypescript, document, '--output', join(folder, 'wallet-sandbox.d.ts')])
  writeFileSync(join(folder, 'story.ts'), STORY)
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2023', 'dom'],
    strict: true,
    outDir: 'out',
    types: ['node'],
    skipLibCheck: true,
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['story.ts'] }))
  const compiled = await run(process.execPath, [join(CONSUMER, 'typescript/bin/tsc'), '-p', folder]).catch(
    (error) => error,
  )
  expect(compiled.stdout).toBe('')
  await using sandbox = await createSandbox({ latency: 'off', clock: '2023-09-11T08:30:00Z' })
  const { stdout } = await run(process.execPath, [join(folder, 'out/story.js'), await sandbox.listen()])
  expect(stdout).toBe('250\n0\n200 true\n200 true\n502 provider_unavailable\n')
})
