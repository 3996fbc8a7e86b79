import type { Call } from '../../../api/call.js'
import { foreignPage } from '../../../api/origin.js'
import type { Answer } from '../../../api/vendor.js'
import { Refusal } from '../../../lib/errors.js'

/** Pages that a browser opens. */

/** No script, no frame, nothing from elsewhere. */
const HTML_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'same-origin',
}

export const html = (text: string): Answer => ({ status: 200, text, headers: HTML_HEADERS })

/** Sends the browser on, with a page for whoever stays. */
export const sendOn = (status: 302 | 303, url: string, text: string): Answer => ({
  status,
  text,
  headers: { ...HTML_HEADERS, location: new URL(url).href },
})

/** Whether the customer pressed the first of a page's two buttons. A form of another site must not decide. */
export function decisionOf(call: Call, yes: string, no: string): boolean {
  if (foreignPage((name) => call.header(name), call.request.baseUrl) !== undefined)
    throw new Refusal('bad_request', 'A form of another site sent this; the customer decides on the page itself.')
  const outcome = call.field('outcome')
  if (outcome === yes || outcome === no) return outcome === yes
  throw new Refusal('bad_request', `The field outcome is missing or unknown; allowed: ${yes}, ${no}.`)
}
