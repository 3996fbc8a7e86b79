import { endpointsOf, type Operation, type Vendor } from '../api/vendor.js'
import type { Entry } from '../journal/entry.js'
import { pathPattern, shownPath } from '../lib/path.js'
import type { ScenarioRule } from '../scenarios/schema.js'
import { PHASES, WEBHOOK_EFFECTS } from '../scenarios/terms.js'
import { VENDORS } from '../vendors/index.js'
import { ClientCall } from '../verdict/client-call.js'
import type { Logged } from '../webhooks/webhooks.js'

/** What can go wrong at one call or event of a flow, and the rules of a scenario that let it. */

/** One call of a run, named by its operation and its number among that operation's calls. */
export interface SeenCall {
  /** `juspay.debitWallet#1` */
  readonly name: string
  /** `POST /txns`; the parts of the path that name something in braces. */
  readonly request: string
  readonly status: number | null
  /** Undefined where no operation answers. */
  readonly vendor: Vendor | undefined
  readonly operation: Operation | undefined
  readonly entry: Entry
}

/** One event of a run that went to a receiver. */
export interface SeenEvent {
  /** `ORDER_SUCCEEDED#1` */
  readonly name: string
  /** Whether another event follows from the same change. */
  readonly isFollowed: boolean
}

const OPERATIONS = new Map(
  VENDORS.flatMap((vendor) => vendor.operations.map((operation) => [operation.id, { vendor, operation }] as const)),
)

/** Names things by their kind and number. */
function numbering(): (kind: string) => string {
  const counts = new Map<string, number>()
  return (kind) => {
    const n = (counts.get(kind) ?? 0) + 1
    counts.set(kind, n)
    return `${kind}#${n}`
  }
}

export function callsOf(entries: readonly Entry[]): SeenCall[] {
  const number = numbering()
  return entries.map((entry) => {
    const { method, path } = entry.request
    const { vendor, operation } = OPERATIONS.get(entry.about.operation ?? '') ?? {}
    const forms = vendor ? endpointsOf(vendor, operation!).map((endpoint) => endpoint.path) : []
    const form = forms.find((each) => new RegExp(`${pathPattern(each)}/?$`).test(path)) ?? forms[0]
    const request = `${method} ${form === undefined ? path : shownPath(form)}`
    const status = entry.ended?.response.status ?? null
    return { name: number(operation?.id ?? request), request, status, vendor, operation, entry }
  })
}

export function eventsOf(log: readonly Logged[]): SeenEvent[] {
  const number = numbering()
  const first = log.map(({ delivery }) => delivery).filter(({ attempt, url }) => attempt === 1 && url !== null)
  const changeOf = ({ order, body }: (typeof first)[number]) =>
    `${order} ${(body as { date_created?: string }).date_created}`
  return first.map((one, i) => ({
    name: number(one.name),
    isFollowed: first.slice(i + 1).some((later) => changeOf(later) === changeOf(one)),
  }))
}

/** One thing that goes wrong, at a call. */
export interface Fault {
  /** `reset:after-commit`; of a read `reset` alone, as it changes nothing. */
  readonly name: string
  /** Where the matrix has it. */
  readonly column: string
  /** Whether a client must survive it with success. */
  readonly isControl?: true
  readonly phase?: ScenarioRule['phase']
  effect(call: SeenCall): ScenarioRule['effect']
  applies(call: SeenCall): boolean
  /** What happened to a call, for a sentence. */
  says(request: string): string
}

const changes = ({ operation }: SeenCall) => operation?.changes === true
const reads = ({ operation }: SeenCall) => operation?.changes === false
const namesOrder = ({ operation }: SeenCall) => operation?.names?.order !== undefined
const hasForm =
  (error: 'invalid_authentication' | 'rate_limited') =>
  ({ vendor, operation }: SeenCall) =>
    (operation?.errors?.[error] ?? vendor?.errors[error] ?? null) !== null
const sendsToken = ({ entry }: SeenCall) => new ClientCall(entry).fields.has('direct_wallet_token')

