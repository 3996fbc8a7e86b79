import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fromCustomer } from '../../fixtures/convert.js'
import type { Fixtures } from '../../fixtures/schema.js'
import { draw } from '../../lib/random.js'
import type { Customer } from '../../wallets/model.js'
import type { Index } from '../customer-index.js'
import { SharedWrite, StoredFile, type Writing } from './write.js'

/** Files a merchant's customers are spread over, so that storing a change costs the same however many there are. */
const BUCKETS = 4096

/** The file a customer is in, which is the same in every version. */
export const bucketOf = (customerId: string) =>
  `${Math.floor(draw(0, 'bucket', customerId) * BUCKETS)
    .toString(16)
    .padStart(3, '0')}.json`

/** What a generation needs of its merchant. */
export interface Owner {
  readonly merchantId: string
  readonly writing: Writing
  /** Resolves once a change in this generation counts: its folder and the record that names it are on disk. */
  ready(generation: Generation): Promise<void>
}

/** The customers of one file: those that are on disk, and those that are to follow. */
class Bucket {
  readonly writes: SharedWrite
  readonly #file: StoredFile<Fixtures>
  readonly #generation: Generation
  readonly #owner: Owner
  #stored: ReadonlyMap<string, Customer>
  #changed = new Set<string>()
  #underWay: ReadonlySet<string> = new Set()

  constructor(generation: Generation, owner: Owner, name: string, stored: ReadonlyMap<string, Customer>) {
    this.#generation = generation
    this.#owner = owner
    this.#stored = stored
    this.#file = new StoredFile<Fixtures>(join(generation.folder, name), owner.writing, { merchants: [] })
    this.writes = new SharedWrite(
      () => this.#write(),
      () => this.#revert(),
    )
  }

  changed(id: string): Promise<void> {
    this.#changed.add(id)
    return this.writes.request()
  }

  /** Writes what counts as stored into a folder that is new. */
  async fill(): Promise<void> {
    if (this.#stored.size > 0) await this.#file.write(fileOf(this.#owner.merchantId, this.#stored.values()))
  }

  async #write(): Promise<void> {
    const { index } = this.#generation
    this.#underWay = this.#changed
    this.#changed = new Set()
    const content = new Map(this.#stored)
    for (const id of this.#underWay) {
      const customer = index.customers.get(id)
      if (customer) content.set(id, customer)
      else content.delete(id)
    }
    await this.#owner.ready(this.#generation)
    await this.#file.write(fileOf(this.#owner.merchantId, content.values()))
    this.#stored = content
    this.#underWay = new Set()
  }

  #revert(): void {
    const { index } = this.#generation
    for (const id of new Set([...this.#underWay, ...this.#changed])) {
      const stored = this.#stored.get(id)
      index.delete(id)
      if (stored) index.put(stored)
    }
    this.#underWay = new Set()
    this.#changed.clear()
  }
}

/** A fixture file with customers of one merchant. */
function fileOf(id: string, customers: Iterable<Customer>): Fixtures {
  return { merchants: [{ id, customers: Array.from(customers, fromCustomer) }] }
}

/**
 * What a merchant stored since its state last began anew, in a folder of its own: a state that is replaced leaves the
 * old folder whole until the new one counts.
 */
export class Generation {
  readonly folder: string
  /** The customers stored here, and in memory those that are about to be. */
  readonly index: Index
  readonly #owner: Owner
  readonly #buckets = new Map<string, Bucket>()

  /** @param stored the customers of `index` that are on disk already */
  constructor(folder: string, index: Index, owner: Owner, stored: Iterable<Customer> = []) {
    this.folder = folder
    this.index = index
    this.#owner = owner
    for (const [name, customers] of grouped(stored))
      this.#buckets.set(
        name,
        new Bucket(this, owner, name, new Map(customers.map((customer) => [customer.id, customer]))),
      )
  }

  /** Resolves when the customer's last change is on disk. */
  changed(id: string): Promise<void> {
    return this.#bucket(bucketOf(id)).changed(id)
  }

  /** The same, and undefined where nothing is to be waited for. */
  pending(id: string): Promise<void> | undefined {
    return this.#buckets.get(bucketOf(id))?.writes.pending
  }

  /** Makes the folder and what is in it from the beginning, before anything else is written there. */
  async fill(): Promise<void> {
    await this.#owner.writing.run(this.folder, () => mkdir(this.folder, { recursive: true }))
    await Promise.all(Array.from(this.#buckets.values(), (bucket) => bucket.fill()))
  }

  #bucket(name: string): Bucket {
    let bucket = this.#buckets.get(name)
    if (bucket === undefined) {
      bucket = new Bucket(this, this.#owner, name, new Map())
      this.#buckets.set(name, bucket)
    }
    return bucket
  }
}

function grouped(customers: Iterable<Customer>): Map<string, Customer[]> {
  const groups = new Map<string, Customer[]>()
  for (const customer of customers) {
    const name = bucketOf(customer.id)
    const group = groups.get(name)
    if (group) group.push(customer)
    else groups.set(name, [customer])
  }
  return groups
}
