/** Paths of routes, in which `:wallet` stands for a part that names something. */

/** As people read it: `/wallets/{wallet}` for `/wallets/:wallet`. */
export const shownPath = (path: string) => path.replace(/:(\w+)/g, '{$1}')

/** The path below a vendor's prefix, with or without which it was sent. */
export const belowVendor = (path: string, vendor: string | null) =>
  path.startsWith(`/${vendor}/`) ? path.slice(`/${vendor}`.length) : path

/** The source of a regular expression for the paths that a route has. */
export const pathPattern = (path: string) => path.replaceAll(/:\w+/g, '[^/]+')
