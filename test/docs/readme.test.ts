import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readJson } from '../../src/lib/files.js'
import { ROOT } from '../build.js'
import { codes, PAGES, read, section } from './pages.js'

const { scripts, version } = readJson(join(ROOT, 'package.json')) as { scripts: object; version: string }

test('the README is one that people read to its end', () => {
  expect(Buffer.byteLength(read('README.md'))).toBeLessThan(9_000)
})

test('the two commands of the set-up stand as they were promised', () => {
  const text = section('README.md', 'Install and start')
  expect(text).toContain(
    '\nnpm ci && npm start        # the sandbox on http://127.0.0.1:8080 with the shipped fixtures\n',
  )
  expect(text).toContain('\nnpm ci && npm test         # the tests\n')
})

test('the tarball has the version of the package', () => {
  const named = Array.from(read('README.md').matchAll(/wallet-sandbox-([\d.]+)\.tgz/g), ([, text]) => text)
  expect(named).toEqual([version])
})

test.each(PAGES)('every npm script that %s names exists', (page) => {
  const named = Array.from(read(page).matchAll(/npm run (?:--silent )?([\w:]+)/g), ([, name]) => name!)
  for (const name of [...named, 'start', 'test']) expect(scripts).toHaveProperty([name])
})

test('every path that CONTRIBUTING names exists', () => {
  const paths = codes(read('CONTRIBUTING.md')).filter((code) =>
    /^(src|test|docs|scripts|fixtures|scenarios)\//.test(code),
  )
  const missing = paths
    .flatMap((path) =>
      path.includes('<vendor>') ? ['juspay', 'juicyway'].map((name) => path.replace('<vendor>', name)) : path,
    )
    .filter((path) => !path.includes('*') && !existsSync(join(ROOT, path)))
  expect(paths.length).toBeGreaterThan(30)
  expect(missing).toEqual([])
})
