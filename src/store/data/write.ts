import { rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type Adapter, Low } from 'lowdb'
import { TextFile } from 'lowdb/node'
import { Refusal } from '../../lib/errors.js'
import { plainReason, readJson } from '../../lib/files.js'

/** Files written at once: more gain nothing, and a process may hold only so many open. */
const MAX_AT_ONCE = 64

/** Every write of one data folder goes through here: so many at once, and none after the folder is closed. */
export class Writing {
  #running = 0
  #closed = false
  readonly #waiting: (() => void)[] = []
  readonly #idle: (() => void)[] = []

  /** @throws Refusal saying what of `path` went wrong */
  async run(path: string, task: () => Promise<unknown>): Promise<void> {
    if (this.#running >= MAX_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running++
    try {
      if (this.#closed) throw new Error('the sandbox is closed')
      await task()
    } catch (error) {
      throw new Refusal(
        'server_error',
        `The change could not be stored and was undone: ${path}: ${plainReason(error)}. It can be made again once the folder can be written.`,
      )
    } finally {
      // The next one takes this one's place, so that none can slip in between.
      const next = this.#waiting.shift()
      if (next) next()
      else if (--this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve()
    }
  }

  /** Resolves when what is under way has ended, and refuses everything later. */
  async close(): Promise<void> {
    // Changes made in this turn begin to be written in the next.
    await new Promise((resolve) => setImmediate(resolve))
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
    this.#closed = true
  }
}

/** The name beside a file under which steno, lowdb's writer, writes before it renames. */
export const temporaryOf = (file: string) => join(dirname(file), `.${basename(file)}.tmp`)
export const isTemporary = (name: string) => name.startsWith('.') && name.endsWith('.tmp')

/** lowdb's text file, which is replaced whole, as JSON. A write that fails leaves nothing behind. */
class WholeFile<Content> implements Adapter<Content> {
  readonly #file: string
  readonly #text: TextFile
  readonly #writing: Writing

  constructor(file: string, writing: Writing) {
    this.#file = file
    this.#text = new TextFile(file)
    this.#writing = writing
  }

  async read(): Promise<Content> {
    return readJson(this.#file) as Content
  }

  async write(content: Content): Promise<void> {
    try {
      await this.#writing.run(this.#file, () => this.#text.write(`${JSON.stringify(content)}\n`))
    } catch (refusal) {
      await rm(temporaryOf(this.#file), { force: true }).catch(() => {})
      throw refusal
    }
  }
}

/** One JSON file of the data folder. */
export class StoredFile<Content> {
  readonly #low: Low<Content>

  constructor(file: string, writing: Writing, content: Content) {
    this.#low = new Low(new WholeFile<Content>(file, writing), content)
  }

  /** @throws InputError when the file is not JSON; whether it is what it should be is for the caller to see. */
  async read(): Promise<Content> {
    await this.#low.read()
    return this.#low.data
  }

  /** @throws Refusal when the disk does not take it; the file is then as it was. */
  async write(content: Content): Promise<void> {
    this.#low.data = content
    await this.#low.write()
  }
}

/** Writes of one file: what is asked for while one is under way shares the next. */
export class SharedWrite {
  readonly #write: () => Promise<void>
  readonly #revert: () => void
  #underWay: Promise<void> | undefined
  #next: Promise<void> | undefined

  /**
   * @param write stores everything changed so far
   * @param revert takes back everything not stored; what waits for a later write was built upon it
   */
  constructor(write: () => Promise<void>, revert: () => void) {
    this.#write = write
    this.#revert = revert
  }

  /** Resolves when all changes so far are stored; undefined when they are. */
  get pending(): Promise<void> | undefined {
    return this.#next ?? this.#underWay
  }

  request(): Promise<void> {
    if (this.#next === undefined) {
      this.#next = this.#run(this.#underWay)
      // Whoever made the change waits for it and hears of a failure; a change nobody waits for must not end the process.
      this.#next.catch(() => {})
    }
    return this.#next
  }

  async #run(before: Promise<void> | undefined): Promise<void> {
    await before
    this.#underWay = this.#next
    this.#next = undefined
    try {
      await this.#write()
      this.#underWay = undefined
    } catch (error) {
      this.#underWay = undefined
      this.#next = undefined
      this.#revert()
      throw error
    }
  }
}
