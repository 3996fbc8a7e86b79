import { type HttpHandler, HttpResponse, http } from 'msw'
import { perVendor, type VendorName } from '../fixture-files/key-lists.js'
import type { Sandbox } from '../index.js'
import { InputError } from '../lib/errors.js'
import { givenOptions } from '../lib/given.js'
import { quote } from '../lib/text.js'
import { VENDORS } from '../vendors/index.js'

/** Base URLs by vendor. */
export type VendorUrls = Readonly<Partial<Record<VendorName, readonly string[]>>>

const VENDOR_URLS: VendorUrls = Object.fromEntries(
  VENDORS.map(({ name, servers = {} }) => [name, Object.values(servers)]),
)

/**
 * Handlers for msw that send what goes to the vendors' servers to a sandbox, in-process. A connection fault is a network
 * error; `hang` and `dribble` take their time. The sandbox's own `/_sandbox` is not among them.
 *
 * @param urls where your client sends its requests, in place of the vendors' own
 *
 * @example
 * import { setupServer } from 'msw/node'
 * import { handlers } from 'wallet-sandbox/msw'
 *
 * const server = setupServer(...handlers(sandbox))
 */
export function handlers(sandbox: Pick<Sandbox, 'fetch'>, urls: VendorUrls = VENDOR_URLS): HttpHandler[] {
  if (typeof sandbox?.fetch !== 'function')
    throw new InputError(`handlers: the sandbox is ${quote(sandbox)}; allowed: what createSandbox makes`)
  const kinds = perVendor(() => 'urls' as const)
  const given = givenOptions(urls, 'urls', kinds)
  // At paths that several have, the host tells more than the Authorization header; the first one has them without a prefix.
  return VENDORS.flatMap(({ name, base }, place) =>
    (given[name] ?? []).map((url) => handler(sandbox, url, place === 0 ? '' : base)),
  )
}

function handler(sandbox: Pick<Sandbox, 'fetch'>, url: string, prefix: string): HttpHandler {
  // As the requests' URLs are written: without a port that is the scheme's own.
  const base = new URL(url).href.replace(/\/$/, '')
  return http.all(`${base}/*`, async ({ request }) => {
    const to = new URL(base).origin + prefix + request.url.slice(base.length)
    return sandbox.fetch(new Request(to, request)).catch(() => HttpResponse.error())
  })
}
