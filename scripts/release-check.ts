import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'

/** Whether the checkout can be released, a sentence for each thing that is in the way; and what a release consists of. */

interface Package {
  readonly name: string
  readonly version: string
  readonly main: string
  readonly types: string
  readonly bin: Readonly<Record<string, string>>
  readonly exports: unknown
}

interface Locked {
  readonly version?: string
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

interface Lock {
  readonly version: string
  readonly packages: Readonly<Record<string, Locked>>
}

/** Licences under which a package may be passed on inside ours. */
const LICENCES: ReadonlySet<string> = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD'])

/** Not a dependency, as the build puts it into the inspector's script. */
const BUNDLED = 'node_modules/uplot'

const PACKED = /^(dist|docs|fixtures|scenarios|skills)\/|^(CHANGELOG\.md|LICENSE|README\.md|llms\.txt|package\.json)$/

/** A checkout's texts. */
export interface Checkout {
  readonly package: Package
  readonly lock: Lock
  readonly changelog: string
  readonly readme: string
}

export function readCheckout(root: string): Checkout {
  const text = (name: string) => readFileSync(join(root, name), 'utf8')
  return {
    package: JSON.parse(text('package.json')),
    lock: JSON.parse(text('package-lock.json')),
    changelog: text('CHANGELOG.md'),
    readme: text('README.md'),
  }
}

/** What the CHANGELOG says of a version; what is unreleased is of the next one. */
export function notesOf(changelog: string, version: string): string {
  const sections = new Map(changelog.split(/^## /m).map((part) => [part.split(/\s/, 1)[0]!, part.replace(/^.*\n/, '')]))
  return (sections.get(version) ?? sections.get('Unreleased') ?? '').trim()
}

/** Where the lock file has what users get: the dependencies, and theirs. */
function shipped({ packages }: Lock): ReadonlySet<string> {
  const paths = new Set([BUNDLED])
  const add = (from: string) => {
    for (const name of Object.keys(packages[from]?.dependencies ?? {})) {
      const nested = `${from}/node_modules/${name}`
      const path = nested in packages ? nested : `node_modules/${name}`
      if (paths.has(path)) continue
      paths.add(path)
      add(path)
    }
  }
  add('')
  return paths
}

/** @param tag of the release, if it is one */
export function faultsOfTexts({ package: { version }, lock, changelog, readme }: Checkout, tag?: string): string[] {
  const faults: string[] = []
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) faults.push(`package.json: version ${version} is not a semantic one`)
  for (const locked of [lock.version, lock.packages['']?.version])
    if (locked !== version) faults.push(`package-lock.json: version ${locked} is not ${version}; run npm install`)
  if (tag !== undefined && tag !== `v${version}`) faults.push(`the tag ${tag} is not v${version}, of package.json`)
  if (notesOf(changelog, version) === '') faults.push(`CHANGELOG.md: nothing under ${version} or Unreleased`)
  for (const [, named] of readme.matchAll(/wallet-sandbox-(\d[\w.-]*)\.tgz/g))
    if (named !== version) faults.push(`README.md: names the tarball of ${named}; the version is ${version}`)
  for (const path of shipped(lock)) {
    const { license = 'unknown' } = lock.packages[path] ?? {}
    if (!LICENCES.has(license)) faults.push(`${path}: licence ${license}; allowed: ${[...LICENCES].join(', ')}`)
  }
  return faults
}

const pathsIn = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value.replace(/^\.\//, '')]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(pathsIn)
      : []

/** @param files of the tarball */
export function faultsOfFiles({ main, types, bin, exports }: Package, files: readonly string[]): string[] {
  const named = [...new Set([main, types, bin, exports].flatMap(pathsIn)), 'LICENSE', 'README.md', 'CHANGELOG.md']
  const missing = named.filter((path) => !files.includes(path)).map((path) => `the tarball lacks ${path}`)
  const strange = files.filter((path) => !PACKED.test(path)).map((path) => `the tarball holds ${path}`)
  return [...missing, ...strange]
}

const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')

const npm = (root: string, ...args: string[]) =>
  execFileSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
  })

/** Packs what is built. @returns the tarball, and the files in it */
export function pack(root: string, into: string): { tarball: string; files: string[] } {
  const [packed] = JSON.parse(npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', into))
  return { tarball: join(into, packed.filename), files: packed.files.map(({ path }: { path: string }) => path) }
}

/** Checks everything. @param rebuild whether the second tarball is of a second build */
function check(root: string, tag: string | undefined, out: string | undefined, rebuild: boolean): string[] {
  const checkout = readCheckout(root)
  const work = mkdtempSync(join(tmpdir(), 'release-'))
  const place = (name: string) => {
    mkdirSync(join(work, name))
    return join(work, name)
  }
  try {
    const first = pack(root, place('first'))
    if (rebuild) npm(root, 'run', '--silent', 'build')
    const second = pack(root, place('second'))
    const faults = [...faultsOfTexts(checkout, tag), ...faultsOfFiles(checkout.package, first.files)]
    const sum = sha256(first.tarball)
    if (sum !== sha256(second.tarball)) faults.push('two tarballs of one checkout differ')
    if (out !== undefined) {
      mkdirSync(out, { recursive: true })
      const name = basename(first.tarball)
      renameSync(first.tarball, join(out, name))
      writeFileSync(join(out, 'SHA256SUMS'), `${sum}  ${name}\n`)
      writeFileSync(join(out, 'NOTES.md'), `${notesOf(checkout.changelog, checkout.package.version)}\n`)
    }
    return faults
  } finally {
    rmSync(work, { recursive: true })
  }
}

if (import.meta.filename === process.argv[1]) {
  const options = { tag: { type: 'string' }, out: { type: 'string' }, rebuild: { type: 'boolean' } } as const
  const { tag, out, rebuild = false } = parseArgs({ options }).values
  const faults = check(process.cwd(), tag, out, rebuild)
  for (const fault of faults) process.stderr.write(`${fault}\n`)
  process.exitCode = faults.length > 0 ? 1 : 0
}
