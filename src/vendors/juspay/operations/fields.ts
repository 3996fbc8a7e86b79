import type { Call } from '../../../api/call.js'
import type { Outcome } from '../../../api/outcome.js'
import { LONGEST } from '../../../lib/bounds.js'
import { didYouMean } from '../../../lib/did-you-mean.js'
import { Refusal, type RefusalDetails } from '../../../lib/errors.js'
import { hidePassword, isWebUrl, quote, WEB_URL_FORM } from '../../../lib/text.js'
import { GATEWAYS } from '../../../wallets/gateways.js'
import { MAX_MINOR, type Minor, majorOf, parseMinor } from '../../../wallets/money.js'
import { MISSING_FIELD } from '../errors.js'

/** The fields of a body, as the operations need them. */

const unprocessable = (name: string, sentence: string) => new Refusal('unprocessable', sentence, { fields: [name] })

/** A text that may be left out or empty. */
export function anyText(call: Call, name: string, longest: number = LONGEST.text): string | undefined {
  const text = call.field(name)
  if (text !== undefined && text.length > longest)
    throw unprocessable(name, `The field ${name} is ${text.length} characters long; allowed: up to ${longest}.`)
  return text
}

/** A text that may be left out, but is not empty where it is given. */
export function optionalText(call: Call, name: string, longest?: number): string | undefined {
  const text = anyText(call, name, longest)
  if (text === undefined || text.trim() !== '') return text
  throw unprocessable(name, `The field ${name} is empty; give it a value, or leave it out.`)
}

export function requiredText(call: Call, name: string): string {
  return optionalText(call, name) ?? missing(name, call.operationId)
}

function missing(name: string, operationId: string): never {
  throw new Refusal('bad_request', `The field ${name} is missing; ${operationId} needs it.`, {
    code: MISSING_FIELD,
    message: `${name} is required.`,
    fields: [name],
  })
}

/** A boolean as clients print it: Python's is `True`. */
export const isTrue = (text: string | null) => /^(true|1)$/i.test(text ?? '')

/**
 * An amount in rupees, as decimal text with at most two decimals.
 *
 * @param details of the refusal, where the vendor has words for it
 */
export function requiredAmount(call: Call, name = 'amount', details?: RefusalDetails): Minor {
  const text = call.field(name) ?? missing(name, call.operationId)
  const minor = parseMinor(text)
  if (minor !== undefined && minor > 0) return minor
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text
  throw new Refusal(
    'bad_request',
    `The field ${name} is "${shown}"; allowed: decimal text from 0.01 up to ${majorOf(MAX_MINOR)} with at most two decimals, such as 109.55.`,
    details ?? {
      message: `${name} should be an amount with at most two decimals.`,
      fields: [name],
      faults: minor !== undefined && minor < 0 ? { [name]: ['Invalid amount'] } : {},
    },
  )
}

export const optionalAmount = (call: Call, name = 'amount'): Minor | undefined =>
  call.field(name) === undefined ? undefined : requiredAmount(call, name)

/** Where a browser or an event is to be sent: http and https alone, so that no page of the sandbox runs a script. */
export function optionalUrl(call: Call, name: string): string | null {
  const text = call.field(name)
  if (text === undefined) return null
  if (isWebUrl(text)) return text
  throw new Refusal('unprocessable', `The field ${name} is ${quote(hidePassword(text))}; allowed: ${WEB_URL_FORM}.`, {
    fields: [name],
  })
}

/** A limit that the vendor publishes: beyond it a warning, and a refusal in strict mode. */
export function checkLimit(
  { options }: Call,
  { warnings }: Outcome,
  isMet: boolean,
  { sentence, ...details }: RefusalDetails & { readonly sentence: string },
): void {
  if (isMet) return
  if (options.strict) throw new Refusal(details.fields ? 'unprocessable' : 'bad_request', sentence, details)
  warnings.push(sentence)
}

/** The most characters of an order_id and of a unique_request_id (published). */
const SHORT = 20

export const checkShort = (call: Call, outcome: Outcome, name: string, text: string) =>
  checkLimit(call, outcome, text.length <= SHORT, {
    sentence: `The field ${name} has ${text.length} characters; the vendor takes fewer than ${SHORT + 1}.`,
    fields: [name],
  })

/** The slice of a list that `offset` and `count` ask for. */
export function range(call: Call, defaultCount: number): { from: number; to: number } {
  const from = wholeNumber(call, 'offset') ?? 0
  const count = wholeNumber(call, 'count') ?? defaultCount
  return { from, to: from + count }
}

/** The rows of a slice, looking no further than these. @param to at most the number of all rows */
export function page<Row>(rows: Iterable<Row>, from: number, to: number): Row[] {
  const found: Row[] = []
  if (from >= to) return found
  let row = 0
  for (const one of rows) {
    if (row++ >= from) found.push(one)
    if (row === to) break
  }
  return found
}

function wholeNumber(call: Call, name: 'offset' | 'count'): number | undefined {
  const text = call.parameter(name)
  if (text === null) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Refusal(
    'bad_request',
    `The parameter ${name} is not a whole number from 0 to 999999999; send ${name}=10, or leave it out.`,
    { message: `${name} should be a whole number.` },
  )
}

/** The wallet's name in a field. @param details of the refusal, where the vendor has words for it */
export function requireGateway(
  call: Call,
  name: string,
  details: RefusalDetails = { message: `Invalid ${name}.` },
): string {
  const given = requiredText(call, name)
  if (GATEWAYS.includes(given)) return given
  throw new Refusal(
    'bad_request',
    `The ${name} is ${quote(given)}.${didYouMean(given, GATEWAYS)} Known: ${GATEWAYS.join(', ')}.`,
    details,
  )
}
