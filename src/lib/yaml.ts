import { type Document, LineCounter, parseAllDocuments } from 'yaml'
import { InputError } from './errors.js'
import { findTooDeep, TOO_DEEP } from './json.js'

/** How often aliases may stand for what was named before, so that a small file does not become a large value. */
const MAX_ALIASES = 100

const OPTIONS = {
  version: '1.2',
  schema: 'core',
  merge: false,
  resolveKnownTags: false,
  stringKeys: true,
  prettyErrors: false,
} as const

/** One document of YAML 1.2 and its core schema: no dates, no `<<`. @throws InputError with the line and column */
export function parseYaml(text: string, where: string): unknown {
  const lines = new LineCounter()
  const [document, second] = [...parseAllDocuments(text, { ...OPTIONS, lineCounter: lines })]
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${where}:${line}:${col}`
  }
  // A tag that is not of the core schema is a warning only.
  const fault = document && [...document.errors, ...document.warnings][0]
  if (fault?.code === 'RESOURCE_EXHAUSTION') throw new InputError(`${at(fault.pos[0])}: ${TOO_DEEP}`)
  if (fault?.code === 'DUPLICATE_KEY')
    throw new InputError(`${at(fault.pos[0])}: repeats a key; allowed: each key once`)
  if (fault) throw new InputError(`${at(fault.pos[0])}: is not YAML: ${fault.message}; allowed: one YAML document`)
  if (second) throw new InputError(`${at(second.range[0])}: begins a second document; allowed: one YAML document`)
  return plainValue(document, where)
}

/** The value of a document, as JSON would have it. */
function plainValue(document: Document.Parsed | undefined, where: string): unknown {
  let value: unknown
  try {
    value = document?.toJS({ maxAliasCount: MAX_ALIASES })
  } catch (error) {
    const unknown = /^Unresolved alias.*: (.*)$/.exec((error as Error).message)?.[1]
    if (unknown !== undefined)
      throw new InputError(`${where}: has an unknown alias "${unknown}"; allowed: an anchor before it`)
    throw new InputError(`${where}: has too many aliases; allowed: at most ${MAX_ALIASES}`)
  }
  const text = JSON.stringify(value ?? null)
  if (findTooDeep(text) !== undefined) throw new InputError(`${where}: ${TOO_DEEP}`)
  return JSON.parse(text)
}
