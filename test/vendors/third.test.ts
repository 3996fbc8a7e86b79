import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { setupServer } from 'msw/node'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type * as Library from '../../src/index.js'
import type { Sandbox } from '../../src/index.js'
import type * as Again from '../../src/inspector/client/again.js'
import type * as Msw from '../../src/testing/msw.js'
import { ROOT } from '../build.js'

/** A vendor that is its folder, a line in the index of vendors, and a key list: whatever is done for one is done for it. */

const FOLDER: Readonly<Record<string, string>> = {
  'index.ts': `
import { checkKey } from '../../api/authenticate.js'
import { inferred } from '../../api/evidence.js'
import { defineVendor, type ErrorForm, type Operation, type Serve } from '../../api/vendor.js'
import { ERROR_NAMES, Refusal } from '../../lib/errors.js'
import { Hono } from 'hono'

const evidence = inferred('made up')

const getPurse: Operation = {
  id: 'pursepay.getPurse',
  evidence,
  run({ walletName = '', merchant }) {
    const owned = merchant.state.currencyWallet(walletName)
    if (owned === undefined) throw new Refusal('wallet_not_found', 'There is no such purse.')
    const { customer, wallet } = owned
    return { status: 200, body: { purse: wallet.id, of: customer.id, holds: wallet.balance, in: wallet.currency } }
  },
}

const STATUSES: Record<string, number> = { invalid_authentication: 401, wallet_not_found: 404 }

const formOf = (name: string): ErrorForm => ({
  ...evidence,
  answer: () => ({ status: STATUSES[name] ?? 400, body: { failed: name } }),
})

export const pursepay = defineVendor({
  name: 'pursepay',
  servers: { production: 'https://pursepay.example', sandbox: 'https://test.pursepay.example' },
  routes: (serve: Serve) => new Hono().get('/purses/:wallet', serve(getPurse)),
  ignoresTrailingSlash: false,
  walletId: /^[0-9a-f-]{36}$/,
  holdsAtProviders: false,
  scheme: 'Token',
  credential: (authorization) => ({ key: /^Token (.+)$/.exec(authorization ?? '')?.[1] }),
  authenticate: (call) => checkKey(call, (key) => \`Send Authorization: Token \${key}.\`),
  checkHeaders: () => {},
  merchantHeader: 'x-purse-of',
  addHeaders: (headers, { merchant }) => {
    if (merchant.id !== '') headers['x-purse-of'] = merchant.id
  },
  errors: Object.fromEntries(ERROR_NAMES.map((name) => [name, formOf(name)])) as never,
  suite: async () => (await import('./checks.js')).suite,
  learner: async () => (await import('./learn.js')).learner,
})
`,
  'checks.ts': `
import type { Suite } from '../../api/suite.js'

export const suite: Suite = {
  checks: [
    { operation: 'pursepay.getPurse', ending: 'invalid_authentication' },
    { operation: 'pursepay.getPurse', ending: 'wallet_not_found' },
  ],
  unknown: { wallet: '00000000-0000-4000-8000-000000000000' },
  headers: [],
  shipped: { key: 'sandbox_pursepay', customer: 'none' },
  requestHeaders: {},
  printFields: JSON.stringify,
}
`,
  'learn.ts': `
import { update } from '../../api/account.js'
import type { Learner } from '../../api/learner.js'

export const learner: Learner = {
  learn(account, { answer }) {
    const { purse, of, holds, in: currency } = answer as { purse: string; of: string; holds: number; in: string }
    account.customer(of)
    const known = account.currencyWallets.get(purse) ?? { id: purse }
    account.currencyWallets.set(purse, update(known, { customer: of, accountId: purse, balance: holds, currency }))
    return true
  },
  standInKey: (merchant) => \`recorded_\${merchant}\`,
}
`,
}

const PURSE = '3d2e3f3e-3b3c-4907-a4fd-e241203440d7'
const BODY = { purse: PURSE, of: 'nadia', holds: 250, in: 'EUR' }
const FIXTURES = {
  merchants: [
    {
      id: 'm',
      pursepayApiKeys: [{ key: 'key_of_m' }],
      customers: [{ id: 'nadia', currencyWallets: [{ id: PURSE, accountId: PURSE, currency: 'EUR', balance: 250 }] }],
    },
  ],
}
const HEADERS = { authorization: 'Token key_of_m' }

let folder: string
let library: typeof Library
let msw: typeof Msw
let again: typeof Again

