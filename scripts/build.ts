import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { type BuildOptions, build } from 'esbuild'
import { openApiDocuments } from './openapi/document.js'

/** Writes into `dist/` all of the package but its types: both module systems, the inspector's page, the OpenAPI documents. */

const BUNDLE = { bundle: true, outbase: 'src', outdir: 'dist', logLevel: 'warning' } satisfies BuildOptions
const NODE = { ...BUNDLE, platform: 'node', target: 'node20.19' } satisfies BuildOptions
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
const sources = (names: readonly string[]) => names.map((name) => `src/${name}.ts`)

rmSync('dist', { recursive: true, force: true })
await Promise.all([
  // Apart from the imports, so that it alone can have libraries inside.
  build({ ...ESM, entryPoints: sources(['bin']), chunkNames: 'bin/[name]-[hash]', packages: 'external' }),
  build({ ...ESM, entryPoints: sources(IMPORTED), packages: 'external' }),
  build({
    ...NODE,
    entryPoints: sources(REQUIRED),
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    // Other libraries are ES modules only, so they are inside.
    external: ['hono', '@hono/node-server', 'zod', 'msw'],
    minifyWhitespace: true,
    minifySyntax: true,
    define: { 'import.meta.url': 'MODULE_URL' },
    banner: { js: "const MODULE_URL = require('node:url').pathToFileURL(__filename).href" },
  }),
  build({
    ...BUNDLE,
    entryPoints: ['src/inspector/client/main.tsx', 'src/inspector/client/inspector.css'],
    outdir: 'dist/inspector',
    outbase: 'src/inspector/client',
    tsconfig: 'src/inspector/client/tsconfig.json',
    format: 'esm',
    splitting: true,
    minify: true,
    target: 'es2022',
    entryNames: 'inspector',
    chunkNames: '[name]',
  }),
])
for (const name of REQUIRED) copyFileSync(`src/${name}.d.cts`, `dist/${name}.d.cts`)
for (const [name, document] of Object.entries(await openApiDocuments()))
  writeFileSync(`dist/${name}`, `${JSON.stringify(document)}\n`)
