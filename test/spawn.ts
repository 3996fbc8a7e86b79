import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { buildSync } from 'esbuild'
import { main } from '../src/cli/main.js'
import { ROOT } from './build.js'

/** The built command. */
export const BIN = join(ROOT, 'dist/bin.js')

export type Environment = Readonly<Record<string, string>>

/** The environment less the settings that whoever runs the tests may have in it. */
const clean = () => Object.entries(process.env).filter(([name]) => !name.startsWith('WALLET_SANDBOX_'))

const environmentOf = (own: Environment) => ({ ...Object.fromEntries(clean()), ...own })

/** A program of the tests as one file, which starts much faster than its sources do. */
export function bundled(source: string): string {
  const outfile = join(ROOT, 'node_modules/.cache', `${basename(source, '.ts')}.mjs`)
  buildSync({ entryPoints: [source], outfile, bundle: true, packages: 'external', platform: 'node', format: 'esm' })
  return outfile
}

/** Runs the command to its end in this process, where signals, pipes, variables and the end of a process are not the point. */
export async function commandHere(argv: readonly string[]) {
  const written = { out: '', err: '' }
  const write = (stream: keyof typeof written) => (line: string) => {
    written[stream] += `${line}\n`
  }
  const status = await main(argv, { out: write('out'), err: write('err'), isTerminal: false })
  return { status, ...written }
}

/** Runs the command to its end. */
export function command(argv: readonly string[], environment: Environment = {}, bin = BIN) {
  return new Promise<{ status: number; out: string; err: string }>((resolve) => {
    const options = { env: environmentOf(environment), maxBuffer: 1e8 }
    const child = execFile(process.execPath, [bin, ...argv], options, (_, out, err) =>
      resolve({ status: child.exitCode ?? -1, out, err }),
    )
  })
}

class Served {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly lines: string[] = []
  err = ''
  readonly #first: Promise<string>

  constructor(argv: readonly string[], environment: Environment, bin: string) {
    this.child = spawn(process.execPath, [bin, ...argv], {
      env: environmentOf(environment),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child.stderr.on('data', (chunk) => {
      this.err += chunk
    })
    const reader = createInterface(this.child.stdout)
    reader.on('line', (line) => this.lines.push(line))
    this.#first = Promise.race([
      once(reader, 'line').then(([line]) => line as string),
      once(this.child, 'exit').then(([status]) => Promise.reject(new Error(`exit ${status}: ${this.err}`))),
    ])
    this.#first.catch(() => {})
  }

  /** Where it listens, from the first line it wrote. */
  async url(): Promise<string> {
    const url = /^wallet-sandbox listening on (http:\/\/\S+)$/.exec(await this.#first)?.[1]
    if (url === undefined) throw new Error(`first line: ${this.lines[0]}`)
    return url
  }

  /** Signals it, and resolves to its exit status and the ms it took. */
  async stop(signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<{ status: number | null; ms: number }> {
    const start = performance.now()
    const ended = once(this.child, 'exit')
    this.child.kill(signal)
    const [status] = await ended
    return { status, ms: performance.now() - start }
  }
}

/** Starts the command as a server on a free port. */
export const serve = (argv: readonly string[] = [], environment: Environment = {}, bin = BIN) =>
  new Served(['--port', '0', ...argv], environment, bin)
