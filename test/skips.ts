import { relative } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'
import { ROOT } from './build.js'

/** Names what was skipped, a line each, because a skip is easily taken for a pass. */
export class Skips implements Reporter {
  readonly #fails: boolean

  /** @param fails whether a skip fails the run */
  constructor(fails: boolean) {
    this.#fails = fails
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) => {
      const names = Array.from(module.children.allTests('skipped'), ({ parent, fullName }) =>
        parent.type === 'suite' && parent.options.mode === 'skip' ? parent.fullName : fullName,
      )
      return Array.from(new Set(names), (name) => `skipped: ${relative(ROOT, module.moduleId)}: ${name}\n`)
    })
    process.stderr.write(skipped.join(''))
    if (this.#fails && skipped.length > 0) process.exitCode = 1
  }
}
