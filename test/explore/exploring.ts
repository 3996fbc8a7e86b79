import { drawing } from './clients.js'

/** Explores in a process of its own, and prints the report. @param argv the library, and the options as JSON */

const [, , library, options] = process.argv
const { explore } = (await import(library!)) as typeof import('../../src/index.js')
const report = await explore(drawing, JSON.parse(options!))
process.stdout.write(`${report}\n${JSON.stringify(report)}\n`)
