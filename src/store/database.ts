import { rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Low, Memory } from 'lowdb'
import { Refusal } from '../lib/errors.js'
import { plainReason } from '../lib/files.js'
import { Limit } from '../lib/limit.js'
import type { Customer } from '../wallets/model.js'
import type { CustomerIndex } from './customer-index.js'
import { type MerchantDocument, type MerchantRecord, newDocument } from './document.js'

/** Files written at once: more gain nothing, and a process may hold only so many open. */
const MAX_AT_ONCE = 64

/** The writes of one data folder: so many at once, and none once it is closed. */
export class Writing {
  readonly #limit = new Limit(MAX_AT_ONCE)
  isClosed = false

  /** @throws Refusal that says what went wrong at `path` */
  async run(path: string, task: () => Promise<unknown>): Promise<void> {
    try {
      await this.#limit.run(() => {
        if (this.isClosed) throw new Error('the sandbox is closed')
        return task()
      })
    } catch (error) {
      const reason = `${path}: ${plainReason(error)}. It can be made again once the folder can be written.`
      throw new Refusal('server_error', `The change could not be stored and was undone: ${reason}`)
    }
  }
}

/** Changes that share one write. */
interface Batch {
  readonly undo: (() => void)[]
  /** Why the change before them, on which they were built, could not be stored. */
  failed: Refusal | undefined
  written: Promise<void>
}

/** The name beside a file under which lowdb writes before it renames. */
export const temporaryOf = (path: string) => join(dirname(path), `.${basename(path)}.tmp`)

/**
 * The file of one merchant id. It has one queue of writes for the life of the process, whichever merchants have the id one
 * after the other.
 */
export class MerchantFile {
  /** The document whose content the file is to have; none once its merchant is dropped. */
  low: Low<MerchantDocument> | undefined
  readonly #path: string
  readonly #writing: Writing
  #exists: boolean
  /** Takes changes until its write begins. */
  #next: Batch | undefined
  #current: Batch | undefined

  /** @param low what was read from it */
  constructor(path: string, writing: Writing, low?: Low<MerchantDocument>) {
    this.#path = path
    this.#writing = writing
    this.low = low
    this.#exists = low !== undefined
  }

