import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { InputError } from '../lib/errors.js'
import { plainReason } from '../lib/files.js'

/** @throws InputError when a file is there and `replace` is not set */
export function refuseExisting(files: readonly string[], replaces: boolean): void {
  const taken = replaces ? [] : files.filter((file) => existsSync(file))
  if (taken.length > 0)
    throw new InputError(taken.map((file) => `${file}: is there already; allowed: another file, or --replace`))
}

/** Replaces a file as a whole: a reader, and a crash, find the old one or the new one. @throws InputError */
export function writeWhole(file: string, text: string): void {
  const fresh = `${file}.${process.pid}.tmp`
  try {
    writeFileSync(fresh, text, { mode: 0o600, flush: true })
    renameSync(fresh, file)
  } catch (error) {
    if (existsSync(fresh)) rmSync(fresh)
    throw new InputError(`${file}: cannot be written: ${plainReason(error)}; allowed: a file in a folder with room`)
  }
}
