import { z } from 'zod'
import { LONGEST } from '../lib/bounds.js'
import { allowed, flag, kind, list, object, offering, oneOf, record, text, wholeNumber } from '../lib/check.js'
import { DURATION_FORM, parseDuration } from '../lib/duration.js'
import type { ErrorName } from '../lib/errors.js'
import { isObject } from '../lib/json.js'
import { errorMeant } from './hints.js'
import type { OPERATION_IDS } from './operation-ids.js'
import { FAULTS, MAX_RULES, METHODS, PERS, PHASES, STATE_EFFECTS, tooManyRules, WEBHOOK_EFFECTS } from './terms.js'

export { check, sentencesOf } from '../lib/check.js'

/** The form of a scenario file. Loaded only to check scenarios that users bring. What only a vendor knows, `compile` checks. */

export const duration = () => {
  const what = allowed(DURATION_FORM)
  return z.union([z.number(what), z.string(what)], what).refine((value) => parseDuration(value) !== undefined, what)
}

const PERCENTAGE = /^(?!0+(\.0+)?$)\d{1,2}(\.\d{1,4})?$/
const percentage = () => z.string().regex(PERCENTAGE, allowed('a percentage above 0 and below 100, such as "99.9"'))

const sampling = () => oneOf(['scheduled', 'independent']).optional()

/** What every model may have beside its figures. */
const manner = () => ({ synthetic: flag().optional(), sampling: sampling() })

const table = () =>
  record(percentage(), duration(), allowed('an object of delays by percentage, such as {"50": 12, "99": 34}')).refine(
    (points) => Object.keys(points).length > 0,
    allowed('at least one percentile, such as {"50": 12}'),
  )

const LOGNORMAL = 'the median and one percentile, such as {"median": 20, "99": 100}'
const lognormal = () =>
  record(z.string(), duration(), allowed(LOGNORMAL)).refine(
    ({ median, ...rest }) =>
      median !== undefined && Object.keys(rest).length === 1 && PERCENTAGE.test(Object.keys(rest)[0]!),
    allowed(LOGNORMAL),
  )

const models = () => ({
  percentiles: object({ percentiles: table(), min: duration().optional(), max: duration().optional(), ...manner() }),
  fixed: object({ fixed: duration(), ...manner() }),
  uniform: object({ uniform: object({ min: duration(), max: duration() }), ...manner() }),
  lognormal: object({ lognormal: lognormal(), ...manner() }),
})

/** Text of a form. @param what the form in words */
const ofForm = (form: RegExp, what: string) => z.string(allowed(what)).regex(form, allowed(what))

