import { cpSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../build.js'

/** The folder of a user's project, in which the package is installed as its tarball would be. */
export function newProject(type: 'module' | 'commonjs' = 'module'): string {
  const project = mkdtempSync(join(tmpdir(), 'project-'))
  const modules = join(project, 'node_modules')
  mkdirSync(modules)
  for (const name of readdirSync(join(ROOT, 'node_modules')))
    if (!name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  for (const name of ['package.json', 'dist', 'fixtures', 'scenarios'])
    cpSync(join(ROOT, name), join(modules, 'wallet-sandbox', name), { recursive: true })
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', type }))
  return project
}
