import { configDefaults, defineConfig } from 'vitest/config'
import { LongestFirst } from './test/sequencer.js'
import { Skips } from './test/skips.js'

/** What each door runs: `npm test`, `npm run test:close`, and `npm run soak` out of all, as tools do that read this. */
const FILES = {
  test: { include: ['test/**/*.test.ts'], exclude: ['test/**/*.close.test.ts'] },
  close: { include: ['test/**/*.close.test.ts'], exclude: ['test/**/!(*.close).test.ts'] },
  soak: { include: ['test/**/*.test.ts'], exclude: [] },
}

/** Files that want a process of their own; the others share one, so that it loads the sandbox once. */
const ALONE = ['test/lib/{delays,timers}.test.ts', 'test/package/*.close.test.ts']

export default defineConfig(({ mode }) => {
  const { include, exclude } = FILES[mode as keyof typeof FILES] ?? FILES.soak
  const common = [...configDefaults.exclude, ...exclude]
  return {
    test: {
      // A machine that does much else may take long; what hangs is ended all the same.
      testTimeout: mode === 'soak' ? 3_600_000 : 240_000,
      hookTimeout: 600_000,
      expect: { poll: { timeout: 120_000 } },
      globalSetup: ['test/build.ts', 'test/temporary.ts', ...(mode === 'test' ? [] : ['test/package/install.ts'])],
      // On two cores: most of the time a test is busy, and one that runs other programs waits for them too.
      maxWorkers: mode === 'close' ? 4 : 3,
      sequence: { sequencer: LongestFirst },
      reporters: ['default', new Skips(mode === 'close')],
      projects: [
        {
          extends: true as const,
          test: { name: 'together', include, exclude: [...common, ...ALONE], isolate: false },
        },
        {
          extends: true as const,
          test: { name: 'alone', include: ALONE, exclude: common },
        },
      ],
    },
  }
})
