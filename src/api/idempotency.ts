import { createHash } from 'node:crypto'
import { LONGEST } from '../lib/bounds.js'
import { DAY_MS } from '../lib/duration.js'
import { type ErrorName, Refusal } from '../lib/errors.js'
import type { AnsweredRequest, Customer } from '../wallets/model.js'
import type { Call } from './call.js'
import type { Answer } from './vendor.js'

/** How long an answer is kept, in ms of sandbox time. */
const KEPT_MS = DAY_MS

/** Answers kept per customer before the oldest is dropped. */
const MAX_KEPT = 2000

/** Refusals that depend on what the vendor holds. Those for the form of a request leave its key free. */
const KEPT_REFUSALS: ReadonlySet<ErrorName> = new Set(['conflict', 'unprocessable', 'insufficient_balance'])

/**
 * Makes a change that takes place once however often a client repeats it with the same `Idempotency-Key`: for a day the
 * first answer is given again, marked by the header `idempotent-replayed`. The effect and the record of it are one
 * change of one customer.
 * @param change what a request does: the customer as it is afterwards, and the answer
 */
export function once(change: (call: Call) => { customer: Customer; answer: Answer }): (call: Call) => Answer {
  return (call) => {
    const { merchant } = call
    const key = keyOf(call)
    const put = (customer: Customer, outcome: AnsweredRequest['outcome']) =>
      merchant.state.put(key === undefined ? customer : remembering(customer, call, key, outcome))
    const earlier = key === undefined ? undefined : earlierRequest(call, key)
    if (earlier) return replayed(call, earlier)
    try {
      const { customer, answer } = change(call)
      put(customer, { status: answer.status, body: JSON.stringify(answer.body) })
      return answer
    } catch (error) {
      const { customer } = call
      if (error instanceof Refusal && KEPT_REFUSALS.has(error.name) && customer) {
        const { message = null, faults } = error.details
        put(customer, { error: error.name, reason: error.reason, message, ...(faults && { faults }) })
      }
      throw error
    }
  }
}

function keyOf(call: Call): string | undefined {
  const key = call.header('idempotency-key') ?? ''
  if (key.length > LONGEST.idempotencyKey)
    throw new Refusal(
      'bad_request',
      `The Idempotency-Key has ${key.length} characters; send up to ${LONGEST.idempotencyKey}, such as a UUID.`,
    )
  return key === '' ? undefined : key
}

function earlierRequest({ merchant }: Call, key: string): AnsweredRequest | undefined {
  const earlier = merchant.state.find('requestKey', key)?.answered.findLast((request) => request.key === key)
  return earlier && isKept(earlier, merchant.clock.now()) ? earlier : undefined
}

const isKept = ({ at }: AnsweredRequest, now: number) => now < at + KEPT_MS

function replayed(call: Call, { request, outcome }: AnsweredRequest): Answer {
  if (request !== digest(call))
    throw new Refusal(
      'unprocessable',
      'The Idempotency-Key was used for another request within the last 24 hours; send a new key, or the same call and body.',
      { message: 'Idempotency key was used with another request' },
    )
  const headers = { 'idempotent-replayed': 'true' }
  if ('error' in outcome) {
    const { error, reason, message, faults } = outcome
    throw new Refusal(error as ErrorName, reason, {
      headers,
      ...(message === null ? {} : { message }),
      ...(faults && { faults }),
    })
  }
  return { status: outcome.status, text: outcome.body, headers }
}

/** What makes two requests the same one. A key that sees masked bodies must not be shown what another key was. */
function digest({ operationId, identity, body, apiKey }: Call): string {
  const fields = [...(body.json ?? body.fields)].sort(([a], [b]) => (a < b ? -1 : 1))
  const asked = JSON.stringify([operationId, identity.params, fields, apiKey?.masked ?? false])
  return createHash('sha256').update(asked).digest('base64url')
}

/** The customer with one more request on record, the old ones forgotten from the front. */
function remembering(customer: Customer, call: Call, key: string, outcome: AnsweredRequest['outcome']): Customer {
  const at = call.merchant.clock.now()
  const others = customer.answered.filter((request) => request.key !== key)
  const firstKept = others.findIndex((request) => isKept(request, at))
  const from = Math.max(firstKept < 0 ? others.length : firstKept, others.length - MAX_KEPT + 1)
  return { ...customer, answered: [...others.slice(from), { key, request: digest(call), at, outcome }] }
}
