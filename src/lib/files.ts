import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InputError } from './errors.js'

/** The package's folder: this module is further below it in `src` than in the bundle. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}

const PACKAGE = packageFolder()

/** The path of a file that ships with the package. */
export const inPackage = (path: string) => join(PACKAGE, path)

/** The value in a JSON file. @throws InputError naming the file and, for bad JSON, the line and column. */
export function readJson(file: string): unknown {
  let text: string
  try {
    // Some editors begin a file with a byte order mark, which JSON does not know.
    text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    throw new InputError(`${file}: cannot be read: ${plainReason(error)}; allowed: a JSON file`)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    const reason = (error as Error).message.replace(/( in JSON at position |, (\.\.\.)?").*$/s, '')
    throw new InputError(`${file}:${placeOfFault(text)}: is not JSON: ${reason}; allowed: one JSON value`)
  }
}

/** Why the operating system said no, in words. */
export function plainReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or folder',
    EACCES: 'this user may not',
    EPERM: 'this user may not',
    EISDIR: 'it is a folder',
    ENOTDIR: 'it is not a folder',
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    EIO: 'the disk failed',
    EEXIST: 'there is a file of that name',
    EROFS: 'the file system is read-only',
  }
  return reasons[code ?? ''] ?? message
}

/** `line:column` of a syntax error: the end of the longest beginning that could still become JSON. */
function placeOfFault(text: string): string {
  let sound = 0
  let faulty = text.length + 1
  while (faulty - sound > 1) {
    const middle = (sound + faulty) >> 1
    if (canBecomeJson(text.slice(0, middle))) sound = middle
    else faulty = middle
  }
  const lines = text.slice(0, sound).split('\n')
  return `${lines.length}:${lines.at(-1)!.length + 1}`
}

/** The engine tells where a text is at fault only for some faults; for those at its end, the rest may be missing. */
function canBecomeJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    const { message } = error as Error
    const position = /position (\d+)/.exec(message)?.[1]
    return position === undefined ? message.includes('end of JSON input') : Number(position) >= text.length
  }
}
