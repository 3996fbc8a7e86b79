/** Paths of routes, in which `:wallet` stands for a part that names something. */

/** As people read it: `/wallets/{wallet}` for `/wallets/:wallet`. */
export const shownPath = (path: string) => path.replace(/:(\w+)/g, '{$1}')

/** The source of a regular expression for the paths that a route has. */
export const pathPattern = (path: string) => path.replaceAll(/:\w+/g, '[^/]+')
