import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { InputError } from './errors.js'

/**
 * Where a file of the package is. Only a module at the top of `src` can tell: the build puts everything at the top of
 * `dist`, so that both are one folder below the package.
 */
export const inPackage = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

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
    throw new InputError(
      `${file}${placeOf(error, text)}: is not JSON: ${(error as Error).message}; allowed: one JSON value`,
    )
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
    EROFS: 'the file system is read-only',
  }
  return reasons[code ?? ''] ?? message
}

/** `:line:column` of a syntax error, where the engine tells its position. */
function placeOf(error: unknown, text: string): string {
  const position = /position (\d+)/.exec((error as Error).message)?.[1]
  if (position === undefined) return ''
  const before = text.slice(0, Number(position)).split('\n')
  return `:${before.length}:${before.at(-1)!.length + 1}`
}
