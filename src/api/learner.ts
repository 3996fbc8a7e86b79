import { textOf } from '../lib/json.js'
import type { Account } from './account.js'

/** A time as a fixture has it: `+0000` and `Z` are one, and milliseconds of zero are none. */
export const timeOf = (value: unknown) => textOf(value)?.replace(/(\.000)?(\+00:?00|Z)$/, 'Z')

/** Fields of an answer under their names in a fixture, such as `mobileNumber` for `mobile_number`; undefined where one is not text. */
export const textsOf = <const Name extends string>(row: Readonly<Record<string, unknown>>, ...names: readonly Name[]) =>
  Object.fromEntries(
    names.map((name) => [name, textOf(row[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)])]),
  ) as Record<Name, string | undefined>

/** A call that succeeded, as a vendor's learner sees it. */
export interface SeenCall {
  readonly operation: string | undefined
  readonly params: Readonly<Record<string, string>>
  readonly fields: ReadonlyMap<string, string>
  readonly answer: Readonly<Record<string, unknown>>
  /** The time of the upstream's answer, by its Date header. */
  readonly at: string
}

/** What a recording of a vendor's calls teaches. */
export interface Learner {
  /** Puts what a success shows into the account. @returns whether there was something to learn */
  learn(account: Account, call: SeenCall): boolean
  /** The API key that stands in for the recorded one of a merchant. */
  standInKey(merchant: string): string
}
