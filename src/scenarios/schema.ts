import { z } from 'zod'
import { DURATION_FORM, parseDuration } from '../duration.js'
import { allowed, flag, list, object, oneOf, text } from '../schema.js'
import { FAULTS, PERS, PHASES, STATE_EFFECTS } from './program.js'

/** The form of a scenario file. Loaded only to check scenarios that users bring. What only a vendor knows, `compile` checks. */

const duration = () => {
  const what = allowed(DURATION_FORM)
  return z.union([z.number(what), z.string(what)], what).refine((value) => parseDuration(value) !== undefined, what)
}

const PERCENTAGE = /^(?!0+(\.0+)?$)\d{1,2}(\.\d{1,4})?$/
const percentage = () => z.string().regex(PERCENTAGE, allowed('a percentage above 0 and below 100, such as "99.9"'))

const sampling = () => oneOf(['scheduled', 'independent']).optional()

const model = () =>
  z.union(
    [
      object({
        percentiles: z
          .record(percentage(), duration(), allowed('an object of delays by percentage, such as {"50": 12, "99": 34}'))
          .refine((table) => Object.keys(table).length > 0, allowed('at least one percentile')),
        min: duration().optional(),
        max: duration().optional(),
        synthetic: flag().optional(),
        sampling: sampling(),
      }),
      object({ fixed: duration() }),
      object({ uniform: object({ min: duration(), max: duration() }), sampling: sampling() }),
      object({
        lognormal: z
          .record(z.union([z.literal('median'), percentage()]), duration())
          .refine(
            (table) => 'median' in table && Object.keys(table).length === 2,
            allowed('"median" and one percentage'),
          ),
        sampling: sampling(),
      }),
    ],
    { error: modelFault },
  )

const MODELS = '"published", {"percentiles"}, {"fixed"}, {"uniform"} or {"lognormal"}'

/** A union's own message would not say which member was meant: the one whose first field is there. */
function modelFault(issue: {
  input?: unknown
  code?: string
  errors?: readonly (readonly z.core.$ZodIssue[])[]
}): string {
  const names = ['percentiles', 'fixed', 'uniform', 'lognormal']
  const { input } = issue
  const meant = typeof input === 'object' && input !== null ? names.findIndex((name) => name in input) : -1
  const first = issue.errors?.[meant]?.[0]
  if (first === undefined) return allowed(`a latency model: ${MODELS}`).error({ input })
  return `${first.path.length > 0 ? `at ${first.path.join('.')} ` : ''}${first.message}`
}

const pattern = () => text('text, where * stands for any characters and ? for one')
const patterns = () => z.record(z.string(), pattern(), allowed('an object of patterns by name'))
const positive = () => z.int(allowed('a whole number from 1')).positive(allowed('a whole number from 1'))

const effect = z.union(
  [
    object({ error: text('the name of an error') }),
    object({
      response: object({
        status: z
          .int(allowed('a status from 200 to 599'))
          .min(200, allowed('a status from 200 to 599'))
          .max(599, allowed('a status from 200 to 599')),
        headers: z.record(z.string(), z.string(), allowed('an object of texts')).optional(),
        body: z.unknown().optional(),
      }),
    }),
    object({ fault: oneOf(FAULTS), duration: duration().optional() }),
    object({ delay: model() }),
    object({ state: oneOf(STATE_EFFECTS), balance: z.number(allowed('an amount')).optional() }),
  ],
  { error: effectFault },
)

function effectFault(issue: { input?: unknown; errors?: readonly (readonly z.core.$ZodIssue[])[] }): string {
  const names = ['error', 'response', 'fault', 'delay', 'state']
  const { input } = issue
  const given = typeof input === 'object' && input !== null ? names.filter((name) => name in input) : []
  if (given.length !== 1) return allowed(`one of ${names.map((name) => `{"${name}"}`).join(', ')}`).error({ input })
  const first = issue.errors?.[names.indexOf(given[0]!)]?.[0]
  if (first === undefined) return allowed('an effect').error({ input })
  return `${first.path.length > 0 ? `at ${first.path.join('.')} ` : ''}${first.message}`
}

const rule = object({
  name: text('a name of 1 to 256 characters'),
  match: object({
    operation: pattern().optional(),
    customer: pattern().optional(),
    wallet: pattern().optional(),
    apiKey: pattern().optional(),
    merchant: pattern().optional(),
    header: patterns().optional(),
    query: patterns().optional(),
    body: patterns().optional(),
  }).optional(),
  when: object({
    nth: z.union([positive(), list(positive()).min(1)], allowed('a whole number from 1, or a list of them')).optional(),
    first: positive().optional(),
    after: positive().optional(),
    every: positive().optional(),
    times: positive().optional(),
    probability: z
      .number(allowed('a number from 0 to 1'))
      .min(0, allowed('a number from 0 to 1'))
      .max(1, allowed('a number from 0 to 1'))
      .optional(),
    window: object({ from: duration().optional(), to: duration().optional() }).optional(),
    per: oneOf(PERS).optional(),
  }).optional(),
  effect,
  phase: oneOf(PHASES).optional(),
})

export const scenarioSchema = object({
  $schema: z.string(allowed('the place of the JSON Schema')).optional(),
  name: text('a name of 1 to 256 characters'),
  description: z.string(allowed('text')).optional(),
  sampling: sampling(),
  latency: z
    .record(
      z.string(),
      z.union([z.literal('published'), model()], { error: latencyFault }),
      allowed('an object of latency models by operation'),
    )
    .optional(),
  rules: list(rule).optional(),
})

function latencyFault(issue: { input?: unknown; errors?: readonly (readonly z.core.$ZodIssue[])[] }): string {
  const model = issue.errors?.[1]?.[0]
  return typeof issue.input === 'object' && model ? model.message : allowed(`a latency model: ${MODELS}`).error(issue)
}

export type Scenario = z.output<typeof scenarioSchema>
export type ScenarioRule = NonNullable<Scenario['rules']>[number]
export type ScenarioLatency = NonNullable<Scenario['latency']>[string]
export type ScenarioModel = Exclude<ScenarioLatency, 'published'>
