import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** The servers that are compared, each in a process of its own, and the body they all answer with. */

const here = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** The published List sample, as the wire has it. */
const sample = readFileSync(here('../samples/juspay-list-wallets.json'), 'utf8')
export const BODY = JSON.stringify(JSON.parse(sample))

export interface Target {
  readonly name: string
  readonly command: string
  readonly argv: readonly string[]
  readonly port: number
  readonly path: string
  /** Of its first answer; 200 where it is left out. */
  readonly status?: number
}

export interface Running extends Target {
  readonly child: ChildProcess
  readonly url: string
}

export const LIST = '/customers/guest_user/wallets'
export const HEADERS = { authorization: `Basic ${btoa('acme_test_key:')}`, 'x-routing-id': 'guest_user' }

const node = (name: string, port: number, ...argv: string[]): Target => ({
  name,
  command: process.execPath,
  argv,
  port,
  path: LIST,
})

export const sandbox = (port: number, ...flags: string[]): Target =>
  node(
    'wallet-sandbox',
    port,
    here('../../dist/bin.js'),
    '--port',
    String(port),
    '--scenario',
    'instant',
    '--log',
    'silent',
    ...flags,
  )

export const bareHttp = (port: number) => node('node:http', port, here('./bare-http.mjs'), String(port), BODY)

/** @param answer what it sends as it is: body, status and headers; left out, it prints the List anew for each call */
export function bareHono(port: number, ...answer: [] | [body: string, status: number, headers: object]): Target {
  const [body = BODY, ...rest] = answer.map((part) => (typeof part === 'object' ? JSON.stringify(part) : String(part)))
  return { ...node('hono', port, here('./bare-hono.mjs'), String(port), body, ...rest), status: answer[1] ?? 200 }
}

/** Generic mock servers that serve the same body; those that are not installed are left out. */
export function mockServers(firstPort: number): Target[] {
  const folder = mkdtempSync(join(tmpdir(), 'wallet-sandbox-bench-'))
  const bin = (name: string) => here(`./node_modules/.bin/${name}`)
  const write = (name: string, value: unknown) => {
    const file = join(folder, name)
    writeFileSync(file, JSON.stringify(value))
    return file
  }
  const body = JSON.parse(BODY)
  const { merchants } = JSON.parse(readFileSync(here('../../fixtures/published.json'), 'utf8'))
  const [jsonServer, prism, mockoon, wiremock] = [0, 1, 2, 3].map((i) => firstPort + i) as [
    number,
    number,
    number,
    number,
  ]
  const openapi = {
    openapi: '3.0.3',
    info: { title: 'wallets', version: '1' },
    paths: {
      [LIST]: {
        get: { responses: { 200: { description: 'ok', content: { 'application/json': { example: body } } } } },
      },
    },
  }
  const route = {
    uuid: '6a2a5833-609d-4dff-a4e6-0eaf452d7826',
    type: 'http',
    method: 'get',
    endpoint: LIST.slice(1),
    responses: [
      {
        uuid: '55a76a42-ed3a-4d0b-b74c-2887d64612f6',
        body: BODY,
        statusCode: 200,
        default: true,
        headers: [{ key: 'Content-Type', value: 'application/json' }],
        rules: [],
      },
    ],
  }
  const environment = {
    uuid: '3d2e3f3e-3b3c-4907-a4fd-e241203440d7',
    lastMigration: 33,
    name: 'wallets',
    port: mockoon,
    hostname: '127.0.0.1',
    routes: [route],
  }
  mkdirSync(join(folder, 'mappings'))
  write('mappings/list.json', {
    request: { method: 'GET', url: LIST },
    response: { status: 200, body: BODY, headers: { 'Content-Type': 'application/json' } },
  })
  const all: Target[] = [
    {
      name: 'json-server',
      command: bin('json-server'),
      argv: [
        '--quiet',
        '--host',
        '127.0.0.1',
        '--port',
        String(jsonServer),
        write('db.json', { list: body, merchants }),
      ],
      port: jsonServer,
      path: '/list',
    },
    {
      name: 'prism',
      command: bin('prism'),
      argv: [
        'mock',
        '-h',
        '127.0.0.1',
        '-p',
        String(prism),
        '--verboseLevel',
        'silent',
        write('openapi.json', openapi),
      ],
      port: prism,
      path: LIST,
    },
    {
      name: 'mockoon',
      command: bin('mockoon-cli'),
      argv: ['start', '--disable-log-to-file', '--data', write('mockoon.json', environment)],
      port: mockoon,
      path: LIST,
    },
    ...wiremockTarget(wiremock, folder),
  ]
  return all.filter(({ command }) => !command.startsWith(here('.')) || existsSync(command))
}

