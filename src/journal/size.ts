import type { Entry } from './entry.js'

/** What an entry takes beside its texts, about. */
const ENTRY_BYTES = 1024

export const headBytes = ({ request: { path, query, headers } }: Entry): number =>
  ENTRY_BYTES + path.length + query.length + headers.length

export const bodyBytes = ({ ended }: Entry): number =>
  ended === undefined ? 0 : Buffer.byteLength(ended.requestBody) + Buffer.byteLength(ended.response.body)

/** What an entry takes in memory, in bytes, about. */
export const bytesOf = (entry: Entry): number => headBytes(entry) + bodyBytes(entry)
