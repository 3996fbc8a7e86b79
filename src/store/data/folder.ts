import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { z } from 'zod'
import { toCustomer } from '../../fixtures/convert.js'
import type { FixtureMerchant, Fixtures } from '../../fixtures/schema.js'
import { InputError } from '../../lib/errors.js'
import { plainReason } from '../../lib/files.js'
import { Index } from '../customer-index.js'
import { isLock, Lock } from '../lock.js'
import type { MerchantRecord } from './form.js'
import { bucketOf } from './generation.js'
import { isDropped, MerchantFiles, ORIGIN_FILE, RECORD_FILE } from './merchant.js'
import { isTemporary, StoredFile, temporaryOf, Writing } from './write.js'

/** The version of the folder's format. A later version of the sandbox reads this one too. */
const FORMAT = 1
const MARKER = 'wallet-sandbox.json'

interface Marker {
  readonly format: number
}

/** What is known of a merchant when it is made. */
export type Facts = Omit<MerchantRecord, 'generation' | 'base'>

/**
 * A folder in which state survives:
 *
 *     wallet-sandbox.json                       whose folder this is, and the version of its format
 *     merchants/NAME/merchant.json              the merchant's record: which generation counts
 *     merchants/NAME/origin.json                of one made with fixtures of its own: what a reset takes it back to
 *     merchants/NAME/GENERATION/BUCKET.json     changed customers, as a fixture file
 *
 * Each file is replaced whole. One sandbox at a time holds the folder.
 */
export class DataFolder {
  readonly #folder: string
  readonly #lock: Lock
  readonly #writing: Writing
  /** What was stored before, until its merchant is there. */
  readonly #found: Map<string, MerchantFiles>

  private constructor(folder: string, lock: Lock, writing: Writing, found: Map<string, MerchantFiles>) {
    this.#folder = folder
    this.#lock = lock
    this.#writing = writing
    this.#found = found
  }

  /** @throws InputError when the folder is another's, damaged, held or cannot be written; nothing in it is then changed */
  static async open(folder: string): Promise<DataFolder> {
    const writing = new Writing()
    make(folder)
    await checkMarker(folder, writing)
    const lock = await Lock.take(folder)
    try {
      await mark(folder, writing)
      return new DataFolder(folder, lock, writing, await readMerchants(join(folder, 'merchants'), writing))
    } catch (error) {
      lock.release()
      throw error
    }
  }

  /** Merchants that have something stored, the one that changed last in the end. */
  stored(): Iterable<MerchantFiles> {
    return this.#found.values()
  }

  /** Where a merchant's state is stored, or will be once something of it changes. */
  merchant(id: string, facts: Facts): MerchantFiles {
    const found = this.#found.get(id)
    this.#found.delete(id)
    return found ?? this.newMerchant(id, facts)
  }

