import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { SETTINGS, type SettingName, variableOf } from '../../src/config.js'
import { ROOT } from '../build.js'
import { blocks, PAGES, read } from './pages.js'

/**
 * Runs the console blocks of every page as a reader would, one after the other in one folder, and compares what is printed.
 * Blocks of JSON that have a name are the files in that folder.
 */

const run = promisify(execFile)
const BIN = join(ROOT, 'dist/bin.js')
const PORT = '8080'

const folder = mkdtempSync(join(tmpdir(), 'wallet-sandbox-docs-'))
afterAll(() => rmSync(folder, { recursive: true }))

mkdirSync(join(folder, 'bin'))
mkdirSync(join(folder, 'node_modules'))
symlinkSync(ROOT, join(folder, 'node_modules/wallet-sandbox'))
writeFileSync(join(folder, 'bin/wallet-sandbox'), `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@" 2>&1\n`)
writeFileSync(join(folder, 'bin/npx'), '#!/bin/sh\nexec "$@"\n')
for (const name of ['wallet-sandbox', 'npx']) chmodSync(join(folder, 'bin', name), 0o755)

/** Without the settings of whoever runs the tests, and with the command. */
const ENVIRONMENT = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('WALLET_SANDBOX_'))),
  PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
}

/** The first lines that a stream brings. */
async function linesOf(stream: Readable, count: number): Promise<string[]> {
  const lines: string[] = []
  for await (const line of createInterface(stream)) if (lines.push(line) === count) break
  return lines
}

/** A shell in a folder, and the server that was started in it last. */
class Terminal {
  readonly #cwd: string
  #server: ChildProcess | undefined
  /** The port of the server, in place of the one that the pages show. */
  #port = PORT

  constructor(name: string) {
    this.#cwd = join(folder, name)
    mkdirSync(this.#cwd, { recursive: true })
  }

  save(name: string, content: string): void {
    writeFileSync(join(this.#cwd, name), content)
  }

  async type(command: string): Promise<string> {
    if (/^(npx )?wallet-sandbox( --| open |$)/.test(command)) return this.start(command)
    if (command.startsWith('curl ') && this.#server === undefined) await this.start('wallet-sandbox --latency virtual')
    const text = command.replace(/^curl /, 'curl --silent --show-error ').replaceAll(`:${PORT}`, `:${this.#port}`)
    // What finds something exits with 1.
    const { stdout } = await run('sh', ['-c', text], { cwd: this.#cwd, env: ENVIRONMENT }).catch((failure) => {
      if (failure.code === 1) return failure as { stdout: string }
      throw failure
    })
    return this.#shown(stdout)
  }

  /** Starts a server in place of the one before, and gives the first line that it prints. */
  async start(command: string): Promise<string> {
    await this.close()
    const [, ...flags] = command.replace(/^npx /, '').split(' ')
    const child = spawn(process.execPath, [BIN, ...flags, '--port', '0', '--log', 'silent'], {
      cwd: this.#cwd,
      env: ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const first = (stream: Readable) => once(createInterface(stream), 'line') as Promise<[string]>
    const lines = flags[0] === 'open' ? linesOf(child.stdout, 4) : first(child.stdout)
    const line = (await Promise.race([lines, first(child.stderr)])).join('\n')
    this.#port = /listening on .*:(\d+)$/m.exec(line)?.[1] ?? PORT
    if (this.#port !== PORT) this.#server = child
    return this.#shown(line)
  }

  #shown(text: string): string {
    return text.replaceAll('\r', '').replaceAll(`:${this.#port}`, `:${PORT}`).trimEnd()
  }

  async close(): Promise<void> {
    const child = this.#server
    if (child === undefined) return
    this.#server = undefined
    child.kill()
    await once(child, 'exit')
  }
}

/** What is shown, as a pattern: … stands for anything within a line. */
const pattern = (shown: string) =>
  new RegExp(`^${shown.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.*')}$`)

interface Step {
  readonly command: string
  readonly shown: string
}

/** The commands of a console block, each with what is shown below it. */
const stepsOf = (code: string): Step[] =>
  code
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command, ...output] = part.trimEnd().split('\n')
      return { command: command!, shown: output.join('\n').trimEnd() }
    })

/** Headers differ in their order, so of an answer with headers each line that is shown has to be there. */
function check({ command, shown }: Step, printed: string): void {
  if (/ -i /.test(command)) {
    const lines = printed.split('\n')
    for (const line of shown.split('\n'))
      expect(lines, `${command}\n${line}`).toContainEqual(expect.stringMatching(pattern(line)))
  } else if (shown !== '') expect(printed, command).toMatch(pattern(shown))
}

const consolesOf = (page: string) => blocks(read(page)).filter(({ language }) => language === 'console')

test.each(PAGES.filter((page) => consolesOf(page).length > 0))(
  'the commands of %s print what it shows',
  async (page) => {
    const terminal = new Terminal(page.replaceAll('/', '-'))
    try {
      for (const { name, code } of blocks(read(page))) if (name !== '') terminal.save(name, code)
      for (const { code } of consolesOf(page))
        for (const step of stepsOf(code)) check(step, await terminal.type(step.command))
    } finally {
      await terminal.close()
    }
  },
)

test('there are commands on these pages', () => {
  const counts = PAGES.map((page) => [page, consolesOf(page).flatMap(({ code }) => stepsOf(code)).length] as const)
  expect(Object.fromEntries(counts.filter(([, count]) => count > 0))).toMatchObject({
    'README.md': 5,
    'docs/configuration.md': 7,
    'docs/control-api.md': 14,
    'docs/fixtures.md': 7,
    'docs/scenarios.md': 5,
    'docs/how-do-i.md': 15,
    'docs/state.md': 3,
    'docs/tutorial.md': 12,
    'skills/wallet-sandbox/SKILL.md': 11,
  })
})

const pagesText = PAGES.map(read).join('\n')

test('every variable that a page names exists', () => {
  const ofClients = ['KEY', 'BIN', 'CAPSULES'].map((name) => `WALLET_SANDBOX_${name}`)
  const known = [...(Object.keys(SETTINGS) as SettingName[]).map(variableOf), ...ofClients]
  const named = new Set(Array.from(pagesText.matchAll(/WALLET_SANDBOX_[A-Z_]*[A-Z]\b/g), ([name]) => name))
  expect(named.size).toBeGreaterThan(10)
  expect([...named].filter((name) => !known.includes(name))).toEqual([])
})

test('every flag that a page names exists', async () => {
  const { stdout } = await run(process.execPath, [BIN, '--help'])
  const named = new Set([
    ...Array.from(pagesText.matchAll(/`(--[a-z][\w-]*)/g), ([, flag]) => flag!),
    ...Array.from(pagesText.matchAll(/wallet-sandbox[^\n`#]*/g), ([line]) => line.match(/ --[a-z][\w-]*/g) ?? [])
      .flat()
      .map((flag) => flag.trim()),
  ])
  expect([...named].filter((flag) => !stdout.includes(flag) && !OF_OTHERS.includes(flag))).toEqual([])
})

/** Flags of git, docker, Node and others. */
const OF_OTHERS = [
  '--perf-basic-prof',
  '--trace-gc-nvp',
  '--no-allocation-site-pretenuring',
  '--interpreted-frames-native-stack',
  '--volume',
]
