import { execFileSync, spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The steps of action.yml, and what waits for a sandbox. Node alone runs it, before anything is installed. */

const { env } = process
const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(env.RUNNER_TEMP ?? '.', 'wallet-sandbox')
const urlFile = join(folder, 'url')
const capsules = join(folder, 'capsules')
const npm = (cwd, ...args) =>
  execFileSync('npm', args, { cwd, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' })

async function wait(url, seconds = 60) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    const answer = await fetch(`${url}/_sandbox/health`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${url} does not answer after ${seconds} s`)
}

/** The command of the package that is named, else of the checkout that the action is. */
function install(wanted) {
  if (wanted) {
    const file = resolve(env.GITHUB_WORKSPACE ?? '.', wanted)
    npm(
      folder,
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefix',
      folder,
      existsSync(file) ? file : wanted,
    )
    return join(folder, 'node_modules/wallet-sandbox/dist/bin.js')
  }
  if (!existsSync(join(root, 'dist/bin.js'))) npm(root, 'ci')
  return join(root, 'dist/bin.js')
}

async function start() {
  const { SCENARIO: scenario, FIXTURES: fixtures, PORT: port = '8080', PACKAGE: wanted } = env
  mkdirSync(capsules, { recursive: true })
  const bin = install(wanted)
  const flags = ['--port', port, '--url-file', urlFile]
  if (scenario) flags.push('--scenario', scenario)
  if (fixtures) flags.push('--fixtures', fixtures)
  const log = join(folder, 'log.txt')
  const out = openSync(log, 'w')
  // It must outlive this step.
  const child = spawn(process.execPath, [bin, ...flags], { detached: true, stdio: ['ignore', out, out] })
  const ended = new Promise((_, reject) => {
    child.once('exit', () => reject(new Error(readFileSync(log, 'utf8').trim())))
  })
  const listening = async () => {
    while (!existsSync(urlFile)) await new Promise((resolve) => setTimeout(resolve, 50))
    const url = readFileSync(urlFile, 'utf8').trim()
    await wait(url)
    return url
  }
  const url = await Promise.race([listening(), ended])
  child.unref()
  writeFileSync(join(folder, 'pid'), String(child.pid))
  appendFileSync(env.GITHUB_OUTPUT, `url=${url}\ncapsules=${capsules}\n`)
  // The helpers for vitest and jest write a capsule of each test that fails.
  appendFileSync(env.GITHUB_ENV, `WALLET_SANDBOX_CAPSULES=${capsules}\n`)
  process.exit()
}

/** Keeps the session of each merchant that was asked something. */
async function save() {
  const base = `${readFileSync(urlFile, 'utf8').trim()}/_sandbox/merchants`
  const json = async (url) => (await fetch(url)).json()
  for (const { id } of (await json(base)).merchants) {
    const at = `${base}/${encodeURIComponent(id)}`
    if ((await json(`${at}/requests?limit=1`)).total === 0) continue
    const answer = await fetch(`${at}/capsule`)
    if (answer.ok) writeFileSync(join(capsules, `${encodeURIComponent(id)}.json`), await answer.text())
  }
}

const [command, ...args] = process.argv.slice(2)
const commands = { start, save, wait: () => wait(...args) }
try {
  if (!Object.hasOwn(commands, command)) throw new Error(`unknown command ${command}; allowed: start, save, wait URL`)
  await commands[command]()
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
