import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, rmSync, type Stats } from 'node:fs'
import { basename, join } from 'node:path'
import { Low } from 'lowdb'
import { JSONFile } from 'lowdb/node'
import { InputError } from '../lib/errors.js'
import { plainReason, readJson } from '../lib/files.js'
import { makeFolder } from '../lib/folders.js'
import { getOrMake } from '../lib/get-or-make.js'
import { load } from '../lib/load.js'
import { Database, MerchantFile, temporaryOf, Writing } from './database.js'
import { documentFile, type MerchantRecord, newDocument } from './document.js'
import { isLock, lock } from './lock.js'

/** The version of the folder's format. A later version of the sandbox reads this one too. */
const FORMAT = 1
const MARKER = 'wallet-sandbox.json'

/** Stands for a document until it is read. */
const UNREAD: MerchantRecord = { base: 'fixtures', made: false, merchant: { id: '' } }

/**
 * A folder in which state survives:
 *
 *     wallet-sandbox.json       whose folder this is, and the version of its format
 *     merchants/NAME.json       what one merchant differs in from its fixtures, and what is set for those that come
 *
 * Each file is replaced whole. One sandbox at a time holds the folder.
 */
export class DataFolder {
  readonly #folder: string
  readonly #unlock: () => void
  readonly #writing = new Writing()
  readonly #files = new Map<string, MerchantFile>()
  /** What was stored before, until its merchant is there. */
  readonly #found = new Map<string, Database>()

  private constructor(folder: string, unlock: () => void) {
    this.#folder = join(folder, 'merchants')
    this.#unlock = unlock
  }

  /** @throws InputError when the folder is another's, damaged, held or cannot be written; nothing in it is then changed */
  static async open(folder: string): Promise<DataFolder> {
    openFolder(folder)
    await checkMarker(folder)
    const unlock = await lock(folder)
    const data = new DataFolder(folder, unlock)
    try {
      await writeMarker(folder)
      await data.#read()
      return data
    } catch (error) {
      unlock()
      throw error
    }
  }

  /** Merchants that have something stored, the one that changed last in the end. */
  *stored(): Generator<MerchantRecord> {
    for (const { record } of this.#found.values()) yield record
  }

  /** The database of a merchant: what was stored of it, or a new one. */
  database(record: MerchantRecord): Database {
    const { id } = record.merchant
    const found = this.#found.get(id)
    this.#found.delete(id)
    return found ?? this.newDatabase(record)
  }

  /** The database of a new merchant, whatever was stored of another one of its id. */
  newDatabase(record: MerchantRecord): Database {
    const { id } = record.merchant
    this.#found.delete(id)
    const path = join(this.#folder, fileName(id))
    const file = getOrMake(this.#files, id, () => new MerchantFile(path, this.#writing))
    return file.begin(new Low(documentFile(path), newDocument(record)))
  }

  /** Lets the writes under way end, and frees the folder. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#files.values(), (file) => file.idle()))
    this.#writing.isClosed = true
    this.#unlock()
  }

  async #read(): Promise<void> {
    openFolder(this.#folder)
    const found: { path: string; at: number }[] = []
    const temporary: string[] = []
    for (const name of readdirSync(this.#folder)) {
      const path = join(this.#folder, name)
      const stats = lstatSync(path)
      if (isTemporary(name) && stats.isFile()) temporary.push(path)
      else {
        refuseStranger(path, stats)
        found.push({ path, at: stats.mtimeMs })
      }
    }
    for (const { path } of found.sort((a, b) => a.at - b.at)) {
      const low = new Low(documentFile(path), newDocument(UNREAD))
      await low.read()
      const { id } = low.data.record.merchant
      if (basename(path) !== fileName(id))
        throw new InputError(
          `${path}:record.merchant.id: is "${id}", whose file is ${fileName(id)}; allowed: the id that the file was written with`,
        )
      const file = new MerchantFile(path, this.#writing, low)
      this.#files.set(id, file)
      this.#found.set(id, new Database(low, file))
    }
    for (const path of temporary) rmSync(path, { force: true })
  }
}

const isTemporary = (name: string) => name.startsWith('.') && name.endsWith('.tmp')

/** Readable, then a hash: a file system may ignore the case of names, by which ids differ. */
function fileName(id: string): string {
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 16)
  return `${id.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 40) || 'server'}.${hash}.json`
}

/** @throws InputError for what is not a file, which to read could hang, and for what no sandbox has written */
function refuseStranger(path: string, stats: Stats): void {
  if (!stats.isFile()) throw new InputError(`${path}: is not a file; allowed: what a sandbox has written there`)
  if (!/\.[0-9a-f]{16}\.json$/.test(path))
    throw new InputError(`${path}: is not a merchant's file; allowed: what a sandbox has written there`)
}

function openFolder(folder: string): void {
  try {
    makeFolder(folder)
    readdirSync(folder)
  } catch (error) {
    throw new InputError(
      `--data ${folder} cannot be used: ${plainReason(error)}; allowed: a folder this user may write to, or a name for a new one`,
    )
  }
}

/** What a sandbox leaves that is killed before it marks the folder, and what a fresh volume has in it. */
const isNothing = (name: string) => isLock(name) || name === basename(temporaryOf(MARKER)) || name === 'lost+found'

async function checkMarker(folder: string): Promise<void> {
  const file = join(folder, MARKER)
  const stats = lstatSync(file, { throwIfNoEntry: false })
  if (stats === undefined) {
    const strange = readdirSync(folder).find((name) => !isNothing(name))
    if (strange === undefined) return
    throw new InputError(
      `--data ${folder} holds other things ("${strange}") and no ${MARKER}; allowed: an empty folder, a new one, or one that a sandbox made`,
    )
  }
  if (!stats.isFile()) throw new InputError(`${file}: is not a file; allowed: what a sandbox has written there`)
  const { check, markerSchema } = await load(() => import('./document-schema.js'))
  const { format } = check(markerSchema, readJson(file), file)
  if (format > FORMAT)
    throw new InputError(
      `${file}: format: is ${format}, of a later version; allowed: at most ${FORMAT}, so open the folder with the version that made it or a newer one`,
    )
}

async function writeMarker(folder: string): Promise<void> {
  const file = join(folder, MARKER)
  if (existsSync(file)) return
  try {
    await new JSONFile(file).write({ format: FORMAT })
  } catch (error) {
    rmSync(temporaryOf(file), { force: true })
    throw new InputError(
      `--data ${folder} cannot be written: ${plainReason(error)}; allowed: a folder this user may write to`,
    )
  }
}
