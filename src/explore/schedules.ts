import type { ErrorName } from '../lib/errors.js'
import type { ScenarioRule } from '../scenarios/schema.js'
import { WEBHOOK_EFFECTS } from '../scenarios/terms.js'
import type { ClientCall } from '../verdict/client-call.js'
import { type FlowCall, type FlowEvent, kindOf, numberOf } from './seen.js'

/** What is done to one flow: one fault, or two. */
export interface Schedule {
  /** `juspay.debitWallet#1:reset:after-commit`, with `+` between two. */
  readonly name: string
  /** One has the name of each fault; another is about a call that need not come after it. */
  readonly rules: readonly ScenarioRule[]
  /** What happened, for a sentence. */
  readonly says: string
  /** Whether a client must survive it with success. */
  readonly isControl?: boolean
  readonly isTwice?: true
  /** Where the matrix has it; left out for what is not a single fault. */
  readonly cell?: readonly [row: string, column: string] | undefined
}

/** A schedule or a call as the name of a file, a merchant or a hold. */
export const fileNameOf = (name: string) => name.replaceAll(/[^\w.+-]+/g, '-')

type Effect = ScenarioRule['effect']

const RESET: Effect = { fault: 'reset' }
const GATEWAY: Effect = {
  response: { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>502 Bad Gateway</html>' },
}
const BOTH = ['before-commit', 'after-commit'] as const
/** How an answer is lost: of a read, and of a call that changes something in these phases. */
const LOSSES = [
  ['reset', RESET, BOTH],
  ['hang', { fault: 'hang' }, BOTH],
  ['502', GATEWAY, BOTH],
  // Before anything is changed there is no answer of which a part could come.
  ['truncate', { fault: 'truncate' }, ['after-commit']],
] as const

/** Every fault of a call by its name, in the order in which they are tried. */
export const FAULTS: readonly string[] = [
  ...LOSSES.flatMap(([loss, , phases]) => [loss, ...phases.map((phase) => `${loss}:${phase}`)]),
  ...['401', 'expired-token', 'status-unavailable', 'slow', '429'],
]

/** The columns of the matrix: a fault at a read stands in that of the fault before the commit. */
export const COLUMNS: readonly string[] = [
  ...['reset', 'hang', '502', 'reset:after-commit', 'hang:after-commit', '502:after-commit'],
  ...['truncate', '401', 'expired-token', 'status-unavailable', 'slow', '429'],
]

/** Whether a call came so far that the rules of a phase were asked about it. */
function isAsked({ status, ended }: ClientCall, phase: string): boolean {
  if (phase !== 'after-commit') return phase === 'before-auth' || ended?.facts.refusal !== 'invalid_authentication'
  // One whose answer was lost then shows no status.
  const isTraced = ended?.trace?.trace.some((step) => step.phase === phase)
  return isTraced || (status !== null && status < 400)
}

const nth = (n: number) => ({ nth: n, per: 'merchant' as const })

/** Each fault that there can be at a call. @param calls of the run without it, one of which the call is */
export function ofCall(call: FlowCall, calls: readonly FlowCall[]): Schedule[] {
  const { vendor, operation, client } = call
  if (operation === undefined) return []
  const { changes, latency } = operation
  const before = calls.slice(0, calls.indexOf(call))
  const request = `\`${call.request}\` (call ${before.length + 1})`
  const hasForm = (error: ErrorName) => (operation.errors?.[error] ?? vendor!.errors[error]) !== null
  /** A rule for the next call of an operation, as its phase counts them. */
  const next = (name: string, of: string, effect: Effect, phase?: ScenarioRule['phase']): ScenarioRule => {
    const asked = before.filter((one) => one.operation?.id === of && isAsked(one.client, phase ?? 'before-commit'))
    return { name, match: { operation: of }, when: nth(asked.length + 1), effect, phase }
  }
  const schedules: Schedule[] = []
  const add = (fault: string, says: string, effect: Effect, phase?: ScenarioRule['phase'], sequel?: Effect) => {
    const name = `${call.name}:${fault}`
    const rule = next(name, operation.id, effect, phase)
    schedules.push({
      name,
      rules: sequel ? [rule, next(`${name}, then`, 'juspay.getOrder', sequel)] : [rule],
      says,
      isControl: fault === 'slow' || fault === '429',
      cell: [call.name, COLUMNS.includes(fault) ? fault : fault.split(':')[0]!],
    })
  }

  for (const [loss, effect, phases] of LOSSES)
    for (const phase of changes ? phases : [undefined]) {
      const when = phase ? `${phase.replace('-', ' the ')} ` : ''
      add(phase ? `${loss}:${phase}` : loss, `answer of ${request} lost ${when}(${loss})`, effect, phase)
    }
  if (client.hasKey && hasForm('invalid_authentication'))
    add('401', `${request} refused with 401`, { error: 'invalid_authentication' }, 'before-auth')
  if (changes && client.fields.has('direct_wallet_token'))
    add('expired-token', `token of ${request} expired`, { state: 'expire-token' })
  if (changes && operation.names?.order !== undefined) {
    const says = `answer of ${request} lost after the commit, and the next Order Status failed`
    add('status-unavailable', says, RESET, 'after-commit', GATEWAY)
  }
  if (latency?.timeoutMs !== undefined) {
    const says = `${request} answered within the recommended time-out, but later than usual`
    // Nine calls of ten are quicker.
    add('slow', says, { delay: { fixed: latency.percentiles['90']! } })
  }
  if (hasForm('rate_limited')) add('429', `${request} refused once with 429 and Retry-After`, { error: 'rate_limited' })
  return schedules
}

export const ofEvent = ({ name: event, isFollowed }: FlowEvent) =>
  WEBHOOK_EFFECTS.filter((webhook) => webhook !== 'reorder' || isFollowed).map((webhook): Schedule => {
    const name = `${event}:${webhook}`
    const rule = { name, match: { event: kindOf(event) }, when: nth(numberOf(event)), effect: { webhook } }
    return { name, rules: [rule], says: `event ${event}: ${webhook}`, cell: [event, webhook] }
  })

export const clean = (name: string): Schedule => ({ name, rules: [], says: '' })

export const TWICE: Schedule = { ...clean('twice'), isTwice: true, says: 'the flow started twice at once' }

/** Calls that overlapped, each pair both ways round. */
export const racesOf = (calls: readonly FlowCall[]): Schedule[] =>
  calls.flatMap((call, i) =>
    calls
      .slice(i + 1)
      .filter(({ client }) => client.arrivedAt < call.client.endedAt)
      .flatMap((other) => [raceOf(call, other), raceOf(other, call)]),
  )

/** The hold has the name of the call after whose answer the held one goes on, in two seconds at the latest. */
function raceOf(held: FlowCall, other: FlowCall): Schedule {
  const name = `${held.name}>${other.name}`
  const [match, effect] = [{ operation: kindOf(held.name) }, { hold: fileNameOf(other.name), for: '2s' }]
  const says = `\`${held.request}\` (${held.name}) handled after \`${other.request}\` (${other.name})`
  return { name, rules: [{ name, match, when: nth(numberOf(held.name)), effect }], says }
}
