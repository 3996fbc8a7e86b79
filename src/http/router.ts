import { METHOD_NAME_ALL, type Result, type Router, UnsupportedPathError } from 'hono/router'
import type { Params } from '../api/call.js'

/** A part of a path with the slash before it, and its name where it is variable. */
interface Part {
  readonly text: string
  readonly name: string | undefined
}

interface Row<Thing> {
  /** What follows the start of the path. */
  readonly parts: readonly Part[]
  readonly thing: Thing
}

/** What is at a path, and the variable parts of the path as they were sent. */
export interface Found<Thing> {
  readonly thing: Thing
  readonly params: Params
}

/**
 * Things at the paths of routes, where `:wallet` stands for any part that is not empty. They are looked up by the first two
 * parts, a vendor's name and what follows it: an expression for each route took a List 4 µs.
 */
export class PathTable<Thing> {
  readonly #byStart = new Map<string, Row<Thing>[]>()

  /** @throws UnsupportedPathError for a path that is more than text and parameters, or begins with a parameter */
  add(path: string, thing: Thing): void {
    const end = startEnd(path)
    const start = path.slice(0, end)
    if (/[*?{]/.test(path) || start.includes(':')) throw new UnsupportedPathError(path)
    const rows = this.#byStart.get(start) ?? []
    const parts = path.slice(end).match(/\/[^/]*/g) ?? []
    rows.push({ parts: parts.map((text) => ({ text, name: text[1] === ':' ? text.slice(2) : undefined })), thing })
    this.#byStart.set(start, rows)
  }

  /** The first of what was added for a path that is wanted. */
  find(path: string, isWanted?: (thing: Thing) => boolean): Found<Thing> | undefined {
    const end = startEnd(path)
    const rows = this.#byStart.get(path.slice(0, end))
    if (rows === undefined) return undefined
    for (const { parts, thing } of rows)
      if (fits(parts, path, end) && (isWanted === undefined || isWanted(thing)))
        return { thing, params: paramsOf(parts, path, end) }
    return undefined
  }
}

/** Where a part of a path that begins at a slash ends. */
function partEnd(path: string, slash: number): number {
  const end = path.indexOf('/', slash + 1)
  return end < 0 ? path.length : end
}

const startEnd = (path: string) => partEnd(path, partEnd(path, 0))

/** Whether what follows the start of a path is these parts. */
function fits(parts: readonly Part[], path: string, from: number): boolean {
  let at = from
  for (const { text, name } of parts) {
    const end = partEnd(path, at)
    const isPart = name === undefined ? end - at === text.length && path.startsWith(text, at) : end - at > 1
    if (!isPart) return false
    at = end
  }
  return at === path.length
}

function paramsOf(parts: readonly Part[], path: string, from: number): Params {
  const params: Record<string, string> = {}
  let at = from
  for (const { name } of parts) {
    const end = partEnd(path, at)
    if (name !== undefined) params[name] = path.slice(at + 1, end)
    at = end
  }
  return params
}

interface Handled<Handler> {
  readonly method: string
  readonly handler: Handler
}

/** Hono's own router falls back to a trie where a literal stands beside a parameter, as `/wallets/all` does. */
export class PathRouter<Handler> implements Router<Handler> {
  readonly name = 'PathRouter'
  readonly #table = new PathTable<Handled<Handler>>()
  /** Those of paths that end in a wildcard, which takes what it stands behind too. */
  readonly #below: (Handled<Handler> & { readonly base: string })[] = []

  add(method: string, path: string, handler: Handler): void {
    if (path.endsWith('/*')) this.#below.push({ method, handler, base: path.slice(0, -2) })
    else this.#table.add(path, { method, handler })
  }

  match(method: string, path: string): Result<Handler> {
    const takes = (route: Handled<Handler>) => route.method === method || route.method === METHOD_NAME_ALL
    const found = this.#table.find(path, takes)
    if (found) return [[[found.thing.handler, found.params]]]
    const below = this.#below.find((route) => takes(route) && `${path}/`.startsWith(`${route.base}/`))
    return [below ? [[below.handler, {}]] : []]
  }
}
