/** The words of the scenario language. */

/** Every request is held against each rule. */
export const MAX_RULES = 10_000

export const tooManyRules = (count: number) =>
  `are ${count.toLocaleString('en')}; allowed: at most ${MAX_RULES.toLocaleString('en')} rules`

export const PHASES = ['before-auth', 'before-commit', 'after-commit'] as const

/** When a rule that holds a call is asked, unless it waits for the change: before the call has its turn. */
export const ARRIVAL_PHASE = 'arrival'

export const CALL_PHASES = [ARRIVAL_PHASE, ...PHASES] as const

/** When a rule about an event is tried: not on the request, but on each event that follows from it. */
export const EVENT_PHASE = 'event'

/** In the order in which their rules are tried. */
export const ALL_PHASES = [...CALL_PHASES, EVENT_PHASE] as const
export type Phase = (typeof ALL_PHASES)[number]

/** Methods of a path that a scenario answers. */
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

export const PERS = ['resource', 'operation', 'merchant'] as const
export type Per = (typeof PERS)[number]

/** They leave no answer at all, and nothing of one is needed for them. */
const OF_CONNECTION = ['reset', 'close', 'hang', 'garbage'] as const
const OF_ANSWER = ['truncate', 'malformed-json', 'empty-body', 'wrong-content-type', 'dribble'] as const

/** What goes wrong below or beside HTTP. */
export const FAULTS = [...OF_CONNECTION, ...OF_ANSWER] as const
export type FaultKind = (typeof FAULTS)[number]

export const ANSWERLESS: ReadonlySet<FaultKind> = new Set(OF_CONNECTION)

export const STATE_EFFECTS = [
  'expire-token',
  'delink',
  'provider-balance',
  'revoke-key',
  'bad-signature',
  'manual-review',
] as const
export type StateEffect = (typeof STATE_EFFECTS)[number]

/** What goes wrong with the delivery of an event. */
export const WEBHOOK_EFFECTS = ['duplicate', 'late', 'reorder', 'drop', 'before-answer'] as const
export type WebhookEffect = (typeof WEBHOOK_EFFECTS)[number]
