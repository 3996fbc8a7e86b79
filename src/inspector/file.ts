import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { html, raw } from 'hono/html'
import { CONTROL_BASE } from '../control/base.js'
import type { JournalEntry } from '../journal/journal-entry.js'
import { inPackage } from '../lib/files.js'
import { ordersIn, READS, SERVER_READS, timelineOf } from './client/reads.js'
import { page } from './page.js'

/** What a page asks the control API for, by its path: an answer as JSON, or undefined where it is refused. */
type Ask = (path: string) => Promise<unknown>

/** Orders that have their page in a file, the newest: for each, the whole journal is looked through. */
const MAX_ORDERS = 500

/**
 * The page with a merchant's session in it, as one file: it is read without a server, and loads nothing else.
 *
 * @param fetch the sandbox's own
 */
export async function pageInFile(fetch: (url: string) => Promise<Response>, merchant: string): Promise<string> {
  const ask: Ask = async (path) => {
    const response = await fetch(`http://sandbox${CONTROL_BASE}${path}`)
    return response.ok ? response.json() : undefined
  }
  const answers: Record<string, unknown> = {}
  const read = async (resource: string) => {
    answers[resource] = await ask(`/merchants/${encodeURIComponent(merchant)}${resource}`)
  }
  for (const resource of SERVER_READS) answers[resource] = await ask(resource)
  for (const resource of READS) await read(resource)
  const { requests } = answers['/requests'] as { requests: JournalEntry[] }
  const orders = [...new Set(requests.flatMap(ordersIn))].slice(-MAX_ORDERS)
  for (const order of orders) await read(timelineOf(order))

  const [script, style] = await Promise.all(
    ['inspector.js', 'inspector.css'].map((name) => readFile(inPackage(`dist/inspector/${name}`), 'utf8')),
  )
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script!)}`,
    `style-src ${hashOf(style!)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const holds = `This file holds the session of the merchant ${merchant} (calls: ${requests.length}) with customers’ data, tokens and one-time passwords, and without API keys. Nothing can be changed in it: to go on from here, save the capsule from a call, and run wallet-sandbox open.`
  const head = html`<meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="description" content="${holds}">
    <style>${raw(style!)}</style>
    <script type="application/json" id="session">${raw(inert(answers))}</script>
    <script type="module">${raw(script!)}</script>`
  return String(await page(head))
}

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** JSON in which nothing ends the element that it stands in. */
const inert = (value: unknown) =>
  JSON.stringify(value).replace(/[<\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
