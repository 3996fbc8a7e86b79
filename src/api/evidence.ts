import type { Grade } from '../journal/entry.js'
import type { ErrorName } from '../lib/errors.js'

export type Ending = 'success' | ErrorName

/** What a behaviour rests on. */
export interface Evidence {
  readonly grade: Grade
  /** The vendor's page, or what the decision was taken from. */
  readonly source: string
}

export const published = (source: string): Evidence => ({ grade: 'published', source })
export const observed = (source: string): Evidence => ({ grade: 'observed', source })
export const inferred = (source: string): Evidence => ({ grade: 'inferred', source })
