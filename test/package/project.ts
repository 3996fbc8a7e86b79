import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../build.js'
import { MODULES } from './install.js'

/** The folder of a user's project. All share one `node_modules`, in which the package is installed from its tarball. */
export function newProject(
  type: 'module' | 'commonjs' = 'module',
  files: Readonly<Record<string, string>> = {},
): string {
  const project = mkdtempSync(join(tmpdir(), 'project-'))
  symlinkSync(MODULES, join(project, 'node_modules'))
  for (const [name, text] of Object.entries({ 'package.json': JSON.stringify({ name: 'project', type }), ...files })) {
    mkdirSync(join(project, name, '..'), { recursive: true })
    writeFileSync(join(project, name), text)
  }
  return project
}

/** Babel as projects of jest have it. */
export const BABELRC = JSON.stringify({
  presets: [['@babel/preset-env', { targets: { node: 'current' } }], '@babel/preset-typescript'],
})

const PROGRAMS = {
  jest: 'jest/bin/jest.js',
  tsc: 'typescript/bin/tsc',
  /** TypeScript 7 has no `moduleResolution` of that name any more. */
  'tsc 5': '../test/consumer/node_modules/typescript/bin/tsc',
  vitest: 'vitest/vitest.mjs',
}

/** On a machine that does much else, the five seconds that both give a test are few. */
const PATIENT = '--testTimeout=240000'

/** Runs a program with Node in a project, to its end. */
export function runIn(project: string, program: keyof typeof PROGRAMS | 'node', ...argv: readonly string[]) {
  return new Promise<{ status: number | null; out: string }>((resolve) => {
    const script = program === 'node' ? [] : [join(ROOT, 'node_modules', PROGRAMS[program])]
    const patience = program === 'vitest' || program === 'jest' ? [PATIENT] : []
    // A runner tells its children about itself.
    const { VITEST, VITEST_WORKER_ID, NODE_TEST_CONTEXT, ...env } = process.env
    const child = execFile(
      process.execPath,
      [...script, ...argv, ...patience],
      { cwd: project, env: { ...env, WALLET_SANDBOX_CAPSULES: join(project, 'capsules') } },
      (_, stdout, stderr) => resolve({ status: child.exitCode, out: stdout + stderr }),
    )
  })
}
