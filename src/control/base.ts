/** The path below which the control API is served. */
export const CONTROL_BASE = '/_sandbox'
