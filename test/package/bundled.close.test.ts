import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { newProject, runIn } from './project.js'

// Other programs start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const PROGRAM = {
  esm: "import { createSandbox } from 'wallet-sandbox'\ncreateSandbox().then((sandbox) => console.log(typeof sandbox.fetch))",
  cjs: "require('wallet-sandbox').createSandbox().then((sandbox) => console.log(typeof sandbox.fetch))",
} as const
const ADVICE = /InputError: wallet-sandbox: .*; allowed: a bundle that keeps wallet-sandbox external/

let project: string
const places: string[] = []
beforeAll(() => {
  project = newProject()
})
afterAll(() => {
  for (const place of [project, ...places]) rmSync(place, { recursive: true })
})

/** Bundles a program of the project into a folder of its own, and runs it there. */
async function bundled(source: keyof typeof PROGRAM, format: 'esm' | 'cjs', external: string[] = []) {
  const place = mkdtempSync(join(tmpdir(), 'bundled-'))
  places.push(place)
  const outfile = join(place, `bundle.${format === 'esm' ? 'mjs' : 'cjs'}`)
  await build({
    stdin: { contents: PROGRAM[source], resolveDir: project },
    bundle: true,
    platform: 'node',
    format,
    outfile,
    external,
    logLevel: 'silent',
  })
  return { place, run: () => runIn(place, 'node', outfile) }
}

describe('a bundle that holds the code and not the package says so at once', () => {
  test.each([
    ['cjs', 'cjs'],
    ['esm', 'esm'],
    ['esm', 'cjs'],
  ] as const)('made of %s as %s', async (source, format) => {
    const { place, run } = await bundled(source, format)
    const alone = await run()
    expect([alone.status, alone.out]).toEqual([1, expect.stringMatching(ADVICE)])
    writeFileSync(join(place, 'package.json'), '{"name": "shop", "dependencies": {"wallet-sandbox": "1"}}')
    const ofStrangers = await run()
    expect([ofStrangers.status, ofStrangers.out]).toEqual([1, expect.stringMatching(ADVICE)])
  })

  test('and what it advises works', async () => {
    const { place, run } = await bundled('esm', 'esm', ['wallet-sandbox'])
    symlinkSync(join(project, 'node_modules'), join(place, 'node_modules'))
    expect(await run()).toEqual({ status: 0, out: 'function\n' })
  })
})
