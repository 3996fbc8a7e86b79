import { mkdirSync, writeFileSync } from 'node:fs'
import { openApiDocuments } from './openapi/document.js'

/** Writes the OpenAPI documents into the package. */
const DIST = new URL('../dist/', import.meta.url)

mkdirSync(DIST, { recursive: true })
for (const [name, document] of Object.entries(await openApiDocuments()))
  writeFileSync(new URL(name, DIST), `${JSON.stringify(document)}\n`)