  /**
   * The same for a merchant that is new, whatever was stored of another one of its id.
   *
   * @param origin what a reset takes it back to, where that is not a merchant of the fixtures
   * @throws Refusal when the disk keeps the other one
   */
  newMerchant(id: string, facts: Facts, origin?: FixtureMerchant): MerchantFiles {
    this.forget(id)
    const folder = join(this.#folder, 'merchants', folderName(id))
    return new MerchantFiles(folder, this.#writing, { record: { generation: 0, base: 'fixtures', ...facts }, origin })
  }

  /** Drops what was stored of a merchant that is not there. @throws Refusal when the disk keeps it */
  forget(id: string): void {
    this.#found.get(id)?.drop()
    this.#found.delete(id)
  }

  /** Lets the writes under way end, and gives the folder to whoever wants it next. */
  async close(): Promise<void> {
    await this.#writing.close()
    this.#lock.release()
  }
}

/** Told apart by a hash, because ids differ in what a file system may not tell apart, and readable before it. */
function folderName(id: string): string {
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 16)
  return `${id.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 40)}.${hash}`
}

/** Node's own way to make several folders never ends in one like /proc, which takes none and calls itself missing. */
function make(folder: string): void {
  try {
    const missing: string[] = []
    for (let path = resolve(folder); !existsSync(path) && path !== dirname(path); path = dirname(path))
      missing.unshift(path)
    for (const path of missing) makeUnlessMade(path)
    readdirSync(folder)
  } catch (error) {
    throw new InputError(
      `--data ${folder} cannot be used: ${plainReason(error)}; allowed: a folder this user may write to, or a name for a new one`,
    )
  }
}

/** Another sandbox may have been quicker. */
function makeUnlessMade(path: string): void {
  try {
    mkdirSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** What a sandbox leaves behind when it is killed before the folder is marked, and what a fresh volume has in it. */
const isNothing = (name: string) => isLock(name) || name === basename(temporaryOf(MARKER)) || name === 'lost+found'

async function checkMarker(folder: string, writing: Writing): Promise<void> {
  const file = join(folder, MARKER)
  if (!existsSync(file)) {
    const strange = readdirSync(folder).find((name) => !isNothing(name))
    if (strange === undefined) return
    throw new InputError(
      `--data ${folder} holds other things ("${strange}") and no ${MARKER}; allowed: an empty folder, a new one, or one that a sandbox made`,
    )
  }
  const { markerSchema } = await import('./form.js')
  const { format } = await readChecked<Marker>(file, markerSchema, writing)
  if (format > FORMAT)
    throw new InputError(
      `${file}: format: is ${format}, of a later version; allowed: at most ${FORMAT}, so open the folder with the version that made it or a newer one`,
    )
}

async function mark(folder: string, writing: Writing): Promise<void> {
  const file = join(folder, MARKER)
  if (existsSync(file)) return
  try {
    await new StoredFile<Marker>(file, writing, { format: FORMAT }).write({ format: FORMAT })
  } catch (error) {
    throw new InputError(`--data ${folder}: ${(error as Error).message}`)
  }
}

async function readMerchants(folder: string, writing: Writing): Promise<Map<string, MerchantFiles>> {
  const merchants = new Map<string, MerchantFiles>()
  if (!existsSync(folder)) return merchants
  const changedAt = (name: string) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const found: { name: string; at: number }[] = []
  for (const name of readdirSync(folder)) {
    if (!isOurs(join(folder, name)))
      throw new InputError(`${join(folder, name)}: is no merchant's folder; allowed: what a sandbox has written there`)
    if (isDropped(name) || isUnborn(join(folder, name))) discard(join(folder, name))
    else found.push({ name, at: changedAt(join(name, RECORD_FILE)) })
  }
  for (const { name } of found.sort((a, b) => a.at - b.at)) {
    const files = await readMerchant(join(folder, name), writing)
    merchants.set(files.merchantId, files)
  }
  return merchants
}

/** Whether a name is one that a merchant's folder has, and nothing but a folder has it. */
const isOurs = (path: string) => /\.[0-9a-f]{16}(\.dropped-\d+)?$/.test(path) && statSync(path).isDirectory()

/** A merchant's folder without a record and without customers: both come before an answer. */
function isUnborn(folder: string): boolean {
  if (existsSync(join(folder, RECORD_FILE)) || !statSync(folder).isDirectory()) return false
  return !readdirSync(folder, { recursive: true }).some(
    (name) => name !== ORIGIN_FILE && String(name).endsWith('.json'),
  )
}

async function readMerchant(folder: string, writing: Writing): Promise<MerchantFiles> {
  const { recordSchema } = await import('./form.js')
  const record = await readChecked<MerchantRecord>(join(folder, RECORD_FILE), recordSchema, writing)
  const { id } = record.merchant
  if (basename(folder) !== folderName(id))
    throw new InputError(
      `${join(folder, RECORD_FILE)}: merchant.id: is "${id}", whose folder is ${folderName(id)}; allowed: the id that the file was written with`,
    )
  for (const name of readdirSync(folder)) {
    const abandoned = /^\d+$/.test(name) && name !== String(record.generation)
    if (abandoned || isTemporary(name)) discard(join(folder, name))
  }
  const index = await readCustomers(join(folder, String(record.generation)), id, writing)
  return new MerchantFiles(folder, writing, { record, origin: await readOrigin(folder, id, writing), index })
}

async function readOrigin(folder: string, id: string, writing: Writing): Promise<FixtureMerchant | undefined> {
  const file = join(folder, ORIGIN_FILE)
  if (!existsSync(file)) return undefined
  const { fixturesSchema } = await import('../../fixtures/schema.js')
  const { merchants } = await readChecked<Fixtures>(file, fixturesSchema, writing)
  refuseStranger(merchants, id, file)
  return merchants[0]
}

function refuseStranger(merchants: readonly FixtureMerchant[], id: string, file: string): void {
  const stranger = merchants.find((merchant) => merchant.id !== id)
  if (stranger) throw new InputError(`${file}: merchants[0].id: is "${stranger.id}"; allowed: "${id}"`)
}

async function readCustomers(folder: string, merchant: string, writing: Writing): Promise<Index> {
  const index = new Index()
  if (!existsSync(folder)) return index
  const { fixturesSchema } = await import('../../fixtures/schema.js')
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    if (isTemporary(name)) discard(file)
    if (!name.endsWith('.json') || isTemporary(name)) continue
    const { merchants } = await readChecked<Fixtures>(file, fixturesSchema, writing)
    refuseStranger(merchants, merchant, file)
    for (const [c, customer] of (merchants[0]?.customers ?? []).entries()) {
      if (bucketOf(customer.id) !== name)
        throw new InputError(
          `${file}: merchants[0].customers[${c}].id: is "${customer.id}", whose file is ${bucketOf(customer.id)}; allowed: a customer of this file`,
        )
      index.put(toCustomer(customer))
    }
  }
  return index
}

async function readChecked<Content>(file: string, form: z.ZodType, writing: Writing): Promise<Content> {
  const { check } = await import('../../lib/check.js')
  return check(form, await new StoredFile<unknown>(file, writing, null).read(), file) as Content
}

function discard(path: string): void {
  rmSync(path, { recursive: true, force: true })
}
