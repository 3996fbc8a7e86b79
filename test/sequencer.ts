import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The files that take longest, of both doors: a short one may be among them, which Vitest knows only where it has run before. */
const LONGEST = [
  'package/docker.close',
  'inspector/browser.close',
  'docs/console.close',
  'explore/command.close',
  'inspector/axe.close',
  'scaling/balancer.close',
  'package/runners.close',
  'docs/examples.close',
  'openapi/kept.close',
  'capsule/replay',
  'cli/bin',
  'http/allocation',
  'inspector/browser',
  'store/kill',
  'lib/watch',
  'journal/journal',
  'webhooks/memory.close',
  'store/growth',
  'store/churn.close',
  'verify/verify',
]

/** Runs the longest files first, so that none is left alone at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ project, moduleId }: TestSpecification) => {
      const rank = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
      // The files of a project stay together: a process that runs one of another project ends.
      return (project.name === 'alone' ? 0 : 100) + (rank < 0 ? LONGEST.length : rank)
    }
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b))
  }
}
