import type { Ending } from './evidence.js'

/** What is known of the account: given by the user, or learned from answers. */
export interface Known {
  customer?: string | undefined
  /** Where the customer was found, by its place in a list, unless the user named it. */
  found?: string
  /** Ids of the first customers that the account lists. */
  listed: readonly string[]
  wallet?: string | undefined
  order?: string
  merchant?: string | undefined
  transaction?: string
  /** Makes what is written unlike anything that is there. */
  readonly unique: string
}

type Fields = Readonly<Record<string, unknown>>

/** One request, at the first place of the operation, and how it should end. */
export interface Check {
  readonly operation: string
  readonly ending: Ending
  readonly writes?: true
  readonly query?: string
  /** What the path names, where that is not what is known, or for a refusal what is not there. */
  names?(known: Known): Readonly<Record<string, string>>
  fields?(known: Known): Fields
  /** What the account has not, where something that the path names is not known. */
  readonly needs?: string
  /** Header names beside those that every answer of the vendor has. */
  readonly headers?: readonly string[]
  /** Where in a success is what those behind it need, such as `list.0.id`; `listed` is where its customers are. */
  readonly learns?: Readonly<Partial<Record<'customer' | 'wallet' | 'order' | 'transaction' | 'listed', string>>>
}

/** A request that reads, and succeeds. */
export const reading = (operation: string, rest: Partial<Check> = {}): Check => ({
  operation,
  ending: 'success',
  ...rest,
})

/** A request that reads, and is refused in each of these ways. */
export const refused = (operation: string, ...endings: readonly Ending[]): readonly Check[] =>
  endings.map((ending) => ({ operation, ending }))

/** A request that writes, and succeeds. */
export const writing = (operation: string, fields: Check['fields'], rest: Partial<Check> = {}): Check => ({
  ...reading(operation, rest),
  writes: true,
  ...(fields && { fields }),
})

export interface Suite {
  /** In an order in which each learns what those behind it need. */
  readonly checks: readonly Check[]
  /** What no account has, by what a path names. */
  readonly unknown: Readonly<Record<string, string>>
  /** Header names that every answer has. */
  readonly headers: readonly string[]
  /** The shipped key for the sandbox's own answers, and a customer of its merchant. */
  readonly shipped: { readonly key: string; readonly customer: string }
  readonly requestHeaders: Readonly<Record<string, string>>
  printFields(fields: Fields): string
}
