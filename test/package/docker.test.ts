import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SETTINGS } from '../../src/config.js'
import { ROOT } from '../build.js'
import { command, type Environment, serve } from '../spawn.js'

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

interface Instruction {
  readonly name: string
  readonly text: string
}

/** The instructions of each stage, comments left out. */
const stages: Instruction[][] = []
for (const line of read('Dockerfile').split('\n')) {
  const [, name, text] = /^([A-Z]+) (.*)$/.exec(line) ?? []
  if (name === undefined || text === undefined) continue
  if (name === 'FROM') stages.push([])
  stages.at(-1)!.push({ name, text })
}
const [build, image] = stages as [Instruction[], Instruction[]]

const texts = (stage: Instruction[], name: string) =>
  stage.filter((instruction) => instruction.name === name).map(({ text }) => text)
const one = (stage: Instruction[], name: string) => {
  const found = texts(stage, name)
  expect(found, name).toHaveLength(1)
  return found[0]!
}
/** The list that an instruction in exec form holds. */
const list = (text: string): string[] => JSON.parse(text.slice(text.indexOf('[')))

/** What is copied where: from the context, or from the other stage. */
const copies = (stage: Instruction[]) =>
  texts(stage, 'COPY').map((text) => {
    const words = text.split(' ')
    const from = words[0]!.startsWith('--from=') ? words.shift()!.slice('--from='.length) : undefined
    return { from, sources: words.slice(0, -1), target: words.at(-1)! }
  })

const environment: Environment = Object.fromEntries(
  texts(image, 'ENV').map((text) => text.split(/=(.*)/s).slice(0, 2) as [string, string]),
)
const home = one(image, 'WORKDIR')

/** The package as it is published, unpacked, with nothing but its production dependencies beside it. */
let folder: string
let installed: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'packed-'))
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder]
  const tarball = execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n').at(-1)!
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', folder])
  installed = join(folder, 'package')
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { dev?: true }> }
  for (const [path, { dev }] of Object.entries(packages)) {
    // A nested one comes with the package it is nested in.
    if (path === '' || dev || path.lastIndexOf('node_modules/') > 0) continue
    mkdirSync(dirname(join(installed, path)), { recursive: true })
    symlinkSync(join(ROOT, path), join(installed, path))
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A path of the image, in the packed install. */
const here = (path: string) => join(installed, posix.relative(home, posix.resolve(home, path)))

describe('the Dockerfile', () => {
  test('has two stages on one pinned long-term release', () => {
    expect(stages).toHaveLength(2)
    const bases = stages.map((stage) => one(stage, 'FROM').split(' ')[0])
    expect(bases[0]).toMatch(/^node:(20|22|24|26)\.\d+\.\d+-(slim|alpine)$/)
    expect(bases[1]).toBe(bases[0])
    expect(one(build, 'FROM')).toMatch(/ AS build$/)
  })

  test('runs as another user than root, and opens the default port to the outside', () => {
    expect(one(image, 'USER')).toBe('node')
    expect(image.at(-1)!.name).toBe('ENTRYPOINT')
    expect(one(image, 'EXPOSE')).toBe(SETTINGS.port.fallback)
    expect(environment.WALLET_SANDBOX_HOST).toBe('0.0.0.0')
  })

  test('builds as npm ci does, and leaves production dependencies', () => {
    expect(one(build, 'RUN').split(' && ')).toEqual(['npm ci', 'npm ci --omit=dev --ignore-scripts'])
    expect(JSON.parse(read('package.json')).scripts.prepare).toBe('npm run build')
  })

  test('copies what there is and what the context lets through', () => {
    const kept = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
    for (const { from, sources, target } of [...copies(build), ...copies(image)])
      for (const source of sources) {
        const path = from === undefined ? source : posix.relative(one(build, 'WORKDIR'), source)
        expect(existsSync(join(ROOT, path)), source).toBe(true)
        if (from === undefined) expect(kept).toContain(`!${source}`)
        else expect(from).toBe('build')
        expect(target).toBe(sources.length > 1 || posix.extname(path) !== '' ? './' : `./${path}`)
      }
  })

  test('copies everything the package runs on', () => {
    const copied = copies(image).flatMap(({ sources }) => sources.map((source) => posix.basename(source)))
    const { files } = JSON.parse(read('package.json')) as { files: string[] }
    expect(copied).toEqual(expect.arrayContaining(files.filter((file) => !file.endsWith('.md'))))
    for (const name of copied) expect(existsSync(here(name)), name).toBe(true)
  })

  test('starts, is healthy, and stops on SIGTERM, in a packed install', async () => {
    const [node, bin, ...argv] = list(one(image, 'ENTRYPOINT'))
    const [again, checker, ...check] = list(one(image, 'HEALTHCHECK').split(' CMD ')[1]!)
    expect([node, again]).toEqual(['node', 'node'])
    const server = serve(argv, environment, here(bin!))
    const url = new URL(await server.url())
    expect(url.hostname).toBe('0.0.0.0')
    const health = () => command(check, { ...environment, WALLET_SANDBOX_PORT: url.port }, here(checker!))
    expect(await health()).toMatchObject({ status: 0, err: '' })
    expect((await server.stop()).status).toBe(0)
    expect((await health()).status).toBe(1)
  })
})

test('every command works in a packed install', async () => {
  const bin = join(installed, JSON.parse(read('package.json')).bin['wallet-sandbox'])
  const generated = await command(['generate', '--customers', '1'], {}, bin)
  expect(JSON.parse(generated.out).merchants).toHaveLength(1)
  expect(await command(['validate', join(installed, 'fixtures/published.json')], {}, bin)).toMatchObject({ status: 0 })
})
