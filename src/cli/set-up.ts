import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { InputError } from '../lib/errors.js'
import { inPackage, plainReason, readJson } from '../lib/files.js'
import { makeFolder } from '../lib/folders.js'

/** What `init` writes: copies of files in `docs/examples/`, chosen by what is in a project. */

const TEMPLATES = 'docs/examples'

/** Of each runner its files, with their templates, and the command that runs the tests in a folder. */
const RUNNERS = {
  vitest: {
    files: { 'third-refresh.test.mjs': 'init/third-refresh.vitest.mjs' },
    command: (folder: string) => `npx vitest run ${folder}`,
  },
  // A .cjs file is CommonJS whatever the project is, and no transform touches it.
  jest: {
    files: { 'third-refresh.test.cjs': 'init/third-refresh.jest.cjs' },
    command: (folder: string) => `npx jest ${folder}`,
  },
  node: {
    files: { 'third-refresh.test.mjs': 'init/third-refresh.node.mjs' },
    command: (folder: string) => `node --test ${folder}/*.test.mjs`,
  },
  pytest: {
    files: { 'conftest.py': 'conftest.py', 'test_third_refresh.py': 'init/test_third_refresh.py' },
    command: (folder: string) => `python3 -m pytest ${folder}`,
  },
}
type Runner = (typeof RUNNERS)[keyof typeof RUNNERS]

const COMMON = {
  'fixtures.json': 'init/fixtures.json',
  'third-refresh-fails.json': 'init/third-refresh-fails.json',
}

/** Of each CI service what is there in a project that uses it, and what precedes a command that only root may run. */
const CIS = [
  {
    sign: '.github',
    file: '.github/workflows/wallet-sandbox.yml',
    template: 'init/github.yml',
    asRoot: 'sudo ',
  },
  {
    sign: '.gitlab-ci.yml',
    file: '.gitlab/wallet-sandbox.yml',
    template: 'init/gitlab.yml',
    asRoot: '',
    note: 'add to .gitlab-ci.yml: include: { local: .gitlab/wallet-sandbox.yml }',
  },
]

const INSTALLS: Readonly<Record<string, string>> = {
  'pnpm-lock.yaml': 'corepack enable && pnpm install --frozen-lockfile',
  'yarn.lock': 'corepack enable && yarn install --immutable',
  'package-lock.json': 'npm ci',
}

const CAPSULES = 'wallet-sandbox-capsules/'

/** Leaves every file that is there as it is. @returns a line for each file, and what is left to do @throws InputError */
export function setUp(project: string): string[] {
  const has = (path: string) => existsSync(join(project, path))
  const dependencies = dependenciesOf(project)
  const runners = runnersOf(has, dependencies)
  const home = ['tests', 'test'].find(has)
  const folder = home === undefined ? 'sandbox' : `${home}/sandbox`
  const commands = runners.map(({ command }) => command(folder))
  const schemas = relative(join(project, folder), modulesOf(project)).replaceAll(sep, '/')
  const copies = [COMMON, ...runners.map(({ files }) => files)].flatMap((files) => Object.entries(files))
  const lines = copies.map(([name, template]) =>
    write(project, `${folder}/${name}`, templateOf(template).replace('../node_modules', schemas)),
  )
  const cis = CIS.filter(({ sign }) => has(sign))
  for (const { file, template, asRoot, note } of cis) {
    const steps = [installOf(has), ...pythonSteps(runners, asRoot), ...commands]
    lines.push(write(project, file, jobOf(template, steps)))
    if (note !== undefined) lines.push(note)
  }
  lines.push(ignoreCapsules(project))
  if (cis.length === 0) lines.push(`no CI job, as there is no ${CIS.map(({ sign }) => sign).join(' and no ')}`)
  if (!dependencies.has('wallet-sandbox'))
    lines.push('add wallet-sandbox to package.json: npm i -D, and its tarball or Git address')
  return [...lines, ...commands.map((command) => `run: ${command}`)]
}

function dependenciesOf(project: string): ReadonlySet<string> {
  const file = join(project, 'package.json')
  if (!existsSync(file)) return new Set()
  const { dependencies, devDependencies } = (readJson(file) ?? {}) as Record<string, object | undefined>
  return new Set([dependencies, devDependencies].flatMap((given) => Object.keys(given ?? {})))
}

function runnersOf(has: (path: string) => boolean, dependencies: ReadonlySet<string>): readonly Runner[] {
  const python = has('pyproject.toml') || has('pytest.ini') ? [RUNNERS.pytest] : []
  // Each of these two would take the other's test for its own.
  const name = (['vitest', 'jest'] as const).find((runner) => dependencies.has(runner))
  if (name !== undefined) return [RUNNERS[name], ...python]
  return python.length > 0 ? python : [RUNNERS.node]
}

/** The nearest `node_modules` that has this package, as a workspace keeps it further up. */
function modulesOf(project: string): string {
  for (let folder = resolve(project); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules/wallet-sandbox'))) return join(folder, 'node_modules')
    if (folder === dirname(folder)) return resolve(project, 'node_modules')
  }
}

const installOf = (has: (path: string) => boolean) => INSTALLS[Object.keys(INSTALLS).find(has) ?? ''] ?? 'npm install'

const pythonSteps = (runners: readonly Runner[], asRoot: string) =>
  runners.includes(RUNNERS.pytest)
    ? [`${asRoot}apt-get update -qq && ${asRoot}apt-get install -qq -y python3-pytest`]
    : []

const jobOf = (template: string, steps: readonly string[]) =>
  templateOf(template).replace(/^(.*)STEP$/m, (_, before) => steps.map((step) => before + step).join('\n'))

const templateOf = (name: string) => attempt(name, () => readFileSync(inPackage(join(TEMPLATES, name)), 'utf8'))

function write(project: string, name: string, text: string): string {
  const file = join(project, name)
  if (existsSync(file)) return `kept ${name}, which is there already`
  attempt(file, () => {
    makeFolder(dirname(file))
    writeFileSync(file, text, { flag: 'wx' })
  })
  return `wrote ${name}`
}

function ignoreCapsules(project: string): string {
  const file = join(project, '.gitignore')
  const text = existsSync(file) ? attempt(file, () => readFileSync(file, 'utf8')) : ''
  if (text.split(/\r?\n/).includes(CAPSULES)) return `kept .gitignore, which has ${CAPSULES} already`
  attempt(file, () => appendFileSync(file, `${text === '' || text.endsWith('\n') ? '' : '\n'}${CAPSULES}\n`))
  return `added ${CAPSULES} to .gitignore`
}

/** @throws InputError naming the file that the operating system refuses */
function attempt<Result>(file: string, act: () => Result): Result {
  try {
    return act()
  } catch (error) {
    throw new InputError(`init: ${file}: ${plainReason(error)}; allowed: a folder that files can be written to`)
  }
}
