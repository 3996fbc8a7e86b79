import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { pack } from '../../scripts/release-check.js'
import { replay } from '../../src/replay/replay.js'
import { ROOT } from '../build.js'

/** The steps of action.yml, as a runner runs them. */

interface Step {
  readonly id?: string
  readonly if?: string
  readonly env?: Readonly<Record<string, string>>
  readonly run?: string
  readonly uses?: string
  readonly with?: Readonly<Record<string, string>>
}

const { inputs, outputs, runs } = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8'))

const place = mkdtempSync(join(tmpdir(), 'action-'))
const packed = pack(ROOT, place)
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) {
    try {
      process.kill(Number(readFileSync(join(folder, 'wallet-sandbox/pid'), 'utf8')))
    } catch {
      // It did not start.
    }
    rmSync(folder, { recursive: true, force: true })
  }
})

const bash = (script: string, env: NodeJS.ProcessEnv) =>
  new Promise<{ status: number; err: string }>((resolve) => {
    const child = execFile('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], { env }, (_, __, err) =>
      resolve({ status: child.exitCode ?? -1, err }),
    )
  })

/** `name=value` lines, as the runner reads the files that it names to a step. */
const pairs = (file: string) => {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

/** Runs the action in a job of its own. */
async function use(given: Readonly<Record<string, string>>) {
  const temp = mkdtempSync(join(place, 'job-'))
  folders.push(temp)
  const files = { GITHUB_OUTPUT: join(temp, 'output'), GITHUB_ENV: join(temp, 'env') }
  const ofRunner = { ...files, GITHUB_ACTION_PATH: ROOT, GITHUB_WORKSPACE: place, RUNNER_TEMP: temp }
  const defaults = Object.entries<{ default: string }>(inputs).map(([name, input]) => [`inputs.${name}`, input.default])
  const context: Record<string, string> = Object.fromEntries(defaults)
  for (const [name, value] of Object.entries(given)) context[`inputs.${name}`] = value
  const fill = (text: string) => text.replaceAll(/\$\{\{ ([\w.]+) \}\}/g, (_, name: string) => context[name] ?? '')
  const ran: { step: Step; status: number; err: string; with: Record<string, string> }[] = []
  let env: NodeJS.ProcessEnv = { ...process.env, ...ofRunner }
  for (const step of runs.steps as Step[]) {
    const failed = ran.some(({ status }) => status !== 0)
    const conditions: Readonly<Record<string, boolean>> = {
      '': !failed,
      "inputs.run != ''": !failed && context['inputs.run'] !== '',
      "failure() && steps.run.outcome == 'failure'": failed && context['steps.run.outcome'] === 'failure',
    }
    const holds = conditions[step.if ?? '']
    if (holds === undefined) throw new Error(`the condition ${step.if} is not known to this test`)
    if (!holds) continue
    for (const file of Object.values(files)) writeFileSync(file, '')
    const own = Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, fill(value)]))
    const { status, err } =
      step.run === undefined ? { status: 0, err: '' } : await bash(fill(step.run), { ...env, ...own })
    const filled = Object.fromEntries(Object.entries(step.with ?? {}).map(([name, value]) => [name, fill(value)]))
    ran.push({ step, status, err, with: filled })
    if (step.id === undefined) continue
    context[`steps.${step.id}.outcome`] = status === 0 ? 'success' : 'failure'
    for (const [name, value] of Object.entries(pairs(files.GITHUB_OUTPUT)))
      context[`steps.${step.id}.outputs.${name}`] = value
    env = { ...env, ...pairs(files.GITHUB_ENV) }
  }
  const { url, capsules } = Object.fromEntries(
    Object.entries<{ value: string }>(outputs).map(([name, { value }]) => [name, fill(value)]),
  )
  return { ran, url: url!, capsules: capsules!, env }
}

const ASK = 'curl --silent --fail "$WALLETS_URL/wallets/wlt_q23xzki3pazgtezo" -u sandbox_job:'

test('starts the sandbox of its own checkout, waits, and says where it is', async () => {
  const { ran, url, capsules, env } = await use({ port: '0', scenario: 'flaky', run: ASK })
  expect(ran.map(({ status, err }) => [status, err])).toEqual([
    [0, ''],
    [0, ''],
  ])
  expect(await (await fetch(`${url}/_sandbox/scenario`)).json()).toMatchObject({ name: 'flaky' })
  expect([env.WALLET_SANDBOX_CAPSULES, readdirSync(capsules)]).toEqual([capsules, []])
})

test('uploads a session that can be replayed when the command fails', async () => {
  const { ran, capsules } = await use({ port: '0', run: `${ASK} && exit 3` })
  expect(ran.map(({ step, status }) => [step.id ?? step.uses ?? 'save', status])).toEqual([
    ['start', 0],
    ['run', 3],
    ['save', 0],
    ['actions/upload-artifact@v4', 0],
  ])
  expect([ran.at(-1)!.with.path, readdirSync(capsules)]).toEqual([capsules, ['sandbox_job.json']])
  expect(await replay(join(capsules, 'sandbox_job.json'))).toMatchObject({ requests: 1, difference: undefined })
})

test('installs a tarball that is named, with fixtures from the workspace', async () => {
  const { tarball, files } = packed
  expect(files).toContain('dist/bin.js')
  writeFileSync(
    join(place, 'own.json'),
    JSON.stringify({ merchants: [{ id: 'own', juspayApiKeys: [{ key: 'own_key' }], customers: [] }] }),
  )
  const { ran, url } = await use({
    port: '0',
    package: tarball.slice(place.length + 1),
    fixtures: join(place, 'own.json'),
  })
  expect(ran.map(({ err }) => err)).toEqual([''])
  const { merchants } = (await (await fetch(`${url}/_sandbox/merchants`)).json()) as { merchants: { id: string }[] }
  expect(merchants.map(({ id }) => id)).toEqual(['own'])
})

test('says in one line why the sandbox does not start', async () => {
  const { ran } = await use({ port: '0', scenario: 'no-such', run: ASK })
  expect(ran.map(({ status, err }) => [status, err.trim().split('\n').length, err])).toEqual([
    [1, 1, expect.stringMatching(/no-such/)],
  ])
})

test('two tarballs of one checkout are the same bytes', () => {
  const again = join(place, 'again')
  mkdirSync(again)
  expect(readFileSync(pack(ROOT, again).tarball).equals(readFileSync(packed.tarball))).toBe(true)
})

test('waits for a server that is there, and not for ever', async () => {
  const script = join(ROOT, 'scripts/action.mjs')
  const { url } = await use({ port: '0' })
  expect(await bash(`node '${script}' wait ${url}`, process.env)).toEqual({ status: 0, err: '' })
  expect(await bash(`node '${script}' wait http://127.0.0.1:1 1`, process.env)).toEqual({
    status: 1,
    err: 'http://127.0.0.1:1 does not answer after 1 s\n',
  })
})
