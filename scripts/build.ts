import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'
import { VENDORS } from '../src/vendors/index.js'
import { openApiDocuments } from './openapi/document.js'

/** Writes `dist/`: the command, both module systems, the inspector's page, the OpenAPI documents and the types. */

const BUNDLE = { bundle: true, outbase: 'src', outdir: 'dist', logLevel: 'warning' } satisfies BuildOptions
/** Of the vendors, handlers for msw need their servers alone; the rest would be 130 kB more in the build for require. */
const SERVERS_ALONE: Plugin = {
  name: 'servers alone',
  setup(build) {
    const contents = `export const VENDORS = ${JSON.stringify(VENDORS.map(({ name, base, servers }) => ({ name, base, servers })))}`
    build.onResolve({ filter: /vendors\/index\.js$/ }, ({ importer }) =>
      importer.endsWith('msw.ts') ? { path: 'servers', namespace: 'servers' } : undefined,
    )
    build.onLoad({ filter: /.*/, namespace: 'servers' }, () => ({ contents }))
  },
}

/** The command and the library, in both module systems, share one file of it. */
const yamlAt = (path: string): Plugin => ({
  name: 'yaml',
  setup: (build) => build.onResolve({ filter: /^yaml$/ }, () => ({ path, external: true })),
})
const NODE = {
  ...BUNDLE,
  platform: 'node',
  target: 'node20.19',
  plugins: [SERVERS_ALONE],
} satisfies BuildOptions
const ESM = { ...NODE, format: 'esm', splitting: true } satisfies BuildOptions
const IMPORTED = [
  'index',
  'testing/vitest',
  'testing/jest',
  'testing/jest-setup',
  'testing/jest-teardown',
  'testing/msw',
]
const REQUIRED = ['index', 'testing/jest', 'testing/msw']
/** Libraries inside the command: it opens a fraction of the modules, which is a tenth of its start. */
const INSIDE = ['hono', '@hono/node-server', 'lowdb', 'steno', 'yaml']
/** What the library imports; `yaml` is inside, since the rest of its package would be 7 % of an install. */
const OUTSIDE = ['hono', '@hono/node-server', 'lowdb', 'zod', '@faker-js/faker', 'msw', 'vitest']
const sources = (names: readonly string[]) => names.map((name) => `src/${name}.ts`)

/**
 * Puts what the command's start loads in any case into one file: esbuild makes one of each part that some command shares, and
 * to open fifty takes a tenth of a start.
 */
async function joinStart(): Promise<void> {
  const parts = await rollup({
    input: 'dist/bin.js',
    external: /^[^./]|yaml\.cjs$/,
    treeshake: false,
    logLevel: 'silent',
  })
  rmSync('dist/bin', { recursive: true })
  const { output } = await parts.write({
    dir: 'dist',
    entryFileNames: 'bin.js',
    chunkFileNames: 'bin/[name].js',
    manualChunks: (id) => (/\/sandbox-\w+\.js$/.test(id) ? 'start' : undefined),
    compact: true,
  })
  if (!output.some(({ name }) => name === 'start')) throw new Error('dist/bin: no part is named after src/sandbox.ts')
}

rmSync('dist', { recursive: true, force: true })
await Promise.all([
  build({
    ...ESM,
    entryPoints: sources(['bin']),
    chunkNames: 'bin/[name]-[hash]',
    external: ['zod', '@faker-js/faker'],
    plugins: [SERVERS_ALONE, yamlAt('../yaml.cjs')],
    minify: true,
  }),
  build({
    ...ESM,
    entryPoints: sources(IMPORTED),
    external: OUTSIDE,
    plugins: [SERVERS_ALONE, yamlAt('./yaml.cjs')],
    minify: true,
  }),
  build({
    ...NODE,
    entryPoints: sources(REQUIRED),
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    plugins: [SERVERS_ALONE, yamlAt('./yaml.cjs')],
    // Other libraries are ES modules only, so they are inside.
    external: ['hono', '@hono/node-server', 'zod', 'msw'],
    minify: true,
    define: { 'import.meta.url': 'MODULE_URL' },
    banner: { js: "const MODULE_URL = require('node:url').pathToFileURL(__filename).href" },
  }),
  build({
    ...NODE,
    entryPoints: [{ in: 'node_modules/yaml/browser/index.js', out: 'yaml' }],
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    minify: true,
  }),
  build({
    ...BUNDLE,
    entryPoints: ['src/inspector/client/main.tsx', 'src/inspector/client/inspector.css'],
    outdir: 'dist/inspector',
    outbase: 'src/inspector/client',
    tsconfig: 'src/inspector/client/tsconfig.json',
    format: 'esm',
    minify: true,
    target: 'es2022',
    entryNames: 'inspector',
  }),
])
await joinStart()
for (const name of REQUIRED) copyFileSync(`src/${name}.d.cts`, `dist/${name}.d.cts`)
for (const [name, document] of Object.entries(await openApiDocuments()))
  writeFileSync(`dist/${name}`, `${JSON.stringify(document)}\n`)
const licences = INSIDE.map((name) => `${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, 'utf8')}`)
writeFileSync('dist/bin.LEGAL.txt', licences.join('\n'))

execFileSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
const types = await rollup({
  input: Object.fromEntries(IMPORTED.map((name) => [name, `dist/types/${name}.d.ts`])),
  external: /^[^./]/,
  plugins: [dts()],
})
await types.write({
  dir: 'dist',
  entryFileNames: '[name].d.ts',
  chunkFileNames: 'types.d.ts',
  // Projects whose `lib` is older, and without the types of Node, have no AsyncDisposable.
  banner: '/// <reference lib="esnext.disposable" />',
})
rmSync('dist/types', { recursive: true })
