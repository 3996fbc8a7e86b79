import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

/** What the container promises, without a container: the built package, run the way an image runs it. */

const root = fileURLToPath(new URL('../..', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'wallet-sandbox-promises-'))
afterAll(() => rmSync(home, { recursive: true }))

const HEADERS = { authorization: `Basic ${btoa('acme_test_key:')}` }
/** Node names the flag that takes the file system away differently by version. */
const PERMISSION = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission'
const NOBODY = 65_534

interface Start {
  readonly flags?: readonly string[]
  readonly nodeFlags?: readonly string[]
  readonly bin?: string
  readonly cwd?: string
  readonly uid?: number
}

/** Starts the built command with nothing of the environment but what an image sets. */
async function start({ flags = [], nodeFlags = [], bin = join(root, 'dist/bin.js'), cwd = '/', uid }: Start = {}) {
  const argv = [...nodeFlags, bin, '--port', '0', '--log', 'json', ...flags]
  const env = { PATH: process.env.PATH, TZ: 'Pacific/Kiritimati', LC_ALL: 'C' }
  const child = spawn(process.execPath, argv, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  const lines = createInterface(child.stdout)
  const ready = once(lines, 'line').then(([line]) => String(line).split(' ').at(-1)!)
  const gone = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }))
  const url = await Promise.race([
    ready,
    gone.then(({ code }) => Promise.reject(new Error(`exit ${code}: ${complaints}`))),
  ])
  const stop = async () => {
    child.kill('SIGTERM')
    return gone
  }
  return { url, stop, complaints: () => complaints, gone, child }
}

const wallet = async (url: string) => (await fetch(`${url}/wallets/wlt_q23xzki3pazgtezo`, { headers: HEADERS })).text()

test('another user runs it from a read-only folder, far from UTC, without a UTF-8 locale', async () => {
  const copy = join(home, 'package')
  mkdirSync(copy)
  for (const part of ['dist', 'fixtures', 'scenarios', 'package.json'])
    cpSync(join(root, part), join(copy, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  spawnSync('chmod', ['-R', 'a+rX,a-w', home])
  const asRoot = process.getuid?.() === 0
  const server = await start({ bin: join(copy, 'dist/bin.js'), cwd: copy, ...(asRoot ? { uid: NOBODY } : {}) })
  expect(await wallet(server.url)).toContain('"last_refreshed":"2016-08-02T08:07:52+0000"')
  expect(await server.stop()).toEqual({ code: 0, signal: null })
  spawnSync('chmod', ['-R', 'u+w', home])
})

test('it writes nowhere: it runs where Node lets it write no file at all', async () => {
  const server = await start({ nodeFlags: [PERMISSION, '--allow-fs-read=*'], flags: ['--latency', 'off'] })
  expect(await wallet(server.url)).toContain('"current_balance":250')
  expect(await server.stop()).toEqual({ code: 0, signal: null })
  expect(server.complaints()).not.toMatch(/ERR_ACCESS_DENIED/)
})

test('SIGTERM under load ends it within two seconds, and no answer is cut in the middle', async () => {
  const times = Number(process.env.SOAK ? 50 : 5)
  const took: number[] = []
  for (let i = 0; i < times; i++) {
    const server = await start()
    let [whole, unanswered, running] = [0, 0, true]
    const client = async () => {
      while (running) {
        const response = await fetch(`${server.url}/customers/guest_user/wallets`, { headers: HEADERS }).catch(
          () => undefined,
        )
        if (response === undefined) {
          unanswered++
          return
        }
        // A body that is cut rejects here, and fails the test.
        JSON.parse(await response.text())
        whole++
      }
    }
    const clients = Array.from({ length: 8 }, client)
    while (whole < 20) await new Promise((resolve) => setTimeout(resolve, 5))
    const asked = performance.now()
    expect(await server.stop()).toEqual({ code: 0, signal: null })
    took.push(performance.now() - asked)
    running = false
    await Promise.all(clients)
    expect(unanswered).toBeLessThanOrEqual(8)
    expect(server.complaints()).not.toMatch(/Error|Warning.*unhandled/)
  }
  // Of several, the quickest: a busy machine may hold up any one of them.
  expect(Math.min(...took)).toBeLessThan(2000)
})
