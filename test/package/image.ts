import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, posix } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What a Dockerfile makes, without an engine: each stage is a folder that stands for its file system. */

interface Instruction {
  readonly name: string
  readonly text: string
}

/** One stage, as its instructions left it. */
export interface Stage {
  readonly base: string
  readonly name: string | undefined
  /** The folder that is its `/`. */
  readonly root: string
  readonly environment: Record<string, string>
  workdir: string
  user: string
  entrypoint: readonly string[]
  healthcheck: readonly string[]
  readonly ports: string[]
}

/** The instructions, comments left out and continued lines joined. */
function parse(dockerfile: string): Instruction[] {
  const lines = dockerfile.split('\n').filter((line) => !/^\s*(#|$)/.test(line))
  const whole = lines.join('\n').replaceAll(/\\\n/g, ' ').split('\n')
  return whole.map((line) => {
    const [, name, text] = /^\s*([a-z]+)\s+(.*?)\s*$/i.exec(line) ?? []
    if (name === undefined || text === undefined) throw new Error(`no instruction: ${line}`)
    return { name: name.toUpperCase(), text }
  })
}

/** A command as a list: without a shell, signals reach the process itself. */
function list(text: string): string[] {
  const words: unknown = JSON.parse(text)
  if (!Array.isArray(words) || words.some((word) => typeof word !== 'string')) throw new Error(`no list: ${text}`)
  return words
}

/** Whether a path of the context is left out: the last pattern that holds for it or a folder above it decides. */
function ignoring(dockerignore: string) {
  const patterns = dockerignore
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const keeps = line.startsWith('!')
      const pattern = posix.normalize(keeps ? line.slice(1) : line).replaceAll(/^\/|\/$/g, '')
      const source = pattern
        .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll(/\*\*\/?|\*|\?/g, (wild) => (wild.startsWith('**') ? '(.*/)?' : wild === '*' ? '[^/]*' : '[^/]'))
      return { keeps, pattern, matches: new RegExp(`^${source}(/|$)`) }
    })
  return {
    leavesOut: (path: string) => patterns.findLast(({ matches }) => matches.test(path))?.keeps === false,
    mayKeepBelow: (path: string) =>
      patterns.some(({ keeps, pattern }) => keeps && (pattern.startsWith(`${path}/`) || pattern.includes('*'))),
  }
}

/** Copies what a build is sent of a folder. */
export function copyContext(from: string, to: string): void {
  const { leavesOut, mayKeepBelow } = ignoring(readFileSync(join(from, '.dockerignore'), 'utf8'))
  const visit = (folder: string) => {
    for (const entry of readdirSync(join(from, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name)
      if (entry.isDirectory()) {
        if (!leavesOut(path) || mayKeepBelow(path)) visit(path)
      } else if (!leavesOut(path)) {
        mkdirSync(join(to, folder), { recursive: true })
        cpSync(join(from, path), join(to, path))
      }
    }
  }
  visit('')
}

/** Carries a Dockerfile out on a context. @returns its stages, the image last */
export async function build(dockerfile: string, context: string, into: string): Promise<Stage[]> {
  const stages: Stage[] = []
  for (const { name, text } of parse(dockerfile)) {
    if (name === 'FROM') {
      const [, base, as] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(text)!
      const root = join(into, `stage-${stages.length}`)
      mkdirSync(root, { recursive: true })
      const empty = { environment: {}, workdir: '/', user: 'root', entrypoint: [], healthcheck: [], ports: [] }
      stages.push({ base: base!, name: as, root, ...empty })
    } else await carryOut({ name, text }, stages, context)
  }
  return stages
}

async function carryOut({ name, text }: Instruction, stages: readonly Stage[], context: string): Promise<void> {
  const stage = stages.at(-1)
  if (stage === undefined) throw new Error(`${name} before FROM`)
  switch (name) {
    case 'ENV':
      for (const [, key, value] of text.matchAll(/(\w+)=("[^"]*"|\S+)/g))
        stage.environment[key!] = value!.replaceAll('"', '')
      return
    case 'WORKDIR':
      stage.workdir = posix.resolve(stage.workdir, text)
      mkdirSync(join(stage.root, stage.workdir), { recursive: true })
      return
    case 'COPY':
      return copy(text, stage, stages, context)
    case 'RUN':
      await run('/bin/sh', ['-c', text], { cwd: join(stage.root, stage.workdir), env: buildEnvironment(stage) })
      return
    case 'USER':
      stage.user = text
      return
    case 'EXPOSE':
      stage.ports.push(...text.split(/\s+/))
      return
    case 'HEALTHCHECK':
      stage.healthcheck = list(/^(?:--\S+\s+)*CMD\s+(.*)$/.exec(text)?.[1] ?? 'null')
      return
    case 'ENTRYPOINT':
      stage.entrypoint = list(text)
      return
    default:
      throw new Error(`${name} is not known here`)
  }
}

function copy(text: string, stage: Stage, stages: readonly Stage[], context: string): void {
  const words = text.split(/\s+/)
  const flags = words.filter((word) => word.startsWith('--'))
  const paths = words.slice(flags.length)
  const from = flags.find((flag) => flag.startsWith('--from='))?.slice('--from='.length)
  const other = stages.find((candidate) => candidate.name === from)
  if (from !== undefined && other === undefined) throw new Error(`COPY ${text}: there is no stage ${from}`)
  const target = paths.pop()!
  const place = join(stage.root, posix.resolve(stage.workdir, target))
  if (paths.length > 1 && !target.endsWith('/')) throw new Error(`COPY ${text}: several into what is not a folder`)
  for (const source of paths) {
    const found = join(from === undefined ? context : other!.root, source)
    if (!existsSync(found)) throw new Error(`COPY ${text}: there is no ${source}`)
    // Of a folder its contents are copied, not itself.
    const into = statSync(found).isFile() && target.endsWith('/') ? join(place, basename(found)) : place
    cpSync(found, into, { recursive: true, verbatimSymlinks: true })
  }
}

/** The stage's own, with what npm needs to reach its cache and registry, and nothing of whoever runs the tests. */
function buildEnvironment(stage: Stage): Record<string, string> {
  const passed = Object.entries(process.env).filter(([name]) =>
    /^(HOME|npm_config_(cache|registry|userconfig)|NODE_EXTRA_CA_CERTS|(https?|no)_proxy)$/i.test(name),
  )
  return { ...Object.fromEntries(passed), PATH: path(), npm_config_prefer_offline: 'true', ...stage.environment }
}

/** Without the folders of commands that npm puts in front for a script of this package. */
const path = () =>
  (process.env.PATH ?? '')
    .split(':')
    .filter((folder) => !folder.includes('node_modules'))
    .join(':')

/** A command of a stage, and the environment that it starts in. */
export function commandOf(stage: Stage, words: readonly string[]) {
  const [file, ...argv] = words.map((word) => (posix.isAbsolute(word) ? join(stage.root, word) : word))
  return {
    file: file!,
    argv,
    cwd: join(stage.root, stage.workdir),
    env: { PATH: path(), ...stage.environment },
  }
}
