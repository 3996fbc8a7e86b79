import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './build.js'

/** Holds every import in `src/` against the layers and the table of dependencies in CONTRIBUTING.md. */

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const CONTRIBUTING = read('CONTRIBUTING.md')
const LAYERS = /A layer imports only layers below it.*?```\n(.*?)\n```/s
  .exec(CONTRIBUTING)![1]!
  .split('\n')
  .map((line) => line.split(', '))

const levelOf = (layer: string) => LAYERS.findIndex((line) => line.includes(layer))
const layerOf = (file: string) => /^src\/([\w-]+)/.exec(file)![1]!
const vendorOf = (file: string) => /^src\/vendors\/(\w+)\//.exec(file)?.[1]
const namesIn = (cell: string) => Array.from(cell.matchAll(/`([^`]+)`/g), ([, name]) => name!)

/** The layers that import a package, where the table of dependencies names them. */
const IMPORTERS = Object.fromEntries(
  Array.from(CONTRIBUTING.matchAll(/^\| (`.*) \| .* \| (`.*) \|$/gm), ([, packages, cell]) => {
    const [layer, ...others] = namesIn(cell!)
    const above = LAYERS.slice(0, levelOf(layer!) + 1).flat()
    return namesIn(packages!).map((name) => [name, cell!.endsWith('and above') ? above : [layer!, ...others]])
  }).flat(),
) as Record<string, string[]>

/** Why a file does not import this, or undefined where it does. */
function refusal(file: string, imported: string): string | undefined {
  const layer = layerOf(file)
  if (!imported.startsWith('.')) {
    const importers = IMPORTERS[/^(@[^/]+\/)?[^/]+/.exec(imported)![0]]
    return importers?.includes(layer) === false ? `only ${importers.join(', ')} may` : undefined
  }
  const target = posix.join(posix.dirname(file), imported)
  const below = LAYERS.slice(levelOf(layer) + 1).flat()
  if (layerOf(target) !== layer && !below.includes(layerOf(target))) return `${layer} is not above ${layerOf(target)}`
  const vendors = [vendorOf(file), vendorOf(target)]
  return !vendors.includes(undefined) && vendors[0] !== vendors[1] ? 'vendors do not import each other' : undefined
}

/** Every import of a text, of types and by `import()` too, that its file may not have: where, what and why. */
function faultsIn(file: string, text: string): string[] {
  if (levelOf(layerOf(file)) === -1) return [`${file}: ${layerOf(file)} is not a layer`]
  return Array.from(text.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)).flatMap(({ 1: imported, index }) => {
    const why = refusal(file, imported!)
    return why === undefined
      ? []
      : [`${file}:${text.slice(0, index).split('\n').length}: imports ${imported}, but ${why}`]
  })
}

const FILES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.c?tsx?$/.test(file))
  .map((file) => posix.join('src', file.replaceAll('\\', '/')))

test('src/ imports what its layers allow', () => {
  expect(FILES.flatMap((file) => faultsIn(file, read(file)))).toEqual([])
  expect([...new Set(FILES.map(layerOf))].sort()).toEqual(LAYERS.flat().sort())
})

test.each([
  ['src/verdict/rules/a.ts', "import type { A } from '../../record/a.js'", 'verdict is not above record'],
  ['src/record/a.ts', "import { a } from '../verify/a.js'", 'record is not above verify'],
  ['src/record/a.ts', "type A = typeof import('../inspector/app.js')", 'record is not above inspector'],
  ['src/inspector/a.ts', "const load = () => import('../record/a.js')", 'inspector is not above record'],
  ['src/control/a.ts', "export * from '../http/a.js'", 'control is not above http'],
  ['src/lib/a.ts', "import '../sandbox.js'", 'lib is not above sandbox'],
  ['src/vendors/juspay/a.ts', "import { a } from '../juicyway/a.js'", 'vendors do not import each other'],
  ['src/vendors/index.ts', "import { a } from './juspay/a.js'", undefined],
  ['src/control/a.ts', "import { Low } from 'lowdb/node'", 'only store may'],
  ['src/journal/a.ts', "import { Hono } from 'hono'", expect.stringMatching(/^only bin, cli, .*, api may$/)],
  ['src/scenarios/a.ts', "import { get } from 'node:http'", expect.stringMatching(/^only .*, webhooks may$/)],
])('%s: %s', (file, text, why) => {
  const named = why === undefined ? [] : [[`${file}:2`, expect.anything(), why]]
  expect(faultsIn(file, `//\n${text}`).map((fault) => fault.split(/: imports | but /))).toEqual(named)
})

test('a folder that stands in no layer is named', () => {
  expect(faultsIn('src/elsewhere/a.ts', '')).toEqual(['src/elsewhere/a.ts: elsewhere is not a layer'])
})
