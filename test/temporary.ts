import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes one temporary folder of all that tests make, which goes with them, however they end. */
export default function setUp(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'tests-'))
  // Programs that a test runs as another user work in it too, as in the system's.
  chmodSync(folder, 0o1777)
  // By the first most systems know the place, by the second Windows.
  process.env.TMPDIR = folder
  process.env.TEMP = folder
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}
