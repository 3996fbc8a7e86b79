import type { Call } from '../../../api/call.js'
import { foreignPage } from '../../../api/origin.js'
import type { Field } from '../../../api/request.js'
import type { Answer } from '../../../api/vendor.js'
import { Refusal } from '../../../lib/errors.js'
import { quote } from '../../../lib/text.js'
import { choice, required } from '../fields.js'

/** No script, no frame, nothing from elsewhere. */
const HTML_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'same-origin',
}

export const html = (text: string): Answer => ({ status: 200, text, headers: HTML_HEADERS })

export function button<const Name extends string>(names: readonly Name[], isRequired = true) {
  const refusal = () =>
    new Refusal('bad_request', `The field outcome is missing or unknown; allowed: ${names.join(', ')}.`)
  const pressed = choice('outcome', 'The button that the customer pressed', names, refusal)
  return isRequired ? required(pressed, refusal) : pressed
}

/** The refusal of a page whose address names nothing that is there. @param hint where such an address comes from */
export function noSuch(what: string, name: string, hint: string): Refusal {
  const message = `No such ${what}.`
  return new Refusal('not_found', `There is no ${what} ${quote(name)} of this merchant; ${hint}.`, { message })
}

/** Sends the browser on, with a page for those whose browser stays. */
export const sendOn = (status: 302 | 303, url: string, text: string): Answer => ({
  status,
  text,
  headers: { ...HTML_HEADERS, location: new URL(url).href },
})

/** The button that the customer pressed. A form of another site must not decide. */
export function decisionOf<Name>(call: Call, pressed: Field<Name>): Name {
  if (foreignPage((name) => call.header(name), call.request.hostUrl, call.baseUrl) !== undefined)
    throw new Refusal('bad_request', 'A form of another site sent this; the customer decides on the page itself.')
  return pressed.read(call)
}