/** WireMock's own jar, where there is a Java to run it. */
function wiremockTarget(port: number, folder: string): Target[] {
  const build = here('./node_modules/wiremock/build')
  const jar = existsSync(build) ? readdirSync(build).find((file) => file.endsWith('.jar')) : undefined
  if (jar === undefined || spawnSync('java', ['-version']).status !== 0) return []
  const argv = [
    '-jar',
    join(build, jar),
    '--port',
    String(port),
    '--root-dir',
    folder,
    '--no-request-journal',
    '--disable-banner',
  ]
  return [{ name: 'wiremock', command: 'java', argv, port, path: LIST }]
}

/** Starts a target and waits for its first answer. */
export async function run(target: Target): Promise<Running & { startMs: number }> {
  const start = performance.now()
  const child = spawn(target.command, target.argv, { stdio: 'ignore' })
  const url = `http://127.0.0.1:${target.port}`
  for (;;) {
    const response = await fetch(url + target.path, { headers: HEADERS }).catch(() => undefined)
    if (response?.status === (target.status ?? 200)) {
      await response.text()
      return { ...target, child, url, startMs: performance.now() - start }
    }
    if (child.exitCode !== null || performance.now() - start > 60_000) throw new Error(`${target.name} does not answer`)
    await sleep(5)
  }
}

export async function stop({ child }: Running): Promise<void> {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

export interface Load {
  readonly path?: string
  readonly method?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly connections?: number
  readonly seconds?: number
  readonly amount?: number
}

/** Requests per second that a load from another process gets answered; every answer must be one of `expected`. */
export async function load(
  target: Running,
  { path, method = 'GET', body, headers = HEADERS, connections = 32, seconds = 2, amount }: Load,
  expected = '2xx',
): Promise<number> {
  const argv = [
    '-j',
    '-c',
    String(connections),
    '-m',
    method,
    ...(amount ? ['-a', String(amount)] : ['-d', String(seconds)]),
  ]
  for (const [name, value] of Object.entries(headers)) argv.push('-H', `${name}=${value}`)
  if (body !== undefined) argv.push('-b', body)
  const child = spawn(here('./node_modules/.bin/autocannon'), [...argv, target.url + (path ?? target.path)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  await once(child, 'close')
  const result = JSON.parse(text) as Record<string, number> & { requests: { total: number }; duration: number }
  if (result[expected] !== result.requests.total)
    throw new Error(`${target.name} answered other than ${expected}: ${text}`)
  return result.requests.total / result.duration
}

const ROUNDS = 5

/** Two rates measured in turn, so that what else the machine does falls on both: their medians, and that of their ratios. */
export async function inTurn(one: () => Promise<number>, other: () => Promise<number>, rounds = ROUNDS) {
  const ones: number[] = []
  const others: number[] = []
  for (let round = 0; round < rounds; round++) {
    ones.push(await one())
    others.push(await other())
  }
  return { first: median(ones), second: median(others), ratio: medianRatio(ones, others) }
}

/** The median of what the ratios were round by round. */
export const medianRatio = (ones: readonly number[], others: readonly number[]) =>
  median(ones.map((one, round) => one / others[round]!))

export const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Resident memory of a process, in MB. */
export function residentMb({ child }: Running): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024
}
