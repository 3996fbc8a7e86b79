import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from '../build.js'
import { BIN } from '../spawn.js'

/** Sandboxes in processes of their own, and the balancers of the documentation in front of them. */

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  return servers.map((server) => {
    const { port } = server.address() as { port: number }
    server.close()
    return port
  })
}

async function answering(url: string): Promise<void> {
  for (let left = 300; ; left--) {
    const healthy = await fetch(`${url}/_sandbox/health`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (healthy) return
    if (left === 0) throw new Error(`${url} does not answer`)
    await sleep(100)
  }
}

/** One sandbox that comes back at the port it had. */
export class Replica {
  readonly port: number
  readonly url: string
  readonly #flags: readonly string[]
  #child: ChildProcess | undefined

  constructor(port: number, flags: readonly string[]) {
    this.port = port
    this.url = `http://127.0.0.1:${port}`
    this.#flags = flags
  }

  async start(): Promise<void> {
    const argv = [BIN, '--port', String(this.port), '--log', 'silent', ...this.#flags]
    this.#child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'inherit'] })
    await answering(this.url)
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  async end(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }
}

/** @param flagsOf the flags of the `n`-th */
export async function replicas(count: number, flagsOf: (n: number) => readonly string[]): Promise<Replica[]> {
  const all = (await freePorts(count)).map((port, n) => new Replica(port, flagsOf(n)))
  await Promise.all(all.map((replica) => replica.start()))
  return all
}

export const BALANCERS = ['nginx', 'haproxy'] as const
export type BalancerName = (typeof BALANCERS)[number]

export const isHere = (program: string) => spawnSync(program, ['-v']).error === undefined

export interface Balancer {
  readonly url: string
  readonly pid: number
  end(): Promise<void>
}

const example = (name: string) => readFileSync(join(ROOT, 'docs/examples', name), 'utf8')

/** What keeps nginx to a folder, where it may be another user than root. */
const OWN_FILES = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path tmp_${of};`)

/** nginx with the configuration of the documentation. @param edit changes it further */
function nginx(port: number, sandboxes: readonly number[], edit: (text: string) => string) {
  const place = mkdtempSync(join(tmpdir(), 'nginx-'))
  const listed = sandboxes.map((own) => `server 127.0.0.1:${own} max_fails=0;`).join('\n')
  const text = example('nginx.conf')
    .replace(/(\s*server 127\.0\.0\.1:\d+ max_fails=0;)+/, `\n${listed}`)
    .replace('listen 8080;', `listen 127.0.0.1:${port};`)
    .replace('http {', `http {\n${OWN_FILES.join('\n')}`)
  const file = join(place, 'nginx.conf')
  writeFileSync(file, edit(text))
  return ['-p', place, '-e', 'stderr', '-c', file, '-g', 'daemon off; pid nginx.pid;']
}

/** One of the documentation's balancers, in front of sandboxes. */
export async function balance(
  name: BalancerName,
  sandboxes: readonly { readonly port: number }[],
  edit: (text: string) => string = (text) => text,
): Promise<Balancer> {
  const [port] = (await freePorts(1)) as [number]
  const ports = sandboxes.map((sandbox) => sandbox.port)
  const argv = name === 'nginx' ? nginx(port, ports, edit) : ['-f', join(ROOT, 'docs/examples/haproxy.cfg'), '-db']
  const named = Object.fromEntries(ports.map((own, n) => [`SANDBOX_${n}`, `127.0.0.1:${own}`]))
  const env = { ...process.env, ...named, LISTEN: `127.0.0.1:${port}` }
  const child = spawn(name, argv, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (piece) => {
    said += piece
  })
  const url = `http://127.0.0.1:${port}`
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${name}: ${said}`)
  })
  ended.catch(() => {})
  await Promise.race([answering(url), ended])
  return {
    url,
    pid: child.pid!,
    async end() {
      // nginx lets what is under way finish for SIGQUIT alone.
      child.kill('SIGTERM')
      await ended.catch(() => {})
    },
  }
}
