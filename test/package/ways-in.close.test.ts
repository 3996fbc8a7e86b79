import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newProject, runIn } from './project.js'

const USE = `
async function main() {
  const sandbox = await createSandbox({ clock: '2023-09-11T08:30:00Z', latency: 'off', fixtures: { merchants: [{ id: 'm' }] } })
  const url = await sandbox.listen()
  const response = await fetch(url + '/wallets/wlt_a', { headers: { authorization: 'Basic ' + btoa('sandbox_a:') } })
  await sandbox.control.scenario.put('flaky')
  const refused = await createSandbox({ seed: 'x' }).catch((error) => error instanceof InputError && error.message)
  console.log(response.status, (await sandbox.control.requests.get()).total, refused)
  await sandbox.close()
}
main()
`
const SAYS = '400 1 options.seed: is "x"; allowed: a whole number\n'

/** Every client and fault through msw: what came of it, and whether it took its time. */
const THROUGH_MSW = (imports: string) => `
${imports}
async function main() {
  const sandbox = await createSandbox({ latency: 'off' })
  const { control } = sandbox
  const server = setupServer(...handlers(sandbox), ...handlers(sandbox, { juspay: ['https://wallets.example.com/api/'] }))
  server.listen({ onUnhandledRequest: 'error' })
  const headers = { authorization: 'Basic ' + btoa('sandbox_msw:') }
  const clients = {
    fetch: (url, timeout) => fetch(url, { headers, signal: AbortSignal.timeout(timeout) }).then((response) => response.text()),
    axios: (url, timeout) => axios.get(url, { headers, timeout, transformResponse: [] }).then(({ data }) => data),
  }
  const said = []
  const SLOW = ['hang', 'dribble']
  const get = async (label, url) => {
    for (const [name, client] of Object.entries(clients)) {
      const start = performance.now()
      const what = await client(url, label === 'hang' ? 200 : 10_000).then((text) => text.slice(0, 30), (error) => error.name + ': ' + error.message)
      said.push([label, name, what, ...(SLOW.includes(label) ? [performance.now() - start > 90] : [])])
    }
  }
  const path = '/wallets/wlt_q23xzki3pazgtezo'
  for (const url of ['https://api.juspay.in', 'https://sandbox.juspay.in', 'https://wallets.example.com/api']) await get(url, url + path)
  for (const effect of [{ fault: 'reset' }, { fault: 'close' }, { fault: 'garbage' }, { fault: 'hang' }, { fault: 'dribble', duration: '100ms' }, { fault: 'truncate' }]) {
    await control.merchant('sandbox_msw').scenario.put({ name: 's', rules: [{ name: 'r', effect }] })
    await get(effect.fault, 'https://api.juspay.in' + path)
  }
  // Juicyway's newer pages send the key bare; only the host tells whose customer this is.
  const bare = { authorization: 'test_acme_juicyway' }
  for (const host of ['api', 'api-sandbox'])
    said.push(await (await fetch('https://' + host + '.spendjuice.com/customers/none', { headers: bare })).json())
  server.close()
  await sandbox.close()
  console.log(JSON.stringify(said))
}
main()
`
const WALLET = '{"id":"wlt_q23xzki3pazgtezo","'
const both = (label: string, byFetch: string, byAxios: string, ...slow: true[]) => [
  [label, 'fetch', byFetch, ...slow],
  [label, 'axios', byAxios, ...slow],
]
const networkError = (label: string) => both(label, 'TypeError: Failed to fetch', 'TypeError: Network error')
const NO_CUSTOMER = { error: { code: 'not_found', message: 'Customer not found' } }
const THROUGH_MSW_SAYS = [
  ...['https://api.juspay.in', 'https://sandbox.juspay.in', 'https://wallets.example.com/api'].flatMap((url) =>
    both(url, WALLET, WALLET),
  ),
  ...['reset', 'close', 'garbage'].flatMap(networkError),
  ...both('hang', expect.stringMatching(/^TimeoutError/), 'AxiosError: timeout of 200ms exceeded', true),
  ...both('dribble', WALLET, WALLET, true),
  ...both('truncate', 'TypeError: terminated', expect.stringMatching(/: (stream has been aborted|socket hang up)$/)),
  NO_CUSTOMER,
  NO_CUSTOMER,
]

