import { renameSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { FixtureMerchant, Fixtures } from '../../fixtures/schema.js'
import { Refusal } from '../../lib/errors.js'
import { plainReason } from '../../lib/files.js'
import { Index } from '../customer-index.js'
import type { MerchantRecord } from './form.js'
import { Generation, type Owner } from './generation.js'
import { SharedWrite, StoredFile, type Writing } from './write.js'

export const RECORD_FILE = 'merchant.json'
export const ORIGIN_FILE = 'origin.json'

/** A state that is about to be replaced, for as long as the new one is not on disk. */
interface Switch {
  readonly to: Generation
  readonly before: Generation
  readonly restore: () => void
}

/** What is known of a merchant when its part of the folder is opened, or made. */
export interface Beginning {
  readonly record: MerchantRecord
  /** What a reset takes it back to, where that is not a merchant of the fixtures. */
  readonly origin: FixtureMerchant | undefined
  /** The customers that are on disk; left out for a merchant that has nothing stored. */
  readonly index?: Index
}

/**
 * One merchant's part of a data folder: what it began with, a record, and the folder of the generation it names. The record
 * is written last.
 */
export class MerchantFiles implements Owner {
  readonly writing: Writing
  readonly #folder: string
  readonly #file: StoredFile<MerchantRecord>
  readonly #records: SharedWrite
  /** What a reset takes it back to, where that is not a merchant of the fixtures. */
  readonly origin: FixtureMerchant | undefined
  #originStored: boolean
  #record: MerchantRecord
  #storedRecord: MerchantRecord
  #reverts: (() => void)[] = []
  #current: Generation
  #lastGeneration: number
  readonly #ready = new WeakMap<Generation, Promise<void>>()
  #switches: Switch[] = []
  /** What the act under way must wait for. */
  readonly #seen = new Set<Promise<void>>()
  readonly #unsettled = new Set<Promise<void>>()

  constructor(folder: string, writing: Writing, { record, origin, index }: Beginning) {
    this.writing = writing
    this.#folder = folder
    this.origin = origin
    this.#originStored = origin === undefined || index !== undefined
    this.#record = record
    this.#storedRecord = record
    this.#lastGeneration = record.generation
    this.#file = new StoredFile(join(folder, RECORD_FILE), writing, record)
    this.#current = new Generation(
      join(folder, String(record.generation)),
      index ?? new Index(),
      this,
      index?.customers.values(),
    )
    if (index) this.#ready.set(this.#current, Promise.resolve())
    this.#records = new SharedWrite(
      () => this.#writeRecord(),
      () => this.#revertRecord(),
    )
  }

  get merchantId(): string {
    return this.#record.merchant.id
  }

  /** What is known of the merchant beside its customers. */
  get record(): MerchantRecord {
    return this.#record
  }

  /** Customers changed since the seed. */
  get index(): Index {
    return this.#current.index
  }

  /** Whether everything is on disk. */
  get settled(): boolean {
    return this.#unsettled.size === 0
  }

  /** Resolves when everything is on disk. @throws Refusal when it could not be stored */
  async stored(): Promise<void> {
    await Promise.all(this.#unsettled)
  }

  /** Stores what the index now says of a customer. */
  changed(id: string): void {
    this.#await(this.#current.changed(id))
  }

  /** Takes note that what the index says of a customer was looked at. */
  saw(id: string): void {
    const pending = this.#current.pending(id)
    if (pending) this.#seen.add(pending)
    if (this.#switches.length > 0) this.#seen.add(this.ready(this.#current))
  }

  /** Stores facts of the merchant itself. @param revert takes them back in memory, when they cannot be stored */
  describe(facts: Partial<MerchantRecord>, revert: () => void = () => {}): void {
    this.#record = { ...this.#record, ...facts }
    this.#reverts.push(revert)
    const ready = this.ready(this.#current).catch((error: unknown) => {
      this.#revertRecord()
      throw error
    })
    this.#await(ready.then(() => this.#records.request()))
  }

  /**
   * Lets the state begin anew, with the customers of `index` stored.
   *
   * @param restore puts the state in memory back, when the new one cannot be stored
   */
  begin(base: MerchantRecord['base'], index: Index, restore: () => void): void {
    const before = this.#current
    const facts = { generation: ++this.#lastGeneration, base }
    const to = new Generation(join(this.#folder, String(facts.generation)), index, this, index.customers.values())
    this.#switches.push({ before, to, restore })
    this.#current = to
    const switched = this.#switch(before, to, facts)
    this.#ready.set(to, switched)
    this.#await(switched)
  }

  /** Runs `act`, which does not await, and keeps its outcome back until all that it changed or saw is on disk. */
  committed<Outcome>(act: () => Outcome): Outcome | Promise<Outcome> {
    this.#seen.clear()
    let outcome: () => Outcome
    try {
      const value = act()
      outcome = () => value
    } catch (error) {
      outcome = () => {
        throw error
      }
    }
    return this.#seen.size === 0 ? outcome() : Promise.all(this.#seen).then(outcome)
  }

  ready(generation: Generation): Promise<void> {
    let ready = this.#ready.get(generation)
    if (ready === undefined) {
      ready = this.#store(generation, {})
      this.#ready.set(generation, ready)
      ready.catch(() => this.#ready.delete(generation))
    }
    return ready
  }

  /** Removes the merchant from the disk: at once for whoever opens the folder next. */
  drop(): void {
    const away = `${this.#folder}${DROPPED}${Date.now()}`
    try {
      renameSync(this.#folder, away)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return // Nothing of it was stored.
      throw new Refusal('server_error', `Merchant ${this.merchantId} cannot be dropped: ${plainReason(error)}.`)
    }
    void this.writing.run(away, () => rm(away, { recursive: true, force: true })).catch(() => {})
  }

  #await(promise: Promise<void>): void {
    this.#seen.add(promise)
    if (this.#unsettled.has(promise)) return
    this.#unsettled.add(promise)
    const settle = () => this.#unsettled.delete(promise)
    promise.then(settle, settle)
  }

  async #store(generation: Generation, facts: Partial<MerchantRecord>): Promise<void> {
    await generation.fill()
    await this.#storeOrigin()
    this.#record = { ...this.#record, ...facts }
    await this.#records.request()
  }

  async #storeOrigin(): Promise<void> {
    if (this.#originStored) return
    const file = new StoredFile<Fixtures>(join(this.#folder, ORIGIN_FILE), this.writing, { merchants: [] })
    await file.write({ merchants: [this.origin!] })
    this.#originStored = true
  }

  async #switch(before: Generation, to: Generation, facts: Partial<MerchantRecord>): Promise<void> {
    try {
      // What comes before may itself be a switch under way; and a folder with customers in it has a record from the first.
      await this.ready(before)
      await this.#store(to, facts)
    } catch (error) {
      this.#undo(to)
      throw error
    }
    void this.#remove(this.#switches.shift()!.before)
  }

  /** Goes back to before a switch, and with it those that came after. */
  #undo(to: Generation): void {
    const index = this.#switches.findIndex((candidate) => candidate.to === to)
    const undone = this.#switches[index]
    if (undone === undefined) return
    this.#switches.length = index
    this.#current = undone.before
    undone.restore()
  }

  /** What is left behind here is removed when the folder is opened next. */
  async #remove({ folder }: Generation): Promise<void> {
    await Promise.allSettled(this.#unsettled)
    await this.writing.run(folder, () => rm(folder, { recursive: true, force: true })).catch(() => {})
  }

  async #writeRecord(): Promise<void> {
    const record = this.#record
    const reverts = this.#reverts.length
    await this.#file.write(record)
    this.#storedRecord = record
    this.#reverts.splice(0, reverts)
  }

  #revertRecord(): void {
    this.#record = this.#storedRecord
    for (const revert of this.#reverts.reverse()) revert()
    this.#reverts = []
  }
}

/** Between a folder's name and what makes it unique, once its merchant is dropped. */
const DROPPED = '.dropped-'
export const isDropped = (name: string) => name.includes(DROPPED)
