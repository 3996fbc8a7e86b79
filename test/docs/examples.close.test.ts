import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { transformSync } from 'esbuild'
import { expect, test } from 'vitest'
import { ROOT } from '../build.js'
import { blocks, PAGES, read } from './pages.js'
import { expectPrinted } from './printed.js'

/**
 * Runs and type-checks the TypeScript of every page. A block continues the one before it, unless it imports the package.
 * What a `console.log` prints stands in a comment behind it; … stands for anything.
 */

const run = promisify(execFile)

interface Program {
  readonly name: string
  readonly code: string
}

function programsOf(page: string): Program[] {
  const programs: string[] = []
  for (const { language, code } of blocks(read(page))) {
    if (language !== 'ts') continue
    if (programs.length === 0 || code.includes("from 'wallet-sandbox'")) programs.push(code)
    else programs.push(`${programs.pop()}\n${code}`)
  }
  return programs.map((code, i) => ({ name: `${page} ${i + 1}`, code }))
}

const PROGRAMS = PAGES.flatMap(programsOf)

test.each(PROGRAMS)('$name prints what its comments say', async ({ code }) => {
  const { code: script } = transformSync(code, { loader: 'ts', target: 'node20', format: 'esm' })
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: ROOT })
  expectPrinted(code, stdout)
})

test('there are programs on these pages', () => {
  expect(PROGRAMS.map(({ name }) => name)).toEqual([
    'README.md 1',
    'docs/capsule.md 1',
    'docs/control-api.md 1',
    'docs/explore.md 1',
    'docs/payments.md 1',
    'docs/record.md 1',
    'docs/scenarios.md 1',
    'docs/verdict.md 1',
    'docs/wallet-life.md 1',
    'docs/wallet-life.md 2',
    'docs/wallet-life.md 3',
    'docs/webhooks.md 1',
    'docs/webhooks.md 2',
  ])
})

test('the programs have no error of type', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wallet-sandbox-examples-'))
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    PROGRAMS.forEach(({ code }, i) => {
      writeFileSync(join(folder, `${i}.mts`), code)
    })
    const config = {
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: { paths: { 'wallet-sandbox': [join(ROOT, 'dist/index.d.ts')] } },
      include: ['*.mts'],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const tsc = join(ROOT, 'node_modules/.bin/tsc')
    const { stdout } = await run(tsc, ['--project', folder]).catch((failure: { stdout: string }) => failure)
    expect(stdout).toBe('')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