const CODE = `
import { createSandbox, InputError, type Options, type Sandbox, type Scenario } from 'wallet-sandbox'
const options: Options = { seed: 1, latency: 0.5 }
const scenario: Scenario = { name: 's', rules: [{ name: 'r', effect: { error: 'server_error' } }] }
export async function use(): Promise<number> {
  const sandbox: Sandbox = await createSandbox({ ...options, scenario })
  const { requests } = await sandbox.control.merchant('acme').requests.get({ operation: 'juspay.*' })
  // @ts-expect-error there is no such option
  await createSandbox({ sed: 1 }).catch((error) => error instanceof InputError && error.lines)
  return requests[0]!.response!.status!
}
`
const TEST_CODE = `
import { setupServer } from 'msw/node'
import { createSandbox } from 'wallet-sandbox'
import { withSandbox, type TestSandbox } from 'wallet-sandbox/jest'
import { handlers } from 'wallet-sandbox/msw'
export const server = createSandbox().then((sandbox) => setupServer(...handlers(sandbox, { juspay: ['http://x'] })))
export const unlisted: Promise<void> = withSandbox(async (sandbox: TestSandbox, cell: number) => {
  // @ts-expect-error there is no such scenario
  await sandbox.control.scenario.put(cell)
})(1)
`
const VITEST_CODE = `
import { test } from 'wallet-sandbox/vitest'
// @ts-expect-error a key is text
test('typed', async ({ sandbox }) => sandbox.key * 2)
`

const FILES = {
  'use.mjs': `import { createSandbox, InputError } from 'wallet-sandbox'\n${USE}`,
  'use.cjs': `const { createSandbox, InputError } = require('wallet-sandbox')\n${USE}`,
  'msw.mjs': THROUGH_MSW(`
import axios from 'axios'
import { setupServer } from 'msw/node'
import { createSandbox } from 'wallet-sandbox'
import { handlers } from 'wallet-sandbox/msw'`),
  'msw.cjs': THROUGH_MSW(`
const axios = require('axios')
const { setupServer } = require('msw/node')
const { createSandbox } = require('wallet-sandbox')
const { handlers } = require('wallet-sandbox/msw')`),
  'use.ts': CODE,
  'tests.ts': TEST_CODE,
  'vitest.ts': VITEST_CODE,
}

const projects = {} as Record<'module' | 'commonjs', string>
beforeAll(() => {
  for (const type of ['module', 'commonjs'] as const) projects[type] = newProject(type, FILES)
})
afterAll(() => {
  for (const project of Object.values(projects)) rmSync(project, { recursive: true })
})

test.each([
  ['an ES module', 'module', 'use.mjs'],
  ['a CommonJS module', 'commonjs', 'use.cjs'],
] as const)('%s uses the package', async (_, type, name) => {
  expect(await runIn(projects[type], 'node', name)).toEqual({ status: 0, out: SAYS })
})

test.each([
  ['an ES module', 'module', 'msw.mjs'],
  ['a CommonJS module', 'commonjs', 'msw.cjs'],
] as const)('%s reaches the sandbox through msw at the vendors’ own URLs', async (_, type, name) => {
  const { out } = await runIn(projects[type], 'node', name)
  expect(JSON.parse(out)).toEqual(THROUGH_MSW_SAYS)
})

describe('types', () => {
  type Compiled = readonly [type: keyof typeof projects, name: string, options: object, files: readonly string[]]

  /** Writes the configuration of a project of types. @returns its path */
  const configured = ([type, name, options, files]: Compiled) => {
    const compilerOptions = { target: 'es2022', strict: true, noEmit: true, esModuleInterop: true, ...options }
    const path = join(projects[type], `tsconfig.${name}.json`)
    writeFileSync(path, JSON.stringify({ compilerOptions, files }))
    return path
  }

  const found = (type: keyof typeof projects, module: string, moduleResolution: string): Compiled => {
    const files = ['use.ts', 'tests.ts', ...(type === 'module' ? ['vitest.ts'] : [])]
    return [type, moduleResolution, { module, moduleResolution, types: ['node'], skipLibCheck: true }, files]
  }

  test('are found with each module resolution, and are whole without those of Node', async () => {
    const all: readonly Compiled[] = [
      found('module', 'nodenext', 'nodenext'),
      found('commonjs', 'nodenext', 'nodenext'),
      found('module', 'node16', 'node16'),
      found('commonjs', 'node16', 'node16'),
      found('module', 'esnext', 'bundler'),
      [
        'module',
        'browser',
        { module: 'esnext', moduleResolution: 'bundler', types: [], lib: ['es2022', 'dom'] },
        ['use.ts'],
      ],
    ]
    expect(await runIn(projects.module, 'tsc', '--build', ...all.map(configured))).toEqual({ status: 0, out: '' })
  })

  test('are found with the module resolution that TypeScript 7 has no more', async () => {
    const path = configured(found('commonjs', 'commonjs', 'node'))
    expect(await runIn(projects.commonjs, 'tsc 5', '-p', path)).toEqual({ status: 0, out: '' })
  })
})
