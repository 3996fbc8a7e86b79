/**
 * How long a text may be that is kept, in UTF-16 units: one table for operations, the control API, fixtures and data files,
 * so that whatever is accepted can be read again.
 */
export const LONGEST = {
  /** An id, a name, a phone number: whatever has no bound of its own. */
  text: 256,
  /** An id that the sandbox makes of others, such as a payment's of its merchant's and its order's. */
  derivedId: 600,
  /** A description, and each field that is the merchant's own. */
  note: 1024,
  url: 2048,
  idempotencyKey: 255,
} as const
