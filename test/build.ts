import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

const statOf = (path: string) => statSync(join(ROOT, path), { throwIfNoEntry: false })
const filesOf = (path: string): string[] =>
  statOf(path)?.isDirectory()
    ? readdirSync(join(ROOT, path), { recursive: true, encoding: 'utf8' }).map((file) => join(path, file))
    : [path]

/** Whether a file was written after everything that it is made of. */
export function isFresh(file: string, sources: readonly string[]): boolean {
  const changed = (path: string) => statOf(path)?.mtimeMs ?? 0
  return changed(file) > Math.max(...sources.flatMap(filesOf).map(changed))
}

/** Builds before all tests where something has changed since, so that those of the command meet what is in `src` now. */
export default function build(): void {
  // The declarations are written last.
  if (isFresh('dist/index.d.ts', ['package.json', 'src', 'scripts'])) return
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' })
}