const GATEWAY: ScenarioRule['effect'] = {
  response: { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>502 Bad Gateway</html>' },
}
const LOST = {
  reset: { fault: 'reset' },
  hang: { fault: 'hang' },
  502: GATEWAY,
  truncate: { fault: 'truncate' },
} as const
type Loss = keyof typeof LOST

const WHEN = { 'before-commit': ' before the commit', 'after-commit': ' after the commit' } as const

function lost(loss: Loss, phase?: keyof typeof WHEN): Fault {
  return {
    name: phase ? `${loss}:${phase}` : `${loss}`,
    column: phase === 'after-commit' && loss !== 'truncate' ? `${loss}:${phase}` : `${loss}`,
    ...(phase && { phase }),
    effect: () => LOST[loss],
    applies: phase ? changes : reads,
    says: (request) => `answer of ${request} lost${phase ? WHEN[phase] : ''} (${loss})`,
  }
}

/** Every fault of a call, in the order of the matrix. */
export const FAULTS: readonly Fault[] = [
  ...(['reset', 'hang', '502'] as const).flatMap((loss) => [
    lost(loss as Loss),
    lost(loss as Loss, 'before-commit'),
    lost(loss as Loss, 'after-commit'),
  ]),
  lost('truncate'),
  lost('truncate', 'after-commit'),
  {
    name: '401',
    column: '401',
    phase: 'before-auth',
    effect: () => ({ error: 'invalid_authentication' }),
    applies: (call) => call.entry.authorization !== null && hasForm('invalid_authentication')(call),
    says: (request) => `${request} refused with 401`,
  },
  {
    name: 'expired-token',
    column: 'expired-token',
    effect: () => ({ state: 'expire-token' }),
    applies: (call) => changes(call) && sendsToken(call),
    says: (request) => `token of ${request} expired`,
  },
  {
    name: 'status-unavailable',
    column: 'status-unavailable',
    phase: 'after-commit',
    effect: () => LOST.reset,
    applies: (call) => changes(call) && namesOrder(call),
    says: (request) => `answer of ${request} lost after the commit, and the next Order Status failed`,
  },
  {
    name: 'slow',
    column: 'slow',
    isControl: true,
    // Nine calls of ten are quicker.
    effect: ({ operation }) => ({ delay: { fixed: operation!.latency!.percentiles['90']! } }),
    applies: ({ operation }) => operation?.latency?.timeoutMs !== undefined,
    says: (request) => `${request} answered within the recommended time-out, but later than usual`,
  },
  {
    name: '429',
    column: '429',
    isControl: true,
    effect: () => ({ error: 'rate_limited' }),
    applies: hasForm('rate_limited'),
    says: (request) => `${request} refused once with 429 and Retry-After`,
  },
]

/** The columns of the matrix, each with its two lines of a head. */
export const COLUMNS: readonly { readonly name: string; readonly head: readonly [string, string] }[] = [
  ...['reset', 'hang', '502'].map((name) => ({ name, head: ['', name] as const })),
  ...['reset', 'hang', '502'].map((name) => ({ name: `${name}:after-commit`, head: ['after', name] as const })),
  ...['truncate', '401'].map((name) => ({ name, head: ['', name] as const })),
  { name: 'expired-token', head: ['expired', 'token'] },
  { name: 'status-unavailable', head: ['status', 'unavailable'] },
  ...['slow', '429'].map((name) => ({ name, head: ['', name] as const })),
]

/** What is done to one flow: one fault, or two. */
export interface Schedule {
  /** `juspay.debitWallet#1:reset:after-commit`, with `+` between two. */
  readonly name: string
  readonly isControl: boolean
  readonly rules: readonly ScenarioRule[]
  /** The call after whose answer the one that is held goes on. */
  readonly after?: string
  /** Whether the flow is started twice at once. */
  readonly isTwice?: true
  /** What happened, for a sentence. */
  readonly says: string
  /** The row and the column of the matrix; undefined for a pair. */
  readonly cell?: readonly [row: string, column: string] | undefined
}

const nth = (n: number) => ({ nth: n, per: 'merchant' as const })
const kindOf = (name: string) => name.slice(0, name.lastIndexOf('#'))
const numberOf = (name: string) => Number(name.slice(name.lastIndexOf('#') + 1))

const ORDER: readonly string[] = PHASES

/** Whether a rule of a phase is asked about a call: one that came so far, and that no rule has taken. */
function isAsked({ status, entry: { ended } }: SeenCall, phase: Fault['phase'] = 'before-commit'): boolean {
  const taken = ended?.trace?.trace.find(({ matched }) => matched.some(({ blockedBy }) => blockedBy === null))?.phase
  if (taken !== undefined) return ORDER.indexOf(taken) > ORDER.indexOf(phase)
  if (phase === 'after-commit') return status !== null && status < 400
  return phase === 'before-auth' || ended?.facts.refusal !== 'invalid_authentication'
}

/** The next call of an operation after others, as a rule of a phase counts it. */
const nextOf = (operation: string, phase: Fault['phase'], before: readonly SeenCall[]) =>
  nth(before.filter((call) => call.operation?.id === operation && isAsked(call, phase)).length + 1)

/** One fault at one call. @param calls of the run without it, one of which the call is */
export function scheduleAt(call: SeenCall, fault: Fault, calls: readonly SeenCall[]): Schedule {
  const name = `${call.name}:${fault.name}`
  const at = calls.findIndex((one) => one.name === call.name)
  const [operation, before] = [kindOf(call.name), calls.slice(0, at)]
  const rule: ScenarioRule = {
    name,
    match: { operation },
    when: nextOf(operation, fault.phase, before),
    effect: fault.effect(call),
    ...(fault.phase && { phase: fault.phase }),
  }
  const next: ScenarioRule = {
    name: `${name}${THEN}`,
    match: { operation: STATUS },
    when: nextOf(STATUS, 'before-commit', before),
    effect: GATEWAY,
  }
  return {
    name,
    isControl: fault.isControl === true,
    rules: fault.name === 'status-unavailable' ? [rule, next] : [rule],
    says: fault.says(`\`${call.request}\` (call ${at + 1})`),
    cell: [call.name, fault.column],
  }
}

const STATUS = 'juspay.getOrder'
const THEN = ', then'
/** Whether a rule waits for a call that a client need not make after the fault. */
export const isSequel = ({ name }: Pick<ScenarioRule, 'name'>) => name.endsWith(THEN)

/** What can go wrong with an event. */
export const EVENT_FAULTS = WEBHOOK_EFFECTS

function scheduleOf({ name: event }: SeenEvent, webhook: (typeof EVENT_FAULTS)[number]): Schedule {
  const name = `${event}:${webhook}`
  return {
    name,
    isControl: false,
    rules: [{ name, match: { event: kindOf(event) }, when: nth(numberOf(event)), effect: { webhook } }],
    says: `event ${event}: ${webhook}`,
    cell: [event, webhook],
  }
}

/** Two schedules in one run. */
export const paired = (first: Schedule, second: Schedule): Schedule => ({
  name: `${first.name}+${second.name}`,
  isControl: false,
  rules: [...first.rules, ...second.rules],
  says: `${first.says}; ${second.says}`,
})

export const TWICE: Schedule = {
  name: 'twice',
  isControl: false,
  rules: [],
  isTwice: true,
  says: 'the flow started twice at once',
}

/** How long a call waits at most for the other one of a race. */
const RACE_FOR = '2s'

/** Calls that overlapped, each pair both ways round. */
export function racesOf(calls: readonly SeenCall[]): Schedule[] {
  const endOf = ({ entry }: SeenCall) => entry.arrivedAt + (entry.ended?.measuredMs ?? 0)
  const pairs = calls.flatMap((call, i) =>
    calls.slice(i + 1).flatMap((other) =>
      other.entry.arrivedAt < endOf(call)
        ? [
            [call, other],
            [other, call],
          ]
        : [],
    ),
  ) as [SeenCall, SeenCall][]
  return pairs.map(([held, other]) => {
    const [name, match] = [`${held.name}>${other.name}`, { operation: kindOf(held.name) }]
    const effect = { hold: 'race', for: RACE_FOR }
    const rules: ScenarioRule[] = [{ name, match, when: nth(numberOf(held.name)), effect }]
    const says = `\`${held.request}\` (${held.name}) handled after \`${other.request}\` (${other.name})`
    return { name, isControl: false, rules, after: other.name, says }
  })
}

/** Every schedule of one fault, in the order of the matrix. */
export const schedulesFor = (calls: readonly SeenCall[], events: readonly SeenEvent[]): Schedule[] => [
  ...calls.flatMap((call) =>
    FAULTS.filter(({ applies }) => applies(call)).map((fault) => scheduleAt(call, fault, calls)),
  ),
  ...events.flatMap((event) =>
    EVENT_FAULTS.filter((fault) => fault !== 'reorder' || event.isFollowed).map((fault) => scheduleOf(event, fault)),
  ),
]
