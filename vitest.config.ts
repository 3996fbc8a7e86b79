import { configDefaults, defineConfig } from 'vitest/config'

/** Files that want a process of their own; the others share one, so that it loads the sandbox once. */
const ALONE = 'test/{lib,package}/**/*.test.ts'

const everything = {
  testTimeout: 20_000,
  // Some compile the package first, beside the other tests.
  hookTimeout: 60_000,
  globalSetup: 'test/build.ts',
  // Most of a test's time is waiting.
  maxWorkers: 3,
  projects: [
    {
      extends: true as const,
      test: {
        name: 'together',
        include: ['test/**/*.test.ts'],
        exclude: [...configDefaults.exclude, ALONE],
        isolate: false,
      },
    },
    { extends: true as const, test: { name: 'alone', include: [ALONE] } },
  ],
}

/** What a change to a vendor or a rule breaks first, told in seconds: no socket, no other program and no long run. */
const quick = {
  include: ['test/{vendors,contract,scenarios}/**/*.test.ts'],
  exclude: ['determinism', 'faults', 'hang-up', 'life', 'libraries', 'node-client', 'shipped'].map(
    (name) => `test/**/${name}.test.ts`,
  ),
  testNamePattern: /^(?!.*over a socket)/,
  isolate: false,
  maxWorkers: 2,
}

export default defineConfig(({ mode }) => ({ test: mode === 'quick' ? quick : everything }))
