import type { Timestamp } from '../../../wallets/model.js'

/** The three ways in which the vendor prints a time; the first two in whole seconds. */

export const offsetTime = (at: Timestamp | null | undefined) => (at ? `${at.slice(0, 19)}+0000` : null)
export const wholeSeconds = (at: Timestamp | null | undefined) => (at ? `${at.slice(0, 19)}Z` : null)
export const milliseconds = (at: Timestamp | null | undefined) => (at ? withMilliseconds(at) : null)

/** Nearly all times are of whole seconds, for which no Date need be made. */
const withMilliseconds = (at: Timestamp) =>
  at.length === '2023-09-11T08:30:00Z'.length ? `${at.slice(0, 19)}.000Z` : new Date(at).toISOString()