beforeAll(async () => {
  // Where the libraries are found, and nothing that is packed.
  const cache = join(ROOT, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  folder = mkdtempSync(join(cache, 'third-vendor-'))
  const src = join(folder, 'src')
  cpSync(join(ROOT, 'src'), src, { recursive: true })
  mkdirSync(join(src, 'vendors/pursepay'))
  for (const [file, text] of Object.entries(FOLDER)) writeFileSync(join(src, 'vendors/pursepay', file), text)
  const change = (file: string, from: string, to: string) => {
    const text = readFileSync(join(src, file), 'utf8')
    expect(text).toContain(from)
    writeFileSync(join(src, file), text.replace(from, to))
  }
  change('vendors/index.ts', '= [juspay,', '= [juspay, pursepay,')
  change('vendors/index.ts', 'import { juspay }', "import { pursepay } from './pursepay/index.js'\nimport { juspay }")
  change('fixture-files/key-lists.ts', 'KEY_LISTS = {', "KEY_LISTS = { pursepay: 'pursepayApiKeys',")
  await build({
    ...{
      bundle: true,
      format: 'esm',
      splitting: true,
      platform: 'node',
      target: 'node20.19',
      packages: 'external',
      logLevel: 'error',
    },
    entryPoints: ['index.ts', 'testing/msw.ts', 'inspector/client/again.ts'].map((file) => join(src, file)),
    outbase: src,
    outdir: join(folder, 'out'),
  })
  library = await import(join(folder, 'out/index.js'))
  msw = await import(join(folder, 'out/testing/msw.js'))
  again = await import(join(folder, 'out/inspector/client/again.js'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function start(options: object = {}): Promise<{ sandbox: Sandbox; url: string }> {
  const sandbox = await library.createSandbox({ latency: 'off', fixtures: FIXTURES, ...options } as Library.Options)
  onTestFinished(() => sandbox.close())
  return { sandbox, url: await sandbox.listen() }
}

test('its calls are served', async () => {
  const { url, sandbox } = await start()
  const response = await fetch(`${url}/purses/${PURSE}`, { headers: HEADERS })
  expect([response.status, response.headers.get('x-purse-of'), await response.json()]).toEqual([200, 'm', BODY])
  const refused = await fetch(`${url}/pursepay/purses/${PURSE}`, { headers: { authorization: 'Token wrong' } })
  expect([refused.status, await refused.json()]).toEqual([401, { failed: 'invalid_authentication' }])
  const { requests } = await sandbox.control.requests.get({ operation: 'pursepay.*' })
  expect(requests.map(({ merchant }) => merchant)).toEqual(['m', null])
})

test('it is recorded, and answers again from the recording', async () => {
  const { url } = await start()
  const recorder = await library.record({ upstream: url })
  await (await fetch(`${recorder.url}/purses/${PURSE}`, { headers: HEADERS })).text()
  const { fixtures, report } = await recorder.stop()
  expect(report).toContain('merchant m: API key recorded_m')
  const again = await start({ fixtures })
  const headers = { authorization: 'Token recorded_m' }
  expect(await (await fetch(`${again.url}/purses/${PURSE}`, { headers })).json()).toEqual(BODY)
})

test('its servers are verified', async () => {
  const { url } = await start()
  const report = await library.verify({ baseUrl: url, key: 'key_of_m', vendor: 'pursepay' as never })
  expect(report).toMatchObject({ passed: 2, diverged: 0, skipped: 0 })
})

test('what goes to its servers goes to the sandbox by msw', async () => {
  const { sandbox } = await start()
  const server = setupServer(...msw.handlers(sandbox))
  server.listen({ onUnhandledRequest: 'error' })
  onTestFinished(() => server.close())
  const response = await fetch(`https://test.pursepay.example/purses/${PURSE}`, { headers: HEADERS })
  expect(await response.json()).toEqual(BODY)
})

test('a call of it is copied as curl, with its key as it is sent', async () => {
  const { sandbox, url } = await start()
  await fetch(`${url}/purses/${PURSE}`, { headers: HEADERS })
  const { requests } = await sandbox.control.requests.get()
  const { merchants } = await sandbox.control.merchants.list()
  const [, data] = /data-schemes="([^"]*)"/.exec(await (await fetch(`${url}/_sandbox/`)).text())!
  const schemes = JSON.parse(data!.replaceAll('&quot;', '"'))
  const line = again.toCurl(requests[0]!, { merchants, schemes }, url)
  expect(line).toBe(`curl '${url}/purses/${PURSE}' -H 'Authorization: Token key_of_m'`)
  expect(JSON.parse((await promisify(execFile)('sh', ['-c', `${line} -s`])).stdout)).toEqual(BODY)
})
