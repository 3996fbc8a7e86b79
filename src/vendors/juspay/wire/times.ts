import type { Timestamp } from '../../../wallets/model.js'

/** The two ways in which the vendor prints a time; both in whole seconds. */

export const offsetTime = (at: Timestamp | null | undefined) => (at ? `${at.slice(0, 19)}+0000` : null)
export const wholeSeconds = (at: Timestamp | null | undefined) => (at ? `${at.slice(0, 19)}Z` : null)
