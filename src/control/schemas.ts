import { z } from 'zod'
import { fixturesSchema } from '../fixture-files/cross-checks.js'
import { amount, webhook } from '../fixture-files/schema.js'
import { isCursor } from '../journal/finished-calls.js'
import { allowed, flag, list, object, oneOf, text, wholeNumber } from '../lib/check.js'
import { CLOCK_FORM, parseTime } from '../lib/clock.js'
import { isWebUrl, WEB_URL_FORM } from '../lib/text.js'
import { RESET_PARTS } from '../merchants/merchant.js'
import { LATENCY_MODES, type LatencyMode, parseLatencyMode } from '../scenarios/latency-mode.js'
import { duration, pattern, patterns, scenarioSchema } from '../scenarios/schema.js'
import { STRICTNESS_FORM } from '../verdict/levels.js'

export { check } from '../lib/check.js'

/** The schemas of what the control API is given. Loaded with the first of them. */

const status = () => {
  const what = 'a status such as 401, or a pattern such as "4*"'
  return z.union([z.int(allowed(what)), pattern(what)], allowed(what)).optional()
}

const isTime = (text: string) => parseTime(text) !== undefined
const time = () => z.string(allowed(CLOCK_FORM)).refine(isTime, allowed(CLOCK_FORM))
const webUrl = () => z.string(allowed(WEB_URL_FORM)).refine(isWebUrl, allowed(WEB_URL_FORM))

const latencyMode = () =>
  z.custom<LatencyMode['mode']>((value) => parseLatencyMode(value) !== undefined, allowed(LATENCY_MODES))

const atLeastOne = <Shape extends z.ZodRawShape>(shape: Shape, fields: string) =>
  object(shape).refine((data) => Object.keys(data).length > 0, allowed(fields))
const anyFixtures = z.looseObject({ merchants: z.array(z.unknown(), allowed('a list')) }, allowed('a fixture file'))
const anyScenario = z.union([text(), z.looseObject({})], allowed('the name of a shipped scenario, or a scenario'))

const FILTER = {
  operation: pattern().optional(),
  customer: pattern().optional(),
  wallet: pattern().optional(),
  merchant: pattern().optional(),
  status: status(),
}

const JOURNAL_FILTER = {
  ...FILTER,
  text: text('text that stands in the path, the query, the reason or a body').optional(),
}

const cursor = () => {
  const what = allowed('the "cursor" of an answer, or for one merchant the id of an entry')
  return z.union([wholeNumber(0), z.string(what).refine(isCursor, what)], what).optional()
}

export const CONTROL_SCHEMAS = {
  reset: object({ only: list(oneOf(RESET_PARTS)).min(1, allowed('at least one part')).optional() }),
  clock: atLeastOne({ now: time().optional(), mode: oneOf(['real', 'frozen']).optional() }, '"now", "mode", or both'),
  advance: object({ by: duration() }),
  filter: object({
    ...JOURNAL_FILTER,
    limit: wholeNumber(0).optional(),
    after: cursor(),
  }),
  stream: object({ ...JOURNAL_FILTER, after: cursor() }),
  match: object({
    ...FILTER,
    method: pattern().optional(),
    path: pattern().optional(),
    header: patterns().optional(),
    query: patterns().optional(),
    body: patterns().optional(),
  }),
  latency: object({ mode: latencyMode() }),
  verdict: object({ levels: z.string(allowed(STRICTNESS_FORM)).optional() }),
  webhook: webhook.extend({ url: webUrl() }).nullable(),
  release: object({ lose: flag().optional(), error: text().optional(), call: wholeNumber(1).optional() }).refine(
    ({ lose, error }) => !lose || error === undefined,
    allowed('"lose" or "error", not both'),
  ),
  nextHold: object({ hold: pattern().optional() }),
  nextWebhook: object({ event: pattern().optional(), order: pattern().optional() }),
  provider: atLeastOne(
    { balance: amount().optional(), available: flag().optional() },
    '"balance", "available", or both',
  ),
  wallets: object({ customer: pattern().optional(), wallet: pattern().optional(), limit: wholeNumber(0).optional() }),
  merchant: object({
    id: z
      .string(allowed('letters, digits, ".", "_" and "-"'))
      // A URL with a segment "." or ".." is another URL.
      .regex(
        /^(?!\.{1,2}$)[\w.-]{1,128}$/,
        allowed('1 to 128 letters, digits, ".", "_" and "-", not "." or ".." alone'),
      ),
    seed: wholeNumber().optional(),
    clock: z.union([z.literal('real'), time()], allowed(`"real", or ${CLOCK_FORM}`)).optional(),
    scenario: anyScenario.optional(),
    latency: latencyMode().optional(),
    fixtures: anyFixtures.optional(),
  }),
  scenario: scenarioSchema,
  scenarioOrName: anyScenario,
  fixtures: fixturesSchema,
} as const
