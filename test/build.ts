import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Bundles once before all tests, so that those of the command meet what is in `src` now. */
export default function bundle(): void {
  // Each project of vitest has it done.
  if (process.env.BUNDLED === ROOT) return
  process.env.BUNDLED = ROOT
  execFileSync('npm', ['run', '--silent', 'bundle'], { cwd: ROOT, stdio: 'inherit' })
}
