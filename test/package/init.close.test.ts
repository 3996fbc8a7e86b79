import { execFile, spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { newProject } from './project.js'

/** What `init` writes is run as it is, by the steps of the CI job that it writes, with the package from its tarball. */

const places: string[] = []
afterAll(() => {
  for (const place of places) rmSync(place, { recursive: true })
})

const depending = (...names: string[]) =>
  JSON.stringify({
    name: 'shop',
    devDependencies: Object.fromEntries(['wallet-sandbox', ...names].map((name) => [name, '*'])),
  })

/** A project with these files, and a `package.json` only where it is one of them. */
function projectOf(files: Readonly<Record<string, string>>): string {
  const project = newProject('module', files)
  places.push(project)
  if (!('package.json' in files)) rmSync(join(project, 'package.json'))
  return project
}

// A runner tells its children about itself, and plugins of whoever runs this are none of the example's.
const { VITEST, VITEST_WORKER_ID, NODE_TEST_CONTEXT, ...env } = process.env
const environment = { ...env, PYTEST_DISABLE_PLUGIN_AUTOLOAD: '1' }

const run = async (project: string, command: string) => {
  const done = await promisify(execFile)('sh', ['-c', command], { cwd: project, env: environment }).catch(
    (failed) => failed as { code: number; stdout: string; stderr: string },
  )
  return { status: 'code' in done ? done.code : 0, out: done.stdout + done.stderr }
}

const init = (project: string) => run(project, 'node_modules/.bin/wallet-sandbox init')

/** The steps of a job that are not the installation of what a test has. */
const steps = (job: { steps?: { run?: string }[]; script?: string[] }) =>
  (job.script ?? job.steps!.flatMap(({ run: step }) => step ?? [])).filter(
    (step) => !/apt-get|^npm |^corepack/.test(step),
  )

const GITHUB = { '.github/CODEOWNERS': '* @shop\n' }
const GITLAB = { '.gitlab-ci.yml': 'include: { local: .gitlab/wallet-sandbox.yml }\n' }
const COMMON = ['sandbox/fixtures.json', 'sandbox/third-refresh-fails.json']

interface Project {
  readonly files: Readonly<Record<string, string>>
  readonly written: readonly string[]
  readonly commands: readonly string[]
  readonly passes: RegExp
  readonly needs?: string
}

const PROJECTS: Readonly<Record<string, Project>> = {
  vitest: {
    files: { 'package.json': depending('vitest'), ...GITHUB },
    written: [...COMMON, 'sandbox/third-refresh.test.mjs'],
    commands: ['npx vitest run sandbox'],
    passes: /Tests .*1 passed/,
  },
  jest: {
    files: { 'package.json': depending('jest'), ...GITLAB, 'test/old.txt': '' },
    written: [...COMMON, 'sandbox/third-refresh.test.cjs'].map((name) => `test/${name}`),
    commands: ['npx jest test/sandbox'],
    passes: /Tests: +1 passed/,
  },
  pytest: {
    files: { 'package.json': depending(), 'pyproject.toml': '', ...GITHUB },
    written: [...COMMON, 'sandbox/conftest.py', 'sandbox/test_third_refresh.py'],
    commands: ['python3 -m pytest sandbox'],
    passes: /1 passed/,
    needs: 'pytest',
  },
  'GitHub alone': {
    files: { ...GITHUB },
    written: [...COMMON, 'sandbox/third-refresh.test.mjs'],
    commands: ['node --test sandbox/*.test.mjs'],
    passes: /pass 1$/m,
  },
  nothing: {
    files: {},
    written: [...COMMON, 'sandbox/third-refresh.test.mjs'],
    commands: ['node --test sandbox/*.test.mjs'],
    passes: /pass 1$/m,
  },
}

const CI_FILES = ['.github/workflows/wallet-sandbox.yml', '.gitlab/wallet-sandbox.yml']

describe.each(Object.entries(PROJECTS))('a project with %s', (_, { files, written, commands, passes, needs }) => {
  const lacks = needs !== undefined && spawnSync('python3', ['-c', `import ${needs}`]).status !== 0

  test.skipIf(lacks)('is set up, runs green, and keeps its files the second time', async () => {
    const project = projectOf(files)
    const { status, out } = await init(project)
    const lines = out.trimEnd().split('\n')
    const ci = CI_FILES.filter((_, i) => [GITHUB, GITLAB].some((sign, j) => i === j && Object.keys(sign)[0]! in files))
    expect(status).toBe(0)
    expect(lines.filter((line) => line.startsWith('wrote ')).map((line) => line.slice(6))).toEqual([...written, ...ci])
    expect(lines).toContain('added wallet-sandbox-capsules/ to .gitignore')
    expect(lines.filter((line) => line.startsWith('run: ')).map((line) => line.slice(5))).toEqual(commands)
    expect(readFileSync(join(project, '.gitignore'), 'utf8')).toBe('wallet-sandbox-capsules/\n')

    const jobs = ci.map((file) => parse(readFileSync(join(project, file), 'utf8')))
    const inJobs = jobs.flatMap((job) => steps(job.jobs?.test ?? job['wallet-sandbox']))
    expect(inJobs).toEqual(ci.length === 0 ? [] : commands)
    const validated = await run(project, `node_modules/.bin/wallet-sandbox validate ${written.slice(0, 2).join(' ')}`)
    expect(validated).toMatchObject({ status: 0 })
    for (const command of commands) {
      const { status, out } = await run(project, command)
      expect([status, out]).toEqual([0, expect.stringMatching(passes)])
    }

    const texts = () => [...written, ...ci, '.gitignore'].map((file) => readFileSync(join(project, file), 'utf8'))
    writeFileSync(join(project, written[0]!), 'mine')
    const before = texts()
    const again = await init(project)
    expect(again.out).not.toContain('wrote ')
    expect(again.out).toContain(`kept ${written[0]}, which is there already`)
    expect(texts()).toEqual(before)
  })
})

test('the schemas that the files name are there, from wherever they were written', async () => {
  const project = projectOf({ 'apps/shop/tests/old.txt': '' })
  await run(project, 'node_modules/.bin/wallet-sandbox init apps/shop')
  for (const name of ['fixtures.json', 'third-refresh-fails.json']) {
    const folder = join(project, 'apps/shop/tests/sandbox')
    const { $schema } = JSON.parse(readFileSync(join(folder, name), 'utf8'))
    expect(JSON.parse(readFileSync(join(folder, $schema), 'utf8'))).toHaveProperty('properties')
  }
})

test('what cannot be written is one sentence', async () => {
  const project = projectOf({ taken: '', '.github/workflows': '' })
  expect(await run(project, 'node_modules/.bin/wallet-sandbox init taken')).toEqual({
    status: 2,
    out: expect.stringMatching(
      /^wallet-sandbox: init: taken\/sandbox.*: it is not a folder; allowed: a folder that .*\n$/,
    ),
  })
  expect(await run(project, 'node_modules/.bin/wallet-sandbox init a b')).toEqual({
    status: 2,
    out: 'wallet-sandbox: init takes one folder, but "b" is given as well; allowed: init [DIR]\n',
  })
})
