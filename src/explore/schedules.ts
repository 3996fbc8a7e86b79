import { endpointsOf } from '../api/vendor.js'
import type { Entry } from '../journal/entry.js'
import { pathPattern, shownPath } from '../lib/path.js'
import type { ScenarioRule } from '../scenarios/schema.js'
import { PHASES, WEBHOOK_EFFECTS } from '../scenarios/terms.js'
import { VENDORS } from '../vendors/index.js'
import { ClientCall } from '../verdict/client-call.js'
import type { Logged } from '../webhooks/webhooks.js'

/** What can go wrong at one call or event of a flow, and the rules of a scenario that let it. */

export type SeenCall = ReturnType<typeof callsOf>[number]
export type SeenEvent = ReturnType<typeof eventsOf>[number]

const OPERATIONS = new Map(
  VENDORS.flatMap((vendor) => vendor.operations.map((operation) => [operation.id, { vendor, operation }] as const)),
)

/** The name of the thing at a place: its kind, and its number among those of that. */
const numbered = (kinds: readonly string[], at: number) =>
  `${kinds[at]}#${kinds.slice(0, at + 1).filter((kind) => kind === kinds[at]).length}`
const kindOf = (name: string) => name.slice(0, name.lastIndexOf('#'))
const numberOf = (name: string) => Number(name.slice(name.lastIndexOf('#') + 1))

/**
 * The calls of a run, named by their operation and their number among the calls of that: `juspay.debitWallet#1`, with the
 * request `POST /txns`, whose path has the parts that name something in braces. Some call no operation.
 */
export function callsOf(entries: readonly Entry[]) {
  const seen = entries.map((entry) => {
    const { method, path } = entry.request
    const { vendor, operation } = OPERATIONS.get(entry.about.operation ?? '') ?? {}
    const forms = vendor ? endpointsOf(vendor, operation!).map((endpoint) => endpoint.path) : []
    const form = forms.find((each) => new RegExp(`${pathPattern(each)}/?$`).test(path)) ?? forms[0]
    const request = `${method} ${form === undefined ? path : shownPath(form)}`
    return { request, vendor, operation, client: new ClientCall(entry) }
  })
  const kinds = seen.map(({ operation, request }) => operation?.id ?? request)
  return seen.map((call, at) => ({ name: numbered(kinds, at), ...call }))
}

/** The events of a run that went to a receiver, such as `ORDER_SUCCEEDED#1`, and whether another follows from the same change. */
export function eventsOf(log: readonly Logged[]) {
  const first = log.map(({ delivery }) => delivery).filter(({ attempt, url }) => attempt === 1 && url !== null)
  const kinds = first.map(({ name }) => name)
  const changes = first.map(({ order, body }) => `${order} ${(body as { date_created?: string }).date_created}`)
  return first.map((_, at) => ({
    name: numbered(kinds, at),
    isFollowed: changes.lastIndexOf(changes[at]!) > at,
  }))
}

export interface Fault {
  /** `reset:after-commit`; of a read `reset` alone, as it changes nothing. */
  readonly name: string
  /** Whether a client must survive it with success. */
  readonly isControl?: true
  readonly phase?: (typeof PHASES)[number] | undefined
  effect(call: SeenCall): ScenarioRule['effect']
  applies(call: SeenCall): boolean
  /** What happened to a call, for a sentence. */
  says(request: string): string
}

const changes = ({ operation }: SeenCall) => operation?.changes === true
const reads = ({ operation }: SeenCall) => operation?.changes === false
const hasForm =
  (error: 'invalid_authentication' | 'rate_limited') =>
  ({ vendor, operation }: SeenCall) =>
    (operation?.errors?.[error] ?? vendor?.errors[error] ?? null) !== null