  /** The database of a new merchant. A predecessor's content must not be found by the next start. */
  begin(low: Low<MerchantDocument>): Database {
    this.low = low
    if (this.#exists || this.#current || this.#next) void this.change(() => {}).catch(() => {})
    return new Database(low, this)
  }

  /**
   * Stores what the document now holds.
   *
   * @param undo takes the change back in memory when it cannot be stored
   * @returns resolves when it is on disk, and rejects with a Refusal when it was taken back
   */
  change(undo: () => void): Promise<void> {
    this.#next ??= this.#begin()
    this.#next.undo.push(undo)
    return this.#next.written
  }

  /** Resolves when no write is under way. */
  async idle(): Promise<void> {
    for (let batch = this.#next ?? this.#current; batch; batch = this.#next ?? this.#current)
      await batch.written.catch(() => {})
  }

  #begin(): Batch {
    const batch: Batch = { undo: [], failed: undefined, written: Promise.resolve() }
    batch.written = this.#write(batch, this.#current?.written)
    // A change that is not waited for must not end the process.
    batch.written.catch(() => {})
    return batch
  }

  async #write(batch: Batch, before: Promise<void> | undefined): Promise<void> {
    await before?.catch(() => {})
    if (batch.failed) throw batch.failed
    this.#next = undefined
    this.#current = batch
    try {
      await this.#writing.run(this.#path, () => this.#writeNow())
    } catch (error) {
      const later = this.#next as Batch | undefined
      this.#next = undefined
      if (later) later.failed = error as Refusal
      for (const undo of [...batch.undo, ...(later?.undo ?? [])].reverse()) undo()
      await rm(temporaryOf(this.#path), { force: true }).catch(() => {})
      throw error
    } finally {
      this.#current = undefined
    }
  }

  async #writeNow(): Promise<void> {
    const { low } = this
    if (low) await low.write()
    else await rm(this.#path, { force: true })
    this.#exists = low !== undefined
  }
}

/** Stands for the whole document among the ids of customers. */
const EVERYTHING = Symbol('everything')

/** One merchant's document: in memory, or with a file that follows it. */
export class Database {
  readonly #low: Low<MerchantDocument>
  readonly #file: MerchantFile | undefined
  /** Changes that are not on disk yet, by the customer changed. */
  readonly #pending = new Map<string | symbol, Promise<void>>()
  /** What the act under way waits for. */
  #awaited = new Set<Promise<void>>()

  constructor(low: Low<MerchantDocument>, file?: MerchantFile) {
    this.#low = low
    this.#file = file
  }

  static inMemory(record: MerchantRecord): Database {
    return new Database(new Low(new Memory<MerchantDocument>(), newDocument(record)))
  }

  get record(): MerchantRecord {
    return this.#low.data.record
  }

  get customers(): CustomerIndex {
    return this.#low.data.customers
  }

  /** Whether everything is on disk. */
  get settled(): boolean {
    return this.#pending.size === 0
  }

  /** Resolves when everything is on disk. @throws Refusal when it could not be stored */
  async stored(): Promise<void> {
    await Promise.all(this.#pending.values())
  }

  /** Runs `act`, which does not await. Its outcome is held back until all that it changed or saw is on disk. */
  committed<Result>(act: () => Result): Result | Promise<Result> {
    if (this.#file === undefined) return act()
    const awaited = new Set<Promise<void>>()
    this.#awaited = awaited
    let outcome: () => Result
    try {
      const value = act()
      outcome = () => value
    } catch (error) {
      outcome = () => {
        throw error
      }
    }
    return awaited.size === 0 ? outcome() : Promise.all(awaited).then(outcome)
  }

  /** Takes note that a customer was looked at. */
  saw(id: string): void {
    if (this.#pending.size === 0) return
    for (const key of [id, EVERYTHING]) {
      const pending = this.#pending.get(key)
      if (pending) this.#awaited.add(pending)
    }
  }

  put(customer: Customer): void {
    const { customers } = this
    const before = customers.put(customer)
    this.#changed(customer.id, () => restoreCustomer(customers, customer.id, before))
  }

  delete(id: string): void {
    const { customers } = this
    const before = customers.customers.get(id)
    customers.delete(id)
    this.#changed(id, () => restoreCustomer(customers, id, before))
  }

  /** Replaces all changed customers, and says what they lie over. */
  replace(base: MerchantRecord['base'], customers: CustomerIndex): void {
    const { data } = this.#low
    const before = { ...data }
    data.record = { ...data.record, base }
    data.customers = customers
    this.#changed(EVERYTHING, () => Object.assign(data, before))
  }

  /** Changes facts of the merchant itself. @param undo takes back what else was changed in memory with them */
  describe(facts: Partial<MerchantRecord>, undo: () => void = () => {}): void {
    const { data } = this.#low
    const before = data.record
    data.record = { ...before, ...facts }
    this.#changed(EVERYTHING, () => {
      data.record = before
      undo()
    })
  }

  /** Removes the merchant. @throws Refusal when the disk keeps it; it is then there as before */
  async drop(): Promise<void> {
    const file = this.#file
    if (file === undefined) return
    file.low = undefined
    await file.change(() => {
      file.low ??= this.#low
    })
  }

  #changed(key: string | symbol, undo: () => void): void {
    if (this.#file === undefined) return
    const written = this.#file.change(undo)
    this.#awaited.add(written)
    this.#pending.set(key, written)
    const settle = () => {
      if (this.#pending.get(key) === written) this.#pending.delete(key)
    }
    written.then(settle, settle)
  }
}

function restoreCustomer(customers: CustomerIndex, id: string, before: Customer | undefined): void {
  customers.delete(id)
  if (before) customers.put(before)
}
