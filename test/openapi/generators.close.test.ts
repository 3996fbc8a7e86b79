import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { createSandbox, type Sandbox } from '../../src/index.js'
import { ROOT } from '../build.js'

const run = promisify(execFile)
const DOCUMENT = join(ROOT, 'dist/openapi.json')
/** Installed here, since no other test needs these. */
const GENERATORS = join(ROOT, 'node_modules/.cache/generators')
const BIN = join(GENERATORS, 'node_modules/.bin')
/** The newest orval that runs on Node 20. */
const PACKAGES = ['orval@7.13.2', 'openapi-to-postmanv2@6.3.3']

beforeAll(async () => {
  if (existsSync(join(GENERATORS, 'package-lock.json'))) return
  mkdirSync(GENERATORS, { recursive: true })
  writeFileSync(join(GENERATORS, 'package.json'), '{"private":true}')
  const quietly = ['--silent', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline']
  await run('npm', ['install', ...quietly, ...PACKAGES], { cwd: GENERATORS })
})

function newFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** The README's story by the functions that orval writes. */
const STORY = `
import { controlPutScenario, juspayGetWallet, juspayPostWallet, juspayRefreshAllWallets } from './client.js'

const { fetch } = globalThis
globalThis.fetch = (path, init) => fetch(new URL(String(path), process.argv[2]!), init)
const options = { headers: { authorization: 'Basic ' + btoa('acme_test_key:') } }

const wallet = await juspayGetWallet('wlt_q23xzki3pazgtezo', {}, options)
if (wallet.status === 200 && 'current_balance' in wallet.data) console.log(wallet.data.current_balance)
const refreshed = await juspayPostWallet('wlt_q23xzki3pazgtezo', { command: 'refresh' }, options)
console.log(refreshed.status)

const scenario = await controlPutScenario({
  name: 'third-refresh-fails',
  rules: [
    {
      name: 'third refresh',
      match: { operation: 'juspay.refreshAllWallets' },
      when: { nth: 3 },
      effect: { error: 'provider_unavailable' },
    },
  ],
})
if (scenario.status === 200) console.log(scenario.data.rules[0]?.fired)
for (let n = 1; n <= 3; n++) {
  const answer = await juspayRefreshAllWallets('cst_om2l6ctlptxwxuzj', {}, options)
  console.log(answer.status, answer.status === 200 ? answer.data.list.length > 0 : 'error_code' in answer.data && answer.data.error_code)
}

// @ts-expect-error there is no such command
await juspayPostWallet('wlt_q23xzki3pazgtezo', { command: 'refuse' }, options)
`

test('orval’s client type-checks, and lives the story of the README', async () => {
  const folder = newFolder('orval-')
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'story.ts'), STORY)
  const options = { module: 'nodenext', target: 'es2022', lib: ['es2023', 'dom', 'dom.iterable'], strict: true }
  const compilerOptions = { ...options, outDir: 'out', types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['story.ts'] }))
  const argv = ['--input', DOCUMENT, '--output', join(folder, 'client.ts'), '--client', 'fetch']
  await run(join(BIN, 'orval'), argv, { cwd: GENERATORS })
  const tsc = join(ROOT, 'test/consumer/node_modules/typescript/bin/tsc')
  const compiled = await run(process.execPath, [tsc, '-p', folder]).catch((error) => error)
  expect(compiled.stdout).toBe('')
  await using sandbox = await createSandbox({ latency: 'off', clock: '2023-09-11T08:30:00Z' })
  const { stdout } = await run(process.execPath, [join(folder, 'out/story.js'), await sandbox.listen()])
  expect(stdout).toBe('250\n200\n0\n200 true\n200 true\n502 provider_unavailable\n')
})

interface Pair {
  readonly key: string
  readonly value: string
}
interface Request {
  readonly method: string
  readonly url: {
    readonly path: readonly string[]
    readonly query: readonly Pair[]
    readonly variable: readonly Pair[]
  }
  readonly header?: readonly Pair[]
  readonly body?: { readonly raw?: string; readonly urlencoded?: readonly Pair[] }
}
interface Item {
  readonly name: string
  readonly item?: readonly Item[]
  readonly request: Request
}

/** What Postman makes of the document where it is imported with the examples for its parameters. */
async function postmanRequests(): Promise<readonly Request[]> {
  const folder = newFolder('postman-')
  const file = join(folder, 'collection.json')
  await run(join(BIN, 'openapi2postmanv2'), ['-s', DOCUMENT, '-o', file, '-O', 'parametersResolution=Example'])
  const requests: Request[] = []
  const walk = ({ item, request }: Item) => (item ? item.forEach(walk) : requests.push(request))
  JSON.parse(readFileSync(file, 'utf8')).item.forEach(walk)
  return requests
}

const KEYS = { juspay: `Basic ${btoa('acme_test_key:')}`, juicyway: 'Bearer test_globex_juicyway' }
const pairs = (list: readonly Pair[] = []) => list.map(({ key, value }): [string, string] => [key, value])

/** Sends it as Postman does, less the cursors, which only an answer has. */
function send(sandbox: Sandbox, { method, url, header, body }: Request): Promise<Response> {
  const values = new Map(pairs(url.variable))
  const path = url.path.map((part) => (part.startsWith(':') ? values.get(part.slice(1)) : part)).join('/')
  const query = new URLSearchParams(pairs(url.query).filter(([key]) => key !== 'after' && key !== 'before'))
  const authorization = KEYS[url.path[0] as keyof typeof KEYS]
  const headers = { ...Object.fromEntries(pairs(header)), ...(authorization && { authorization }) }
  const sent = body?.urlencoded ? String(new URLSearchParams(pairs(body.urlencoded))) : body?.raw
  return sandbox.fetch(`http://127.0.0.1/${path}?${query}`, { method, headers, ...(sent && { body: sent }) })
}

/** What others speak of. */
const BEFORE = ['POST juspay/orders', 'POST juspay/wallets/:wallet/topup', 'POST juicyway/wallets/transactions']
const CHARGE = 'POST juspay/txns'
const NEEDS_CHARGE = /refund|\/pay\/(start|finish)\//
/** A call that is held and an event that was sent are there by other means alone. */
const REFUSED = /:hold\/release$|:event\/redeliver$/

test('every request that Postman makes is answered', async () => {
  const requests = await postmanRequests()
  expect(requests.length).toBeGreaterThan(100)
  const placeOf = ({ method, url }: Request) => `${method} ${url.path.join('/')}`
  const byPlace = new Map(requests.map((request) => [placeOf(request), request]))
  await using sandbox = await createSandbox({ latency: 'off', clock: '2023-09-11T08:30:00Z' })
  const wrong: string[] = []
  for (const [place, request] of byPlace) {
    await sandbox.control.reset()
    const before = NEEDS_CHARGE.test(place) ? [...BEFORE, CHARGE] : BEFORE
    for (const one of before)
      if (one !== place) expect((await send(sandbox, byPlace.get(one)!)).status, one).toBeLessThan(300)
    const { status, headers, body } = await send(sandbox, request)
    if (status >= 400 !== REFUSED.test(place)) wrong.push(`${place}: ${status} ${headers.get('x-sandbox-reason')}`)
    await body?.cancel()
  }
  expect(wrong).toEqual([])
})
