import { Hono } from 'hono'
import type { Vendor } from '../api/vendor.js'
import { type Bindings, headerOf, pathEnd, pathStart } from './call-request.js'
import { VendorPaths } from './identify.js'
import { PathRouter } from './router.js'
import { createServe, type Serving } from './serve.js'

/** An app that answers everything below one path. */
export interface MountedApp {
  readonly base: string
  fetch(request: Request, bindings: Bindings): Promise<Response>
}

/** One Hono app for everything: each vendor below its own prefix, the control API below its base. */
export function createApp(vendors: readonly Vendor[], serving: Omit<Serving, 'paths'>, control: MountedApp): Hono {
  const paths = new VendorPaths(vendors)
  const serve = createServe({ ...serving, paths })
  const app = new Hono({
    router: new PathRouter(),
    getPath(request, options) {
      const { url } = request
      const start = pathStart(url)
      const path = start === url.length ? '/' : url.slice(start, pathEnd(url, start))
      if (path === control.base || path.startsWith(`${control.base}/`)) return path
      if (path === '/' && isBrowser(request, options?.env as Bindings)) return path
      return paths.resolve(path, () => headerOf(request, options?.env as Bindings, 'authorization'))
    },
  })
  for (const vendor of vendors) app.route(vendor.base, vendor.routes(serve.forVendor(vendor)))
  // The wildcard takes the base itself too.
  app.all(`${control.base}/*`, (c) => control.fetch(c.req.raw, c.env as Bindings))
  app.get('/', (c) => c.html(welcome(control.base), 200, { 'content-security-policy': "default-src 'none'" }))
  app.notFound((c) => serve.notFound(c))
  // A fault that fails a fetch must reject it.
  app.onError((error) => {
    throw error
  })
  return app
}

/** A person who opens the sandbox's address; a vendor's client does not accept HTML. */
const isBrowser = (request: Request, bindings: Bindings) =>
  (request.method === 'GET' || request.method === 'HEAD') &&
  /\btext\/html\b/.test(headerOf(request, bindings, 'accept') ?? '')

const welcome = (base: string) =>
  `<!doctype html><html lang="en"><title>wallet-sandbox</title><p>This is wallet-sandbox. See what it is asked and answers in the <a href="${base.slice(1)}/">inspector</a>.</p></html>`
