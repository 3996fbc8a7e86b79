import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { VERSION } from '../../src/lib/version.js'
import { ROOT } from '../build.js'
import { TARBALL } from '../package/install.js'
import { read } from './pages.js'

/** The CI jobs without an image, run step by step as they are written. */

const folder = mkdtempSync(join(tmpdir(), 'ci-'))
afterAll(() => rmSync(folder, { recursive: true }))

const KEYS = { github: 'sandbox_github_job', gitlab: 'sandbox_gitlab_job' } as const

/** The repository of a shop: its one test asks for a wallet, and fails when it is told to. */
const shop = (name: keyof typeof KEYS) => ({
  'package.json': JSON.stringify({ name: 'shop', version: '1.0.0', scripts: { test: 'node test.mjs' } }),
  'package-lock.json': JSON.stringify({
    name: 'shop',
    version: '1.0.0',
    lockfileVersion: 3,
    packages: { '': { name: 'shop', version: '1.0.0' } },
  }),
  'test.mjs': `
    const headers = { authorization: 'Basic ' + btoa('${KEYS[name]}:') }
    const { status } = await fetch(process.env.WALLETS_URL + '/wallets/wlt_q23xzki3pazgtezo', { headers })
    process.exitCode = status === 200 && !process.env.SHOP_FAILS ? 0 : 1
  `,
})

function repository(name: keyof typeof KEYS): string {
  const place = mkdtempSync(join(folder, name))
  for (const [file, text] of Object.entries(shop(name))) writeFileSync(join(place, file), text)
  copyFileSync(TARBALL, join(place, `wallet-sandbox-${VERSION}.tgz`))
  return place
}

const github = parse(read('docs/examples/.github/workflows/without-image.yml')).jobs.test
const gitlab = parse(read('docs/examples/gitlab-ci-without-image.yml')).test

/** Each step leads a group of processes, so that the server that it leaves running can be ended: a CI service ends the machine. */
const groups: number[] = []
afterAll(() => {
  for (const group of groups)
    try {
      process.kill(-group)
    } catch {
      // All of it has ended.
    }
})

async function step(cwd: string, script: string, env: Record<string, string>): Promise<number> {
  const clean = Object.entries(process.env).filter(([name]) => !/^(WALLET_SANDBOX_|VITEST|npm_)/.test(name))
  const child = spawn('bash', ['-e', '-c', script], {
    cwd,
    env: { ...Object.fromEntries(clean), npm_config_prefer_offline: 'true', ...env },
    stdio: 'ignore',
    detached: true,
  })
  groups.push(child.pid!)
  const [code] = await once(child, 'exit')
  return code
}

const capsuleIn = (place: string, name: keyof typeof KEYS): string | undefined => {
  const file = join(place, `wallet-sandbox-capsules/${KEYS[name]}.capsule.json`)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

let places: Record<keyof typeof KEYS, string>
beforeAll(() => {
  places = { github: repository('github'), gitlab: repository('gitlab') }
})

test('GitHub Actions: its steps pass, and a failed test leaves its capsule', async () => {
  const { env, steps } = github as { env: Record<string, string>; steps: { run?: string; if?: string }[] }
  const place = places.github
  const run = (script: string, more = {}) => step(place, script, { ...env, ...more })
  for (const { run: script, if: when } of steps)
    if (script !== undefined && when === undefined) expect([script, await run(script)]).toEqual([script, 0])
  const tests = steps.find(({ run: script }) => script?.includes('npm test'))!.run!
  expect(await run(tests, { SHOP_FAILS: '1' })).toBe(1)
  expect(capsuleIn(place, 'github')).toBeUndefined()
  expect(await run(steps.find(({ run: script, if: when }) => script && when === 'failure()')!.run!)).toBe(0)
  expect(capsuleIn(place, 'github')).toContain('/wallets/wlt_q23xzki3pazgtezo')
  expect(existsSync(join(place, 'wallet-sandbox-capsules/session.html'))).toBe(true)
})

test('GitLab CI: its script passes, and a failed test leaves its capsule', async () => {
  const { variables, script } = gitlab as { variables: Record<string, string>; script: string[] }
  const place = places.gitlab
  expect(await step(place, script.join('\n'), variables)).toBe(0)
  expect(capsuleIn(place, 'gitlab')).toBeUndefined()
  const after = script.slice(script.findIndex((line) => line.startsWith('export ')))
  expect(await step(place, after.join('\n'), { ...variables, SHOP_FAILS: '1' })).toBe(1)
  expect(capsuleIn(place, 'gitlab')).toContain('/wallets/wlt_q23xzki3pazgtezo')
  expect(existsSync(join(place, 'wallet-sandbox-capsules/session.html'))).toBe(true)
})

test('Compose builds from a checkout', () => {
  const { build } = parse(read('docs/examples/compose.yaml')).services.wallets
  expect(existsSync(join(ROOT, 'docs/examples', build, 'Dockerfile'))).toBe(true)
})
