import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createSandbox } from '../../src/index.js'

/** The README's example, run as it stands but for its import and its types. */
test("the README's life of a wallet ends in a charged order", async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const section = readme.slice(readme.indexOf("## A wallet's life"))
  const [, example = ''] = /```ts\n(.*?)```/s.exec(section) ?? []
  const script = example
    .replace(/^import .*$/m, '')
    .replace('await using', 'const')
    .replace(/: string|\?: Record<string, string>| as Promise<any>/g, '')
  const printed: unknown[] = []
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor
  await new AsyncFunction('createSandbox', 'console', script)(createSandbox, {
    log: (text: unknown) => printed.push(text),
  })
  expect(printed).toEqual(['CHARGED'])
})
