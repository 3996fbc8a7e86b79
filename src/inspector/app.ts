import { readFile } from 'node:fs/promises'
import { Hono } from 'hono'
import { etag } from 'hono/etag'
import { html } from 'hono/html'
import { CONTROL_BASE } from '../control/base.js'
import { ControlError } from '../control/errors.js'
import { inPackage } from '../lib/files.js'
import { page } from './page.js'

const ASSETS = `${CONTROL_BASE}/assets`

const TYPES: Readonly<Record<string, string>> = {
  'inspector.js': 'text/javascript; charset=utf-8',
  'inspector.css': 'text/css; charset=utf-8',
}

/** The page runs its own script, calls its own server, and nothing else. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:"

export function inspectorApp(): Hono {
  const app = new Hono()
  app.onError((error) => {
    throw error
  })
  app.use(async (c, next) => {
    await next()
    // Neither says in its name which version it is of.
    c.header('cache-control', 'no-cache')
    c.header('x-content-type-options', 'nosniff')
  })
  app.on('GET', [CONTROL_BASE, `${CONTROL_BASE}/`], (c) => {
    const assets = c.req.path.endsWith('/') ? 'assets' : ASSETS.slice(1)
    const head = html`<link rel="stylesheet" href="${assets}/inspector.css">
    <script type="module" src="${assets}/inspector.js"></script>`
    return c.html(page(head), 200, { 'content-security-policy': POLICY, 'x-frame-options': 'DENY' })
  })
  app.get(`${ASSETS}/:name`, etag(), async (c) => {
    const name = c.req.param('name')
    if (!Object.hasOwn(TYPES, name))
      throw new ControlError(
        'not_found',
        `There is no asset ${name.slice(0, 80)}; there are ${Object.keys(TYPES).join(', ')}.`,
      )
    return c.body(await readFile(inPackage(`dist/inspector/${name}`)), 200, { 'content-type': TYPES[name]! })
  })
  app.notFound(({ req }) => {
    throw new ControlError(
      'not_found',
      `${req.method} ${req.path.slice(0, 80)} is nothing of the page; it has GET alone.`,
    )
  })
  return app
}