/** What `matcher` takes. */
export const pattern = (what = 'text, where * stands for any characters and ? for one') => text(what)
const PATH = 'a path such as "/v2/refunds/*"'
const path = () => ofForm(/^[/*][^\s?#]*$/, PATH).max(256, allowed(PATH))
const MAX_PATTERNS = 100
const PATTERNS = allowed(`an object of at most ${MAX_PATTERNS} patterns by name`)
export const patterns = () =>
  record(z.string(), pattern(), PATTERNS).refine((given) => Object.keys(given).length <= MAX_PATTERNS, PATTERNS)
const positive = () => wholeNumber(1)

/** Headers that say how the bytes are sent, or what becomes of the connection. */
const WIRE_HEADERS = 'connection|content-length|keep-alive|te|trailer|transfer-encoding|upgrade'

const headers = () => {
  const names = allowed(`names of HTTP headers other than ${WIRE_HEADERS.replaceAll('|', ', ')}, which the server sets`)
  return record(
    z.string().regex(new RegExp(`^(?!(${WIRE_HEADERS})$)[!#$%&'*+.^_\`|~\\w-]+$`, 'i'), names),
    ofForm(/^[\t\x20-\x7e]*$/, 'text of printable ASCII characters'),
    allowed('an object of texts by header'),
  )
}

const timeOfDay = () => ofForm(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as "02:00"')
const offset = () => ofForm(/^[+-](0\d|1[0-4]):[0-5]\d$/, 'a distance from UTC such as "+05:30"')

const window = object({
  from: duration().optional(),
  to: duration().optional(),
  daily: object({ from: timeOfDay(), to: timeOfDay(), offset: offset().optional() }).optional(),
})

const published = z.literal('published')
const model = kind(models(), 'a latency model', published)

const WINDOWS = 'a list of {"window", "model"}, or a latency model'
const windows = list(object({ window: window.optional(), model })).min(1, allowed(WINDOWS))
const modelOrWindows = kind(models(), WINDOWS, published, windows)

const delay = kind(models(), 'a latency model')

const holdName = () => ofForm(/^[\w.-]{1,64}$/, '1 to 64 letters, digits, ".", "_" and "-"')

/** An effect that a delay may come before. */
const beside = { delay: delay.optional() }

const errorName = () => {
  const what = allowed('the name of an error')
  const hint = (input: unknown) => (typeof input === 'number' ? `.${errorMeant(String(input))}` : '')
  return z
    .string({ error: ({ input }) => what.error({ input }) + hint(input) })
    .min(1, what)
    .max(LONGEST.text, what)
}

const effect = kind(
  {
    error: object({ error: offering<ErrorName>(errorName()), ...beside }),
    response: object({
      response: object({
        status: wholeNumber(200, 599, 'a status from 200 to 599'),
        headers: headers().optional(),
        body: z.unknown().optional(),
      }),
      ...beside,
    }),
    fault: object({ fault: oneOf(FAULTS), duration: duration().optional(), ...beside }),
    delay: object({ delay }),
    state: object({ state: oneOf(STATE_EFFECTS), balance: z.number(allowed('an amount')).optional(), ...beside }),
    webhook: object({ webhook: oneOf(WEBHOOK_EFFECTS), by: duration().optional() }),
    hold: object({ hold: holdName(), until: wholeNumber(2).optional(), for: duration().optional() }),
  },
  'an effect',
)

const NTH = allowed('a whole number from 1, or a list of them')

const SHARE = allowed('a number from 0 to 1')

const NAME = 'a name of 1 to 256 characters'

const rule = object({
  name: text(NAME),
  match: object({
    operation: offering<(typeof OPERATION_IDS)[number]>(pattern()).optional(),
    customer: pattern().optional(),
    wallet: pattern().optional(),
    apiKey: pattern().optional(),
    merchant: pattern().optional(),
    event: pattern().optional(),
    path: path().optional(),
    method: oneOf(METHODS).optional(),
    header: patterns().optional(),
    query: patterns().optional(),
    body: patterns().optional(),
  }).optional(),
  when: object({
    nth: z.union([positive(), list(positive()).min(1, NTH)], NTH).optional(),
    first: positive().optional(),
    after: positive().optional(),
    every: positive().optional(),
    times: positive().optional(),
    probability: z.number(SHARE).min(0, SHARE).max(1, SHARE).optional(),
    for: positive().optional(),
    window: window.optional(),
    per: oneOf(PERS).optional(),
  }).optional(),
  effect,
  phase: oneOf(PHASES).optional(),
})

export const scenarioSchema = object({
  $schema: z.string(allowed('the place of the JSON Schema')).optional(),
  extends: text('the name of a shipped scenario, or a file').optional(),
  name: text(NAME).optional(),
  description: z.string(allowed('text')).optional(),
  sampling: sampling(),
  latency: record(
    pattern('the name of an operation, or a pattern of at most 256 characters'),
    modelOrWindows,
    allowed('an object of latency models by operation'),
  ).optional(),
  rules: list(rule)
    .max(MAX_RULES, { error: ({ input }) => tooManyRules((input as unknown[]).length) })
    .optional(),
}).refine((given) => given.name !== undefined || given.extends !== undefined, {
  path: ['name'],
  error: `is missing; required: ${NAME}`,
  when: ({ value }) => isObject(value),
})

export type Scenario = z.output<typeof scenarioSchema>
/** A scenario with what it extends. */
export type WholeScenario = Omit<Scenario, 'extends'> & { name: string }
export type ScenarioRule = NonNullable<Scenario['rules']>[number]
export type ScenarioWindow = z.output<typeof window>
type ScenarioLatency = z.output<typeof model>
export type ScenarioModel = Exclude<ScenarioLatency, 'published'>
