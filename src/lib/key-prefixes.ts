/** A key that begins so makes a merchant of its own on first use. */
export const SANDBOX_KEY_PREFIX = 'sandbox_'

/** The merchants of explorations, which the inspector lists together. */
export const EXPLORED_PREFIX = `${SANDBOX_KEY_PREFIX}explore_`
