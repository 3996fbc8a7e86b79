import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { isFresh, ROOT } from '../build.js'

const PLACE = 'node_modules/.cache/installed'

/** The package as it is published, and the `node_modules` in which it is installed, beside all that is installed here. */
export const TARBALL = join(ROOT, PLACE, 'wallet-sandbox.tgz')
export const MODULES = join(ROOT, PLACE, 'node_modules')

const COMMANDS = {
  'wallet-sandbox': 'wallet-sandbox/dist/bin.js',
  vitest: 'vitest/vitest.mjs',
  jest: 'jest/bin/jest.js',
}

/** Packs and installs the package once for all projects of the tests. */
export default function install(): void {
  const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { files: string[] }
  const packed = ['package.json', 'README.md', ...files.filter((name) => !name.startsWith('!'))]
  if (isFresh(join(PLACE, 'wallet-sandbox.tgz'), packed)) return
  rmSync(join(ROOT, PLACE), { recursive: true, force: true })
  const own = join(MODULES, 'wallet-sandbox')
  for (const folder of [own, join(MODULES, '.bin')]) mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(join(ROOT, 'node_modules')))
    if (!name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(MODULES, name))
  for (const [name, program] of Object.entries(COMMANDS)) symlinkSync(`../${program}`, join(MODULES, '.bin', name))
  const argv = ['pack', '--ignore-scripts', '--silent', '--pack-destination', join(ROOT, PLACE)]
  const name = execFileSync('npm', argv, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n').at(-1)!
  execFileSync('tar', ['-xzf', join(ROOT, PLACE, name), '--strip-components=1', '-C', own])
  renameSync(join(ROOT, PLACE, name), TARBALL)
}
