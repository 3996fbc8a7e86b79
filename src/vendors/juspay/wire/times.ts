import type { Timestamp } from '../../../wallets/model.js'

/** The three ways in which the vendor prints a time; the first two in whole seconds. */

export const offsetTime = (at: Timestamp | null | undefined) => (at ? `${at.slice(0, 19)}+0000` : null)
export const wholeSeconds = (at: Timestamp | null | undefined) => (at ? `${at.slice(0, 19)}Z` : null)
export const milliseconds = (at: Timestamp | null | undefined) => (at ? new Date(at).toISOString() : null)
