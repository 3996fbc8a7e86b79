export const BASE = '/_sandbox'

/** Whether a request's path is the control API's. */
export const isControl = (target: string) =>
  target.startsWith(BASE) &&
  (target.length === BASE.length || target[BASE.length] === '/' || target[BASE.length] === '?')