const RESET: ScenarioRule['effect'] = { fault: 'reset' }
const GATEWAY: ScenarioRule['effect'] = {
  response: { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>502 Bad Gateway</html>' },
}
const LOST: readonly (readonly [name: string, effect: ScenarioRule['effect']])[] = [
  ['reset', RESET],
  ['hang', { fault: 'hang' }],
  ['502', GATEWAY],
  ['truncate', { fault: 'truncate' }],
]
const UNAVAILABLE = 'status-unavailable'

/** Every fault of a call, in the order in which they are tried. */
export const FAULTS: readonly Fault[] = [
  ...LOST.flatMap(([loss, effect]) =>
    ([undefined, 'before-commit', 'after-commit'] as const)
      // Where nothing was changed there is no answer of which a part could come.
      .filter((phase) => loss !== 'truncate' || phase !== 'before-commit')
      .map(
        (phase): Fault => ({
          name: phase ? `${loss}:${phase}` : loss,
          phase,
          effect: () => effect,
          applies: phase ? changes : reads,
          says: (request) => `answer of ${request} lost ${phase ? `${phase.replace('-', ' the ')} ` : ''}(${loss})`,
        }),
      ),
  ),
  {
    name: '401',
    phase: 'before-auth',
    effect: () => ({ error: 'invalid_authentication' }),
    applies: (call) => call.client.hasKey && hasForm('invalid_authentication')(call),
    says: (request) => `${request} refused with 401`,
  },
  {
    name: 'expired-token',
    effect: () => ({ state: 'expire-token' }),
    applies: (call) => changes(call) && call.client.fields.has('direct_wallet_token'),
    says: (request) => `token of ${request} expired`,
  },
  {
    name: UNAVAILABLE,
    phase: 'after-commit',
    effect: () => RESET,
    applies: (call) => changes(call) && call.operation?.names?.order !== undefined,
    says: (request) => `answer of ${request} lost after the commit, and the next Order Status failed`,
  },
  {
    name: 'slow',
    isControl: true,
    // Nine calls of ten are quicker.
    effect: ({ operation }) => ({ delay: { fixed: operation!.latency!.percentiles['90']! } }),
    applies: ({ operation }) => operation?.latency?.timeoutMs !== undefined,
    says: (request) => `${request} answered within the recommended time-out, but later than usual`,
  },
  {
    name: '429',
    isControl: true,
    effect: () => ({ error: 'rate_limited' }),
    applies: hasForm('rate_limited'),
    says: (request) => `${request} refused once with 429 and Retry-After`,
  },
]

const AFTER = ':after-commit'

/** The columns of the matrix: a fault at a read stands in that of the fault before the commit. */
export const COLUMNS: readonly string[] = [
  ...['reset', 'hang', '502', `reset${AFTER}`, `hang${AFTER}`, `502${AFTER}`],
  ...['truncate', '401', 'expired-token', UNAVAILABLE, 'slow', '429'],
]

/** What is done to one flow: one fault, or two. */
export interface Schedule {
  /** `juspay.debitWallet#1:reset:after-commit`, with `+` between two. */
  readonly name: string
  readonly isControl?: boolean
  readonly rules: readonly ScenarioRule[]
  /** The call after whose answer the one that is held goes on. */
  readonly after?: string
  readonly isTwice?: true
  /** What happened, for a sentence. */
  readonly says: string
  /** Where the matrix has it; left out for what is not a single fault. */
  readonly cell?: readonly [row: string, column: string] | undefined
}

const nth = (n: number) => ({ nth: n, per: 'merchant' as const })

const ORDER: readonly string[] = PHASES

/** Whether a rule of a phase is asked about a call: one that came so far, and that no rule has taken. */
function isAsked({ status, ended }: ClientCall, phase: NonNullable<Fault['phase']>): boolean {
  const taken = ended?.trace?.trace.find(({ matched }) => matched.some(({ blockedBy }) => blockedBy === null))?.phase
  if (taken !== undefined) return ORDER.indexOf(taken) > ORDER.indexOf(phase)
  if (phase === 'after-commit') return status !== null && status < 400
  return phase === 'before-auth' || ended?.facts.refusal !== 'invalid_authentication'
}

/** One fault at one call. @param calls of the run without it, one of which the call is */
export function scheduleAt(call: SeenCall, fault: Fault, calls: readonly SeenCall[]): Schedule {
  const name = `${call.name}:${fault.name}`
  const at = calls.indexOf(call)
  /** At the next call of an operation, as a rule of the phase counts it. */
  const next = (rule: Pick<ScenarioRule, 'name' | 'effect'> & Pick<Fault, 'phase'>, operation: string) => {
    const { phase = 'before-commit' } = rule
    const before = calls.slice(0, at).filter((one) => one.operation?.id === operation && isAsked(one.client, phase))
    return { ...rule, match: { operation }, when: nth(before.length + 1) }
  }
  const rule = next({ name, effect: fault.effect(call), phase: fault.phase }, kindOf(call.name))
  const isLast = fault.name !== UNAVAILABLE
  return {
    name,
    isControl: fault.isControl === true,
    rules: isLast ? [rule] : [rule, next({ name: `${name}${THEN}`, effect: GATEWAY }, 'juspay.getOrder')],
    says: fault.says(`\`${call.request}\` (call ${at + 1})`),
    cell: [call.name, COLUMNS.includes(fault.name) ? fault.name : fault.name.split(':')[0]!],
  }
}

const THEN = ', then'
/** Whether a rule waits for a call that a client need not make after the fault. */
export const isSequel = ({ name }: Pick<ScenarioRule, 'name'>) => name.endsWith(THEN)

function scheduleOf({ name: event }: SeenEvent, webhook: (typeof WEBHOOK_EFFECTS)[number]): Schedule {
  const name = `${event}:${webhook}`
  const rule = { name, match: { event: kindOf(event) }, when: nth(numberOf(event)), effect: { webhook } }
  return { name, rules: [rule], says: `event ${event}: ${webhook}`, cell: [event, webhook] }
}

export const paired = (first: Schedule, second: Schedule): Schedule => ({
  name: `${first.name}+${second.name}`,
  rules: [...first.rules, ...second.rules],
  says: `${first.says}; ${second.says}`,
})

export const TWICE: Schedule = { name: 'twice', rules: [], isTwice: true, says: 'the flow started twice at once' }

/** How long a call waits at most for the other one of a race. */
const RACE_FOR = '2s'

/** Calls that overlapped, each pair both ways round. */
export const racesOf = (calls: readonly SeenCall[]): Schedule[] =>
  calls.flatMap((call, i) =>
    calls
      .slice(i + 1)
      .filter(({ client }) => client.arrivedAt < call.client.endedAt)
      .flatMap((other) => [raceOf(call, other), raceOf(other, call)]),
  )

function raceOf(held: SeenCall, other: SeenCall): Schedule {
  const [name, match] = [`${held.name}>${other.name}`, { operation: kindOf(held.name) }]
  const rule = { name, match, when: nth(numberOf(held.name)), effect: { hold: 'race', for: RACE_FOR } }
  const says = `\`${held.request}\` (${held.name}) handled after \`${other.request}\` (${other.name})`
  return { name, rules: [rule], after: other.name, says }
}

/** Every schedule of one fault, in the order of the matrix. */
export const schedulesFor = (calls: readonly SeenCall[], events: readonly SeenEvent[]): Schedule[] => [
  ...calls.flatMap((call) =>
    FAULTS.filter(({ applies }) => applies(call)).map((fault) => scheduleAt(call, fault, calls)),
  ),
  ...events.flatMap((event) =>
    WEBHOOK_EFFECTS.filter((fault) => fault !== 'reorder' || event.isFollowed).map((fault) => scheduleOf(event, fault)),
  ),
]
