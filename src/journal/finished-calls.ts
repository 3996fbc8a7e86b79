import { randomBytes } from 'node:crypto'
import { Feed } from '../lib/feed.js'
import type { Entry } from './entry.js'

/** A place among the finished calls of a sandbox: which run of it, and how many had finished. */
const CURSOR = /^([0-9a-f]{8})-(\d{1,15})$/

export const isCursor = (text: string): boolean => CURSOR.test(text)

/** The finished calls of every journal of a sandbox, in the order in which they ended. */
export class FinishedCalls extends Feed<Entry> {
  /** Distinguishes cursors of an earlier run of the sandbox from its own. */
  readonly #run = randomBytes(4).toString('hex')
  #finished = 0

  override publish(entry: Entry): void {
    entry.finishedAs = ++this.#finished
    super.publish(entry)
  }

  /** The place after an entry, or after all that have finished. */
  cursor(finished = this.#finished): string {
    return `${this.#run}-${finished}`
  }

  /** How many had finished at a cursor; none, where it is of another run. */
  at(cursor: string): number {
    const [, run, finished] = CURSOR.exec(cursor) ?? []
    return run === this.#run ? Number(finished) : 0
  }
}
