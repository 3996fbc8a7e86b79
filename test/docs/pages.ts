import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../build.js'

/** The Markdown pages of the repository and their parts. */

const pagesIn = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: folder !== '.' })
    .map((name) => join(folder, String(name)))
    .filter((name) => name.endsWith('.md'))
    .sort()

export const PAGES: readonly string[] = [...pagesIn('.'), ...pagesIn('docs'), ...pagesIn('skills')]

export const read = (page: string) => readFileSync(join(ROOT, page), 'utf8')

/** A page without its blocks of code. */
export const prose = (page: string) => read(page).replaceAll(/^```.*?^```$/gms, '')

/** What is under a heading, up to the next one of its level or a higher one. */
export function section(page: string, heading: string): string {
  const lines = read(page).split('\n')
  const level = (line: string) => /^(#+) /.exec(line)?.[1]?.length ?? Number.POSITIVE_INFINITY
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading)
  if (start < 0) throw new Error(`${page} has no heading "${heading}"`)
  const length = lines.slice(start + 1).findIndex((line) => level(line) <= level(lines[start]!))
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n')
}

interface Block {
  readonly language: string
  /** What stands after the language; for a file, its name. */
  readonly name: string
  readonly code: string
}

export const blocks = (text: string): Block[] =>
  Array.from(text.matchAll(/^```(\w*) ?(\S*)\n(.*?)^```$/gms), ([, language, name, code]) => ({
    language: language!,
    name: name!,
    code: code!,
  }))

/** The code of the only block of a language. */
export function onlyBlock(text: string, language: string): string {
  const found = blocks(text).filter((block) => block.language === language)
  if (found.length !== 1) throw new Error(`expected one block of ${language}, found ${found.length}`)
  return found[0]!.code
}

/** The cells of the rows of a text's tables, heads left out. */
export function tableRows(text: string): string[][] {
  const rows = text.split('\n').filter((line) => line.startsWith('|'))
  const isRuler = (line: string | undefined) => line !== undefined && /^\|[-| ]+\|$/.test(line)
  return rows
    .filter((row, i) => !isRuler(row) && !isRuler(rows[i + 1]))
    .map((row) =>
      row
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    )
}

/** The texts in backquotes. */
export const codes = (text: string) => Array.from(text.matchAll(/`([^`\n]+)`/g), ([, code]) => code!)
