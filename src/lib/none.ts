/** The empty list of all that keep one for long. */
export const NONE: readonly never[] = []
