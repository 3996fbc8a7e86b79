import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createSandbox } from '../../src/index.js'
import { blocks, read } from './pages.js'
import { expectPrinted } from './printed.js'

/** Runs the programs of the pages on other languages, where these are installed. */

const has = (program: string, ...argv: string[]) => spawnSync(program, argv).status === 0

test.skipIf(!has('java', '--version'))('the program of the Java page prints what its comments say', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'java-'))
  await using sandbox = await createSandbox({ latency: 'off' })
  try {
    const { name, code } = blocks(read('docs/languages/java.md')).find(({ language }) => language === 'java')!
    writeFileSync(join(folder, name), code)
    const env = { ...process.env, WALLETS_URL: await sandbox.listen() }
    const { stdout } = await promisify(execFile)('java', [name], { cwd: folder, env })
    expectPrinted(code.replaceAll('System.out.println', 'console.log').replaceAll('; //', ' //'), stdout)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a page whose program is not run says so', () => {
  for (const page of ['docs/languages/php.md', 'docs/languages/go.md']) expect(read(page)).toMatch(/was not\s+run/)
})
