import { isObject, type JsonObject } from '../lib/json.js'

/** Reading what others answered: nothing is taken for granted. */

export const objects = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : [])

export const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
export const numberOf = (value: unknown) => (typeof value === 'number' ? value : undefined)

/** A time as a fixture has it: `+0000` and `Z` are one, and milliseconds of zero are none. */
export const timeOf = (value: unknown) =>
  textOf(value)
    ?.replace(/\+00:?00$/, 'Z')
    .replace(/\.000Z$/, 'Z')

/** A call as a vendor's reader sees it. */
export interface Told {
  readonly operation: string | undefined
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** The fields of the request. */
  readonly fields: ReadonlyMap<string, string>
  readonly answer: JsonObject
  /** When the upstream says it answered. */
  readonly at: string
}
