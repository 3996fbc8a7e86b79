import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { SETTINGS } from '../../src/config.js'
import { ROOT } from '../build.js'
import { command } from '../spawn.js'
import { build, commandOf, copyContext, type Stage } from './image.js'
import { TARBALL } from './install.js'

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const PACKAGE = JSON.parse(read('package.json'))
const NOBODY = 65_534
const someoneElse = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-'))
  chmodSync(folder, 0o755)
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the image that the Dockerfile makes', () => {
  let stages: Stage[]
  let image: Stage
  beforeAll(async () => {
    const context = join(folder, 'context')
    copyContext(ROOT, context)
    stages = await build(read('Dockerfile'), context, folder)
    image = stages.at(-1)!
  })

  test('is built and runs on one pinned release, which the package allows', () => {
    const [base, ...others] = new Set(stages.map((stage) => stage.base))
    expect(others).toEqual([])
    const version = /^node:(\d+)\.\d+\.\d+-(slim|alpine)$/.exec(base!)?.[1]
    expect(Number(version) % 2).toBe(0)
    expect(Number(version)).toBeGreaterThan(Number(/^>=(\d+)/.exec(PACKAGE.engines.node)![1]))
  })

  test('is not run by root', () => {
    expect(image.user).toMatch(/^[^:]+/)
    expect(['root', '0']).not.toContain(image.user.split(':')[0])
  })

  test('opens the port that the server listens on by default', () => {
    expect(image.ports).toEqual([SETTINGS.port.fallback])
  })

  test('holds what the package runs on, and nothing that only building it needs', () => {
    const home = join(image.root, image.workdir)
    const needed = [
      'package.json',
      ...PACKAGE.files.filter((file: string) => !/^!|^docs$|^skills$|\.(md|txt)$/.test(file)),
    ]
    const installed = Object.keys(PACKAGE.dependencies).map((name) => `node_modules/${name}`)
    expect([...needed, ...installed].filter((path) => !existsSync(join(home, path)))).toEqual([])
    const unneeded = Object.keys(PACKAGE.devDependencies).map((name) => `node_modules/${name}`)
    expect(['src', ...unneeded].filter((path) => existsSync(join(home, path)))).toEqual([])
  })

  test.each([false, true])(
    'starts for another user (TLS: %s), answers from outside, is healthy, and stops on SIGTERM',
    async (secure) => {
      const { file, argv, cwd, env } = commandOf(image, image.entrypoint)
      const open = join(folder, 'open')
      mkdirSync(open, { recursive: true })
      chmodSync(open, 0o777)
      // The health check has no part in these arguments.
      const tls = ['--tls-cert', join(ROOT, 'test/http/tls/cert.pem'), '--tls-key', join(ROOT, 'test/http/tls/key.pem')]
      const server = spawn(file, [...argv, '--port', '0', ...(secure ? tls : [])], {
        cwd,
        env: { ...env, WALLET_SANDBOX_URL_FILE: join(open, 'url') },
        stdio: ['ignore', 'pipe', 'pipe'],
        ...someoneElse,
      })
      const ended = once(server, 'exit')
      onTestFinished(() => void server.kill('SIGKILL'))
      const first = once(createInterface(server.stdout), 'line')
      const [line] = await Promise.race([first, ended.then(([status]) => Promise.reject(new Error(`exit ${status}`)))])
      const url = new URL(String(line).split(' ').at(-1)!)
      // Loopback of a container is reachable by nobody.
      expect(url.hostname).toBe('0.0.0.0')
      if (!secure) {
        const headers = { authorization: `Basic ${btoa('acme_test_key:')}` }
        const response = await fetch(new URL('/wallets/wlt_q23xzki3pazgtezo', url), { headers })
        expect([response.status, await response.json()]).toEqual([
          200,
          expect.objectContaining({ current_balance: 250 }),
        ])
      }

      const checked = commandOf(image, image.healthcheck)
      const health = () =>
        new Promise<{ status: unknown; err: string }>((resolve) => {
          const environment = { ...checked.env, WALLET_SANDBOX_URL_FILE: join(open, 'url') }
          const options = { cwd: checked.cwd, env: environment, ...someoneElse }
          const child = execFile(checked.file, checked.argv, options, (_, __, err) =>
            resolve({ status: child.exitCode, err }),
          )
        })
      expect(await health()).toEqual({ status: 0, err: '' })
      server.kill('SIGTERM')
      expect(await ended).toEqual([0, null])
      expect((await health()).status).toBe(1)
    },
  )
})

/** The package as it is published, unpacked, with nothing but its production dependencies beside it. */
function packedInstall(): string {
  execFileSync('tar', ['-xzf', TARBALL, '-C', folder])
  const installed = join(folder, 'package')
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { dev?: true }> }
  for (const [path, { dev }] of Object.entries(packages)) {
    // A nested one comes with the package it is nested in.
    if (path === '' || dev || path.lastIndexOf('node_modules/') > 0) continue
    mkdirSync(dirname(join(installed, path)), { recursive: true })
    symlinkSync(join(ROOT, path), join(installed, path))
  }
  return installed
}

test('every command works in a packed install', async () => {
  const installed = packedInstall()
  const bin = join(installed, PACKAGE.bin['wallet-sandbox'])
  const generated = await command(['generate', '--customers', '1'], {}, bin)
  expect(JSON.parse(generated.out).merchants).toHaveLength(1)
  expect(await command(['validate', join(installed, 'fixtures/published.json')], {}, bin)).toMatchObject({ status: 0 })
})
