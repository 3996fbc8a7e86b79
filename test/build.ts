import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

const changed = (path: string) => statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs ?? 0
const filesIn = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file))

/** Builds before all tests where something has changed since, so that those of the command meet what is in `src` now. */
export default function build(): void {
  const sources = ['package.json', ...filesIn('src'), ...filesIn('scripts')]
  // The declarations are written last.
  if (changed('dist/index.d.ts') > Math.max(...sources.map(changed))) return
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' })
}
